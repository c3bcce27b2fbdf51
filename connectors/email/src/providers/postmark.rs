//! Postmark. <https://postmarkapp.com/developer/webhooks/inbound-webhook>

use base64::{Engine as _, engine::general_purpose::STANDARD};
use connector_sdk::{
    Event, Malformed,
    json::{self, Soft, Word},
    provider_samples,
};
use serde::Deserialize;

use crate::{
    compose::{File, Pieces, mailbox},
    inbound::Arrival,
    provider::{Parcel, Provider, Secrets, odd, sign_token, token},
};

/// It signs nothing: a token in the address or as its password.
pub(crate) const POSTMARK: Provider = Provider {
    name: "postmark",
    verify: token,
    sign: sign_token,
    headers: &[],
    open,
    secrets: Secrets::Tokens,
    settings: &[],
    example: include_str!("../../example.yaml"),
    samples: provider_samples!("": "inbound".json, "inbound_raw".json),
};

/// A call.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
#[allow(clippy::struct_field_names, reason = "Postmark's names")]
struct Body {
    record_type: Soft<Word>,
    from: Soft<Word>,
    from_full: Soft<Person>,
    to: Soft<Word>,
    cc: Soft<Word>,
    original_recipient: Soft<Word>,
    subject: Soft<Word>,
    #[serde(rename = "MessageID")]
    message_id: Soft<Word>,
    reply_to: Soft<Word>,
    date: Soft<Word>,
    text_body: Soft<Word>,
    html_body: Soft<Word>,
    raw_email: Soft<Word>,
    headers: Soft<Vec<Soft<Header>>>,
    attachments: Soft<Vec<Soft<Attachment>>>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct Person {
    email: Soft<Word>,
    name: Soft<Word>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct Header {
    name: Soft<Word>,
    value: Soft<Word>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct Attachment {
    name: Soft<Word>,
    content: Soft<Word>,
    /// In the place of `Content` in calls of the dashboard's test button.
    data: Soft<Word>,
    content_type: Soft<Word>,
    #[serde(rename = "ContentID")]
    content_id: Soft<Word>,
}

fn open(body: &[u8]) -> Result<Parcel<'_>, Malformed> {
    let json::Parsed { value: call, degraded } = json::object::<Body>(body)?;
    if let Some(kind) = call.record_type.0.get() {
        // Bounces, deliveries, opens of what is sent by Postmark itself.
        return Ok(
            connector_sdk::Batch::from(Event::unsupported(None, body, json::name(kind), "not_typed", None)).into()
        );
    }
    let mut arrival = Arrival::of(body);
    arrival.envelope_to = call.original_recipient.0.get().map(str::to_owned).into_iter().collect();
    arrival.provider_id = call.message_id.0.get().map(str::to_owned);
    arrival.degraded.extend(degraded);
    if let Some(raw) = call.raw_email.0.get() {
        arrival.message = raw.as_bytes().to_vec().into();
        return Ok(arrival.into());
    }
    if call.from.0.get().is_none() && call.headers.0.is_empty() {
        return Err(odd("neither From nor Headers"));
    }
    arrival.message = pieces(&call, &mut arrival.degraded).message().into();
    Ok(arrival.into())
}

fn pieces<'a>(call: &'a Body, degraded: &mut Vec<&'static str>) -> Pieces<'a> {
    let owned = |word: &Soft<Word>| word.0.get().map(str::to_owned);
    let header = |header: &Soft<Header>| Some((owned(&header.0.name)?, owned(&header.0.value)?));
    let mut pieces = Pieces {
        headers: call.headers.0.iter().filter_map(header).collect(),
        text: owned(&call.text_body),
        html: owned(&call.html_body),
        files: Vec::new(),
    };
    let person = &call.from_full.0;
    let from = person.email.0.get().map(|address| mailbox(address, person.name.0.get())).or_else(|| owned(&call.from));
    pieces.default_header("From", from);
    pieces.default_header("To", owned(&call.to));
    pieces.default_header("Cc", owned(&call.cc));
    pieces.default_header("Reply-To", owned(&call.reply_to));
    pieces.default_header("Subject", owned(&call.subject));
    pieces.default_header("Date", owned(&call.date));
    for attachment in call.attachments.0.iter().map(|attachment| &attachment.0) {
        let content = attachment.content.0.get().or_else(|| attachment.data.0.get()).unwrap_or_default();
        let bytes = STANDARD.decode(content.trim());
        if bytes.is_err() {
            degraded.push("attachment_encoding");
        }
        pieces.files.push(File {
            name: owned(&attachment.name),
            mime: owned(&attachment.content_type),
            content_id: owned(&attachment.content_id),
            bytes: bytes.unwrap_or_else(|_| content.as_bytes().to_vec()).into(),
        });
    }
    pieces
}
