//! Telnyx. <https://developers.telnyx.com/docs/messaging>

use connector_sdk::{fields::Items, outbound::Effect, phone::Numbers, provider_samples};
use kenh_proto::v1::{ReceiptStatus, SendReason};

use crate::{
    clock::Clock,
    proof,
    provider::{Answers, Auth, Field, Files, Message, Provider, Report, Rule, Sends, Status, Then, When, Written},
};

pub(crate) const TELNYX: Provider = Provider {
    name: "telnyx",
    user: None,
    proof: &proof::TELNYX,
    items: Items::One,
    by_get: false,
    numbers: Numbers::International,
    rules: &[
        (
            &[When::Is("data/event_type", &["message.sent", "message.finalized"])],
            Rule::Report(Report {
                id: &["data/payload/id"],
                key: &["data/event_type"],
                status: Status::Words(
                    &["data/payload/to/0/status"],
                    &[
                        ("queued", ReceiptStatus::Sent),
                        ("sending", ReceiptStatus::Sent),
                        ("sent", ReceiptStatus::Sent),
                        // Taken, and nobody will say more.
                        ("delivery_unconfirmed", ReceiptStatus::Sent),
                        ("delivered", ReceiptStatus::Delivered),
                        ("delivery_failed", ReceiptStatus::Failed),
                        ("sending_failed", ReceiptStatus::Failed),
                    ],
                ),
                from: &["data/payload/from/phone_number", "data/payload/messaging_profile_id"],
                to: &["data/payload/to/0/phone_number"],
                at: Some((&["data/occurred_at"], Clock::Rfc3339)),
                code: &["data/payload/errors/0/code"],
                detail: &["data/payload/errors/0/title"],
                reference: &[],
                values: &[
                    ("price", "data/payload/cost/amount"),
                    ("currency", "data/payload/cost/currency"),
                    ("segments", "data/payload/parts"),
                ],
            }),
        ),
        (
            &[When::Is("data/event_type", &["message.received"])],
            Rule::Message(Message {
                id: &["data/payload/id"],
                from: &["data/payload/from/phone_number"],
                to: &["data/payload/to/0/phone_number"],
                text: &["data/payload/text"],
                at: Some((&["data/payload/received_at", "data/occurred_at"], Clock::Rfc3339)),
                media: Some(Files {
                    url: "data/payload/media/#/url",
                    mime: "data/payload/media/#/content_type",
                    hosts: &[],
                }),
                opt_out: &[],
            }),
        ),
    ],
    sends: Sends {
        api_url: "https://api.telnyx.com",
        path: "/v2/messages",
        auth: Auth::Header("authorization", "Bearer {token}"),
        form: false,
        token_in: &[],
        fields: &[
            ("from", Field::From),
            ("to", Field::To),
            ("text", Field::Text),
            ("media_urls", Field::Media),
            ("webhook_url", Field::Callback),
        ],
        written: Written::Plus,
        longest: 1530,
        effect: Effect::Visible,
        answer: Answers {
            taken: When::Has("data/id"),
            but_not: None,
            id: &["data/id"],
            code: &["errors/0/code"],
            notes: &[("segments", "data/parts"), ("encoding", "data/encoding")],
        },
        // <https://developers.telnyx.com/docs/messaging/messages/error-codes>
        errors: &[
            (&["10009"], SendReason::AuthBroken, Then::NewToken),
            (&["10011", "40011"], SendReason::Throttled, Then::Soon),
            (&["20100"], SendReason::QuotaExhausted, Then::Never),
            (&["40001", "40310"], SendReason::RecipientUnknown, Then::Never),
            (&["40009"], SendReason::ContentInvalid, Then::Never),
            (&["40300"], SendReason::OptedOut, Then::Never),
            (&["40002", "40003"], SendReason::ContentForbidden, Then::Never),
            (&["40305"], SendReason::NotPermitted, Then::Never),
        ],
        oauth: false,
    },
    example: include_str!("../../examples/telnyx.yaml"),
    samples: provider_samples!("telnyx/": "message_received".json, "message_media".json, "message_sent".json,
        "message_finalized".json, "message_failed".json),
};
