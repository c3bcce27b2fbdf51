//! Plivo. <https://www.plivo.com/docs/messaging>

use connector_sdk::{fields::Items, outbound::Effect, phone::Numbers, provider_samples};
use kenh_proto::v1::{ReceiptStatus, SendReason};

use crate::{
    proof,
    provider::{Answers, Auth, Field, Files, Message, Provider, Report, Rule, Sends, Status, Then, When, Written},
};

pub(crate) const PLIVO: Provider = Provider {
    name: "plivo",
    user: Some("auth id"),
    proof: &proof::PLIVO,
    items: Items::One,
    by_get: true,
    numbers: Numbers::International,
    rules: &[
        (
            &[When::Has("MessageUUID"), When::Has("Status")],
            // One for each part of a long message; the answer to sending has named the message by its parent.
            Rule::Report(Report {
                id: &["ParentMessageUUID", "MessageUUID"],
                key: &["MessageUUID", "PartInfo"],
                status: Status::Words(
                    &["Status"],
                    &[
                        ("queued", ReceiptStatus::Sent),
                        ("sent", ReceiptStatus::Sent),
                        ("delivered", ReceiptStatus::Delivered),
                        ("undelivered", ReceiptStatus::Failed),
                        ("failed", ReceiptStatus::Failed),
                    ],
                ),
                from: &["From"],
                to: &["To"],
                at: None,
                code: &["ErrorCode"],
                detail: &[],
                reference: &[],
                values: &[("part", "PartInfo"), ("segments", "Units"), ("mcc", "MCC"), ("mnc", "MNC")],
            }),
        ),
        (
            &[When::Has("MessageUUID"), When::Has("From"), When::Has("Text")],
            Rule::Message(Message {
                id: &["MessageUUID"],
                from: &["From"],
                to: &["To"],
                text: &["Text"],
                at: None,
                media: Some(Files { url: "Media#", mime: "MediaContentType#", hosts: &["media.plivo.com"] }),
                opt_out: &[],
            }),
        ),
    ],
    sends: Sends {
        api_url: "https://api.plivo.com",
        path: "/v1/Account/{user}/Message/",
        auth: Auth::Basic,
        form: false,
        token_in: &[],
        fields: &[("src", Field::From), ("dst", Field::To), ("text", Field::Text), ("url", Field::Callback)],
        written: Written::Digits,
        // In UCS-2 Plivo takes no more.
        longest: 737,
        effect: Effect::Visible,
        answer: Answers {
            taken: When::Has("message_uuid/0"),
            but_not: None,
            id: &["message_uuid/0"],
            code: &["error_code"],
            notes: &[],
        },
        // Refusals come with words alone; the HTTP status tells their sort.
        errors: &[
            (&["http_400"], SendReason::ContentInvalid, Then::Never),
            (&["http_402"], SendReason::QuotaExhausted, Then::Never),
        ],
        oauth: false,
    },
    example: include_str!("../../examples/plivo.yaml"),
    samples: provider_samples!("plivo/": "message".form, "message_media".form, "report_delivered".form, "report_part".form),
};
