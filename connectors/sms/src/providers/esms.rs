//! `eSMS.vn`. Its calls are GETs; nothing but the token in the address proves a report.

use connector_sdk::{
    fields::{Item, Items},
    outbound::Effect,
    phone::Numbers,
    provider_samples,
};
use kenh_proto::v1::{ReceiptStatus, SendReason};

use crate::{
    clock::Clock,
    proof,
    provider::{Answers, Auth, Field, Message, Provider, Report, Rule, Sends, Status, Then, When, Written},
};

/// "Finished" is not "delivered": the counters tell.
fn how_far(item: &Item) -> Option<(String, ReceiptStatus)> {
    let count = |name| item.get_at(name).and_then(|count| count.parse::<u64>().ok()).unwrap_or_default();
    let word = item.get_at("SendStatus")?;
    let status = match (word.as_str(), count("SendSuccess"), count("SendFailed")) {
        ("1" | "2" | "7", ..) => ReceiptStatus::Sent,
        ("4", ..) | ("5", 0, _) => ReceiptStatus::Failed,
        ("5", _, 0) => ReceiptStatus::Delivered,
        // Some of several were delivered, or a status of another day.
        _ => ReceiptStatus::Unspecified,
    };
    Some((word, status))
}

const REPORT: Report = Report {
    id: &["SMSID"],
    key: &["phonenumber", "SendSuccess", "SendFailed"],
    status: Status::Read(how_far),
    from: &[],
    to: &["phonenumber"],
    at: None,
    code: &[],
    detail: &["error_info"],
    reference: &["RequestId"],
    values: &[("price", "TotalPrice"), ("network", "telcoid"), ("kind", "TypeId")],
};

pub(crate) const ESMS: Provider = Provider {
    name: "esms",
    user: Some("ApiKey"),
    proof: &proof::ESMS,
    items: Items::One,
    by_get: true,
    numbers: Numbers::Vietnamese,
    rules: &[
        // Zalo's: the number is an id of theirs.
        (&[When::Has("SendStatus"), When::Is("TypeId", &["26"])], Rule::Report(Report { to: &[], ..REPORT })),
        (&[When::Has("SendStatus")], Rule::Report(REPORT)),
        (
            &[When::Has("sender"), When::Has("serviceNumber"), When::Has("content")],
            Rule::Message(Message {
                id: &["smsid"],
                from: &["sender"],
                to: &["serviceNumber"],
                text: &["content"],
                at: Some((&["receiverTime"], Clock::VietnamDigits)),
                media: None,
                opt_out: &[],
            }),
        ),
    ],
    sends: Sends {
        api_url: "https://rest.esms.vn",
        path: "/MainService.svc/json/SendMultipleMessage_V4_post_json/",
        auth: Auth::Body,
        form: false,
        token_in: &["SecretKey"],
        fields: &[
            ("ApiKey", Field::User),
            ("SecretKey", Field::Token),
            ("Brandname", Field::From),
            ("SmsType", Field::Kind("2", "1")),
            ("Phone", Field::To),
            ("Content", Field::Text),
            ("IsUnicode", Field::ByEncoding("0", "1")),
            ("RequestId", Field::Reference),
            ("CallbackUrl", Field::Callback),
        ],
        written: Written::National,
        longest: 612,
        // A RequestId that was used before: the first call was taken.
        effect: Effect::Keyed,
        answer: Answers {
            taken: When::Is("CodeResult", &["100", "124", "199"]),
            but_not: None,
            id: &["SMSID"],
            code: &["CodeResult"],
            notes: &[],
        },
        errors: &[
            (&["99"], SendReason::RecipientUnknown, Then::Never),
            (&["101"], SendReason::AuthBroken, Then::NewToken),
            (&["103"], SendReason::QuotaExhausted, Then::Never),
            (&["102", "104", "140", "177", "204"], SendReason::NotPermitted, Then::Never),
            (&["108", "115"], SendReason::RecipientUnknown, Then::Never),
            (&["107", "110", "118", "120", "171", "210", "300", "301"], SendReason::ContentInvalid, Then::Never),
            (&["146"], SendReason::TemplateInvalid, Then::Never),
        ],
        oauth: false,
    },
    example: include_str!("../../examples/esms.yaml"),
    samples: provider_samples!("esms/": "message".form, "report_delivered".form, "report_failed".form, "report_zalo".form,
        "report_carrier".form),
};
