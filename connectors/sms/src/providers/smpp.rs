//! A message centre over SMPP. Nobody calls: what comes is what the gateway's session got, and what is sent goes through it.

use connector_sdk::{fields::Items, outbound::Effect, phone::Numbers};
use kenh_proto::v1::ReceiptStatus;

use crate::{
    proof,
    provider::{Answers, Auth, Message, Provider, Report, Rule, Sends, Status, When, Written},
};

pub(crate) const SMPP: Provider = Provider {
    name: "smpp",
    user: Some("system_id"),
    proof: &proof::SESSION,
    items: Items::One,
    by_get: false,
    // Addresses are read with their types before they come here.
    numbers: Numbers::International,
    rules: &[
        (
            &[When::Has("receipt")],
            Rule::Report(Report {
                id: &["id"],
                key: &["done", "err"],
                status: Status::Words(
                    &["stat"],
                    &[
                        ("SCHEDULED", ReceiptStatus::Sent),
                        ("ENROUTE", ReceiptStatus::Sent),
                        ("ACCEPTD", ReceiptStatus::Sent),
                        ("DELIVRD", ReceiptStatus::Delivered),
                        ("EXPIRED", ReceiptStatus::Failed),
                        ("DELETED", ReceiptStatus::Failed),
                        ("UNDELIV", ReceiptStatus::Failed),
                        ("REJECTD", ReceiptStatus::Failed),
                        ("SKIPPED", ReceiptStatus::Failed),
                    ],
                ),
                from: &["from"],
                to: &["to"],
                // By the message centre's own clock, whose zone nobody says.
                at: None,
                code: &["err"],
                detail: &[],
                reference: &[],
                values: &[("done_date", "done"), ("network_error", "network_error")],
            }),
        ),
        (
            &[When::Has("from"), When::Has("text")],
            Rule::Message(Message {
                // It has none. The gateway knows repeats before they come here.
                id: &[],
                from: &["from"],
                to: &["to"],
                text: &["text"],
                at: None,
                media: None,
                opt_out: &[],
            }),
        ),
    ],
    // Of this only the length: what is sent is no call.
    sends: Sends {
        api_url: "",
        path: "",
        auth: Auth::Body,
        form: false,
        token_in: &[],
        fields: &[],
        written: Written::Digits,
        // Counted in segments, when it is cut.
        longest: 0,
        effect: Effect::Visible,
        answer: Answers { taken: When::Has(""), but_not: None, id: &[], code: &[], notes: &[] },
        errors: &[],
        oauth: false,
    },
    example: include_str!("../../examples/smpp.yaml"),
    samples: &[],
};
