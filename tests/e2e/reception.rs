//! Mail that other servers hand over, by SMTP and LMTP.

mod answers;
mod ends;
mod senders;
mod sessions;
mod storing;

use std::{fs, path::PathBuf};

use kenh_proto::v1::{Email, Envelope, ListEventsRequest, SignatureQuality, envelope::Payload};
use kenh_tests::{
    gateway::{Gateway, Setup},
    handover::Order,
    leaks::MARK,
    ports,
    stream::{self, envelope},
    until,
};

pub(super) const SUPPORT: &str = "support@example.test";

/// A gateway's ports for mail, and how it is started.
pub(super) struct World {
    pub(super) smtp: u16,
    pub(super) lmtp: u16,
    pub(super) folder: tempfile::TempDir,
}

impl World {
    pub(super) fn new() -> Self {
        let world = Self { smtp: ports::free(), lmtp: ports::free(), folder: tempfile::tempdir().unwrap() };
        world.certify();
        world
    }

    /// Makes a certificate with its key; any before it is overwritten.
    pub(super) fn certify(&self) {
        let certified = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
        fs::write(self.certificate(), certified.cert.pem()).unwrap();
        fs::write(self.folder.path().join("key.pem"), certified.signing_key.serialize_pem()).unwrap();
    }

    pub(super) fn certificate(&self) -> PathBuf {
        self.folder.path().join("cert.pem")
    }

    /// The section `mail`; `more` is indented by two.
    pub(super) fn mail(&self, more: &str) -> String {
        let folder = self.folder.path().display();
        format!(
            "mail:\n  hostname: mx.example.test\n  listeners:\n    - {{listen: \"127.0.0.1:{}\", protocol: smtp, tls: offered}}\n    \
             - {{listen: \"127.0.0.1:{}\", protocol: lmtp}}\n  tls: {{certificate: {folder}/cert.pem, key: {folder}/key.pem}}\n{more}",
            self.smtp, self.lmtp
        )
    }

    /// A gateway that takes mail of a mailbox and, for another endpoint, of a domain. Nobody is asked about senders but a DNS that is not
    /// there.
    pub(super) fn setup(&self, more: &str) -> Setup {
        let checks =
            if more.contains("checks:") { "" } else { "  checks: {resolvers: [\"127.0.0.1:9\"], timeout: 300ms}\n" };
        self.plain(Setup::embedded(self.folder.path()), &format!("{checks}{more}"))
    }

    pub(super) fn plain(&self, setup: Setup, more: &str) -> Setup {
        setup.with(&self.mail(more)).channels(&format!(
            "  email:\n    main:\n      provider: direct\n      mailboxes: [{SUPPORT}, sales@example.test]\n      trusted_hosts: [mx.near.test]\n    \
             shop:\n      provider: direct\n      domains: [shop.test]\n"
        ))
    }
}

/// A mail of a number.
pub(super) fn mail(number: usize, more: &str) -> Vec<u8> {
    format!(
        "From: Mai <mai@customer.test>\r\nTo: everybody@list.test\r\nSubject: Order {number}\r\nMessage-ID: <mail-{number}@customer.test>\r\n\
         Date: Sat, 21 Nov 2026 10:00:00 +0700\r\n{more}Content-Type: text/plain; charset=utf-8\r\n\r\n{MARK} {number}\r\n.\r\n"
    )
    .into_bytes()
}

pub(super) fn order(number: usize, to: &[&str]) -> Order {
    Order::new("mai@customer.test", to, &mail(number, ""))
}

/// Everything the log holds of mail.
pub(super) async fn events(gateway: &Gateway) -> Vec<Envelope> {
    let all = stream::list(gateway, ListEventsRequest::default()).await;
    all.iter().map(|delivery| envelope(delivery).clone()).filter(|event| event.channel == "email").collect()
}

pub(super) async fn until_events(gateway: &Gateway, count: usize) -> Vec<Envelope> {
    until("the mails are events", || async { events(gateway).await.len() >= count }).await;
    let events = events(gateway).await;
    assert_eq!(events.len(), count, "{events:?}");
    events
}

/// A metric is what it should be.
pub(super) async fn counted(gateway: &Gateway, name: &str, labels: &str, wanted: f64) {
    let found = gateway.metric(name, labels).await;
    assert!((found - wanted).abs() < 0.5, "{name}{{{labels}}} is {found}");
}

pub(super) fn email(event: &Envelope) -> &Email {
    let Some(Payload::Message(message)) = &event.payload else { panic!("no message") };
    message.email.as_ref().unwrap()
}

pub(super) fn account(event: &Envelope) -> &str {
    event.account.as_ref().unwrap().external_id.as_deref().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_by_smtp_and_lmtp_is_an_event_once_with_what_the_envelope_says() {
    let world = World::new();
    let gateway = world.setup("").start().await;
    let tagged = order(1, &["Support+t-1@Example.test"]).encrypted(&world.certificate());
    assert_eq!(tagged.hand_over("smtp", world.smtp).await.code, 250);
    assert_eq!(order(2, &["Nobody.In.Particular+x@shop.test"]).hand_over("lmtp", world.lmtp).await.code, 250);
    // The same again, on the other way.
    assert_eq!(order(1, &[SUPPORT]).hand_over("lmtp", world.lmtp).await.code, 250);
    let found = until_events(&gateway, 2).await;
    let by_account = |wanted: &str| found.iter().find(|event| account(event) == wanted).unwrap();
    let (support, shop) = (by_account(SUPPORT), by_account("nobody.in.particular@shop.test"));
    for event in [support, shop] {
        assert_eq!(event.quality.as_ref().unwrap().signature(), SignatureQuality::Received);
        assert_eq!(email(event).envelope_from.as_deref(), Some("mai@customer.test"));
    }
    assert_eq!(email(support).envelope_to, ["Support+t-1@Example.test"]);
    assert_eq!(email(support).full_text.as_deref(), Some(format!("{MARK} 1\n.").as_str()), "its dots are its own");
    assert_eq!(shop.account.as_ref().unwrap().endpoint, "shop");
    assert!(!gateway.log().contains("customer.test"), "no address in the log");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_mailbox_gets_its_own_event_and_nobody_elses_mail_is_taken() {
    let world = World::new();
    let gateway = world.setup("").start().await;
    let said = order(1, &[SUPPORT, "nobody@example.test", "sales@example.test", "x@shop.test", "mai@elsewhere.test"]);
    let said = said.hand_over("smtp", world.smtp).await;
    let refused: Vec<_> = said.refused.iter().map(|(name, code)| (name.as_str(), *code)).collect();
    assert_eq!((said.code, refused), (250, vec![("mai@elsewhere.test", 550), ("nobody@example.test", 550)]));
    let found = until_events(&gateway, 3).await;
    let mut accounts: Vec<_> = found.iter().map(account).collect();
    accounts.sort_unstable();
    assert_eq!(accounts, ["sales@example.test", SUPPORT, "x@shop.test"]);
    assert!(found.iter().all(|event| email(event).envelope_to.len() == 1), "nobody learns who else got it");
    let relayed = order(2, &["mai@elsewhere.test"]).hand_over("lmtp", world.lmtp).await;
    assert_eq!((relayed.code, relayed.text.starts_with("5.1.1")), (550, true), "{relayed:?}");
    counted(&gateway, "kenh_mail_refused_total", "reason=\"recipient_unknown\"", 3.0).await;
    counted(&gateway, "kenh_mails_total", "outcome=\"stored\"", 1.0).await;
    counted(&gateway, "kenh_mail_sessions_open", "", 0.0).await;
}
