use super::*;

fn secret(word: &str) -> Vec<Secret> {
    vec![Secret::from(word)]
}

fn ids(ids: &[&str]) -> Vec<String> {
    ids.iter().map(|id| (*id).to_owned()).collect()
}

fn find(clues: &Clues<'_>) -> Thread {
    of(clues, &ids(&["support@example.test"]), &secret("reply-secret"), false)
}

#[test]
fn answers_find_the_thread_of_the_first_mail() {
    let first = find(&Clues { message_id: Some("m1@a.test"), ..Clues::default() });
    assert_eq!(first.matched, ThreadMatch::New);
    let (references, parent) = (ids(&["m1@a.test", "m2@b.test"]), ids(&["m2@b.test"]));
    let later =
        Clues { message_id: Some("m3@a.test"), in_reply_to: &parent, references: &references, ..Clues::default() };
    let later = find(&later);
    assert_eq!((later.id, later.matched), (first.id.clone(), ThreadMatch::References));
    let (none, parent) = (ids(&[]), ids(&["m1@a.test"]));
    let parent = find(&Clues { in_reply_to: &parent, references: &none, ..Clues::default() });
    assert_eq!((parent.id, parent.matched), (first.id, ThreadMatch::InReplyTo));
}

#[test]
fn a_token_leads_back_where_headers_are_gone_or_say_otherwise() {
    let thread = id("m1@a.test");
    let token = token::token("support@example.test", &thread, &Secret::from("reply-secret"));
    assert!(format!("support+{token}").len() <= 64);
    let references = ids(&["other@a.test"]);
    for address in [format!("support+{token}@example.test"), format!("Support+{}@Example.test", token.to_uppercase())] {
        let recipients = ids(&[&address]);
        let found = find(&Clues { recipients: &recipients, references: &references, ..Clues::default() });
        assert_eq!((found.id.to_ascii_lowercase(), found.matched), (thread.clone(), ThreadMatch::ReplyToken));
    }
    let answered = ids(&[&format!("5f2c.{token}@gw.example.test")]);
    let found = find(&Clues { in_reply_to: &answered, ..Clues::default() });
    assert_eq!((found.id, found.matched), (thread, ThreadMatch::InReplyTo));
}

#[test]
fn a_token_that_is_forged_or_anothers_leads_nowhere() {
    let thread = id("m1@a.test");
    let other_box = token::token("sales@example.test", &thread, &Secret::from("reply-secret"));
    let other_key = token::token("support@example.test", &thread, &Secret::from("guessed"));
    for token in [other_box, other_key, format!("t-{}", "0".repeat(36))] {
        let recipients = ids(&[&format!("support+{token}@example.test")]);
        let found = find(&Clues { message_id: Some("m9@a.test"), recipients: &recipients, ..Clues::default() });
        assert_eq!((found.matched, found.degraded), (ThreadMatch::New, Some(FORGED)));
        assert_ne!(found.id, thread);
    }
}

#[test]
fn by_subject_only_where_that_is_asked_for() {
    let one = Clues { message_id: Some("1"), sender: Some("lan@a.test"), subject: Some("Đơn 7"), ..Clues::default() };
    let two =
        Clues { message_id: Some("2"), sender: Some("lan@a.test"), subject: Some("RE: Đơn 7"), ..Clues::default() };
    let asked = |clues| of(clues, &[], &[], true);
    assert_eq!(asked(&one).id, asked(&two).id);
    assert_eq!(asked(&two).matched, ThreadMatch::SubjectSender);
    assert_ne!(find(&one).id, find(&two).id);
}

#[test]
fn subjects_lose_their_prefixes_and_nothing_else() {
    for subject in
        ["Đơn: 7", "Re: Đơn: 7", "RE[5]: Fwd:Đơn: 7", "Trả lời: TL: Đơn: 7", "回复：Đơn: 7", "Re (2): Đơn: 7"]
    {
        assert_eq!(base(subject), "Đơn: 7", "{subject}");
    }
    assert_eq!(base("Re:"), "");
}
