//! Bounces of a hundred programs, by flufl.bounce's own table of what they say.

use std::collections::{BTreeMap, BTreeSet};

use connector_email::{Arrival, Rules, events};
use kenh_proto::v1::{ReceiptStatus, envelope::Payload};
use kenh_tests::tools;

use super::corpora::files;

/// Whom a bounce says were not reached: for good, and for now.
type Found = (BTreeSet<String>, BTreeSet<String>);

/// So many of a hundred must be right to the last address.
const FLOOR: usize = 90;

#[test]
fn bounces_are_receipts_of_whom_they_name() {
    let folder = tools::mails().join("flufl-bounce");
    let table = std::fs::read_to_string(folder.join("expected.json")).unwrap();
    let rows: Vec<(String, Vec<String>, bool)> = serde_json::from_str(&table).unwrap();
    let mut expected = BTreeMap::<String, Found>::new();
    for (name, addresses, temporary) in rows {
        let (failed, delayed) = expected.entry(name).or_default();
        if temporary { delayed } else { failed }.extend(addresses.iter().map(|address| address.to_lowercase()));
    }
    assert!(expected.len() > 80, "the table has shrunk to {}", expected.len());
    let mails = files(&folder.join("data"), &["txt"]);
    let (mut right, mut missed, mut invented) = (0, 0, 0);
    for (name, expected) in &expected {
        let (_, raw) =
            mails.iter().find(|(path, _)| path.ends_with(&format!("/{name}"))).expect("the mail of the table");
        let found = found(raw);
        if found == *expected {
            right += 1;
        } else {
            println!("bounce {name}: expected {expected:?}, found {found:?}");
        }
        let (all, wanted) = (union(&found), union(expected));
        missed += usize::from(!wanted.is_subset(&all));
        invented += usize::from(!all.is_subset(&wanted));
    }
    let all = expected.len();
    println!(
        "bounces: {right} of {all} right; of {missed} somebody is missed, of {invented} somebody is named too many"
    );
    assert!(right * 100 >= FLOOR * all, "{right} of {all} bounces are right, less than {FLOOR} of a hundred");
}

fn union((failed, delayed): &Found) -> BTreeSet<String> {
    failed | delayed
}

fn found(raw: &[u8]) -> Found {
    let mut found = Found::default();
    for event in events(&Arrival::of(raw), &Rules::default()).events {
        let Some(Payload::Receipt(receipt)) = &event.envelope.payload else { continue };
        let recipient = receipt.values["recipient"].clone();
        match (receipt.status(), receipt.values["status"].as_str()) {
            (ReceiptStatus::Failed, _) => found.0.insert(recipient),
            (_, "delayed") => found.1.insert(recipient),
            _ => false,
        };
    }
    found
}
