//! Twilio: status callbacks of calls and of recordings. <https://www.twilio.com/docs/voice/api/call-resource#statuscallback>

use connector_sdk::{
    Malformed, fields::Item, json::missing, phone::Numbers, provider_samples, signature, time::OUT_OF_RANGE,
};
use jiff::fmt::rfc2822;
use kenh_proto::v1::{CallAction, CallEvent};
use prost_types::Timestamp;

use crate::{
    heard::{Caller, Heard, is_withheld, millis, recording, values, written},
    provider::{Provider, Setting, not_typed},
};

/// <https://www.twilio.com/docs/voice/api/call-resource#call-status-values>
const STATES: &[(&str, CallAction)] = &[
    ("queued", CallAction::Dialled),
    ("initiated", CallAction::Dialled),
    ("ringing", CallAction::Ringing),
    ("in-progress", CallAction::Answered),
    ("completed", CallAction::Ended),
    ("busy", CallAction::Missed),
    ("no-answer", CallAction::Missed),
    ("canceled", CallAction::Missed),
    ("failed", CallAction::Missed),
];

/// What only a request has that wants to be told how the call goes on.
const ASKS: &[&str] = &["DialCallStatus", "DialCallSid", "Digits", "SpeechResult", "QueueResult", "FinishedOnKey"];

/// Before the name of somebody who uses an app of the business.
const CLIENT: &str = "client:";

pub(crate) const TWILIO: Provider = Provider {
    name: "twilio",
    verify: |settings, request| signature::twilio(request, &settings.public_url, &settings.secrets),
    sign: |settings, body| Some(signature::sign_twilio(body, &settings.public_url, settings.secrets.first()?)),
    headers: signature::TWILIO_HEADERS,
    by_token: false,
    settings: &[Setting::PublicUrl, Setting::MediaHosts],
    by_get: true,
    read,
    example: include_str!("../../examples/twilio.yaml"),
    samples: provider_samples!("twilio/": "initiated".form, "ringing".form, "in_progress".form, "completed".form,
        "completed_recorded".form, "busy".form, "no_answer".form, "canceled".form, "failed".form,
        "inbound_ringing".form, "inbound_completed".form, "leg_ringing".form, "recording_in_progress".form,
        "recording_completed".form, "recording_absent".form),
};

fn read(item: &Item) -> Result<Heard, Malformed> {
    let id = item.get_at("CallSid").ok_or_else(|| not_typed("CallSid: missing"))?;
    if let Some(asked) = ASKS.iter().find(|name| item.has(name)) {
        return Err(not_typed(&format!("{asked}: it asks how the call goes on")));
    }
    if item.has("RecordingStatus") {
        return recorded(item, id);
    }
    let state = item.get_at("CallStatus").ok_or_else(|| not_typed("CallStatus: missing"))?;
    let [from, to] = ["From", "To"].map(|path| item.get_at(path).filter(|address| !is_withheld(address)));
    // Of a leg that <Dial> makes, the one who is dialled is the other end.
    let (caller, far, near) = match item.get_at("Direction").as_deref() {
        // A person of the business who calls from a browser or an app.
        Some("inbound") if from.as_deref().is_some_and(|from| from.starts_with(CLIENT)) => {
            (Caller::Business, to.as_deref(), from.as_deref())
        }
        Some("inbound") => (Caller::Contact, from.as_deref(), to.as_deref()),
        // The leg to a person of the business: who calls in it is shown as the caller of the whole.
        Some(direction) if direction.starts_with("outbound") && to.as_deref().is_some_and(is_software) => {
            (Caller::Unknown, to.as_deref(), None)
        }
        Some(direction) if direction.starts_with("outbound") => (Caller::Business, to.as_deref(), from.as_deref()),
        Some(_) | None => (Caller::Unknown, None, None),
    };
    let contact = far.map(|address| Numbers::International.read(address));
    // A stranger may call from a SIP address too.
    let ours = if caller == Caller::Contact { [near, None] } else { [far, near] };
    let agent = ours.into_iter().flatten().find(|address| is_software(address)).map(ToOwned::to_owned);
    let sid = item.get_at("RecordingSid");
    let length = millis(item, "RecordingDuration");
    let call = CallEvent {
        action: STATES.iter().find(|(known, _)| *known == state).map(|(_, action)| *action).unwrap_or_default().into(),
        call_id: Some(id.clone()),
        duration_ms: millis(item, "CallDuration"),
        status_code: item.get_at("SipResponseCode"),
        state: Some(state.clone()),
        from: from.as_deref().map(|from| written(Numbers::International, from)),
        to: to.as_deref().map(|to| written(Numbers::International, to)),
        business_number: near.filter(|near| !is_software(near)).map(|near| written(Numbers::International, near)),
        parent_call_id: item.get_at("ParentCallSid"),
        agent_id: agent,
        recording: item.get_at("RecordingUrl").and_then(|url| recording(&url, sid, length)),
        values: values(item, &["ForwardedFrom", "StirVerstat", "AnsweredBy"]),
        ..CallEvent::default()
    };
    let mut heard = about(item, id, call);
    heard.caller = caller;
    heard.contact = contact.filter(|contact| caller == Caller::Contact || !is_software(contact.value()));
    heard.contact_name = item.get_at("CallerName").filter(|_| caller == Caller::Contact);
    let sequence = item.get_at("SequenceNumber");
    heard.sequence = sequence.as_deref().and_then(|number| number.parse().ok());
    heard.key.push(state);
    heard.key.extend(sequence);
    at(&mut heard, item.get_at("Timestamp"));
    Ok(heard)
}

/// A status of a recording. Who called is not said in it.
fn recorded(item: &Item, id: String) -> Result<Heard, Malformed> {
    let sid = item.get_at("RecordingSid").ok_or_else(|| missing("RecordingSid"))?;
    let state = item.get_at("RecordingStatus").ok_or_else(|| missing("RecordingStatus"))?;
    let is_there = state == "completed";
    let action = if is_there { CallAction::Recorded } else { CallAction::Unspecified };
    let (length, url) = (millis(item, "RecordingDuration"), item.get_at("RecordingUrl").unwrap_or_default());
    let call = CallEvent {
        action: action.into(),
        call_id: Some(id.clone()),
        status_code: item.get_at("ErrorCode").filter(|code| code != "0"),
        state: Some(state.clone()),
        recording: recording(&url, Some(sid.clone()), length).filter(|_| is_there),
        values: values(item, &["RecordingChannels", "RecordingSource", "RecordingTrack"]),
        ..CallEvent::default()
    };
    let mut heard = about(item, id, call);
    heard.key = vec![sid, state];
    // When it was begun; when it was done is not said.
    at(&mut heard, item.get_at("RecordingStartTime"));
    Ok(heard)
}

fn about(item: &Item, id: String, call: CallEvent) -> Heard {
    let thread = call.parent_call_id.clone().unwrap_or_else(|| id.clone());
    Heard { account: item.get_at("AccountSid"), key: vec![id], thread, call, ..Heard::default() }
}

fn at(heard: &mut Heard, text: Option<String>) {
    let Some(text) = text else { return };
    heard.at = rfc2822::parse(text.trim()).ok().and_then(|at| known(at.timestamp()));
    if heard.at.is_none() {
        heard.degraded = Some(OUT_OF_RANGE);
    }
}

fn known(at: jiff::Timestamp) -> Option<Timestamp> {
    let is_meant = (1_000_000_000..10_000_000_000).contains(&at.as_second());
    is_meant.then(|| Timestamp { seconds: at.as_second(), nanos: at.subsec_nanosecond() })
}

/// A program or telephone: Twilio's clients and SIP addresses.
fn is_software(address: &str) -> bool {
    address.starts_with(CLIENT) || address.starts_with("sip:") || address.starts_with("sips:")
}
