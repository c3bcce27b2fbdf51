//! What mail servers say to the one here.

use kenh_smtp::{Bounds, Mail, Protocol, Session, Step, Tls, Verdict};

const BOUNDS: Bounds = Bounds { largest: 200, recipients: 3, errors: 8 };
/// What a line may hold at most, with the parameters of MAIL.
const LINE: usize = 600;

/// The first byte says the protocol, the second how long a piece is; the others are what the peer says until it wants TLS. It is
/// answered in whole lines and makes the same mails however it is cut into pieces. Only recipients that are taken get one, no more
/// is held than allowed, and no other server can see a second mail in it.
pub fn session(data: &[u8]) {
    let Some(([protocol, piece], said)) = data.split_first_chunk::<2>() else { return };
    let protocol = if protocol % 2 == 0 { Protocol::Smtp } else { Protocol::Lmtp };
    let whole = talk(protocol, said, said.len().max(1));
    assert_eq!(talk(protocol, said, usize::from(*piece) % 64 + 1), whole, "another cut, another session");
    let (answers, mails) = whole;
    assert!(answers.is_empty() || answers.ends_with("\r\n"), "half a line");
    for line in answers.split_terminator("\r\n") {
        let (code, text) = line.split_at_checked(3).expect("a code");
        assert!(code.bytes().all(|digit| digit.is_ascii_digit()) && text.starts_with([' ', '-']), "{line}");
        assert!(!text.contains(['\r', '\n']), "{line}");
    }
    for mail in mails {
        assert!((1..=BOUNDS.recipients).contains(&mail.to.len()) && mail.to.iter().all(|to| takes(to)));
        assert!(u64::try_from(mail.message.len()).is_ok_and(|length| length <= BOUNDS.largest));
        let sent = as_sent(&mail.message);
        let end = |byte: &u8| [b'\r', b'\n'].contains(byte);
        let is_alone = |bytes: &[u8]| matches!(bytes, [before, b'.', behind] if end(before) && end(behind));
        assert!(!sent.windows(3).any(is_alone), "somebody ends the mail there");
    }
}

fn takes(recipient: &str) -> bool {
    recipient.ends_with("@here.test")
}

fn talk(protocol: Protocol, said: &[u8], piece: usize) -> (String, Vec<Mail>) {
    let mut session = Session::new(protocol, "mx.here.test", BOUNDS, Tls::Offered);
    let (mut answers, mut mails) = (String::new(), Vec::new());
    let mut pieces = said.chunks(piece);
    loop {
        match session.step(takes) {
            Step::Read => {
                let bound = usize::try_from(BOUNDS.largest).expect("a small bound") + LINE;
                assert!(session.held() <= bound, "more is held than is allowed");
                let Some(piece) = pieces.next() else { break };
                session.take(piece);
            }
            Step::Say(text) | Step::Refuse(text, _) | Step::Drop(text, _) => answers.push_str(&text),
            Step::Mail(mail) => {
                session.judged(&[Verdict::Stored; BOUNDS.recipients]);
                mails.push(*mail);
            }
            Step::StartTls(text) | Step::Close(text, _) => {
                answers.push_str(&text);
                break;
            }
        }
    }
    (answers, mails)
}

/// The message with its dots doubled (RFC 5321, 4.5.2), as the next server is sent it.
fn as_sent(message: &[u8]) -> Vec<u8> {
    let mut sent = b"\r\n".to_vec();
    for byte in message {
        if *byte == b'.' && sent.ends_with(b"\r\n") {
            sent.push(b'.');
        }
        sent.push(*byte);
    }
    sent
}
