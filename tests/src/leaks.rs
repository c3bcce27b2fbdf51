//! Nobody's secret and nobody's words stand in a log: the logs of every gateway of the tests are kept in one folder, with a
//! list of what must not stand in any of them, and the program `leaks` looks through all of it after the last test.
//!
//! `make test` empties the folder first. Words shorter than [`SHORTEST`] are not looked for: they stand in every log.

use std::{
    collections::BTreeSet,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use aho_corasick::AhoCorasick;

use crate::{dovecot, gateway, oauth, postgres, repository};

/// A word that stands in what customers and agents of the tests write, and nowhere else.
pub const MARK: &str = "mitchin7c1f9e";

/// Bytes of a text that is looked for, at least.
pub const SHORTEST: usize = 8;

/// Logs end so.
const LOG: &str = "log";
/// Lists of what must not stand in them end so.
const LIST: &str = "unsaid";

/// Where logs are kept: `target/test-logs`.
pub fn folder() -> PathBuf {
    let folder = repository().join("target/test-logs");
    fs::create_dir_all(&folder).expect("a folder for logs");
    folder
}

/// The log of a gateway that has its files in a folder; of each start of it.
pub fn log_of(files: &Path) -> PathBuf {
    let name: String =
        files.to_string_lossy().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    folder().join(format!("{name}.{LOG}"))
}

/// Keeps what a command said beside its output.
pub fn keep(said: &[u8]) {
    let path = folder().join(format!("commands-{}.{LOG}", std::process::id()));
    let mut file = fs::File::options().create(true).append(true).open(path).expect("a log of commands");
    file.write_all(said).expect("a writable log");
}

/// A secret, or a text of somebody's, that must stand in no log. One with [`MARK`] is found by that.
pub fn unsaid(text: &str) {
    static KNOWN: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let telling = text.len() >= SHORTEST && text.chars().any(|c| !c.is_ascii_digit()) && !text.contains(MARK);
    if !telling || !KNOWN.lock().unwrap_or_else(PoisonError::into_inner).insert(text.to_owned()) {
        return;
    }
    let path = folder().join(format!("{}.{LIST}", std::process::id()));
    let line = serde_json::to_string(text).expect("a text") + "\n";
    let mut file = fs::File::options().create(true).append(true).open(path).expect("a list");
    file.write_all(line.as_bytes()).expect("a writable list");
}

/// The secrets of the tests that are always the same, with [`MARK`].
const ALWAYS: [&str; 11] = [
    MARK,
    gateway::APP_SECRET,
    gateway::VERIFY_TOKEN,
    gateway::OA_SECRET,
    gateway::SIGNING_SECRET,
    gateway::PAGE_TOKEN,
    gateway::OA_TOKEN,
    gateway::ZALO_APP_SECRET,
    oauth::TOKEN,
    postgres::PASSWORD,
    dovecot::PASSWORD,
];

/// What was looked through, and what was found.
#[derive(Debug, Default)]
pub struct Found {
    /// Logs that were read.
    pub logs: usize,
    /// Their lines.
    pub lines: usize,
    /// Texts that were looked for in each line.
    pub texts: usize,
    /// Where one of them stands: the log, the number of the line, the text.
    pub leaks: Vec<(PathBuf, usize, String)>,
}

/// Looks through all logs of a folder.
pub fn look(folder: &Path) -> Found {
    let mut files: Vec<_> =
        fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("a file").path()).collect();
    files.sort();
    let ending = |path: &&PathBuf, ending: &str| path.extension().is_some_and(|other| other == ending);
    let mut texts: BTreeSet<String> = ALWAYS.iter().map(|text| (*text).to_owned()).collect();
    for list in files.iter().filter(|path| ending(path, LIST)) {
        let list = fs::read_to_string(list).expect("a list");
        texts.extend(list.lines().map(|line| serde_json::from_str::<String>(line).expect("a text")));
    }
    // A log line is JSON: a text stands in it as JSON writes it, or as it is.
    let written = |text: &String| {
        let escaped = serde_json::to_string(text).expect("a text");
        [text.clone(), escaped.trim_matches('"').to_owned()]
    };
    let forms: Vec<String> = texts.iter().flat_map(written).collect::<BTreeSet<_>>().into_iter().collect();
    let searcher = AhoCorasick::new(&forms).expect("texts that can be looked for");
    let mut found = Found { texts: texts.len(), ..Found::default() };
    for log in files.iter().filter(|path| ending(path, LOG)) {
        found.logs += 1;
        let text = String::from_utf8_lossy(&fs::read(log).expect("a log")).into_owned();
        found.lines += text.lines().count();
        for leak in searcher.find_overlapping_iter(&text) {
            let before = text.get(..leak.start()).unwrap_or_default();
            let form = forms.get(leak.pattern().as_usize()).cloned().unwrap_or_default();
            found.leaks.push((log.clone(), before.matches('\n').count() + 1, form));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leak_is_found_however_json_writes_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let list = format!("{}\n{}\n", "\"Is \\\"red\\\" there?\"", "\"còn hàng không ạ\"");
        fs::write(folder.path().join("1.unsaid"), list).expect("a list");
        let lines = format!(
            "{{\"level\":\"INFO\",\"message\":\"a call was refused\"}}\n\
             {{\"message\":\"body: Is \\\"red\\\" there?\"}}\n\
             {{\"message\":\"{MARK}\"}}\n{{\"message\":\"token {}\"}}\n{{\"message\":\"còn hàng không ạ\"}}\n",
            gateway::PAGE_TOKEN
        );
        fs::write(folder.path().join("one.log"), lines).expect("a log");
        fs::write(folder.path().join("other.log"), "nothing\n").expect("a log");
        let found = look(folder.path());
        let mut lines: Vec<_> = found.leaks.iter().map(|(_, line, _)| *line).collect();
        lines.sort_unstable();
        assert_eq!((found.logs, found.lines, lines), (2, 6, vec![2, 3, 4, 5]));
    }
}
