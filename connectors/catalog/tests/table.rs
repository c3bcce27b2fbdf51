//! The table of what each channel can do, in the top README: made from what the connectors say of themselves.

#![allow(clippy::expect_used, reason = "tests fail by panicking")]

use std::{env, fmt::Write as _, fs, path::Path};

use connector_catalog::CONNECTORS;
use connector_sdk::{Connector, Registration, outbound::Outbound};
use connector_testkit::configured;
use kenh_proto::v1::{Capabilities, Feature, SupportLevel};

const BEGIN: &str = "<!-- capabilities: made by `make golden` -->\n";
const END: &str = "<!-- end of capabilities -->\n";

/// Columns: the best of these features counts.
const COLUMNS: &[(&str, &[Feature])] = &[
    ("text", &[Feature::Text]),
    ("media", &[Feature::Image, Feature::Gif, Feature::Video, Feature::Audio, Feature::File]),
    ("buttons, lists", &[Feature::Card, Feature::Carousel, Feature::List, Feature::Choices]),
    ("templates", &[Feature::Template]),
    ("quotes", &[Feature::Quote]),
    ("edit", &[Feature::Edit]),
    ("delete", &[Feature::Delete]),
    ("reactions", &[Feature::React]),
    ("typing", &[Feature::Typing]),
    ("mark read", &[Feature::MarkRead]),
    ("receipts", &[Feature::DeliveryReceipts, Feature::ReadReceipts]),
    ("comments", &[Feature::CommentReply, Feature::CommentPrivateReply, Feature::CommentHide, Feature::CommentDelete]),
];

#[test]
fn the_table_of_the_readme_is_as_the_connectors() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    let readme = fs::read_to_string(&path).expect("the top README");
    let (before, rest) = readme.split_once(BEGIN).expect("the place of the table");
    let (there, after) = rest.split_once(END).expect("the end of the table");
    let table = table();
    if env::var_os("KENH_GOLDEN").is_some_and(|value| value == "write") {
        fs::write(&path, format!("{before}{BEGIN}{table}{END}{after}")).expect("a writable README");
        return;
    }
    assert_eq!(there, table, "the table in README.md is stale: `make golden`, then read the diff");
}

fn table() -> String {
    let mut out = String::from("| Channel | receive | verify |");
    let mut rule = String::from("| --- | --- | --- |");
    for (title, _) in COLUMNS {
        _ = write!(out, " {title} |");
        rule += " --- |";
    }
    _ = writeln!(out, "\n{rule}");
    for registration in CONNECTORS {
        let connector = configured(registration, "");
        let sends = connector.outbound().map(Outbound::capabilities);
        _ = write!(out, "| `{}` | {} | {} |", registration.channel, receives(registration), proof(&*connector));
        for (_, features) in COLUMNS {
            _ = write!(out, " {} |", sends.as_ref().map_or("–", |sends| best(sends, features)));
        }
        out.push('\n');
    }
    out
}

fn receives(registration: &Registration) -> &'static str {
    if registration.samples.is_empty() { "–" } else { "●" }
}

/// A signature is another one for another body, a token is not.
fn proof(connector: &dyn Connector) -> &'static str {
    let [one, other] = [b"{\"a\":1}", b"{\"b\":2}"].map(|body| connector.sign(body));
    if one == other { "token" } else { "signature" }
}

fn best(sends: &Capabilities, features: &[Feature]) -> &'static str {
    let levels = sends.features.iter().filter(|capability| features.contains(&capability.feature()));
    match levels.map(kenh_proto::v1::Capability::level).max().unwrap_or_default() {
        SupportLevel::Native => "●",
        SupportLevel::Conditional | SupportLevel::Partial => "◐",
        SupportLevel::Converted => "○",
        SupportLevel::None | SupportLevel::Unspecified => "–",
    }
}
