//! What a process calls an event, before it is believed.
//!
//! What is the gateway's is taken off, whatever the process wrote there. What breaks a rule that the rest of the gateway and
//! consumers count on becomes an `unsupported` event with its bytes and the rule: nothing is lost, and nothing unsound gets in.

use connector_sdk::{Event, digest_key};
use kenh_proto::{
    unknown_value,
    v1::{ConnectorEvent, ConversationKind, Direction, Envelope, Quality, envelope::Payload},
};
use prost::Message as _;

/// Bytes of one event as a process writes it.
const LARGEST: usize = 1 << 20;
const LONGEST_KEY: usize = 512;
const LONGEST_ID: usize = 512;
const MOST_IDENTITIES: usize = 16;
const MOST_DEGRADED: usize = 16;
/// The last second of the year 9999, the end of `google.protobuf.Timestamp`.
const LAST_SECOND: i64 = 253_402_300_799;

/// An event that can be stored.
#[derive(Debug)]
pub struct Checked {
    /// The event, or what stands for it.
    pub event: Event,
    /// What was wrong with it.
    pub fault: Option<String>,
}

/// Looks at an event. `whole` is the call it came in, `account` the one it belongs to where it names none.
pub fn checked(given: ConnectorEvent, whole: Option<&[u8]>, account: Option<&str>) -> Checked {
    let ConnectorEvent { envelope, raw } = given;
    let written = envelope.unwrap_or_default();
    // Pushed without bytes of its own: what the process wrote is all there is.
    let raw = match whole {
        _ if !raw.is_empty() => raw,
        Some(whole) => whole.to_vec(),
        None => written.encode_to_vec(),
    };
    if let Some(fault) = fault(&written) {
        // Several of them can stand in one call: each is told by what the process wrote.
        let key = digest_key(&written.encode_to_vec());
        let named = written.account.as_ref().and_then(|account| account.external_id.as_deref());
        let account = named.filter(|id| is_id(id)).or(account);
        let mut event = Event::unsupported(account, &raw, None, "connector_shape", Some(fault.clone()));
        event.envelope.dedupe_key = key;
        return Checked { event, fault: Some(fault) };
    }
    Checked { event: Event { envelope: draft(written, account), raw, keep_raw: false }, fault: None }
}

/// Takes off what is the gateway's.
fn draft(mut envelope: Envelope, account: Option<&str>) -> Envelope {
    let quality = envelope.quality.take().unwrap_or_default();
    let degraded = quality.degraded.into_iter().filter(|code| is_word(code)).take(MOST_DEGRADED).collect();
    envelope.quality = Some(Quality {
        redelivered: quality.redelivered,
        synthetic: quality.synthetic,
        degraded,
        ..Quality::default()
    });
    envelope.id.clear();
    envelope.tenant.clear();
    envelope.channel.clear();
    envelope.partition = 0;
    (envelope.received_at, envelope.raw, envelope.trace) = (None, None, None);
    let named = envelope.account.get_or_insert_default();
    named.endpoint.clear();
    named.external_id = named.external_id.take().or_else(|| account.map(Into::into));
    if let Some(conversation) = &mut envelope.conversation {
        conversation.id.clear();
    }
    if let Some(contact) = &mut envelope.contact {
        contact.id.clear();
    }
    if let Some(target) = &mut envelope.target {
        target.message_id = None;
    }
    if let Some(Payload::Unsupported(unsupported)) = &mut envelope.payload
        && !is_word(&unsupported.reason)
    {
        unsupported.reason = "connector".into();
    }
    envelope
}

/// The rule that an event breaks, without any of its content.
fn fault(envelope: &Envelope) -> Option<String> {
    let said = |what: &str| Some(what.to_owned());
    if envelope.encoded_len() > LARGEST {
        return said("an event may have 1 MiB");
    }
    if let Some(path) = unknown_value("Envelope", envelope) {
        return Some(format!("{path}: a value that this gateway does not know"));
    }
    if envelope.dedupe_key.is_empty() || envelope.dedupe_key.len() > LONGEST_KEY {
        return said("dedupe_key: expected 1 to 512 bytes that the same event always has");
    }
    match envelope.direction() {
        Direction::Inbound | Direction::Echo | Direction::System => {}
        Direction::Unspecified => return said("direction: is required"),
        Direction::Outbound => return said("direction: what is sent through the gateway it tells itself"),
    }
    match &envelope.payload {
        None => return said("payload: is required, of a kind that this gateway knows"),
        Some(Payload::MessageStatus(_)) => return said("message_status: the gateway tells it itself"),
        Some(_) => {}
    }
    let account = envelope.account.as_ref().and_then(|account| account.external_id.as_deref());
    if account.is_some_and(|id| !is_id(id)) {
        return said("account.external_id: expected 1 to 512 bytes");
    }
    if let Some(conversation) = &envelope.conversation
        && (conversation.kind() == ConversationKind::Unspecified || !is_id(&conversation.external_id))
    {
        return said("conversation: expected a kind and an external_id of 1 to 512 bytes");
    }
    if let Some(contact) = &envelope.contact {
        let sound = contact.identities.iter().all(|id| is_word(&id.scheme) && is_id(&id.value));
        if !sound || contact.identities.is_empty() || contact.identities.len() > MOST_IDENTITIES {
            return said("contact.identities: expected 1 to 16, each with a scheme such as external_id and a value");
        }
    }
    let sound =
        |at: &prost_types::Timestamp| (0..=LAST_SECOND).contains(&at.seconds) && (0..1_000_000_000).contains(&at.nanos);
    if envelope.occurred_at.as_ref().is_some_and(|at| !sound(at)) {
        return said("occurred_at: expected a time from 1970 to 9999");
    }
    let ids = [&envelope.provider_event_id, &envelope.provider_message_id];
    if ids.into_iter().flatten().any(|id| !is_id(id)) {
        return said("provider_event_id, provider_message_id: expected 1 to 512 bytes, or nothing");
    }
    None
}

fn is_id(id: &str) -> bool {
    (1..=LONGEST_ID).contains(&id.len())
}

/// A short stable code.
fn is_word(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-' | b'.');
    (1..=64).contains(&text.len()) && text.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use kenh_proto::v1::{
        Account, Contact, Conversation, Identity, Message, MessageStatus, Raw, SignatureQuality, Target, Unsupported,
    };
    use prost_types::Timestamp;

    use super::*;

    fn sound() -> Envelope {
        Envelope {
            dedupe_key: "m-1".into(),
            direction: Direction::Inbound.into(),
            payload: Some(Payload::Message(Message::default())),
            ..Envelope::default()
        }
    }

    fn look(envelope: Envelope) -> Checked {
        checked(ConnectorEvent { envelope: Some(envelope), raw: Vec::new() }, Some(b"call"), Some("parlor-1"))
    }

    #[test]
    fn what_is_the_gateways_is_taken_off() {
        let conversation =
            Conversation { id: "forged".into(), kind: 1, external_id: "g".into(), ..Conversation::default() };
        let identity = Identity { scheme: "external_id".into(), value: "g".into(), ..Identity::default() };
        let quality = Quality {
            signature: SignatureQuality::Verified.into(),
            from_spool: true,
            redelivered: true,
            degraded: vec!["lone_surrogate".into(), "what Mai wrote".into()],
            ..Quality::default()
        };
        let checked = look(Envelope {
            id: "forged".into(),
            tenant: "forged".into(),
            channel: "zalo".into(),
            partition: 3,
            received_at: Some(Timestamp::default()),
            quality: Some(quality),
            raw: Some(Raw::default()),
            account: Some(Account { endpoint: "other".into(), ..Account::default() }),
            conversation: Some(conversation),
            contact: Some(Contact { id: "forged".into(), identities: vec![identity], ..Contact::default() }),
            target: Some(Target { message_id: Some("forged".into()), ..Target::default() }),
            ..sound()
        });
        assert_eq!(checked.fault, None);
        let kept = checked.event.envelope;
        assert!(kept.id.is_empty() && kept.tenant.is_empty() && kept.channel.is_empty() && kept.partition == 0);
        assert!(kept.received_at.is_none() && kept.raw.is_none());
        let expected = Quality { redelivered: true, degraded: vec!["lone_surrogate".into()], ..Quality::default() };
        assert_eq!(kept.quality, Some(expected));
        let account = kept.account.unwrap();
        assert_eq!((account.endpoint.as_str(), account.external_id.as_deref()), ("", Some("parlor-1")));
        assert!(kept.conversation.unwrap().id.is_empty() && kept.contact.unwrap().id.is_empty());
        assert_eq!(kept.target.unwrap().message_id, None);
        assert_eq!(checked.event.raw, b"call");
    }

    #[test]
    fn what_breaks_a_rule_is_kept_with_the_rule_and_none_of_its_words() {
        let identities = |scheme: &str, value: &str| {
            let identity = Identity { scheme: scheme.into(), value: value.into(), ..Identity::default() };
            Some(Contact { identities: vec![identity], ..Contact::default() })
        };
        let conversation = |kind, external_id: &str| {
            Some(Conversation { kind, external_id: external_id.into(), ..Conversation::default() })
        };
        let at = |seconds, nanos| Some(Timestamp { seconds, nanos });
        let status = Payload::MessageStatus(MessageStatus::default());
        let account = Some(Account { external_id: Some(String::new()), ..Account::default() });
        for (wrong, rule) in vec![
            (Envelope { dedupe_key: String::new(), ..sound() }, "dedupe_key"),
            (Envelope { dedupe_key: "k".repeat(513), ..sound() }, "dedupe_key"),
            (Envelope { direction: 0, ..sound() }, "direction"),
            (Envelope { direction: 77, ..sound() }, "direction"),
            (Envelope { direction: Direction::Outbound.into(), ..sound() }, "direction"),
            (Envelope { payload: None, ..sound() }, "payload"),
            (Envelope { payload: Some(status), ..sound() }, "message_status"),
            (Envelope { account, ..sound() }, "account"),
            (Envelope { contact: identities("", "v"), ..sound() }, "contact"),
            (Envelope { contact: identities("Mai's phone", "v"), ..sound() }, "contact"),
            (Envelope { contact: identities("phone", ""), ..sound() }, "contact"),
            (Envelope { contact: Some(Contact::default()), ..sound() }, "contact"),
            (Envelope { conversation: conversation(0, "g"), ..sound() }, "conversation"),
            (Envelope { conversation: conversation(1, ""), ..sound() }, "conversation"),
            (Envelope { occurred_at: at(-1, 0), ..sound() }, "occurred_at"),
            (Envelope { occurred_at: at(1, 1_000_000_000), ..sound() }, "occurred_at"),
            (Envelope { occurred_at: at(i64::MAX, 0), ..sound() }, "occurred_at"),
            (Envelope { provider_message_id: Some(String::new()), ..sound() }, "provider_message_id"),
        ] {
            let checked = look(wrong);
            let fault = checked.fault.unwrap_or_else(|| panic!("{rule}"));
            assert!(fault.contains(rule) && !fault.contains("Mai"), "{fault}");
            let Some(Payload::Unsupported(Unsupported { reason, .. })) = checked.event.envelope.payload else {
                panic!()
            };
            assert_eq!((reason.as_str(), checked.event.raw.as_slice()), ("connector_shape", &b"call"[..]));
            assert!(checked.event.envelope.dedupe_key.starts_with("sha256:"));
        }
        let large = Unsupported { detail: Some("x".repeat(LARGEST)), ..Unsupported::default() };
        assert!(look(Envelope { payload: Some(Payload::Unsupported(large)), ..sound() }).fault.is_some());
    }

    #[test]
    fn what_is_pushed_without_bytes_is_told_by_what_was_written() {
        let push = |key: &str| {
            let envelope = Envelope { dedupe_key: key.into(), ..Envelope::default() };
            checked(ConnectorEvent { envelope: Some(envelope), raw: Vec::new() }, None, None).event
        };
        assert_eq!(push("a").envelope.dedupe_key, push("a").envelope.dedupe_key);
        assert_ne!(push("a").envelope.dedupe_key, push("b").envelope.dedupe_key);
        assert!(!push("a").raw.is_empty());
    }
}
