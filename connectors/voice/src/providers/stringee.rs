//! Stringee: the events of its `event_url`. <https://developer.stringee.com/docs/call-api-overview>

use connector_sdk::{
    Malformed, RawRequest, Rejected, Verified,
    fields::{self, Item, Items},
    json::missing,
    phone::{Address, Numbers},
    provider_samples,
    signature::{self, Algorithm},
    time::Epoch,
};
use kenh_proto::v1::{ActorRole, CallAction, CallEvent};

use crate::{
    heard::{Caller, Heard, is_withheld, millis, values, written},
    provider::{Provider, Setting, not_typed},
    settings::Settings,
};

const SIGNATURE: &str = "x-stringee-signature";

/// States before the end. `agentEnded` (a leg of a contact centre) is none of the call's own.
const STATES: &[(&str, CallAction)] = &[
    ("created", CallAction::Dialled),
    ("started", CallAction::Dialled),
    ("ringing", CallAction::Ringing),
    ("answered", CallAction::Answered),
];

pub(crate) const STRINGEE: Provider = Provider {
    name: "stringee",
    verify,
    sign: |settings, body| {
        let secret = settings.secrets.first()?;
        Some(signature::sign_hmac_of_body(body, SIGNATURE, Algorithm::Sha1, secret))
    },
    headers: &[SIGNATURE],
    by_token: false,
    settings: &[Setting::ReplayWindow],
    by_get: false,
    read,
    example: include_str!("../../example.yaml"),
    samples: provider_samples!("": "created".json, "started".json, "ringing".json, "answered".json, "ended".json,
        "ended_busy".json, "inbound_ringing".json, "inbound_ended".json, "internal_answered".json, "agent_ended".json),
};

/// HMAC-SHA1 of the body, which holds the time besides.
fn verify<'a>(settings: &Settings, request: RawRequest<'a>) -> Result<Verified<'a>, Rejected> {
    let verified = signature::hmac_of_body(request, SIGNATURE, Algorithm::Sha1, &settings.secrets)?;
    let item = fields::read(request.body, Items::One).ok().and_then(|mut items| items.pop());
    let sent = item.and_then(|item| Epoch::read(&item.get_at("timestamp_ms")?).timestamp());
    let Some(sent) = sent.and_then(|at| u64::try_from(at.seconds).ok()) else { return Ok(verified) };
    let now = request.received_at.duration_since(std::time::SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
    if now.abs_diff(sent) > settings.replay_window.as_secs() {
        return Err(Rejected::Stale);
    }
    Ok(verified)
}

fn read(item: &Item) -> Result<Heard, Malformed> {
    let state = item.get_at("call_status").ok_or_else(|| not_typed("call_status: missing"))?;
    let id = item.get_at("call_id").ok_or_else(|| missing("call_id"))?;
    let is = |side: &str, kind: &str| item.get_at(side).is_some_and(|word| word.eq_ignore_ascii_case(kind));
    let caller = match (is("from/type", "internal"), is("to/type", "internal")) {
        (true, true) => Caller::Internal,
        (true, false) => Caller::Business,
        (false, _) if is("from/type", "external") => Caller::Contact,
        (false, _) => Caller::Unknown,
    };
    let [from, to] = ["from/number", "to/number"].map(|path| item.get_at(path).filter(|address| !is_withheld(address)));
    let (far, near) = match caller {
        Caller::Business => (to.as_deref(), from.clone()),
        Caller::Contact => (from.as_deref(), to.clone().filter(|_| is("to/type", "internal"))),
        Caller::Internal => (None, from.clone()),
        Caller::Unknown => (None, None),
    };
    let contact = far.map(|number| Numbers::Vietnamese.read(number));
    // Which of the names holds the number of the business is not the same everywhere.
    let business = ["from/alias", "to/alias", "to/number"].into_iter().find_map(|path| {
        let address = Numbers::Vietnamese.read(&item.get_at(path)?);
        let is_ours = matches!(address, Address::Phone(_) | Address::Service(_)) && Some(&address) != contact.as_ref();
        is_ours.then(|| address.value().to_owned())
    });
    let talk_ms = millis(item, "answerDuration");
    let action = match (state.as_str(), talk_ms) {
        ("ended", Some(0)) => CallAction::Missed,
        ("ended", Some(_)) => CallAction::Ended,
        ("ended", None) => CallAction::HungUp,
        (state, _) => STATES.iter().find(|(known, _)| *known == state).map(|(_, action)| *action).unwrap_or_default(),
    };
    let ended_by = match item.get_at("endedBy").as_deref() {
        Some("EXTERNAL") => ActorRole::Contact,
        Some("INTERNAL") => ActorRole::Agent,
        Some(_) | None => ActorRole::Unspecified,
    };
    let call = CallEvent {
        action: action.into(),
        call_id: Some(id.clone()),
        state: Some(state.clone()),
        duration_ms: millis(item, "duration"),
        talk_ms,
        status_code: item.get_at("endCallCause"),
        from: from.as_deref().map(|from| written(Numbers::Vietnamese, from)),
        to: to.as_deref().map(|to| written(Numbers::Vietnamese, to)),
        business_number: business.filter(|_| caller != Caller::Internal),
        agent_id: near.or_else(|| item.get_at("request_from_user_id")),
        ended_by: ended_by.into(),
        values: values(item, &["callCreatedReason", "callType", "clientCustomData", "endedBy"]),
        ..CallEvent::default()
    };
    let mut heard = Heard { account: item.get_at("project_id"), caller, contact, call, ..Heard::default() };
    let time = item.get_at("timestamp_ms");
    // A state may come again, as when a call is passed on; a repeated delivery has the time of the first.
    heard.key = [Some(id.clone()), Some(state), time.clone()].into_iter().flatten().collect();
    heard.thread = id;
    heard.happened_at(time.as_deref());
    Ok(heard)
}
