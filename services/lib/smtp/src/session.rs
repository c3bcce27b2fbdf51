//! One session: bytes in, steps out.

mod line;
mod step;
mod transaction;

use std::collections::VecDeque;

use crate::{
    command::{self, Command, NoCommand},
    data::{Data, Ended},
    reply::{self, Verdict},
};

use line::{Line, Lines};
use transaction::Transaction;

pub(crate) use step::{Closed, Dropped};
pub use step::{Mail, Refused, Step};

/// Which of the two is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// RFC 5321: one answer for a mail.
    Smtp,
    /// RFC 2033: one for each of its recipients, from a mail server near by that keeps the queue.
    Lmtp,
}

impl Protocol {
    /// As a label.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Smtp => "smtp",
            Self::Lmtp => "lmtp",
        }
    }
}

/// Whether the connection can be encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// It cannot.
    Off,
    /// It can.
    Offered,
    /// It has to be before anything is sent.
    Required,
}

/// How much of everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Bytes of a mail.
    pub largest: u64,
    /// Recipients of a mail.
    pub recipients: usize,
    /// Commands that were no good; then the session is over.
    pub errors: u32,
}

/// A session. `takes` is asked for each recipient.
#[derive(Debug)]
pub struct Session {
    protocol: Protocol,
    hostname: String,
    bounds: Bounds,
    tls: Tls,
    is_encrypted: bool,
    lines: Lines,
    /// What the peer calls itself, and whether it knows of extensions.
    hello: Option<String>,
    transaction: Option<Transaction>,
    data: Option<Data>,
    /// Recipients of a mail that is being dealt with.
    judging: usize,
    errors: u32,
    waiting: VecDeque<Step>,
}

impl Session {
    /// One that begins with its greeting.
    pub fn new(protocol: Protocol, hostname: &str, bounds: Bounds, tls: Tls) -> Self {
        let name = match protocol {
            Protocol::Smtp => "ESMTP",
            Protocol::Lmtp => "LMTP",
        };
        Self {
            protocol,
            hostname: hostname.into(),
            bounds,
            tls,
            is_encrypted: false,
            lines: Lines::default(),
            hello: None,
            transaction: None,
            data: None,
            judging: 0,
            errors: 0,
            waiting: VecDeque::from([Step::Say(format!("220 {hostname} {name} Kenh\r\n"))]),
        }
    }

    /// Takes bytes of the peer. Only after [`Step::Read`], so that no more than one piece is held.
    pub fn take(&mut self, bytes: &[u8]) {
        self.lines.push(bytes);
    }

    /// What is to be done next.
    pub fn step(&mut self, takes: impl Fn(&str) -> bool) -> Step {
        loop {
            if let Some(step) = self.waiting.pop_front() {
                return step;
            }
            if let Some(data) = &mut self.data {
                let Some((used, ended)) = data.take(self.lines.rest()) else {
                    self.lines.clear();
                    return Step::Read;
                };
                self.lines.skip(used);
                self.data = None;
                return self.ended(ended);
            }
            match self.lines.next() {
                None => return Step::Read,
                Some(Line::TooLong) => self.error(reply::LONG_LINE, Refused::LineTooLong),
                Some(Line::Odd) => self.error(reply::LINE_END, Refused::Syntax),
                Some(Line::Whole(line)) => self.line(&line, &takes),
            }
        }
    }

    /// The connection is encrypted. What was said before does not count any more (RFC 3207, 4.2).
    pub fn encrypted(&mut self) {
        self.is_encrypted = true;
        self.lines.clear();
        self.hello = None;
        self.transaction = None;
    }

    /// What became of the mail, for each of its recipients in their order. The answer is the next step.
    pub fn judged(&mut self, verdicts: &[Verdict]) {
        let of = |number: usize| verdicts.get(number).copied().unwrap_or(Verdict::Later);
        let text = match self.protocol {
            Protocol::Smtp => said(Verdict::all(verdicts).reply()),
            Protocol::Lmtp => (0..self.judging).map(|number| said(of(number).reply())).collect(),
        };
        self.judging = 0;
        self.waiting.push_back(Step::Say(text));
    }

    /// Whether a mail's text is coming in, or is being dealt with.
    pub fn is_busy(&self) -> bool {
        self.data.is_some() || self.judging > 0
    }

    /// Bytes of a mail that are held.
    pub fn held(&self) -> usize {
        self.data.as_ref().map_or(0, Data::held)
    }

    /// There is no room to keep the mail that is coming in: it is read to its end, and refused for now.
    pub fn forgo(&mut self) {
        if let Some(data) = &mut self.data {
            data.forgo();
        }
    }

    /// The text of a mail has come to its end.
    fn ended(&mut self, ended: Ended) -> Step {
        let Some(transaction) = self.transaction.take() else { return Step::Read };
        let each = match self.protocol {
            Protocol::Smtp => 1,
            Protocol::Lmtp => transaction.to.len(),
        };
        match ended {
            Ended::TooLarge => Step::Drop(said(reply::TOO_LARGE).repeat(each), Dropped::TooLarge),
            Ended::Misshapen => Step::Drop(said(reply::MISSHAPEN).repeat(each), Dropped::Misshapen),
            Ended::NoRoom => Step::Drop(said(reply::BUSY).repeat(each), Dropped::NoRoom),
            Ended::Whole(message) => {
                self.judging = transaction.to.len();
                Step::Mail(Box::new(Mail {
                    hello: self.hello.clone().unwrap_or_default(),
                    encrypted: self.is_encrypted,
                    from: transaction.from,
                    to: transaction.to,
                    message,
                }))
            }
        }
    }

    fn line(&mut self, line: &str, takes: &impl Fn(&str) -> bool) {
        let command = match command::read(line) {
            Ok(command) => command,
            Err(NoCommand::Unknown) => return self.error(reply::UNKNOWN, Refused::Unknown),
            Err(NoCommand::Syntax) => return self.error(reply::SYNTAX, Refused::Syntax),
        };
        let needs_tls = self.tls == Tls::Required && !self.is_encrypted;
        match command {
            Command::Mail(_) | Command::Rcpt(_) | Command::Data | Command::Vrfy if needs_tls => {
                self.error(reply::TLS_FIRST, Refused::TlsMissing);
            }
            Command::Lhlo(name) if self.protocol == Protocol::Lmtp => self.greeted(name, true),
            Command::Ehlo(name) if self.protocol == Protocol::Smtp => self.greeted(name, true),
            Command::Helo(name) if self.protocol == Protocol::Smtp => self.greeted(name, false),
            // LMTP must not answer the greetings of SMTP (RFC 2033, 4.1).
            Command::Lhlo(_) | Command::Ehlo(_) | Command::Helo(_) => self.error(reply::UNKNOWN, Refused::Unknown),
            Command::StartTls => self.start_tls(),
            Command::Mail(path) => self.mail(path),
            Command::Rcpt(path) => self.recipient(path, takes),
            Command::Data => self.begin_data(),
            Command::Rset => {
                self.transaction = None;
                self.say(reply::OK);
            }
            Command::Noop => self.say(reply::OK),
            Command::Vrfy => self.say(reply::CANNOT_VERIFY),
            Command::Help => self.say(reply::HELP),
            Command::Quit => self.close(reply::BYE, Closed::Quit),
            Command::NotServed => self.error(reply::NOT_SERVED, Refused::Unknown),
        }
    }

    fn greeted(&mut self, name: &str, extended: bool) {
        self.hello = Some(name.to_owned());
        self.transaction = None;
        let host = &self.hostname;
        let text = if extended {
            let size = self.bounds.largest;
            let tls = if self.tls != Tls::Off && !self.is_encrypted { "250-STARTTLS\r\n" } else { "" };
            format!(
                "250-{host}\r\n250-PIPELINING\r\n250-SIZE {size}\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n{tls}250 ENHANCEDSTATUSCODES\r\n"
            )
        } else {
            format!("250 {host}\r\n")
        };
        self.waiting.push_back(Step::Say(text));
    }

    fn start_tls(&mut self) {
        if self.is_encrypted {
            return self.error(reply::TLS_ALREADY, Refused::OutOfOrder);
        }
        if self.tls == Tls::Off {
            return self.error(reply::NOT_SERVED, Refused::Unknown);
        }
        // Whoever can write into the connection may have put commands behind this one: they are none of the peer's.
        self.lines.clear();
        self.waiting.push_back(Step::StartTls(said(reply::BEGIN_TLS)));
    }

    fn say(&mut self, text: &str) {
        self.waiting.push_back(Step::Say(said(text)));
    }

    fn error(&mut self, text: &str, why: Refused) {
        // A mail for many is nobody's mistake.
        if why != Refused::TooManyRecipients {
            self.errors = self.errors.saturating_add(1);
        }
        self.waiting.push_back(Step::Refuse(said(text), why));
        if self.errors == self.bounds.errors && why != Refused::TooManyRecipients {
            self.close(reply::TOO_MANY_ERRORS, Closed::TooManyErrors);
        }
    }

    fn close(&mut self, text: &str, why: Closed) {
        // Nothing that stands behind it is looked at.
        self.lines.clear();
        self.waiting.push_back(Step::Close(said(text), why));
    }
}

fn said(text: &str) -> String {
    format!("{text}\r\n")
}
