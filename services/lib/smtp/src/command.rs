//! Commands, as they stand on a line.

/// A command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Command<'a> {
    /// SMTP's greetings, old and new, and LMTP's, with what the peer calls itself.
    Helo(&'a str),
    Ehlo(&'a str),
    Lhlo(&'a str),
    StartTls,
    /// What stands behind `FROM:`.
    Mail(&'a str),
    /// What stands behind `TO:`.
    Rcpt(&'a str),
    Data,
    Rset,
    Noop,
    Quit,
    Vrfy,
    Help,
    /// Known, and not served here: signing in, other ways to send a text, lists, what older servers had.
    NotServed,
}

/// Why a line is no command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoCommand {
    /// Nobody knows it.
    Unknown,
    /// It lacks something, or has too much.
    Syntax,
}

/// Reads a line, without its end.
pub(crate) fn read(line: &str) -> Result<Command<'_>, NoCommand> {
    let line = line.trim_end_matches([' ', '\t']);
    let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
    let bare = |command| if rest.is_empty() { Ok(command) } else { Err(NoCommand::Syntax) };
    let is_name = !rest.is_empty() && rest.len() <= 255 && !rest.contains(|c: char| c.is_control() || c == ' ');
    let named = |command| if is_name { Ok(command) } else { Err(NoCommand::Syntax) };
    match verb.to_ascii_uppercase().as_str() {
        "HELO" => named(Command::Helo(rest)),
        "EHLO" => named(Command::Ehlo(rest)),
        "LHLO" => named(Command::Lhlo(rest)),
        "STARTTLS" => bare(Command::StartTls),
        "MAIL" => behind(rest, "FROM:").map(Command::Mail),
        "RCPT" => behind(rest, "TO:").map(Command::Rcpt),
        "DATA" => bare(Command::Data),
        "RSET" => bare(Command::Rset),
        "NOOP" => Ok(Command::Noop),
        "QUIT" => bare(Command::Quit),
        "VRFY" => Ok(Command::Vrfy),
        "HELP" => Ok(Command::Help),
        "AUTH" | "BDAT" | "EXPN" | "ETRN" | "TURN" | "ATRN" | "SEND" | "SOML" | "SAML" | "BURL" => {
            Ok(Command::NotServed)
        }
        _ => Err(NoCommand::Unknown),
    }
}

fn behind<'a>(rest: &'a str, word: &str) -> Result<&'a str, NoCommand> {
    match rest.split_at_checked(word.len()) {
        Some((start, path)) if start.eq_ignore_ascii_case(word) => Ok(path),
        Some(_) | None => Err(NoCommand::Syntax),
    }
}

/// What MAIL says beside the sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Declared {
    /// Bytes, RFC 1870.
    pub(crate) size: Option<u64>,
    /// Addresses may be of any letters, RFC 6531.
    pub(crate) utf8: bool,
}

/// Reads the parameters of MAIL; `None` where there is one that was not offered (RFC 5321, 4.1.1.11).
pub(crate) fn declared(parameters: &str) -> Option<Declared> {
    let mut declared = Declared::default();
    for parameter in parameters.split(' ').filter(|parameter| !parameter.is_empty()) {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        match name.to_ascii_uppercase().as_str() {
            "SIZE" if value.bytes().all(|byte| byte.is_ascii_digit()) && !value.is_empty() => {
                // What has more digits than a number holds is too large as well.
                declared.size = Some(value.parse().unwrap_or(u64::MAX));
            }
            "BODY" if value.eq_ignore_ascii_case("7BIT") || value.eq_ignore_ascii_case("8BITMIME") => {}
            "SMTPUTF8" if value.is_empty() => declared.utf8 = true,
            _ => return None,
        }
    }
    Some(declared)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_read_in_any_case() {
        assert_eq!(read("ehlo mail.example.test  "), Ok(Command::Ehlo("mail.example.test")));
        assert_eq!(read("Mail From:<a@b.test> SIZE=1"), Ok(Command::Mail("<a@b.test> SIZE=1")));
        assert_eq!(read("RCPT TO: <a@b.test>"), Ok(Command::Rcpt(" <a@b.test>")));
        assert_eq!(read("auth plain xyz"), Ok(Command::NotServed));
        assert_eq!(read("NOOP hello"), Ok(Command::Noop));
        for odd in ["EHLO", "EHLO a b", "DATA x", "MAIL", "MAIL TO:<a@b.test>", "RCPT FRÖM", "STARTTLS now"] {
            assert_eq!(read(odd), Err(NoCommand::Syntax), "{odd}");
        }
        for unknown in ["", "HELLO x", "GET / HTTP/1.1", "MAIL\tFROM:<a@b.test>"] {
            assert_eq!(read(unknown), Err(NoCommand::Unknown), "{unknown}");
        }
    }

    #[test]
    fn what_was_not_offered_cannot_be_asked_for() {
        assert_eq!(declared(" SIZE=12 BODY=8BITMIME SMTPUTF8"), Some(Declared { size: Some(12), utf8: true }));
        assert_eq!(declared(" SIZE=99999999999999999999999").and_then(|all| all.size), Some(u64::MAX));
        for odd in [" SIZE=", " SIZE=x", " BODY=BINARYMIME", " RET=FULL", " AUTH=<>", " SMTPUTF8=1"] {
            assert_eq!(declared(odd), None, "{odd}");
        }
    }
}
