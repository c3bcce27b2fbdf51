//! MAIL, RCPT and DATA: one mail on its way.

use super::{Protocol, Refused, Session};
use crate::{
    address::{self, Path},
    command,
    data::Data,
    reply,
};

/// A mail that has begun.
#[derive(Debug)]
pub(super) struct Transaction {
    pub(super) from: String,
    pub(super) to: Vec<String>,
    utf8: bool,
}

impl Session {
    pub(super) fn mail(&mut self, path: &str) {
        if self.hello.is_none() {
            return self.error(reply::HELLO_FIRST, Refused::OutOfOrder);
        }
        if self.transaction.is_some() {
            return self.error(reply::NESTED, Refused::OutOfOrder);
        }
        let Some(Path { address, parameters }) = address::path(path) else {
            return self.error(reply::SENDER_SYNTAX, Refused::Syntax);
        };
        let Some(declared) = command::declared(parameters) else {
            return self.error(reply::PARAMETERS, Refused::Syntax);
        };
        if !declared.utf8 && !address.is_ascii() {
            return self.error(reply::UTF8, Refused::Syntax);
        }
        if declared.size.is_some_and(|size| size > self.bounds.largest) {
            return self.error(reply::TOO_LARGE, Refused::TooLarge);
        }
        self.transaction = Some(Transaction { from: address.to_owned(), to: Vec::new(), utf8: declared.utf8 });
        self.say(reply::SENDER_OK);
    }

    pub(super) fn recipient(&mut self, path: &str, takes: &impl Fn(&str) -> bool) {
        let most = self.bounds.recipients;
        let Some(transaction) = &mut self.transaction else {
            return self.error(reply::SENDER_FIRST, Refused::OutOfOrder);
        };
        let Some(Path { address, parameters }) = address::path(path).filter(|path| !path.address.is_empty()) else {
            return self.error(reply::RECIPIENT_SYNTAX, Refused::Syntax);
        };
        if !parameters.trim().is_empty() {
            return self.error(reply::PARAMETERS, Refused::Syntax);
        }
        if !transaction.utf8 && !address.is_ascii() {
            return self.error(reply::UTF8, Refused::Syntax);
        }
        if !takes(address) {
            return self.error(reply::NO_SUCH_RECIPIENT, Refused::RecipientUnknown);
        }
        if transaction.to.len() >= most {
            return self.error(reply::TOO_MANY_RECIPIENTS, Refused::TooManyRecipients);
        }
        transaction.to.push(address.to_owned());
        self.say(reply::RECIPIENT_OK);
    }

    pub(super) fn begin_data(&mut self) {
        match &self.transaction {
            None => self.error(reply::SENDER_FIRST, Refused::OutOfOrder),
            Some(transaction) if transaction.to.is_empty() => {
                // Of all recipients being unknown SMTP has a code of its own (RFC 5321, 3.3), LMTP has not (RFC 2033, 4.2).
                let text = match self.protocol {
                    Protocol::Smtp => "554 5.5.1 no recipient was taken",
                    Protocol::Lmtp => reply::RECIPIENT_FIRST,
                };
                self.error(text, Refused::OutOfOrder);
            }
            Some(_) => {
                self.data = Some(Data::new(self.bounds.largest));
                self.say(reply::GO_ON);
            }
        }
    }
}
