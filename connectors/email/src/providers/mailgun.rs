//! Mailgun. <https://documentation.mailgun.com/docs/mailgun/user-manual/receive-forward-store>

use std::{collections::BTreeMap, time::SystemTime};

use connector_sdk::{
    Batch, Event, Malformed, Proof, RawRequest, Rejected, Verified,
    json::{self, Soft, Word},
    provider_samples,
    signature::{self, Algorithm},
};
use serde::Deserialize;

use crate::{
    compose::{File, Pieces},
    form::{self, Fields},
    inbound::Arrival,
    provider::{Parcel, Provider, Secrets, Setting, odd},
    settings::Settings,
};

/// HMAC-SHA256 of a time and a token, both in the body, which it does not cover.
pub(crate) const MAILGUN: Provider = Provider {
    name: "mailgun",
    verify,
    // It stands in the body.
    sign: |_, _, _| Vec::new(),
    headers: &[],
    open,
    secrets: Secrets::Keys,
    settings: &[Setting::ReplayWindow],
    example: include_str!("../../examples/mailgun.yaml"),
    samples: provider_samples!("mailgun/": "parsed".multipart, "mime".form),
};

/// What proves a call.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Seal {
    timestamp: Soft<Word>,
    token: Soft<Word>,
    signature: Soft<Word>,
}

/// Where the seal stands in a call about something sent.
#[derive(Deserialize, Default)]
#[serde(default)]
struct EventCall {
    signature: Soft<Seal>,
}

const LONGEST_TOKEN: usize = 200;

fn verify<'a>(settings: &Settings, request: RawRequest<'a>) -> Result<Verified<'a>, Rejected> {
    let seal = seal(request.body).ok_or(Rejected::SignedPartMissing)?;
    let (timestamp, token) = (seal.timestamp.0.get(), seal.token.0.get());
    let (timestamp, token) = timestamp.zip(token).ok_or(Rejected::SignedPartMissing)?;
    let signature = seal.signature.0.get().ok_or(Rejected::SignatureMissing)?;
    let signature = hex::decode(signature.trim()).map_err(|_| Rejected::SignatureMalformed)?;
    // The end of the time could be moved into the token, but for ten digits being ten digits.
    let is_time = timestamp.len() == 10 && timestamp.bytes().all(|byte| byte.is_ascii_digit());
    if !is_time || token.len() > LONGEST_TOKEN {
        return Err(Rejected::TimestampMissing);
    }
    let signed: u64 = timestamp.parse().map_err(|_| Rejected::TimestampMissing)?;
    let now = request.received_at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
    if now.abs_diff(signed) > settings.replay_window.as_secs() {
        return Err(Rejected::Stale);
    }
    let base = [timestamp.as_bytes(), token.as_bytes()].concat();
    // No more than a token is proven: nothing of the mail is covered.
    signature::hmac_assembled(request, Proof::Token, Algorithm::Sha256, &[signature], &[base], &settings.secrets)
}

fn seal(body: &[u8]) -> Option<Seal> {
    if body.trim_ascii_start().first() == Some(&b'{') {
        return Some(json::object::<EventCall>(body).ok()?.value.signature.0);
    }
    let fields = form::read(body).ok()?;
    let word = |name: &str| {
        let json = serde_json::to_string(&fields.text(name).unwrap_or_default()).unwrap_or_default();
        serde_json::from_str::<Soft<Word>>(&json).unwrap_or_default()
    };
    Some(Seal { timestamp: word("timestamp"), token: word("token"), signature: word("signature") })
}

fn open(body: &[u8]) -> Result<Parcel<'_>, Malformed> {
    if body.trim_ascii_start().first() == Some(&b'{') {
        let call = json::object::<BTreeMap<String, json::Raw>>(body)?.value;
        let event = call.get("event-data").and_then(|data| json::object::<Kind>(data.get().as_bytes()).ok());
        let kind = event.and_then(|event| event.value.event.0.into_option());
        let kind = kind.as_deref().and_then(json::name);
        return Ok(Batch::from(Event::unsupported(None, body, kind, "not_typed", None)).into());
    }
    let fields = form::read(body)?;
    let mut arrival = Arrival::of(body);
    arrival.envelope_to = fields
        .text("recipient")
        .map(|all| all.split(',').map(|one| one.trim().to_owned()).collect())
        .unwrap_or_default();
    arrival.envelope_from = fields.text("sender");
    if let Some(mime) = fields.bytes("body-mime") {
        arrival.message = mime.to_vec().into();
    } else {
        arrival.message =
            pieces(&fields).ok_or_else(|| odd("neither body-mime nor message-headers nor from"))?.message().into();
    }
    Ok(arrival.into())
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Kind {
    event: Soft<Word>,
}

fn pieces(fields: &Fields) -> Option<Pieces<'_>> {
    let headers =
        fields.text("message-headers").and_then(|json| serde_json::from_str::<Vec<(String, String)>>(&json).ok());
    if headers.is_none() && fields.text("from").is_none() {
        return None;
    }
    let ids =
        fields.text("content-id-map").and_then(|json| serde_json::from_str::<BTreeMap<String, String>>(&json).ok());
    let ids = ids.unwrap_or_default();
    let file = |field: &'_ form::Field| {
        let content_id = ids.iter().find(|(_, name)| **name == field.name).map(|(id, _)| id.clone());
        File { name: field.file_name.clone(), mime: field.mime.clone(), content_id, bytes: field.bytes.to_vec().into() }
    };
    let is_file = |field: &&form::Field| field.name.starts_with("attachment-") && field.name != "attachment-count";
    let mut pieces = Pieces {
        headers: headers.unwrap_or_default(),
        text: fields.text("body-plain"),
        html: fields.text("body-html"),
        files: fields.iter().filter(is_file).map(file).collect(),
    };
    pieces.default_header("From", fields.text("from"));
    pieces.default_header("To", fields.text("recipient"));
    pieces.default_header("Subject", fields.text("subject"));
    Some(pieces)
}
