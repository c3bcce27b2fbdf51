//! Voice: the events of three providers, each proven in its own way, as events of a call.

use std::time::SystemTime;

use kenh_proto::v1::{CallAction, CallEvent, ConversationKind, Envelope, ListEventsRequest, envelope::Payload};
use kenh_tests::{
    gateway::{Gateway, Setup},
    stream::{self, envelope},
    webhook::{self, client, millis},
};
use serde_json::json;

const TOKEN: &str = "address-token-for-tests-0001";
const STRINGEE: &str = "provider: stringee\nsecrets: stringee-signing-secret-0001\n";
const TWILIO: &str = "provider: twilio\nsecrets: twilio-auth-token-0001\n\
                      public_url: https://gw.example.test/v1/webhooks/voice/twilio\n";

async fn start() -> (Gateway, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let indented = |yaml: &str| format!("      {}\n", yaml.trim_end().replace('\n', "\n      "));
    let settings = format!(
        "  voice:\n    stringee:\n{}    twilio:\n{}    omicall:\n      provider: omicall\n      secrets: {TOKEN}\n",
        indented(STRINGEE),
        indented(TWILIO)
    );
    (Setup::embedded(folder.path()).channels(&settings).start().await, folder)
}

async fn events(gateway: &Gateway) -> Vec<Envelope> {
    let listed = stream::list(gateway, ListEventsRequest::default()).await;
    listed.iter().map(|delivery| envelope(delivery).clone()).collect()
}

fn call(event: &Envelope) -> &CallEvent {
    let Some(Payload::CallEvent(call)) = &event.payload else { panic!("a call: {event:?}") };
    call
}

#[tokio::test(flavor = "multi_thread")]
async fn what_three_providers_tell_of_calls_comes_out_as_calls() {
    let (gateway, _folder) = start().await;
    let (stringee, twilio) = (webhook::of("voice", STRINGEE), webhook::of("voice", TWILIO));
    let now = millis();
    for (state, at) in [("ringing", now - 2000), ("ended", now), ("ended", now)] {
        let body = json!({"call_status": state, "project_id": 77, "timestamp_ms": at, "call_id": "call-1",
            "from": {"number": "01691234567", "type": "external"}, "to": {"number": "agent_1", "type": "internal"},
            "duration": 12, "answerDuration": 0, "endCallCause": "480 Temporarily Unavailable"});
        let url = gateway.url("voice", "stringee");
        let answer = stringee.call_at(&url, &body.to_string(), SystemTime::now()).await.unwrap();
        assert_eq!(answer.status(), 200, "{state}");
    }
    let body = "CallSid=CA1&AccountSid=AC1&CallStatus=completed&Direction=inbound&From=%2B84912345678&To=%2B842471234567\
                &CallDuration=30&SequenceNumber=3&Timestamp=Thu%2C+01+Jan+2026+00%3A00%3A38+%2B0000";
    assert_eq!(twilio.post_to(&gateway.url("voice", "twilio"), body).await.unwrap(), 200);
    let omicall = |token: &str| {
        let body = json!({"state": "ringing", "direction": "inbound", "call_uuid": "u-1", "from_number": "0912345678",
            "to_number": "02471234567", "hotline": "02471234567", "date_time": now});
        let url = format!("{}{token}", gateway.url("voice", "omicall"));
        async move { client().post(url).json(&body).send().await.unwrap().status().as_u16() }
    };
    assert_eq!(omicall("/another-token-for-tests-0001").await, 401);
    assert_eq!(omicall(&format!("/{TOKEN}")).await, 200);

    let events = events(&gateway).await;
    let actions: Vec<_> = events.iter().map(|event| call(event).action()).collect();
    let [ringing, missed, ended] = [CallAction::Ringing, CallAction::Missed, CallAction::Ended];
    for (action, times) in [(ringing, 2), (missed, 1), (ended, 1)] {
        assert_eq!(actions.iter().filter(|one| **one == action).count(), times, "{actions:?}");
    }
    let of_one_call: Vec<_> = events.iter().filter(|event| call(event).call_id() == "call-1").collect();
    assert_eq!(of_one_call.len(), 2, "the repeated delivery is one event");
    let [first, last] = of_one_call[..] else { panic!("two") };
    assert_eq!(first.conversation.as_ref().unwrap().id, last.conversation.as_ref().unwrap().id);
    assert_eq!(first.conversation.as_ref().unwrap().kind(), ConversationKind::Call);
    assert_eq!(call(last).status_code(), "480 Temporarily Unavailable");
    assert_eq!(first.contact.as_ref().unwrap().identities[0].value, "+84391234567");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nothing_proves_is_not_taken() {
    let (gateway, _folder) = start().await;
    let other = webhook::of("voice", "provider: stringee\nsecrets: guessed\n");
    let body = json!({"call_status": "ringing", "call_id": "call-1", "timestamp_ms": millis()}).to_string();
    assert_eq!(other.post_to(&gateway.url("voice", "stringee"), &body).await.unwrap(), 401);
    let stale = json!({"call_status": "ringing", "call_id": "call-1", "timestamp_ms": 1_767_225_600_123_u64});
    let stringee = webhook::of("voice", STRINGEE);
    assert_eq!(stringee.post_to(&gateway.url("voice", "stringee"), &stale.to_string()).await.unwrap(), 401, "long ago");
    for endpoint in ["twilio", "omicall"] {
        let answer = client().post(gateway.url("voice", endpoint)).body("CallSid=CA1&CallStatus=ringing").send().await;
        assert_eq!(answer.unwrap().status(), 401, "{endpoint}");
    }
    assert!(events(&gateway).await.is_empty());
}
