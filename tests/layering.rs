//! Who may use whom. The table is the architecture; nothing points the other way.

#![allow(clippy::expect_used, reason = "tests fail by panicking")]

use std::collections::BTreeMap;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};

/// Each crate of the workspace and the crates of the workspace it may use. `connector-*` stands for every channel.
const MAY_USE: &[(&str, &[&str])] = &[
    ("kenh-proto", &[]),
    ("connector-sdk", &["kenh-proto"]),
    ("connector-testkit", &["connector-sdk", "kenh-proto"]),
    // What Meta's three channels share; not a channel.
    ("connector-meta", &["connector-sdk", "kenh-proto"]),
    ("connector-*", &["connector-meta", "connector-sdk", "kenh-proto"]),
    // Which channel it is the configuration says; calls are proven by the same schemes as those of `webhook`.
    ("connector-process", &["connector-sdk", "connector-webhook", "kenh-proto"]),
    ("connector-catalog", &["connector-process", "connector-sdk", "connector-*"]),
    // Every reason of an error, with its code and advice: in one place, so that the catalogue is complete.
    ("kenh-reason", &["kenh-proto"]),
    // What fails again and again is said as seldom as elsewhere.
    ("kenh-log", &["kenh-proto", "kenh-runtime"]),
    // Settings and their faults are the SDK's: connectors and services report theirs alike.
    ("kenh-runtime", &["connector-sdk"]),
    ("kenh-amqp", &["kenh-log", "kenh-proto", "kenh-runtime", "connector-sdk"]),
    ("kenh-store", &["connector-sdk", "kenh-runtime"]),
    ("kenh-spool", &["kenh-log", "kenh-proto", "kenh-runtime", "kenh-store"]),
    // What ingress and dispatch write down of their exchanges; no word of how either works.
    ("kenh-channel-log", &["connector-sdk", "kenh-proto", "kenh-runtime", "kenh-store"]),
    // Access tokens of mail servers, for whoever reads there and whoever sends.
    ("kenh-oauth", &["connector-sdk"]),
    // What issuers publish: fetched for the api's callers and for channels, of which it knows the keys alone.
    ("kenh-keys", &["connector-sdk", "kenh-runtime"]),
    // TLS to mail servers and message centres, and certificates of our own.
    ("kenh-tls", &[]),
    // Sessions of mail servers that hand mail over: the protocol, and no word of what becomes of a mail.
    ("kenh-smtp", &["kenh-runtime", "kenh-tls"]),
    // Sessions with message centres: who reads there and who sends find the same ones.
    ("kenh-smpp", &["connector-sdk", "kenh-runtime", "kenh-tls"]),
    // What somebody else's addresses lead to, with one guard for what is sent and what came in.
    ("kenh-fetch", &[]),
    // Files of events, for which channels are asked as their connectors say.
    ("kenh-media", &["connector-sdk", "kenh-channel-log", "kenh-fetch", "kenh-intake", "kenh-proto", "kenh-runtime"]),
    ("kenh-intake", &["connector-sdk", "kenh-log", "kenh-proto", "kenh-runtime", "kenh-store"]),
    // Processes in the place of connectors: attached by the api, asked by the pipeline and the dispatcher.
    ("kenh-process", &["connector-sdk", "kenh-intake", "kenh-proto", "kenh-runtime"]),
    (
        "kenh-outbound",
        &["connector-sdk", "kenh-intake", "kenh-log", "kenh-proto", "kenh-reason", "kenh-runtime", "kenh-store"],
    ),
    (
        "kenh-dispatch",
        &[
            "connector-sdk",
            "kenh-channel-log",
            "kenh-fetch",
            "kenh-intake",
            "kenh-log",
            "kenh-oauth",
            "kenh-outbound",
            "kenh-process",
            "kenh-proto",
            "kenh-runtime",
            "kenh-smpp",
            "kenh-store",
        ],
    ),
    // Who calls and what he may do: no word of events, whose channels and accounts the api gives it. Of the contract, the
    // reasons of its refusals only.
    ("kenh-access", &["connector-sdk", "kenh-keys", "kenh-proto", "kenh-reason", "kenh-runtime", "kenh-tls"]),
    (
        "kenh-ingress",
        &[
            "connector-sdk",
            "kenh-channel-log",
            "kenh-intake",
            "kenh-log",
            "kenh-proto",
            "kenh-runtime",
            "kenh-smtp",
            "kenh-tls",
        ],
    ),
    (
        "kenh-poller",
        &["connector-sdk", "kenh-intake", "kenh-oauth", "kenh-runtime", "kenh-smpp", "kenh-store", "kenh-tls"],
    ),
    (
        "kenh-api",
        &[
            "connector-sdk",
            "kenh-access",
            "kenh-intake",
            "kenh-log",
            "kenh-media",
            "kenh-outbound",
            "kenh-process",
            "kenh-proto",
            "kenh-reason",
            "kenh-runtime",
            "kenh-store",
        ],
    ),
    (
        "kenh",
        &[
            "connector-catalog",
            "connector-sdk",
            "kenh-access",
            "kenh-amqp",
            "kenh-api",
            "kenh-channel-log",
            "kenh-dispatch",
            "kenh-ingress",
            "kenh-intake",
            "kenh-keys",
            "kenh-log",
            "kenh-media",
            "kenh-outbound",
            "kenh-poller",
            "kenh-process",
            "kenh-proto",
            "kenh-runtime",
            "kenh-smpp",
            "kenh-spool",
            "kenh-store",
        ],
    ),
    ("kenh-tests", &["connector-catalog", "connector-sdk", "kenh-proto"]),
    (
        "kenh-fuzz",
        &[
            "connector-catalog",
            "connector-sdk",
            "connector-testkit",
            "kenh-amqp",
            "kenh-api",
            "kenh-ingress",
            "kenh-intake",
            "kenh-log",
            "kenh-proto",
            "kenh-runtime",
            "kenh-smtp",
            "kenh-spool",
            "kenh-store",
        ],
    ),
    ("kenh-bench", &["kenh-log", "kenh-proto", "kenh-tests"]),
];

/// Crates from outside that only some crates may use, and why.
const RESERVED: &[(&str, &[&str])] = &[
    // One broker client, behind the seam.
    ("lapin", &["kenh-amqp", "kenh-bench"]),
    // One SQLite, behind the seams.
    ("rusqlite", &["kenh-log", "kenh-store"]),
    // One client of PostgreSQL, behind the seam.
    ("sqlx", &["kenh-store"]),
    // Sealing, in one place; signatures with public keys: of channels, and of tokens, which an issuer of the tests makes.
    ("ring", &["connector-sdk", "kenh-access", "kenh-dispatch", "kenh-tests"]),
    // Connectors and the pipeline do no I/O. Keys of issuers are fetched, tokens of mailboxes, files, and updates.
    (
        "reqwest",
        &["kenh", "kenh-access", "kenh-dispatch", "kenh-fetch", "kenh-keys", "kenh-oauth", "kenh-poller", "kenh-tests"],
    ),
    // One store of files, behind the seam.
    ("object_store", &["kenh-media"]),
    ("async-imap", &["kenh-poller"]),
    // What a PDU says is one's business, that it comes and goes another's.
    ("rusmpp", &["connector-sms", "kenh-smpp"]),
    // Mail is written in one place and handed over in another.
    ("lettre", &["connector-email", "kenh-dispatch"]),
    // Mail is signed in one place, and its senders are checked in another, which asks DNS.
    ("mail-auth", &["connector-email", "kenh-ingress"]),
    // Who calls is found out in one place.
    ("jsonwebtoken", &["kenh-access"]),
    ("tonic-health", &["kenh-api"]),
    // Errors get their details in one place.
    ("tonic-types", &["kenh-reason", "kenh-tests"]),
    ("axum", &["kenh-ingress", "kenh-runtime", "kenh-bench", "kenh-tests"]),
];

fn workspace() -> Metadata {
    MetadataCommand::new().no_deps().exec().expect("cargo metadata")
}

fn row(name: &str) -> Option<&'static [&'static str]> {
    let exact = MAY_USE.iter().find(|(row, _)| *row == name);
    let channel = || MAY_USE.iter().find(|(row, _)| *row == "connector-*" && name.starts_with("connector-"));
    exact.or_else(channel).map(|(_, may_use)| *may_use)
}

fn dependencies(metadata: &Metadata) -> BTreeMap<String, Vec<String>> {
    let normal = |package: &cargo_metadata::Package| {
        let dependencies = package.dependencies.iter().filter(|dependency| dependency.kind == DependencyKind::Normal);
        dependencies.map(|dependency| dependency.name.clone()).collect()
    };
    metadata.workspace_packages().iter().map(|package| (package.name.to_string(), normal(package))).collect()
}

#[test]
fn crates_use_only_what_their_layer_may() {
    let uses = dependencies(&workspace());
    for (name, used) in &uses {
        let may_use = row(name);
        assert!(may_use.is_some(), "{name} has no row in the table of tests/layering.rs");
        for other in used.iter().filter(|other| uses.contains_key(*other)) {
            let channel = row(other) == row("connector-*") && other.starts_with("connector-");
            let allowed =
                may_use.unwrap_or_default().iter().any(|may| may == other || (channel && *may == "connector-*"));
            assert!(allowed, "{name} uses {other}, which its layer may not");
        }
    }
}

#[test]
fn clients_of_the_outside_world_are_used_in_one_place() {
    for (name, used) in dependencies(&workspace()) {
        for (reserved, may_use) in RESERVED {
            let uses = used.iter().any(|other| other == reserved);
            assert!(
                !uses || may_use.contains(&name.as_str()),
                "{name} uses {reserved}, which is reserved for {may_use:?}"
            );
        }
    }
}

#[test]
fn the_table_has_no_row_for_a_crate_that_is_gone() {
    let uses = dependencies(&workspace());
    for (name, _) in MAY_USE.iter().filter(|(name, _)| *name != "connector-*") {
        assert!(uses.contains_key(*name), "there is no crate {name}");
    }
}
