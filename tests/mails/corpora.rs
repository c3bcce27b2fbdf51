//! None panics, none is lost.

use std::{collections::BTreeMap, env, fs, path::Path};

use connector_email::{Arrival, Rules, enclosed, events};
use kenh_proto::v1::{Envelope, MediaState, envelope::Payload, part::Content};
use kenh_tests::{repository, tools};

/// Corpora by folder, and how their mails are told from what lies beside them. `email_reply_parser` has texts, not mails.
const CORPORA: &[(&str, &str, &[&str])] = &[
    ("cpython", "cpython", &["txt"]),
    ("email-reply-parser", "email-reply-parser/emails", &["txt"]),
    ("flufl-bounce", "flufl-bounce/data", &["txt"]),
    ("mail-parser", "mail-parser", &["eml"]),
    ("mail-parser-next", "mail-parser-next", &["eml"]),
    ("mail-parser-python", "mail-parser-python", &[]),
    ("talon", "talon/fixtures", &["eml"]),
];
const TEXTS: &str = "email-reply-parser";
/// Comes with the distribution, of whose Python there are several.
const VARYING: &str = "cpython";

/// All files below a folder, by name.
pub(crate) fn files(folder: &Path, endings: &[&str]) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(folder) = waiting.pop() {
        let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        for path in entries.map(|entry| entry.unwrap().path()) {
            let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
            if path.is_dir() {
                waiting.push(path);
            } else if endings.is_empty() || endings.contains(&ending) {
                found.insert(path.display().to_string(), fs::read(&path).unwrap());
            }
        }
    }
    assert!(!found.is_empty(), "{} is empty", folder.display());
    found
}

/// What became of the mails of a corpus.
#[derive(Default)]
struct Count {
    mails: usize,
    messages: usize,
    receipts: usize,
    degraded: BTreeMap<String, usize>,
    parked: usize,
    files: usize,
}

impl Count {
    fn line(&self, name: &str) -> String {
        let degraded: Vec<_> = self.degraded.iter().map(|(code, count)| format!("{code} {count}")).collect();
        format!(
            "{name}: {} mails, {} messages, {} receipts, {} parked, {} files; degraded: {}",
            self.mails,
            self.messages,
            self.receipts,
            self.parked,
            self.files,
            if degraded.is_empty() { "none".into() } else { degraded.join(", ") }
        )
    }
}

#[test]
fn every_mail_of_every_corpus_becomes_an_event() {
    let mails = tools::mails();
    let mut lines = Vec::new();
    for (name, folder, endings) in CORPORA {
        let mut count = Count::default();
        for (path, raw) in files(&mails.join(folder), endings) {
            let head = if *name == TEXTS { b"From: somebody@example.test\n\n".as_slice() } else { b"" };
            look(&path, &[head, &raw].concat(), &mut count);
        }
        println!("corpus: {}", count.line(name));
        if *name == VARYING {
            assert!(count.mails >= 40, "fewer mails than there ever were");
        } else {
            lines.push(count.line(name));
        }
    }
    compare(&(lines.join("\n") + "\n"));
}

fn look(path: &str, raw: &[u8], count: &mut Count) {
    let (arrival, rules) = (Arrival::of(raw), Rules::default());
    let (read, again) = (events(&arrival, &rules).events, events(&arrival, &rules).events);
    count.mails += 1;
    let first = read.first().unwrap_or_else(|| panic!("{path} is lost"));
    assert_eq!(first.raw, raw, "{path} is not kept whole");
    for (event, same) in read.iter().zip(&again) {
        assert_eq!(event.envelope, same.envelope, "{path} becomes another event the second time");
        assert!(!event.envelope.dedupe_key.is_empty(), "{path} has no identity");
        let payload = event.envelope.payload.as_ref().unwrap();
        if let Payload::Unsupported(unsupported) = payload {
            println!("parked: {path}: {}", unsupported.detail.as_deref().unwrap_or_default());
            count.parked += 1;
        } else if let Payload::Receipt(_) = payload {
            count.receipts += 1;
        } else {
            assert!(matches!(payload, Payload::Message(_)), "{path} became {payload:?}");
            count.messages += 1;
        }
        for code in event.envelope.quality.iter().flat_map(|quality| &quality.degraded) {
            assert!(first.keep_raw, "{path} is degraded and its bytes are gone");
            *count.degraded.entry(code.clone()).or_default() += 1;
        }
        count.files += files_of(path, &arrival, &event.envelope, event.keep_raw);
    }
}

/// Every file that is described is found again, with the digest it was described with.
fn files_of(path: &str, arrival: &Arrival<'_>, envelope: &Envelope, is_kept: bool) -> usize {
    let Some(Payload::Message(message)) = &envelope.payload else { return 0 };
    let mut count = 0;
    for part in &message.parts {
        let Some(Content::Media(media)) = &part.content else { panic!("{path}: {part:?}") };
        assert_eq!(media.state(), MediaState::Enclosed);
        assert!(is_kept, "{path} has a file and its bytes are gone");
        let bytes = enclosed(arrival, &Rules::default(), media.provider_ref.as_deref().unwrap());
        let bytes = bytes.unwrap_or_else(|| panic!("{path}: {:?} is not found", media.provider_ref));
        let digest = ring::digest::digest(&ring::digest::SHA256, &bytes);
        assert_eq!(media.sha256.as_deref(), Some(digest.as_ref()), "{path}");
        assert_eq!(media.size, Some(u64::try_from(bytes.len()).unwrap()));
        count += 1;
    }
    count
}

fn compare(actual: &str) {
    let golden = repository().join("tests/mails/summary.golden");
    if env::var_os("KENH_GOLDEN").is_some_and(|value| value == "write") {
        fs::write(&golden, actual).unwrap();
    }
    let expected = fs::read_to_string(&golden).unwrap_or_default();
    assert_eq!(actual, expected, "another summary: KENH_GOLDEN=write, then read the diff");
}
