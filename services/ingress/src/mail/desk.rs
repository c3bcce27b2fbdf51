//! What becomes of a mail: an event for each mailbox it is for, stored before anything is answered.

use std::{collections::BTreeMap, sync::Arc, time::Instant};

use async_trait::async_trait;
use connector_sdk::{Ack, Delivery, reception::Envelope};
use kenh_channel_log::{ChannelLog, Entry};
use kenh_intake::{Delivered, Endpoint, Endpoints, Intake};
use kenh_proto::v1::{ExchangeKind, ExchangeOutcome};
use kenh_runtime::metrics;
use kenh_smtp::{Desk, Mail, Peer, Protocol, Verdict};

use super::checks::{Checks, Found};
use crate::answer::Call;

/// Reads mail into the log.
pub(crate) struct Reader {
    pub(crate) endpoints: Arc<Endpoints>,
    pub(crate) intake: Intake,
    pub(crate) log: ChannelLog,
    pub(crate) checks: Option<Checks>,
    /// Whether a listener's mail is checked, in their order.
    pub(crate) checked: Vec<bool>,
    /// Mail is refused that its sender's domain wants refused.
    pub(crate) refuses: bool,
}

/// A mailbox that a mail is for, and whose recipients those are.
struct Share {
    endpoint: Arc<Endpoint>,
    mailbox: String,
    /// Places among the mail's recipients.
    recipients: Vec<usize>,
}

#[async_trait]
impl Desk for Reader {
    fn takes(&self, recipient: &str) -> bool {
        self.taking(recipient).next().is_some()
    }

    async fn judge(&self, peer: Peer, mail: Mail) -> Vec<Verdict> {
        let is_checked = self.checked.get(peer.listener).copied().unwrap_or(true);
        let mail = Arc::new(mail);
        let found = match &self.checks {
            Some(checks) if is_checked => Some(checks.check(peer.address, mail.clone()).await),
            Some(_) | None => None,
        };
        let is_refused = self.refuses && found.as_ref().is_some_and(|found| found.unwanted);
        let mut verdicts = vec![None; mail.to.len()];
        for share in self.shares(&mail) {
            let verdict = if is_refused {
                self.refused(peer, &mail, &share)
            } else {
                self.stored(peer, &mail, found.as_ref(), &share).await
            };
            for recipient in share.recipients {
                // Where two endpoints take one recipient, both have to have it.
                if let Some(place) = verdicts.get_mut(recipient) {
                    *place =
                        Some(place.map_or(verdict, |other| if other == Verdict::Stored { verdict } else { other }));
                }
            }
        }
        let verdicts: Vec<_> = verdicts.into_iter().map(|verdict| verdict.unwrap_or(Verdict::Later)).collect();
        let outcome = if is_refused {
            "refused"
        } else if verdicts.iter().all(|verdict| *verdict == Verdict::Stored) {
            "stored"
        } else {
            "not_stored"
        };
        metrics::MAILS.add(1, [("protocol", peer.protocol.word()), ("outcome", outcome)]);
        verdicts
    }
}

impl Reader {
    /// The endpoints that take a recipient's mail, each with the mailbox it is for.
    fn taking(&self, recipient: &str) -> impl Iterator<Item = (&Arc<Endpoint>, String)> {
        self.endpoints.iter().filter_map(move |endpoint| {
            let mailbox = endpoint.connector.reception()?.mailbox(recipient)?;
            Some((endpoint, mailbox))
        })
    }

    /// One for each mailbox: two of them are two accounts, also where one mail is for both.
    fn shares(&self, mail: &Mail) -> Vec<Share> {
        let mut shares: Vec<Share> = Vec::new();
        for (place, recipient) in mail.to.iter().enumerate() {
            for (endpoint, mailbox) in self.taking(recipient) {
                let same = |share: &&mut Share| share.mailbox == mailbox && Arc::ptr_eq(&share.endpoint, endpoint);
                match shares.iter_mut().find(same) {
                    Some(share) => share.recipients.push(place),
                    None => shares.push(Share { endpoint: endpoint.clone(), mailbox, recipients: vec![place] }),
                }
            }
        }
        shares
    }

    async fn stored(&self, peer: Peer, mail: &Mail, found: Option<&Found>, share: &Share) -> Verdict {
        let endpoint = &share.endpoint;
        let mut entry = entry(peer, mail, endpoint);
        let to = share.recipients.iter().filter_map(|place| mail.to.get(*place).cloned()).collect();
        let results = found.map(|found| {
            let pairs = found.results.iter().map(|(method, result)| ((*method).to_owned(), (*result).to_owned()));
            pairs.collect::<BTreeMap<_, _>>()
        });
        let envelope = Envelope {
            from: mail.from.clone(),
            to,
            peer: Some(peer.address),
            hello: mail.hello.clone(),
            encrypted: mail.encrypted,
            results,
        };
        let headers = envelope.headers();
        let begun = Instant::now();
        let delivery = Delivery { headers: &headers, body: &mail.message };
        let Delivered { outcome, account, trace_id, .. } = self.intake.accept_received(endpoint, delivery).await;
        metrics::DELIVERY_SECONDS.observe(begun.elapsed(), [("channel", endpoint.channel)]);
        metrics::DELIVERIES.add(1, [("channel", endpoint.channel), ("outcome", outcome.label())]);
        let verdict = if outcome.is_taken() { Verdict::Stored } else { Verdict::Later };
        (entry.account, entry.trace_id, entry.status) = (account, trace_id, verdict.code());
        (entry.outcome, entry.detail, entry.events) = Call::Delivery(outcome, Ack::Empty).exchanged();
        entry.ended();
        self.log.note(entry);
        verdict
    }

    fn refused(&self, peer: Peer, mail: &Mail, share: &Share) -> Verdict {
        let mut entry = entry(peer, mail, &share.endpoint);
        entry.account = Some(share.mailbox.clone());
        (entry.outcome, entry.detail) = (ExchangeOutcome::Rejected, Some("dmarc_policy"));
        entry.status = Verdict::Refused.code();
        entry.ended();
        self.log.note(entry);
        Verdict::Refused
    }
}

fn entry(peer: Peer, mail: &Mail, endpoint: &Endpoint) -> Entry {
    let mut entry = Entry::begin(ExchangeKind::Mail, endpoint.channel, &endpoint.name);
    entry.method = match peer.protocol {
        Protocol::Smtp => "SMTP",
        Protocol::Lmtp => "LMTP",
    };
    entry.request_bytes = u64::try_from(mail.message.len()).unwrap_or(u64::MAX);
    entry
}
