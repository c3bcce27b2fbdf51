//! The settings of sending.

use std::collections::BTreeMap;

use connector_sdk::{
    Section, address,
    outbound::{Accounts, Method, basic},
};
use kenh_proto::v1::{Feature, SendReason};

use super::{Call, Does, Sender, address::Template};
use crate::{
    jq::Program,
    settings::{header, program},
};

const METHODS: &[(&str, Method)] = &[
    ("POST", Method::Post),
    ("PUT", Method::Put),
    ("PATCH", Method::Patch),
    ("DELETE", Method::Delete),
    ("GET", Method::Get),
];

/// What a message may be made of beside text.
const TAKES: &[(&str, Feature)] = &[
    ("image", Feature::Image),
    ("gif", Feature::Gif),
    ("video", Feature::Video),
    ("audio", Feature::Audio),
    ("file", Feature::File),
    ("location", Feature::Location),
    ("contact_card", Feature::ContactCard),
    ("card", Feature::Card),
    ("carousel", Feature::Carousel),
    ("list", Feature::List),
    ("choices", Feature::Choices),
    ("template", Feature::Template),
    ("link", Feature::Link),
    ("quote", Feature::Quote),
    ("group", Feature::Group),
    ("comment_private_reply", Feature::CommentPrivateReply),
    ("delivery_receipts", Feature::DeliveryReceipts),
    ("read_receipts", Feature::ReadReceipts),
];

/// What an error may mean.
const REASONS: &[(&str, SendReason)] = &[
    ("window_closed", SendReason::WindowClosed),
    ("template_required", SendReason::TemplateRequired),
    ("quota_exhausted", SendReason::QuotaExhausted),
    ("opted_out", SendReason::OptedOut),
    ("recipient_unknown", SendReason::RecipientUnknown),
    ("content_unsupported", SendReason::ContentUnsupported),
    ("content_too_large", SendReason::ContentTooLarge),
    ("content_invalid", SendReason::ContentInvalid),
    ("content_forbidden", SendReason::ContentForbidden),
    ("media_unavailable", SendReason::MediaUnavailable),
    ("template_invalid", SendReason::TemplateInvalid),
    ("auth_broken", SendReason::AuthBroken),
    ("not_permitted", SendReason::NotPermitted),
    ("account_paused", SendReason::AccountPaused),
    ("throttled", SendReason::Throttled),
    ("channel_unavailable", SendReason::ChannelUnavailable),
    ("target_invalid", SendReason::TargetInvalid),
    ("refused", SendReason::Refused),
];

const MOST_PER_MINUTE: u64 = 1_000_000;
const LONGEST_TEXT: u64 = 1_000_000;

pub(super) fn read(settings: &mut Section<'_>) -> Option<Sender> {
    let accounts = Accounts::read(settings, false);
    if !settings.has("send") {
        if !accounts.is_empty() {
            settings.fault("send", "is required where there are accounts: it says how to send");
        }
        settings.ignore("send");
        return None;
    }
    let sender = settings.section("send", |send| read_send(send, accounts));
    // Without a token nothing can be sent.
    (!sender.accounts.is_empty()).then_some(sender)
}

fn read_send(send: &mut Section<'_>, accounts: Accounts) -> Sender {
    let mut headers = templates(send);
    if let Some(user) = send.text("basic") {
        if user.contains(['{', '}', ':']) {
            send.fault("basic", "expected the name alone, without colon and braces; the token is the password");
        }
        headers.push(("Authorization", Template::fixed(basic(&user, connector_sdk::outbound::TOKEN))));
    }
    let mut calls = BTreeMap::new();
    for (does, word, _) in Does::ALL {
        if send.has(word) {
            calls.extend(send.section(word, call).map(|call| (*does, call)));
        } else {
            send.ignore(word);
        }
    }
    if Does::ALL.iter().all(|(_, word, _)| !send.has(word)) {
        send.fault("message", "is required, or another call");
    }
    let is_bare = |call: &Call| call.is_keyed && !has_reference(&headers, call);
    if calls.values().any(is_bare) {
        send.fault("message", "keyed needs {reference} in an address, a header or, as .reference, in the body");
    }
    Sender {
        accounts,
        calls,
        takes: takes(send),
        longest: u32::try_from(send.number("longest_text", 0..=LONGEST_TEXT, 0)).unwrap_or(0),
        headers,
        success: optional(send, "success"),
        message_id: optional(send, "message_id"),
        error_code: optional(send, "error_code"),
        errors: errors(send),
        requests_per_minute: send.number("requests_per_minute", 0..=MOST_PER_MINUTE, 0),
    }
}

fn has_reference(shared: &[(&'static str, Template)], call: &Call) -> bool {
    let in_header = shared.iter().chain(&call.headers).any(|(_, template)| template.has_reference());
    in_header || call.url.has_reference() || call.body.is_some()
}

fn call(settings: &mut Section<'_>) -> Option<Call> {
    let method = settings.choice("method", METHODS, Method::Post);
    let url = settings.required_text("url");
    let headers = templates(settings);
    let body = optional(settings, "body");
    let is_keyed = settings.boolean("keyed", false);
    let success = optional(settings, "success");
    let url = match Template::parse(&url) {
        Ok(template) => template,
        Err(wrong) => {
            settings.fault("url", wrong);
            return None;
        }
    };
    let begins = url.begins();
    let host_ends = begins.split_once("://").is_some_and(|(_, rest)| rest.contains('/'));
    let sketch = url.sketch();
    if !sketch.is_empty()
        && (address::host(&sketch).is_none() || !host_ends || begins.contains('@') || sketch.contains('#'))
    {
        let wanted = "expected an https address whose host is written out; plain http only to this machine";
        settings.fault("url", wanted);
    }
    Some(Call { method, url, headers, body, is_keyed, success })
}

fn templates(settings: &mut Section<'_>) -> Vec<(&'static str, Template)> {
    let mut templates = Vec::new();
    for (name, value) in settings.named_texts("headers") {
        let name = header(settings, "headers", &name);
        match Template::parse(&value) {
            Ok(template) if value.bytes().all(|byte| (b' '..=b'~').contains(&byte)) => templates.push((name, template)),
            Ok(_) => settings.fault("headers", "expected values of printable ASCII"),
            Err(wrong) => settings.fault("headers", wrong),
        }
    }
    templates
}

fn optional(settings: &mut Section<'_>, key: &'static str) -> Option<Program> {
    let code = settings.text(key)?;
    program(settings, key, &code, &[])
}

fn takes(send: &mut Section<'_>) -> Vec<Feature> {
    let mut taken = Vec::new();
    for word in send.texts("takes") {
        if let Some((_, feature)) = TAKES.iter().find(|(known, _)| *known == word) {
            taken.push(*feature);
        } else {
            let known: Vec<_> = TAKES.iter().map(|(word, _)| *word).collect();
            send.fault("takes", format!("{word} is none of: {}", known.join(", ")));
        }
    }
    taken
}

fn errors(send: &mut Section<'_>) -> BTreeMap<String, SendReason> {
    let mut errors = BTreeMap::new();
    for (code, word) in send.named_texts("errors") {
        let reason = REASONS.iter().find(|(known, _)| *known == word).map(|(_, reason)| *reason);
        if reason.is_none() {
            let known: Vec<_> = REASONS.iter().map(|(word, _)| *word).collect();
            send.fault("errors", format!("{word} is none of: {}", known.join(", ")));
        }
        errors.extend(reason.map(|reason| (code, reason)));
    }
    errors
}
