//! Mail out, to a real server; what comes back of it comes into a real mailbox.

use std::{
    io::Write as _,
    process::{Command, Stdio},
};

use kenh_proto::v1::{
    Destination, Envelope, ExchangeFilter, ExchangeKind, ExchangeOutcome, Identity, ListEventsRequest,
    ListExchangesRequest, Media, MediaKind, Message, OutboundMessage, Part, ReceiptStatus, SendMessageRequest,
    SendOptions, SendReason, SendState, SenderRole, destination::To, envelope::Payload, part::Content,
};
use kenh_tests::{
    dovecot::{Dovecot, PASSWORD, USER},
    gateway::{Gateway, Setup},
    leaks::MARK,
    outbound::{look, send, until_state, words},
    repository,
    smtpd::{Smtpd, Taken},
    stream::{self, envelope},
    tools, until,
};

use super::{answering::DISPATCH, credentials::channels};

/// Nobody listens there: for servers that ask about no token.
const NOWHERE: &str = "http://127.0.0.1:1/";

/// Made for tests, and for nothing else, with what stands in DNS for it.
const KEY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/e2e/mailing/dkim.pem");
const RECORD: &str = include_str!("mailing/dkim.txt");

struct World {
    gateway: Gateway,
    smtp: Smtpd,
    mailbox: Dovecot,
    _folder: tempfile::TempDir,
}

async fn start(password: &str) -> World {
    let (folder, smtp, mailbox) = (tempfile::tempdir().unwrap(), Smtpd::start().await, Dovecot::start(NOWHERE).await);
    let channel = format!(
        "  email:\n    support:\n      provider: imap\n      mailboxes: [{USER}]\n      reply_secrets: a-reply-secret-for-tests\n      \
         imap:\n        host: 127.0.0.1\n        port: {}\n        ca_file: {}\n        user: {USER}\n        password: {PASSWORD}\n        \
         begin: all\n      smtp:\n        host: 127.0.0.1\n        port: {}\n        security: starttls\n        ca_file: {}\n        \
         user: {USER}\n        password: {password}\n        name: Example Ltd\n        tagged_addresses: true\n        \
         dkim: {{ domain: example.test, selector: kenh1, key: \"${{file:{KEY}}}\" }}\n",
        mailbox.tls_port(),
        mailbox.certificate().display(),
        smtp.port(),
        smtp.certificate().display(),
    );
    let gateway = Setup::embedded(folder.path()).with(DISPATCH).channels(&channel).start().await;
    World { gateway, smtp, mailbox, _folder: folder }
}

/// A mail of a customer.
fn mail(id: &str, to: &str, more: &str, text: &str) -> Vec<u8> {
    format!(
        "From: Mai <mai@example.org>\r\nTo: {to}\r\nDelivered-To: {to}\r\nSubject: =?utf-8?Q?=C4=90=C6=A1n?= 12\r\nMessage-ID: <{id}@example.org>\r\n\
         Date: Sat, 21 Nov 2026 10:00:00 +0700\r\n{more}Content-Type: text/plain; charset=utf-8\r\n\r\n{MARK} {text}\r\n"
    )
    .into_bytes()
}

impl World {
    async fn events(&self) -> Vec<Envelope> {
        let all = stream::list(&self.gateway, ListEventsRequest::default()).await;
        all.iter().map(|delivery| envelope(delivery).clone()).filter(|event| event.channel == "email").collect()
    }

    /// The event of a mail, once it is there.
    async fn received(&self, id: &str) -> Envelope {
        let id = format!("{id}@example.org");
        let is_it = |event: &Envelope| event.provider_message_id.as_deref() == Some(&id);
        until("the mail is an event", || async { self.events().await.iter().any(is_it) }).await;
        self.events().await.into_iter().find(is_it).unwrap()
    }

    async fn say(&self, to: To, key: &str, message: Message, role: SenderRole) -> OutboundMessage {
        let destination = Destination { channel: "email".into(), to: Some(to), ..Destination::default() };
        let options = SendOptions { idempotency_key: key.into(), sender_role: role.into(), ..SendOptions::default() };
        let request =
            SendMessageRequest { destination: Some(destination), message: Some(message), options: Some(options) };
        send(&self.gateway, request).await.unwrap()
    }

    /// A new mail, about something.
    async fn write(&self, name: &str, key: &str) -> OutboundMessage {
        let mut message = words(&format!("{MARK} hello"));
        message.email.get_or_insert_default().subject = Some("About your order".into());
        self.say(to(name), key, message, SenderRole::Human).await
    }
}

fn to(name: &str) -> To {
    let value = format!("{name}@example.org");
    To::Contact(Identity { scheme: "email".into(), value, ..Identity::default() })
}

fn in_conversation(event: &Envelope) -> To {
    To::ConversationId(event.conversation.as_ref().unwrap().id.clone())
}

/// What a server that could not deliver it sends back.
fn bounce(taken: &Taken, code: &str) -> Vec<u8> {
    let to = &taken.sender;
    format!(
        "From: MAILER-DAEMON@mail.example.org\r\nTo: {to}\r\nDelivered-To: {to}\r\nSubject: Undelivered\r\nMessage-ID: <bounce@mail.example.org>\r\n\
         Auto-Submitted: auto-replied\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n\
         --b\r\nContent-Type: text/plain\r\n\r\nIt did not work.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n\
         Reporting-MTA: dns; mail.example.org\r\n\r\nFinal-Recipient: rfc822; {}\r\nAction: failed\r\nStatus: {code}\r\n\
         --b--\r\n",
        taken.recipients[0]
    )
    .into_bytes()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_goes_out_in_its_thread_and_the_answer_to_it_comes_back_into_it() {
    let world = start(PASSWORD).await;
    world.mailbox.deliver(&mail("first", USER, "References: <root@example.org>\r\n", "where is it?"), "INBOX").await;
    let question = world.received("first").await;
    let file = Media {
        kind: MediaKind::File.into(),
        content: Some(b"a file\nof two lines\n".to_vec()),
        name: Some("báo giá.txt".into()),
        mime_type: Some("text/plain".into()),
        ..Media::default()
    };
    let part = Part { content: Some(Content::Media(file)) };
    let message = Message { parts: vec![part], ..words(&format!("{MARK} on its way")) };
    let sent = world.say(in_conversation(&question), "answer-1", message, SenderRole::Human).await;
    let done = until_state(&world.gateway, &sent.id, SendState::Accepted).await;
    let taken = world.smtp.taken(1).await.remove(0);
    assert_eq!(taken.recipients, ["mai@example.org"]);
    assert_eq!(taken.header("In-Reply-To"), "<first@example.org>");
    assert_eq!(taken.header("References"), "<root@example.org> <first@example.org>");
    assert!(taken.header("Subject").starts_with("Re: "), "{}", taken.header("Subject"));
    assert!(taken.header("From").ends_with(&format!("<{USER}>")), "{}", taken.header("From"));
    assert_eq!(taken.header("Auto-Submitted"), "", "a person wrote it");
    let id = taken.header("Message-ID");
    assert_eq!(done.messages[0].provider_message_ids, [id.trim_matches(['<', '>'])]);
    assert!(taken.message().contains("YSBmaWxlCm9mIHR3byBsaW5lcwo="), "the file's bytes are its own");

    // The customer's program drops the References; the address and the Message-ID it answers are enough, each by itself.
    let reply_to = taken.header("Reply-To");
    let address = reply_to.rsplit_once('<').map_or(reply_to.as_str(), |(_, rest)| rest.trim_end_matches('>'));
    world.mailbox.deliver(&mail("second", address, "", "thanks"), "INBOX").await;
    world.mailbox.deliver(&mail("third", USER, &format!("In-Reply-To: {id}\r\n"), "bye"), "INBOX").await;
    for answer in ["second", "third"] {
        let event = world.received(answer).await;
        assert_eq!(in_conversation(&event), in_conversation(&question), "{answer}");
    }
}

/// What another implementation says of a mail's signature.
fn verified(message: &str) -> String {
    let mut command = Command::new(tools::python("python"));
    command.args(["-W", "ignore"]).arg(repository().join("tests/clients/python/dkim_verify.py"));
    command.args(["kenh1._domainkey.example.test.", RECORD.trim()]);
    let mut verifier = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    verifier.stdin.take().unwrap().write_all(message.as_bytes()).unwrap();
    String::from_utf8(verifier.wait_with_output().unwrap().stdout).unwrap().trim().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_is_signed_for_its_domain() {
    let world = start(PASSWORD).await;
    let sent = world.write("mai", "signed").await;
    until_state(&world.gateway, &sent.id, SendState::Accepted).await;
    let message = world.smtp.taken(1).await.remove(0).message();
    assert!(message.starts_with("DKIM-Signature: "), "{message}");
    assert_eq!(verified(&message), "right");
    for (said, forged) in [("About your order", "About your bill"), ("To: mai@", "To: may@"), (MARK, "Something else")]
    {
        assert!(message.contains(said));
        assert_eq!(verified(&message.replace(said, forged)), "wrong", "{forged}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_mail_begins_a_conversation_that_the_answer_belongs_to() {
    let world = start(PASSWORD).await;
    let sent = world.write("mai", "new-1").await;
    until_state(&world.gateway, &sent.id, SendState::Accepted).await;
    let other = world.write("mai", "new-2").await;
    assert_ne!(sent.conversation_id, other.conversation_id, "each begins one of its own");
    let taken = world.smtp.taken(1).await.remove(0);
    assert_eq!((taken.header("Subject").as_str(), taken.header("In-Reply-To").as_str()), ("About your order", ""));
    let more = format!("In-Reply-To: {}\r\n", taken.header("Message-ID"));
    world.mailbox.deliver(&mail("answer", USER, &more, "yes"), "INBOX").await;
    let event = world.received("answer").await;
    assert_eq!(in_conversation(&event), To::ConversationId(sent.conversation_id));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bounce_fails_the_mail_it_is_about_although_it_does_not_name_it() {
    let world = start(PASSWORD).await;
    let sent = world.write("gone", "bounced-1").await;
    until_state(&world.gateway, &sent.id, SendState::Accepted).await;
    let taken = world.smtp.taken(1).await.remove(0);
    assert!(!bounce(&taken, "5.1.1").windows(8).any(|part| part == b"original"), "nothing else names it");
    world.mailbox.deliver(&bounce(&taken, "5.1.1"), "INBOX").await;
    until("the bounce counts", || async { look(&world.gateway, &sent.id).await.status() == ReceiptStatus::Failed })
        .await;
    let is_receipt = |event: &Envelope| matches!(event.payload, Some(Payload::Receipt(_)));
    let receipt = world.events().await.into_iter().find(is_receipt).unwrap();
    assert_eq!(receipt.target.unwrap().message_id, Some(sent.id));
    // One that is made up is nobody's.
    let other = world.write("mai", "bounced-2").await;
    let mut forged = world.smtp.taken(2).await.remove(1);
    let last = if forged.sender.contains("0@") { "1@" } else { "0@" };
    let at = forged.sender.find('@').unwrap();
    forged.sender.replace_range(at - 1..=at, last);
    world.mailbox.deliver(&bounce(&forged, "5.1.1"), "INBOX").await;
    until("it is read", || async { world.events().await.iter().filter(|event| is_receipt(event)).count() == 2 }).await;
    let told = |event: &Envelope| event.target.as_ref().and_then(|target| target.message_id.clone());
    let about: Vec<_> = world.events().await.iter().filter(|event| is_receipt(event)).map(told).collect();
    assert!(!about.contains(&Some(other.id.clone())), "{about:?}");
    assert_ne!(look(&world.gateway, &other.id).await.status(), ReceiptStatus::Failed);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_server_says_is_understood() {
    let world = start(PASSWORD).await;
    for (name, reason, code) in
        [("nobody", SendReason::RecipientUnknown, "5.1.1"), ("huge", SendReason::ContentTooLarge, "5.3.4")]
    {
        let sent = world.write(name, name).await;
        let failure = until_state(&world.gateway, &sent.id, SendState::Failed).await.failure.unwrap();
        assert_eq!((failure.reason(), failure.provider_code.as_deref()), (reason, Some(code)), "{name}");
    }
    let sent = world.write("busy", "busy").await;
    let done = until_state(&world.gateway, &sent.id, SendState::Accepted).await;
    assert_eq!(done.attempts, 2, "it came again");
    // Who takes it and goes away may have taken it: nobody knows, and it is not sent again.
    let sent = world.write("silent", "silent").await;
    let unknown = until_state(&world.gateway, &sent.id, SendState::Unknown).await;
    assert_eq!(unknown.attempts, 1);
    let silent = world.smtp.taken(2).await;
    assert_eq!(silent.iter().filter(|taken| taken.recipients == ["silent@example.org"]).count(), 1);
    assert!(!world.gateway.log().contains("example.org"), "no address in the log");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_the_accounts_trouble_and_said_as_that() {
    let world = start("another-password").await;
    let sent = world.write("mai", "denied").await;
    until("it is known", || async {
        look(&world.gateway, &sent.id).await.failure.is_some_and(|failure| failure.reason() == SendReason::AuthBroken)
    })
    .await;
    assert!(!world.gateway.log().contains("another-password"));
    let filter = ExchangeFilter { channel: "email".into(), ..ExchangeFilter::default() };
    let request = ListExchangesRequest { filter: Some(filter), ..ListExchangesRequest::default() };
    let listed = || async {
        channels(&world.gateway).await.list_exchanges(request.clone()).await.unwrap().into_inner().exchanges
    };
    until("it is written down", || async { !listed().await.is_empty() }).await;
    let exchange = listed().await.remove(0);
    assert_eq!((exchange.kind(), exchange.outcome()), (ExchangeKind::Send, ExchangeOutcome::Refused));
    assert_eq!((exchange.method.as_str(), exchange.status), ("MAIL", 535));
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_do_not_answer_programs() {
    let world = start(PASSWORD).await;
    world.mailbox.deliver(&mail("absent", USER, "Auto-Submitted: auto-replied\r\n", "I am away"), "INBOX").await;
    let event = world.received("absent").await;
    let destination = Destination { to: Some(in_conversation(&event)), ..Destination::default() };
    let options = SendOptions { idempotency_key: "loop".into(), ..SendOptions::default() };
    let request = SendMessageRequest {
        destination: Some(destination),
        message: Some(words("Thanks for your mail")),
        options: Some(options),
    };
    let refused = send(&world.gateway, request).await.unwrap_err();
    assert!(refused.message().contains("programs do not answer"), "{refused}");
    let sent = world.say(in_conversation(&event), "person", words("Until Monday then"), SenderRole::Human).await;
    until_state(&world.gateway, &sent.id, SendState::Accepted).await;
}
