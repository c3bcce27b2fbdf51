//! Infobip. <https://www.infobip.com/docs/api/channels/sms>

use connector_sdk::{fields::Items, outbound::Effect, phone::Numbers, provider_samples};
use kenh_proto::v1::{ReceiptStatus, SendReason};

use crate::{
    clock::Clock,
    proof,
    provider::{Answers, Auth, Field, Message, Provider, Report, Rule, Sends, Status, Then, When, Written},
};

pub(crate) const INFOBIP: Provider = Provider {
    name: "infobip",
    user: None,
    proof: &proof::TOKEN,
    items: Items::List("results"),
    by_get: false,
    numbers: Numbers::International,
    rules: &[
        (
            &[When::Has("messageId"), When::Has("status/groupName")],
            Rule::Report(Report {
                id: &["messageId"],
                key: &["to"],
                status: Status::Words(
                    &["status/groupName"],
                    &[
                        ("PENDING", ReceiptStatus::Sent),
                        ("DELIVERED", ReceiptStatus::Delivered),
                        ("UNDELIVERABLE", ReceiptStatus::Failed),
                        ("EXPIRED", ReceiptStatus::Failed),
                        ("REJECTED", ReceiptStatus::Failed),
                    ],
                ),
                from: &["from", "sender"],
                to: &["to"],
                at: Some((&["doneAt", "sentAt"], Clock::Rfc3339)),
                code: &["error/id"],
                detail: &["error/description"],
                reference: &["callbackData"],
                values: &[
                    ("price", "price/pricePerMessage"),
                    ("currency", "price/currency"),
                    ("segments", "smsCount"),
                    ("network", "mccMnc"),
                ],
            }),
        ),
        (
            &[When::Has("messageId"), When::Has("from"), When::Has("text")],
            Rule::Message(Message {
                id: &["messageId"],
                from: &["from"],
                to: &["to"],
                text: &["text"],
                at: Some((&["receivedAt"], Clock::Rfc3339)),
                media: None,
                opt_out: &[],
            }),
        ),
    ],
    sends: Sends {
        // Each account has an address of its own.
        api_url: "",
        path: "/sms/3/messages",
        auth: Auth::Header("authorization", "App {token}"),
        form: false,
        token_in: &[],
        fields: &[
            ("messages/0/sender", Field::From),
            ("messages/0/destinations/0/to", Field::To),
            ("messages/0/content/text", Field::Text),
            ("messages/0/webhooks/delivery/url", Field::Callback),
            ("messages/0/webhooks/callbackData", Field::Reference),
        ],
        written: Written::Digits,
        longest: 1600,
        effect: Effect::Visible,
        answer: Answers {
            taken: When::Has("messages/0/messageId"),
            but_not: Some((
                When::Is("messages/0/status/groupName", &["REJECTED", "UNDELIVERABLE"]),
                "messages/0/status/name",
            )),
            id: &["messages/0/messageId"],
            code: &["errorCode", "requestError/serviceException/messageId"],
            notes: &[("segments", "messages/0/details/messageCount")],
        },
        errors: &[
            (&["UNAUTHORIZED", "E401"], SendReason::AuthBroken, Then::NewToken),
            (&["TOO_MANY_REQUESTS", "E429"], SendReason::Throttled, Then::Soon),
            (&["REJECTED_NOT_ENOUGH_CREDITS"], SendReason::QuotaExhausted, Then::Never),
            (&["REJECTED_DESTINATION", "REJECTED_INVALID_DESTINATION"], SendReason::RecipientUnknown, Then::Never),
            (&["REJECTED_SENDER", "REJECTED_NETWORK"], SendReason::NotPermitted, Then::Never),
        ],
        oauth: false,
    },
    example: include_str!("../../examples/infobip.yaml"),
    samples: provider_samples!("infobip/": "message".json, "reports".json),
};
