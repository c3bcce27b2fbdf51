//! Stringee's SMS. No shape of its reports is public: what comes is proven, and kept as it came.

use connector_sdk::{fields::Items, outbound::Effect, phone::Numbers, provider_samples};

use crate::{
    proof,
    provider::{Answers, Auth, Field, Provider, Sends, When, Written},
};

pub(crate) const STRINGEE: Provider = Provider {
    name: "stringee",
    user: Some("API key SID"),
    proof: &proof::STRINGEE,
    items: Items::One,
    by_get: false,
    numbers: Numbers::Vietnamese,
    rules: &[],
    sends: Sends {
        api_url: "https://api.stringee.com",
        path: "/v1/sms",
        auth: Auth::StringeeJwt,
        form: false,
        token_in: &[],
        fields: &[("sms/0/from", Field::From), ("sms/0/to", Field::To), ("sms/0/text", Field::Text)],
        written: Written::Digits,
        longest: 612,
        effect: Effect::Visible,
        answer: Answers {
            // `smsSent` and the HTTP status are not enough. There is no id.
            taken: When::Is("result/0/r", &["0"]),
            but_not: None,
            id: &[],
            code: &["result/0/r", "r"],
            notes: &[("price", "result/0/price")],
        },
        // No table of them is public: a code is REFUSED, and kept.
        errors: &[],
        oauth: false,
    },
    example: include_str!("../../examples/stringee.yaml"),
    samples: provider_samples!("stringee/": "call_event".json),
};
