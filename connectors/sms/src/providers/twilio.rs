//! Twilio. <https://www.twilio.com/docs/messaging>

use connector_sdk::{fields::Items, outbound::Effect, phone::Numbers, provider_samples};
use kenh_proto::v1::{ReceiptStatus, SendReason};

use crate::{
    proof,
    provider::{Answers, Auth, Field, Files, Message, Provider, Report, Rule, Sends, Status, Then, When, Written},
};

/// <https://www.twilio.com/docs/messaging/api/message-resource#message-status-values>
const STATUS: &[(&str, ReceiptStatus)] = &[
    ("accepted", ReceiptStatus::Sent),
    ("scheduled", ReceiptStatus::Sent),
    ("queued", ReceiptStatus::Sent),
    ("sending", ReceiptStatus::Sent),
    ("sent", ReceiptStatus::Sent),
    ("delivered", ReceiptStatus::Delivered),
    ("read", ReceiptStatus::Read),
    ("undelivered", ReceiptStatus::Failed),
    ("failed", ReceiptStatus::Failed),
    ("canceled", ReceiptStatus::Failed),
];

pub(crate) const TWILIO: Provider = Provider {
    name: "twilio",
    user: Some("account SID (AC…)"),
    proof: &proof::TWILIO,
    items: Items::One,
    by_get: true,
    numbers: Numbers::International,
    rules: &[
        (
            &[When::Has("MessageSid"), When::Has("MessageStatus")],
            Rule::Report(Report {
                id: &["MessageSid"],
                key: &[],
                status: Status::Words(&["MessageStatus"], STATUS),
                from: &["From", "MessagingServiceSid"],
                to: &["To"],
                at: None,
                code: &["ErrorCode"],
                detail: &["ErrorMessage"],
                reference: &[],
                values: &[],
            }),
        ),
        (
            &[When::Has("MessageSid"), When::Has("Body"), When::Is("SmsStatus", &["received"])],
            Rule::Message(Message {
                id: &["MessageSid"],
                from: &["From"],
                to: &["To"],
                text: &["Body"],
                at: None,
                media: Some(Files { url: "MediaUrl#", mime: "MediaContentType#", hosts: &["api.twilio.com"] }),
                opt_out: &["OptOutType"],
            }),
        ),
    ],
    sends: Sends {
        api_url: "https://api.twilio.com",
        path: "/2010-04-01/Accounts/{user}/Messages.json",
        auth: Auth::Basic,
        form: true,
        token_in: &[],
        fields: &[
            ("To", Field::To),
            ("From", Field::From),
            ("MessagingServiceSid", Field::Service),
            ("Body", Field::Text),
            ("MediaUrl", Field::Media),
            ("StatusCallback", Field::Callback),
        ],
        written: Written::Plus,
        longest: 1600,
        effect: Effect::Visible,
        answer: Answers {
            taken: When::Has("sid"),
            but_not: None,
            id: &["sid"],
            code: &["code"],
            notes: &[("segments", "num_segments")],
        },
        errors: &[
            (&["20003"], SendReason::AuthBroken, Then::NewToken),
            (&["20429"], SendReason::Throttled, Then::Soon),
            (&["21211", "21614"], SendReason::RecipientUnknown, Then::Never),
            (&["21408", "21606", "21608", "21612", "30034"], SendReason::NotPermitted, Then::Never),
            (&["21610"], SendReason::OptedOut, Then::Never),
            (&["21617"], SendReason::ContentTooLarge, Then::Never),
            (&["30001"], SendReason::Throttled, Then::Soon),
            (&["30002"], SendReason::NotPermitted, Then::Never),
        ],
        oauth: false,
    },
    example: include_str!("../../example.yaml"),
    samples: provider_samples!("": "message".form, "message_media".form, "message_stop".form, "status_sent".form,
        "status_delivered".form, "status_undelivered".form, "status_unheard_of".form),
};
