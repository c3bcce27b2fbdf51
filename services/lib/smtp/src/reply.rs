//! What is answered: a code (RFC 5321, 4.2), an enhanced one (RFC 3463), and words for people.

/// What became of a mail for one of its recipients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is stored.
    Stored,
    /// It could not be stored: the other server has to come back with it.
    Later,
    /// It is not wanted: its sender's domain says that it is not from there (DMARC).
    Refused,
}

impl Verdict {
    /// The answer to the text of a mail.
    pub(crate) const fn reply(self) -> &'static str {
        match self {
            Self::Stored => "250 2.0.0 stored",
            Self::Later => LATER,
            Self::Refused => "550 5.7.1 refused, as the policy of the sender's domain asks for (DMARC)",
        }
    }

    /// The code alone.
    pub const fn code(self) -> u16 {
        match self {
            Self::Stored => 250,
            Self::Later => 451,
            Self::Refused => 550,
        }
    }

    /// One for all recipients, where there is one answer alone: stored only where each of them is.
    pub(crate) fn all(verdicts: &[Self]) -> Self {
        let has = |verdict| verdicts.contains(&verdict);
        if verdicts.is_empty() || has(Self::Later) {
            Self::Later
        } else if has(Self::Refused) {
            Self::Refused
        } else {
            Self::Stored
        }
    }
}

pub(crate) const LATER: &str = "451 4.3.0 cannot be stored now, try again later";
pub(crate) const TOO_LARGE: &str = "552 5.3.4 larger than this server takes";
pub(crate) const MISSHAPEN: &str = "554 5.6.0 a dot stands alone between line ends that are not both CRLF";
pub(crate) const GO_ON: &str = "354 end with <CRLF>.<CRLF>";
pub(crate) const BUSY: &str = "452 4.3.1 too much is under way, try again later";
pub(crate) const BYE: &str = "221 2.0.0 bye";
pub(crate) const OK: &str = "250 2.0.0 ok";
pub(crate) const SENDER_OK: &str = "250 2.1.0 ok";
pub(crate) const RECIPIENT_OK: &str = "250 2.1.5 ok";
pub(crate) const BEGIN_TLS: &str = "220 2.0.0 begin TLS";
pub(crate) const CANNOT_VERIFY: &str = "252 2.5.2 send it, and see";
pub(crate) const HELP: &str = "214 2.0.0 this server takes mail for its own recipients, and nothing else";
pub(crate) const UNKNOWN: &str = "500 5.5.1 no such command";
pub(crate) const NOT_SERVED: &str = "502 5.5.1 not served here";
pub(crate) const SYNTAX: &str = "501 5.5.4 not as the standard has it";
pub(crate) const LINE_END: &str = "500 5.5.2 lines end with CRLF, and hold no other control character";
pub(crate) const LONG_LINE: &str = "500 5.5.6 the line is too long";
pub(crate) const SENDER_SYNTAX: &str = "501 5.1.7 this is no sender's address";
pub(crate) const RECIPIENT_SYNTAX: &str = "501 5.1.3 this is no recipient's address";
pub(crate) const PARAMETERS: &str = "555 5.5.4 a parameter that was not offered";
pub(crate) const UTF8: &str = "553 5.6.7 an address of such letters needs SMTPUTF8";
pub(crate) const NO_SUCH_RECIPIENT: &str = "550 5.1.1 no such recipient here, and nothing is relayed";
pub(crate) const TOO_MANY_RECIPIENTS: &str = "452 4.5.3 too many recipients, send it again for the others";
pub(crate) const HELLO_FIRST: &str = "503 5.5.1 say hello first";
pub(crate) const SENDER_FIRST: &str = "503 5.5.1 MAIL comes first";
pub(crate) const RECIPIENT_FIRST: &str = "503 5.5.1 no recipient was taken";
pub(crate) const NESTED: &str = "503 5.5.1 a mail has begun already";
pub(crate) const TLS_FIRST: &str = "530 5.7.0 STARTTLS comes first";
pub(crate) const TLS_ALREADY: &str = "503 5.5.1 the connection is encrypted";
pub(crate) const TOO_MANY_ERRORS: &str = "421 4.7.0 too many errors";
pub(crate) const TOO_SLOW: &str = "421 4.4.2 nothing came for too long";
pub(crate) const STOPPING: &str = "421 4.3.2 going down, try again later";
pub(crate) const CROWDED: &str = "421 4.7.0 too many connections, try again later";
pub(crate) const FOREIGN: &str = "554 5.7.1 no mail is taken from this address";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_answer_for_all_says_stored_only_where_each_of_them_is() {
        use Verdict::{Later, Refused, Stored};
        assert_eq!(Verdict::all(&[Stored, Stored]), Stored);
        assert_eq!(Verdict::all(&[Stored, Later, Refused]), Later);
        assert_eq!(Verdict::all(&[Refused, Stored]), Refused);
        assert_eq!(Verdict::all(&[]), Later);
        for verdict in [Stored, Later, Refused] {
            assert!(verdict.reply().starts_with(&verdict.code().to_string()));
        }
    }
}
