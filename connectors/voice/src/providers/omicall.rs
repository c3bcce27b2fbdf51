//! OMICall: states while a call is under way, and one record (`cdr`) when it is over. Nothing is signed.

use connector_sdk::{
    ExposeSecret as _, Malformed, TOKEN_HEADER, fields::Item, json::missing, phone::Numbers, provider_samples,
    signature, time::Epoch,
};
use kenh_proto::v1::{ActorRole, CallAction, CallEvent};

use crate::{
    heard::{Caller, Heard, is_withheld, millis, recording, values, written},
    provider::{Provider, not_typed},
};

const STATES: &[(&str, CallAction)] =
    &[("ringing", CallAction::Ringing), ("answered", CallAction::Answered), ("hangup", CallAction::HungUp)];
/// The record.
const RECORD: &str = "cdr";

pub(crate) const OMICALL: Provider = Provider {
    name: "omicall",
    verify: |settings, request| signature::token_or_password(request, &settings.secrets),
    sign: |settings, _| Some((TOKEN_HEADER, settings.secrets.first()?.expose_secret().to_owned())),
    headers: &[],
    by_token: true,
    settings: &[],
    by_get: false,
    read,
    example: include_str!("../../examples/omicall.yaml"),
    samples: provider_samples!("omicall/": "ringing".json, "answered".json, "hangup".json, "cdr".json, "cdr_missed".json,
        "inbound_ringing".json, "inbound_cdr".json, "local_answered".json),
};

fn read(item: &Item) -> Result<Heard, Malformed> {
    let state = item.get_at("state").ok_or_else(|| not_typed("state: missing"))?;
    // States name the call otherwise than the record, by the same value.
    let id = item.get(&["call_uuid", "transaction_id"]).ok_or_else(|| missing("call_uuid or transaction_id"))?;
    let caller = match item.get_at("direction").unwrap_or_default().to_ascii_lowercase().as_str() {
        "inbound" => Caller::Contact,
        "outbound" => Caller::Business,
        "local" => Caller::Internal,
        _ => Caller::Unknown,
    };
    let far = match caller {
        Caller::Contact => item.get(&["phone_number", "from_number"]),
        Caller::Business => item.get(&["phone_number", "to_number"]),
        Caller::Internal | Caller::Unknown => None,
    };
    let far = far.filter(|address| !is_withheld(address));
    let is_record = state == RECORD;
    let agent_id = item.get_at("sip_user").or_else(|| match caller {
        Caller::Contact => item.get_at("to_number").filter(|number| Some(number) != item.get_at("hotline").as_ref()),
        Caller::Business | Caller::Internal => item.get_at("from_number"),
        Caller::Unknown => None,
    });
    let named = |path: &'static str| item.get_at(path).filter(|address| !is_withheld(address));
    let number = |path| Some(written(Numbers::Vietnamese, &named(path)?));
    let length = millis(item, "record_seconds").filter(|length| *length > 0);
    let call = CallEvent {
        action: action(item, &state).into(),
        call_id: Some(id.clone()),
        started_at: item.get(&["time_start_call", "created_time"]).and_then(|at| Epoch::read(&at).timestamp()),
        duration_ms: millis(item, "duration"),
        waiting_ms: millis(item, "answer_sec"),
        talk_ms: millis(item, "bill_sec"),
        state: Some(state.clone()),
        from: number("from_number"),
        to: number("to_number"),
        business_number: number("hotline"),
        agent_id,
        agent_name: item.get(&["user/0/full_name", "create_by/name"]),
        ended_by: ended_by(item).into(),
        recording: item.get_at("recording_file_url").and_then(|url| recording(&url, None, length)),
        values: values(item, &["endby_name", "provider", "tenant_id"]),
        ..CallEvent::default()
    };
    let mut heard = Heard {
        caller,
        contact: far.map(|number| Numbers::Vietnamese.read(&number)),
        contact_name: item.get_at("customer/full_name"),
        call,
        ..Heard::default()
    };
    // A record comes again when its recording is ready, with a new time; a repeated delivery has the time of the first.
    let time = if is_record { item.get(&["last_updated_date", "created_date"]) } else { item.get_at("date_time") };
    heard.key = [Some(id.clone()), Some(state), time.clone()].into_iter().flatten().collect();
    heard.thread = id;
    // What the record is about happened when the call ended.
    let ended = item.get_at("time_end_call").filter(|_| is_record);
    heard.happened_at(ended.or(time).as_deref());
    Ok(heard)
}

fn action(item: &Item, state: &str) -> CallAction {
    if state == RECORD {
        return match millis(item, "bill_sec") {
            Some(0) => CallAction::Missed,
            Some(_) => CallAction::Ended,
            None => CallAction::HungUp,
        };
    }
    STATES.iter().find(|(known, _)| *known == state).map(|(_, action)| *action).unwrap_or_default()
}

/// The one word that is documented; others are in `values`.
fn ended_by(item: &Item) -> ActorRole {
    match item.get_at("endby_name").as_deref() {
        Some("end_call_by_customer") => ActorRole::Contact,
        Some(_) | None => ActorRole::Unspecified,
    }
}
