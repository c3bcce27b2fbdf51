//! Inbound Parse of `SendGrid`. <https://www.twilio.com/docs/sendgrid/for-developers/parsing-email/setting-up-the-inbound-parse-webhook>

use std::{
    collections::{BTreeMap, HashMap},
    time::{Duration, SystemTime},
};

use connector_sdk::{
    Batch, Event, Malformed, RawRequest, Rejected, Verified, json, provider_samples,
    signature::{self, Coding, SignatureHeader, Timestamped},
};
use serde::Deserialize;

use crate::{
    charset::{self, Fallback},
    compose::{File, Pieces, header_block},
    form::{self, Fields},
    inbound::Arrival,
    provider::{Parcel, Provider, Secrets, Setting, odd, sign_token, token},
    settings::Settings,
};

const SIGNATURE: SignatureHeader =
    SignatureHeader { name: "x-twilio-email-event-webhook-signature", coding: Coding::Base64 };
/// It tries for three days, and does not say whether it signs each try anew. With nothing between time and body a digit more
/// or less puts the time decades off.
const TIME: Timestamped = Timestamped {
    header: "x-twilio-email-event-webhook-timestamp",
    before: "",
    between: "",
    tolerance: Duration::from_secs(4 * 86_400),
};

/// ECDSA over time and body where a security policy is attached, otherwise a token in the address.
pub(crate) const SENDGRID: Provider = Provider {
    name: "sendgrid",
    verify,
    sign,
    headers: &[SIGNATURE.name, TIME.header],
    open,
    secrets: Secrets::TokensOrKeys,
    settings: &[Setting::PublicKeys],
    example: include_str!("../../examples/sendgrid.yaml"),
    samples: provider_samples!("sendgrid/": "parsed".multipart, "raw".multipart),
};

fn verify<'a>(settings: &Settings, request: RawRequest<'a>) -> Result<Verified<'a>, Rejected> {
    if settings.public_keys.is_empty() {
        return token(settings, request);
    }
    if !settings.secrets.is_empty() {
        token(settings, request)?;
    }
    signature::ecdsa_p256_timestamped(request, SIGNATURE, &TIME, &settings.public_keys)
}

fn sign(settings: &Settings, body: &[u8], at: SystemTime) -> Vec<(&'static str, String)> {
    let mut headers = sign_token(settings, body, at);
    let signed = settings.public_keys.first();
    let signed = signed.and_then(|key| signature::sign_ecdsa_p256_timestamped(body, SIGNATURE, &TIME, at, key));
    headers.extend(signed.into_iter().flatten());
    headers
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Envelope {
    to: Vec<String>,
    from: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Info {
    filename: Option<String>,
    name: Option<String>,
    #[serde(rename = "type")]
    mime: Option<String>,
    #[serde(rename = "content-id")]
    content_id: Option<String>,
}

fn open(body: &[u8]) -> Result<Parcel<'_>, Malformed> {
    // Events of what is sent by SendGrid itself come as a list.
    if matches!(body.trim_ascii_start().first(), Some(b'[' | b'{')) {
        json::parse::<json::Raw>(body)?;
        return Ok(Batch::from(Event::unsupported(None, body, None, "not_typed", None)).into());
    }
    let fields = form::read(body)?;
    let mut arrival = Arrival::of(body);
    let envelope: Envelope = structured(&fields, "envelope");
    arrival.envelope_to = envelope.to;
    // A bounce has an empty one.
    arrival.envelope_from = envelope.from.map(|from| if from.is_empty() { "<>".to_owned() } else { from });
    arrival.authentication = authentication(&fields);
    arrival.message = if let Some(raw) = fields.bytes("email") {
        raw.to_vec().into()
    } else {
        pieces(&fields).ok_or_else(|| odd("neither email nor headers nor from"))?.message().into()
    };
    Ok(arrival.into())
}

fn structured<T: serde::de::DeserializeOwned + Default>(fields: &Fields, name: &str) -> T {
    fields.text(name).and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default()
}

/// Its own checks. `dkim` is no JSON: `{@example.test : pass}`.
fn authentication(fields: &Fields) -> HashMap<String, String> {
    let mut results = HashMap::new();
    let known = ["pass", "fail", "softfail", "neutral", "none", "temperror", "permerror"];
    let spf = fields.text("SPF").map(|spf| spf.trim().to_ascii_lowercase());
    if let Some(spf) = spf.filter(|spf| known.contains(&spf.as_str())) {
        results.insert("spf".into(), spf);
    }
    if let Some(dkim) = fields.text("dkim").map(|dkim| dkim.to_ascii_lowercase()) {
        let result = if dkim.contains(": pass") {
            "pass"
        } else if dkim.contains(": fail") {
            "fail"
        } else {
            "none"
        };
        results.insert("dkim".into(), result.into());
    }
    results
}

fn pieces(fields: &Fields) -> Option<Pieces<'_>> {
    let charsets: BTreeMap<String, String> = structured(fields, "charsets");
    // Each field is in an encoding of its own.
    let text = |name: &str| {
        let bytes = fields.bytes(name)?;
        let label = charsets.get(name).map(String::as_str);
        Some(charset::decode(label, bytes, &String::from_utf8_lossy(bytes), Fallback::default()))
    };
    let headers = text("headers").map(|block| header_block(&block));
    if headers.is_none() && text("from").is_none() {
        return None;
    }
    let infos: BTreeMap<String, Info> = structured(fields, "attachment-info");
    let ids: BTreeMap<String, String> = structured(fields, "content-ids");
    let file = |field: &'_ form::Field| {
        let info = infos.get(&field.name);
        let named = info.and_then(|info| info.filename.clone().or_else(|| info.name.clone()));
        let listed = ids.iter().find(|(_, name)| **name == field.name).map(|(id, _)| id.clone());
        File {
            name: named.or_else(|| field.file_name.clone()),
            mime: info.and_then(|info| info.mime.clone()).or_else(|| field.mime.clone()),
            content_id: info.and_then(|info| info.content_id.clone()).or(listed),
            bytes: field.bytes.to_vec().into(),
        }
    };
    let is_file = |field: &&form::Field| {
        field
            .name
            .strip_prefix("attachment")
            .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let mut pieces = Pieces {
        headers: headers.unwrap_or_default(),
        text: text("text"),
        html: text("html"),
        files: fields.iter().filter(is_file).map(file).collect(),
    };
    for name in ["From", "To", "Cc", "Subject"] {
        pieces.default_header(name, text(&name.to_ascii_lowercase()));
    }
    Some(pieces)
}
