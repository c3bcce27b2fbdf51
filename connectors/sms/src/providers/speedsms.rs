//! `SpeedSMS`. Unsigned; its messages have neither id nor time.

use connector_sdk::{
    fields::{Item, Items},
    outbound::Effect,
    phone::Numbers,
    provider_samples,
};
use kenh_proto::v1::{ReceiptStatus, SendReason};

use crate::{
    proof,
    provider::{Answers, Auth, Field, Message, Provider, Report, Rule, Sends, Status, Then, When, Written},
};

/// 0 is delivered, below 64 it may still be, from there on it failed.
fn how_far(item: &Item) -> Option<(String, ReceiptStatus)> {
    let word = item.get_at("status")?;
    let status = match word.parse::<u32>() {
        Ok(0) => ReceiptStatus::Delivered,
        Ok(1..=63) => ReceiptStatus::Sent,
        Ok(_) => ReceiptStatus::Failed,
        Err(_) => ReceiptStatus::Unspecified,
    };
    Some((word, status))
}

pub(crate) const SPEEDSMS: Provider = Provider {
    name: "speedsms",
    user: None,
    proof: &proof::TOKEN,
    items: Items::One,
    by_get: false,
    numbers: Numbers::Vietnamese,
    rules: &[
        (
            &[When::Is("type", &["report"])],
            Rule::Report(Report {
                id: &["tranId"],
                key: &["phone"],
                status: Status::Read(how_far),
                from: &[],
                to: &["phone"],
                at: None,
                code: &["status"],
                detail: &[],
                reference: &[],
                values: &[],
            }),
        ),
        (
            &[When::Has("phone"), When::Has("content")],
            Rule::Message(Message {
                id: &[],
                from: &["phone"],
                to: &[],
                text: &["content"],
                at: None,
                media: None,
                opt_out: &[],
            }),
        ),
    ],
    sends: Sends {
        api_url: "https://api.speedsms.vn",
        path: "/index.php/sms/send",
        auth: Auth::BasicToken("x"),
        form: false,
        token_in: &[],
        fields: &[
            ("to/0", Field::To),
            ("content", Field::Text),
            ("sms_type", Field::KindNumber("3", "1")),
            ("sender", Field::From),
        ],
        written: Written::Digits,
        longest: 612,
        effect: Effect::Visible,
        answer: Answers {
            taken: When::Is("status", &["success"]),
            // A success that leaves out numbers; ours is the only one.
            but_not: Some((When::Has("data/invalidPhone/0"), "invalid_phone")),
            id: &["data/tranId"],
            code: &["code"],
            notes: &[("segments", "data/totalSMS"), ("price", "data/totalPrice")],
        },
        errors: &[
            (&["invalid_phone", "105"], SendReason::RecipientUnknown, Then::Never),
            (&["007", "008", "009"], SendReason::NotPermitted, Then::Never),
            (&["101", "110"], SendReason::ContentInvalid, Then::Never),
            (&["113"], SendReason::ContentTooLarge, Then::Never),
            (&["300"], SendReason::QuotaExhausted, Then::Never),
            (&["500"], SendReason::ChannelUnavailable, Then::Soon),
            // What a wrong token gets.
            (&["http_401", "http_403", "http_404"], SendReason::AuthBroken, Then::NewToken),
        ],
        oauth: false,
    },
    example: include_str!("../../examples/speedsms.yaml"),
    samples: provider_samples!("speedsms/": "message".json, "report_delivered".json, "report_passing".json,
        "report_failed".json),
};
