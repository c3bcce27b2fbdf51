//! `VietGuys`. Unsigned; reports go to an address its support enters. No shape of incoming messages is public.

use connector_sdk::{fields::Items, outbound::Effect, phone::Numbers, provider_samples};
use kenh_proto::v1::ReceiptStatus;

use crate::{
    proof,
    provider::{Answers, Auth, Field, Provider, Report, Rule, Sends, Status, When, Written},
};

pub(crate) const VIETGUYS: Provider = Provider {
    name: "vietguys",
    user: Some("account (u)"),
    proof: &proof::TOKEN,
    items: Items::One,
    by_get: false,
    numbers: Numbers::Vietnamese,
    rules: &[(
        &[When::Has("data/message_id"), When::Has("data/status")],
        Rule::Report(Report {
            id: &["data/message_id"],
            key: &[],
            status: Status::Words(
                &["data/status"],
                &[
                    ("sent", ReceiptStatus::Sent),
                    ("delivered", ReceiptStatus::Delivered),
                    ("fail", ReceiptStatus::Failed),
                ],
            ),
            from: &[],
            to: &["data/phone"],
            at: None,
            code: &[],
            detail: &[],
            reference: &["data/bid"],
            values: &[],
        }),
    )],
    sends: Sends {
        api_url: "https://cloudsms.vietguys.biz:4438",
        path: "/api/index.php",
        auth: Auth::Body,
        form: true,
        token_in: &["pwd"],
        fields: &[
            ("u", Field::User),
            ("pwd", Field::Token),
            ("from", Field::From),
            ("phone", Field::To),
            ("sms", Field::Text),
            ("bid", Field::Reference),
            ("type", Field::ByEncoding("0", "8")),
            ("json", Field::Words("1")),
        ],
        written: Written::Digits,
        longest: 612,
        effect: Effect::Visible,
        answer: Answers {
            taken: When::Is("error", &["0"]),
            but_not: None,
            id: &["msgid", "log_id"],
            code: &["error"],
            notes: &[],
        },
        // No table of them is public: a code is REFUSED, and kept.
        errors: &[],
        oauth: false,
    },
    example: include_str!("../../examples/vietguys.yaml"),
    samples: provider_samples!("vietguys/": "report_delivered".json, "report_failed".json),
};
