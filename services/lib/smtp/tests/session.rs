//! What a session says to what it is told.

#![allow(clippy::unwrap_used, clippy::string_slice, clippy::indexing_slicing, reason = "tests fail by panicking")]

use kenh_smtp::{Bounds, Mail, Protocol, Session, Step, Tls, Verdict};
use proptest::prelude::*;

const BOUNDS: Bounds = Bounds { largest: 100, recipients: 3, errors: 8 };

fn takes(recipient: &str) -> bool {
    recipient.ends_with("@here.test")
}

/// A session and what became of it.
struct Talk {
    session: Session,
    said: String,
    mails: Vec<Mail>,
    verdicts: Vec<Verdict>,
    closed: bool,
}

impl Talk {
    fn new(protocol: Protocol, tls: Tls) -> Self {
        let session = Session::new(protocol, "mx.here.test", BOUNDS, tls);
        let verdicts = vec![Verdict::Stored; 3];
        Self { session, said: String::new(), mails: Vec::new(), verdicts, closed: false }
    }

    /// Goes on to where more has to be said to it, or TLS begins.
    fn go_on(&mut self) -> bool {
        loop {
            match self.session.step(takes) {
                Step::Read => return false,
                Step::Say(text) | Step::Refuse(text, _) | Step::Drop(text, _) => self.said.push_str(&text),
                Step::StartTls(text) => {
                    self.said.push_str(&text);
                    return true;
                }
                Step::Mail(mail) => {
                    let verdicts: Vec<_> = self.verdicts.iter().copied().take(mail.to.len()).collect();
                    self.mails.push(*mail);
                    self.session.judged(&verdicts);
                }
                Step::Close(text, _) => {
                    self.said.push_str(&text);
                    self.closed = true;
                    return false;
                }
            }
        }
    }

    /// The codes of the answers.
    fn say(&mut self, bytes: impl AsRef<[u8]>) -> Vec<String> {
        self.go_on();
        self.said.clear();
        self.session.take(bytes.as_ref());
        self.go_on();
        let whole = |line: &&str| line.as_bytes().get(3) == Some(&b' ');
        self.said.lines().filter(whole).map(|line| line[..3].to_owned()).collect()
    }
}

fn smtp() -> Talk {
    Talk::new(Protocol::Smtp, Tls::Offered)
}

const BEGUN: &str = "EHLO peer.test\r\nMAIL FROM:<a@there.test>\r\n";

#[test]
fn a_mail_goes_through_in_one_piece_and_byte_by_byte() {
    let sent = format!(
        "{BEGUN}RCPT TO:<support@here.test>\r\nRCPT TO:<b@there.test>\r\nDATA\r\nSubject: x\r\n\r\n..dot\r\n.\r\nQUIT\r\n"
    );
    let mut whole = smtp();
    assert_eq!(whole.say(&sent), ["250", "250", "250", "550", "354", "250", "221"]);
    assert!(whole.closed);
    let mut slow = smtp();
    let mut codes = Vec::new();
    for byte in sent.as_bytes() {
        codes.extend(slow.say([*byte]));
    }
    assert_eq!(codes, ["250", "250", "250", "550", "354", "250", "221"]);
    assert_eq!(whole.mails, slow.mails);
    let mail = &whole.mails[0];
    assert_eq!((mail.from.as_str(), mail.hello.as_str()), ("a@there.test", "peer.test"));
    assert_eq!((mail.to.as_slice(), mail.encrypted), (["support@here.test".to_owned()].as_slice(), false));
    assert_eq!(mail.message, b"Subject: x\r\n\r\n.dot\r\n");
}

#[test]
fn what_is_offered_is_what_there_is() {
    let mut talk = smtp();
    talk.say("EHLO peer.test\r\n");
    let offered: Vec<_> = talk.said.lines().map(|line| &line[4..]).collect();
    let expected =
        ["mx.here.test", "PIPELINING", "SIZE 100", "8BITMIME", "SMTPUTF8", "STARTTLS", "ENHANCEDSTATUSCODES"];
    assert_eq!(offered, expected, "and neither AUTH nor anything else");
    assert_eq!(talk.say("HELO peer.test\r\n"), ["250"]);
    assert_eq!(talk.said, "250 mx.here.test\r\n");
    let mut plain = Talk::new(Protocol::Smtp, Tls::Off);
    plain.say("EHLO peer.test\r\n");
    assert!(!plain.said.contains("STARTTLS"));
    assert_eq!(plain.say("STARTTLS\r\n"), ["502"]);
}

#[test]
fn in_lmtp_there_is_an_answer_for_each_recipient() {
    let mut talk = Talk::new(Protocol::Lmtp, Tls::Off);
    assert_eq!(talk.say("EHLO x\r\nHELO x\r\n"), ["500", "500"]);
    assert_eq!(talk.say("LHLO x\r\nMAIL FROM:<>\r\nDATA\r\n"), ["250", "250", "503"]);
    let recipients =
        "RCPT TO:<a@here.test>\r\nRCPT TO:<no@there.test>\r\nRCPT TO:<b@here.test>\r\nRCPT TO:<a@here.test>\r\n";
    assert_eq!(talk.say(recipients), ["250", "550", "250", "250"]);
    talk.verdicts = vec![Verdict::Stored, Verdict::Later, Verdict::Stored];
    assert_eq!(talk.say("DATA\r\nx\r\n.\r\n"), ["354", "250", "451", "250"]);
    assert_eq!((talk.mails[0].from.as_str(), talk.mails[0].to.len()), ("", 3));
    let too_large = format!("MAIL FROM:<>\r\n{recipients}DATA\r\n{}\r\n.\r\n", "x".repeat(200));
    assert_eq!(talk.say(too_large), ["250", "250", "550", "250", "250", "354", "552", "552", "552"]);
}

#[test]
fn in_smtp_one_answer_says_stored_only_where_all_are() {
    let mut talk = smtp();
    let mail = format!("{BEGUN}RCPT TO:<a@here.test>\r\nRCPT TO:<b@here.test>\r\nDATA\r\nx\r\n.\r\n");
    talk.verdicts = vec![Verdict::Stored, Verdict::Later];
    assert_eq!(talk.say(&mail).last().unwrap(), "451");
    talk.verdicts = vec![Verdict::Refused, Verdict::Refused];
    assert_eq!(talk.say(&mail).last().unwrap(), "550");
    talk.verdicts = vec![Verdict::Stored];
    assert_eq!(talk.say(&mail).last().unwrap(), "250", "what was not judged would not be");
}

#[test]
fn everything_has_its_time() {
    let mut talk = smtp();
    assert_eq!(talk.say("MAIL FROM:<a@b.test>\r\nRCPT TO:<a@here.test>\r\nDATA\r\n"), ["503", "503", "503"]);
    assert_eq!(talk.say(format!("{BEGUN}MAIL FROM:<a@b.test>\r\nDATA\r\n")), ["250", "250", "503", "554"]);
    assert_eq!(
        talk.say("RSET\r\nRCPT TO:<a@here.test>\r\nNOOP\r\nVRFY a\r\nHELP\r\n"),
        ["250", "503", "250", "252", "214"]
    );
    assert!(!talk.closed);
    assert_eq!(talk.say("AUTH PLAIN AGEAYg==\r\nXYZ\r\nNOOP\r\n"), ["502", "500", "421"]);
    assert!(talk.closed, "too much was no good, and nothing behind that was looked at");
}

#[test]
fn bounds_are_kept_and_said() {
    let mut talk = smtp();
    assert_eq!(talk.say("EHLO x\r\nMAIL FROM:<a@b.test> SIZE=101\r\n"), ["250", "552"]);
    assert_eq!(talk.say("MAIL FROM:<a@b.test> SIZE=100 BODY=8BITMIME\r\n"), ["250"]);
    assert_eq!(talk.say("RCPT TO:<a@here.test>\r\n".repeat(60)).iter().filter(|code| *code == "452").count(), 57);
    assert!(!talk.closed, "a mail for many is nobody's mistake");
    assert_eq!(talk.say(format!("DATA\r\n{}\r\n.\r\nNOOP\r\n", "x".repeat(99))), ["354", "552", "250"]);
    assert_eq!(talk.say(format!("NOOP {}\r\n", "x".repeat(600))), ["500"]);
    assert_eq!(talk.session.held(), 0);
}

#[test]
fn letters_of_all_sorts_need_smtputf8() {
    let mut talk = smtp();
    assert_eq!(talk.say("EHLO x\r\nMAIL FROM:<đ@b.test>\r\n"), ["250", "553"]);
    assert_eq!(talk.say("MAIL FROM:<a@b.test>\r\nRCPT TO:<đ@here.test>\r\nRSET\r\n"), ["250", "553", "250"]);
    assert_eq!(talk.say("MAIL FROM:<đ@b.test> SMTPUTF8\r\nRCPT TO:<đ@here.test>\r\n"), ["250", "250"]);
}

#[test]
fn what_stands_behind_starttls_is_thrown_away_and_so_is_what_was_said_before() {
    let mut talk = smtp();
    talk.go_on();
    talk.session.take(format!("{BEGUN}STARTTLS\r\nRCPT TO:<a@here.test>\r\nDATA\r\n").as_bytes());
    assert!(talk.go_on());
    talk.session.encrypted();
    assert_eq!(talk.said.lines().last().unwrap(), "220 2.0.0 begin TLS");
    talk.said.clear();
    talk.go_on();
    assert_eq!(talk.said, "", "nobody said that over TLS");
    assert_eq!(talk.say("MAIL FROM:<a@b.test>\r\n"), ["503"], "it has to say hello again");
    assert_eq!(talk.say("EHLO x\r\nSTARTTLS\r\n"), ["250", "503"]);
    assert!(!talk.said.contains("STARTTLS"));
    talk.say("MAIL FROM:<a@b.test>\r\nRCPT TO:<a@here.test>\r\nDATA\r\nx\r\n.\r\n");
    assert!(talk.mails[0].encrypted);
}

#[test]
fn where_tls_is_required_nothing_is_taken_before_it() {
    let mut talk = Talk::new(Protocol::Smtp, Tls::Required);
    assert_eq!(talk.say("EHLO x\r\nMAIL FROM:<a@b.test>\r\nNOOP\r\n"), ["250", "530", "250"]);
    talk.session.take(b"STARTTLS\r\n");
    assert!(talk.go_on());
    talk.session.encrypted();
    assert_eq!(talk.say("EHLO x\r\nMAIL FROM:<a@b.test>\r\n"), ["250", "250"]);
}

#[test]
fn a_mail_that_hides_another_one_is_refused_whole() {
    for end in ["\n.\n", "\n.\r\n", "\r.\r", "\r\n.\n", "\r.\r\n"] {
        let mut talk = smtp();
        let hidden = "MAIL FROM:<x@y.test>\r\nRCPT TO:<a@here.test>\r\nDATA\r\nhidden\r\n.\r\n";
        let codes = talk.say(format!("{BEGUN}RCPT TO:<a@here.test>\r\nDATA\r\nseen{end}{hidden}"));
        assert_eq!(codes, ["250", "250", "250", "354", "554"], "{end:?}");
        assert!(talk.mails.is_empty());
    }
    let mut talk = smtp();
    assert_eq!(talk.say("EHLO x\nNOOP\r\n"), ["500", "250"], "a line ends with CRLF");
}

#[test]
fn without_room_a_mail_is_read_to_its_end_and_refused_for_now() {
    let mut talk = smtp();
    assert_eq!(talk.say(format!("{BEGUN}RCPT TO:<a@here.test>\r\nDATA\r\nabc")).last().unwrap(), "354");
    assert!(talk.session.held() > 0 && talk.session.is_busy());
    talk.session.forgo();
    assert_eq!(talk.say("def\r\n.\r\nNOOP\r\n"), ["452", "250"]);
    assert!(talk.mails.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// Whatever comes: nothing panics, and no more is held than was allowed.
    #[test]
    fn no_bytes_do_harm(
        pieces in proptest::collection::vec(
            prop_oneof![
                proptest::collection::vec(any::<u8>(), 0..40),
                prop_oneof![
                    Just("EHLO x\r\n"), Just("LHLO x\r\n"), Just("MAIL FROM:<a@b.test>\r\n"), Just("RCPT TO:<a@here.test>\r\n"),
                    Just("DATA\r\n"), Just(".\r\n"), Just("\r\n.\r\n"), Just("RSET\r\n"), Just("MAIL FROM:<"), Just("STARTTLS\r\n"),
                    Just("\n.\r"), Just("QUIT\r\n"),
                ].prop_map(|text| text.as_bytes().to_vec()),
            ],
            0..30,
        ),
        lmtp in any::<bool>(),
    ) {
        let mut talk = Talk::new(if lmtp { Protocol::Lmtp } else { Protocol::Smtp }, Tls::Offered);
        for piece in pieces {
            talk.session.take(&piece);
            if talk.go_on() {
                talk.session.encrypted();
            }
            prop_assert!(talk.session.held() <= 256);
            if talk.closed {
                break;
            }
        }
        for mail in &talk.mails {
            prop_assert!(!mail.to.is_empty() && mail.to.iter().all(|to| takes(to)) && mail.message.len() <= 100);
        }
    }

    /// Bytes in pieces give what they give at once.
    #[test]
    fn pieces_make_no_difference(text in "(NOOP|EHLO x|MAIL FROM:<a@b\\.test>|RCPT TO:<a@here\\.test>|DATA|\\.|x|\r|\n|\r\n){0,20}", size in 1_usize..7) {
        let (mut whole, mut parts) = (smtp(), smtp());
        let expected = whole.say(&text);
        let mut said = Vec::new();
        for piece in text.as_bytes().chunks(size) {
            if !parts.closed {
                said.extend(parts.say(piece));
            }
        }
        prop_assert_eq!(said, expected);
    }
}
