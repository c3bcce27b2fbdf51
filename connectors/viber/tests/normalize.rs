//! Rules that a golden does not make obvious.

use connector_sdk::Event;
use connector_testkit::Endpoint;
use connector_viber::CONNECTOR;
use kenh_proto::v1::{Media, envelope::Payload, part::Content};

fn event(settings: &str, body: &str) -> Event {
    Endpoint::of(&CONNECTOR, &format!("account_id: pa:1\nauth_tokens: s\n{settings}")).normalized(body).events.remove(0)
}

fn sample(name: &str) -> &'static str {
    CONNECTOR.sample(name).unwrap_or_else(|| panic!("no sample {name}")).body
}

#[test]
fn every_event_whose_shape_is_documented_is_typed() {
    for sample in CONNECTOR.samples.iter().filter(|sample| sample.name != "webhook") {
        let unsupported = matches!(event("", sample.body).envelope.payload, Some(Payload::Unsupported(_)));
        assert_eq!(unsupported, sample.name == "client_status", "{}", sample.name);
    }
}

#[test]
fn receipts_of_one_message_have_identities_of_their_own() {
    let keys = ["delivered", "seen", "failed"].map(|name| event("", sample(name)).envelope.dedupe_key);
    assert!(keys[0] != keys[1] && keys[1] != keys[2] && keys[0] != keys[2]);
    let targets = ["delivered", "seen"].map(|name| event("", sample(name)).envelope.target);
    assert_eq!(targets[0], targets[1]);
}

#[test]
fn files_are_there_for_as_long_as_the_settings_say() {
    let media = |settings: &str| -> (Media, i64) {
        let envelope = event(settings, sample("message_picture")).envelope;
        let Some(Payload::Message(message)) = envelope.payload else { panic!("a message") };
        let Some(Content::Media(media)) = message.parts.into_iter().next().unwrap().content else { panic!("a file") };
        (media, envelope.occurred_at.unwrap().seconds)
    };
    let lifetime = |settings: &str| {
        let (media, at) = media(settings);
        media.expires_at.map(|end| end.seconds - at)
    };
    assert_eq!(lifetime(""), Some(3600));
    assert_eq!(lifetime("media_lifetime: 10m"), Some(600));
    assert_eq!(lifetime("media_lifetime: 0s"), None);
}

#[test]
fn people_are_known_within_the_bot() {
    let contact = event("", sample("unsubscribed")).envelope.contact.unwrap();
    let identity = contact.identities.first().unwrap();
    assert_eq!((identity.value.as_str(), identity.scope.as_deref()), ("abcDEF12+/Zk0A==", Some("pa:1")));
}
