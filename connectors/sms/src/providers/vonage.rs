//! Vonage, its Messages API. <https://developer.vonage.com/en/messages/overview>

use connector_sdk::{fields::Items, outbound::Effect, phone::Numbers, provider_samples};
use kenh_proto::v1::{ReceiptStatus, SendReason};

use crate::{
    clock::Clock,
    proof,
    provider::{Answers, Auth, Field, Message, Provider, Report, Rule, Sends, Status, Then, When, Written},
};

const SMS: When = When::Is("channel", &["sms", "mms"]);

pub(crate) const VONAGE: Provider = Provider {
    name: "vonage",
    user: Some("API key"),
    proof: &proof::VONAGE,
    items: Items::One,
    by_get: false,
    numbers: Numbers::International,
    rules: &[
        (
            &[SMS, When::Has("message_uuid"), When::Has("status")],
            Rule::Report(Report {
                id: &["message_uuid"],
                key: &[],
                status: Status::Words(
                    &["status"],
                    &[
                        ("submitted", ReceiptStatus::Sent),
                        ("delivered", ReceiptStatus::Delivered),
                        ("read", ReceiptStatus::Read),
                        ("rejected", ReceiptStatus::Failed),
                        ("undeliverable", ReceiptStatus::Failed),
                    ],
                ),
                from: &["from"],
                to: &["to"],
                at: Some((&["timestamp"], Clock::Rfc3339)),
                code: &["error/title"],
                detail: &["error/detail"],
                reference: &["client_ref"],
                values: &[
                    ("price", "usage/price"),
                    ("currency", "usage/currency"),
                    ("network", "destination/network_code"),
                ],
            }),
        ),
        (
            &[SMS, When::Has("message_uuid"), When::Is("message_type", &["text"])],
            Rule::Message(Message {
                id: &["message_uuid"],
                from: &["from"],
                to: &["to"],
                text: &["text"],
                at: Some((&["timestamp"], Clock::Rfc3339)),
                media: None,
                opt_out: &[],
            }),
        ),
    ],
    sends: Sends {
        api_url: "https://api.nexmo.com",
        path: "/v1/messages",
        auth: Auth::Basic,
        form: false,
        token_in: &[],
        fields: &[
            ("message_type", Field::Words("text")),
            ("channel", Field::Words("sms")),
            ("to", Field::To),
            ("from", Field::From),
            ("text", Field::Text),
            ("client_ref", Field::Reference),
            ("webhook_url", Field::Callback),
        ],
        written: Written::Digits,
        longest: 1000,
        effect: Effect::Visible,
        answer: Answers {
            taken: When::Has("message_uuid"),
            but_not: None,
            id: &["message_uuid"],
            code: &["type"],
            notes: &[],
        },
        // The last part of the address of the page on it: <https://developer.vonage.com/en/api-errors>.
        errors: &[
            (&["unauthorized"], SendReason::AuthBroken, Then::NewToken),
            (&["forbidden"], SendReason::NotPermitted, Then::Never),
            (&["low-balance", "out-of-credit"], SendReason::QuotaExhausted, Then::Never),
            (&["throttled", "rate-limit"], SendReason::Throttled, Then::Soon),
        ],
        oauth: false,
    },
    example: include_str!("../../examples/vonage.yaml"),
    samples: provider_samples!("vonage/": "message".json, "status_delivered".json, "status_rejected".json),
};
