//! Mail out: written here, handed by the dispatcher to a server that takes it for others (SMTP, RFC 6409).

mod answer;
mod body;
mod capabilities;
mod dkim;
mod header;
mod plan;
mod write;

use std::sync::Arc;

use connector_sdk::{
    Secret, Section,
    outbound::{
        Accounts, Answer, Failure, File, Order, Outbound, Outcome, Planned, Refusal, Retry, Sending, SendingAccount,
        Step, Submission, file,
    },
};
use kenh_proto::v1::{Capabilities, Media, Message, SendReason, outbound_action::What, part::Content};

use crate::{inbound::Rules, thread};

/// Bytes of all files of a mail at most, as long as nothing else is said: what most servers take, coded for the way.
const LARGEST: u64 = 18 << 20;

/// The sending half of an endpoint.
#[derive(Debug)]
pub(crate) struct Sender {
    accounts: Accounts,
    submission: Arc<Submission>,
    /// What stands before the address in From.
    name: Option<String>,
    /// Tags are put behind the mailbox's name, in Reply-To and where bounces go.
    tagged: bool,
    /// What is put into addresses and Message-IDs is signed with it.
    secret: Option<Secret>,
    /// Bytes of all files at most.
    largest: u64,
    /// Signs what is sent.
    dkim: Option<dkim::Dkim>,
}

impl Sender {
    /// Reads `smtp`.
    pub(crate) fn read(smtp: &mut Section<'_>, rules: &Rules) -> Option<Self> {
        let (submission, password) = Submission::read(smtp);
        let (name, tagged) = (smtp.text("name"), smtp.boolean("tagged_addresses", false));
        let largest = smtp.bytes("largest", LARGEST);
        let dkim = smtp.optional("dkim", dkim::Dkim::read).flatten();
        if let Some(other) =
            rules.mailboxes.iter().find(|mailbox| dkim.as_ref().is_some_and(|dkim| !dkim.speaks_for(mailbox)))
        {
            smtp.fault(
                "dkim",
                format!("its domain is not that of {other}: mailboxes of another domain need an endpoint of their own"),
            );
        }
        if rules.mailboxes.is_empty() {
            smtp.fault("host", "mail is sent from one of `mailboxes`: name them");
            return None;
        }
        if tagged && rules.reply_secrets.is_empty() {
            smtp.fault("tagged_addresses", "tags are signed: give `reply_secrets`");
        }
        let account =
            SendingAccount { name: name.clone(), token: Some(password.unwrap_or_default()), refresh_token: None };
        Some(Self {
            accounts: Accounts::all(&rules.mailboxes, &account),
            submission: Arc::new(submission),
            name,
            tagged,
            secret: rules.reply_secrets.first().cloned(),
            largest,
            dkim,
        })
    }

    fn sent(&self, sending: &Sending<'_>, message: &Message, answers: &[Answer]) -> Result<Step, Box<Step>> {
        let mut answers = answers.iter();
        let (mut files, mut size) = (Vec::new(), 0_u64);
        for media in media(message) {
            let file = file(media, self.largest, &mut answers)?;
            size = size.saturating_add(u64::try_from(file.bytes.len()).unwrap_or(u64::MAX));
            files.push((media, file));
        }
        if size > self.largest {
            return Ok(Step::Done(Failure::permanent(SendReason::ContentTooLarge, None)));
        }
        let to = plan::recipient(sending.to).map_err(|refusal| Step::Done(refusal.into()))?;
        let written = write::written(self, sending, message, &to, &files);
        let write::Written { mail, message_id } = written.map_err(|failure| Step::Done(Outcome::Failed(failure)))?;
        Ok(match answers.next() {
            None => Step::Mail(mail),
            Some(answer) => Step::Done(answer::meaning(answer, message_id)),
        })
    }
}

impl Outbound for Sender {
    fn accounts(&self) -> &Accounts {
        &self.accounts
    }

    fn capabilities(&self) -> Capabilities {
        capabilities::all(self.largest)
    }

    fn plan(&self, order: &Order<'_>) -> Result<Planned, Refusal> {
        plan::planned(&self.capabilities(), order)
    }

    fn step(&self, sending: &Sending<'_>, answers: &[Answer]) -> Step {
        let What::Message(message) = sending.what else {
            return Step::Done(Failure::permanent(SendReason::ContentUnsupported, None));
        };
        self.sent(sending, message, answers).unwrap_or_else(|step| *step)
    }

    /// Mail may be answered at any time.
    fn needs_window(&self, _order: &Order<'_>) -> bool {
        false
    }

    /// The thread that begins with the mail's Message-ID.
    fn opens(&self, account: &str, message: &str) -> Option<String> {
        Some(thread::id(&header::plain_id(message, account)))
    }

    fn undelivered(&self, code: Option<&str>) -> Failure {
        Failure { reason: answer::reason(None, code), code: code.map(Into::into), retry: Retry::Never }
    }
}

/// The files of a message.
fn media(message: &Message) -> impl Iterator<Item = &Media> {
    message.parts.iter().filter_map(|part| match &part.content {
        Some(Content::Media(media)) => Some(media),
        Some(_) | None => None,
    })
}

/// A file with what is said of it.
type Attached<'a> = (&'a Media, File);
