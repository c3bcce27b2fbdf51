//! FPT Telecom's brandname SMS. Sends only: no shape of its reports is public.

use connector_sdk::{fields::Items, outbound::Effect, phone::Numbers};

use crate::{
    proof,
    provider::{Answers, Auth, Field, Provider, Sends, When, Written},
};

pub(crate) const FPT: Provider = Provider {
    name: "fpt",
    user: Some("client_id"),
    proof: &proof::TOKEN,
    items: Items::One,
    by_get: false,
    numbers: Numbers::Vietnamese,
    rules: &[],
    sends: Sends {
        api_url: "https://app.sms.fpt.net",
        path: "/api/push-brandname-otp",
        auth: Auth::Body,
        form: false,
        token_in: &["access_token"],
        fields: &[
            ("access_token", Field::Token),
            ("session_id", Field::Session),
            ("BrandName", Field::From),
            ("Phone", Field::To),
            ("Message", Field::TextBase64),
            ("RequestId", Field::Reference),
        ],
        written: Written::Digits,
        longest: 612,
        effect: Effect::Visible,
        answer: Answers {
            // The HTTP status tells nothing.
            taken: When::Has("MessageId"),
            but_not: None,
            id: &["MessageId"],
            code: &["error"],
            notes: &[("network", "Telco")],
        },
        // No table of them is public: a code is REFUSED, and kept.
        errors: &[],
        oauth: true,
    },
    example: include_str!("../../examples/fpt.yaml"),
    samples: &[],
};
