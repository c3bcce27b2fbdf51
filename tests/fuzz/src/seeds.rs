//! What to begin with: every fixture, and everything that once went wrong.

use std::{
    fs,
    path::{Path, PathBuf},
};

use connector_catalog::CONNECTORS;
use connector_sdk::Registration;
use kenh_log::contract::record;
use prost::encoding::encode_varint;

use crate::{call::Call, channels};

fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// What once went wrong for a target, by file.
pub fn regressions(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    files(&tests().join("fuzz/regressions").join(target), |_| true)
}

fn files(folder: &Path, wanted: impl Fn(&Path) -> bool) -> Vec<(PathBuf, Vec<u8>)> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("a readable folder").path()).collect();
    paths.retain(|path| path.is_file() && wanted(path));
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), fs::read(path).expect("a readable file"))).collect()
}

/// Every sample of every channel, and what a channel should not send and may.
pub(crate) fn calls() -> Vec<Vec<u8>> {
    CONNECTORS.iter().flat_map(|registration| samples(registration).chain(odd(registration))).collect()
}

fn samples(registration: &'static Registration) -> impl Iterator<Item = Vec<u8>> {
    let call = |sample: &connector_sdk::Sample| {
        Call::written(registration.channel, "", sample.headers, sample.body.as_bytes())
    };
    registration.samples.iter().map(call)
}

fn odd(registration: &'static Registration) -> impl Iterator<Item = Vec<u8>> {
    let folder = tests().join("../connectors").join(registration.channel).join("fixtures/odd");
    let bodies = files(&folder, |path| {
        path.extension().is_some_and(|ending| ["json", "form", "multipart"].iter().any(|known| ending == *known))
    });
    bodies.into_iter().map(|(_, body)| Call::written(registration.channel, "", &[], &body))
}

/// A set-up call of every channel, right but for the token.
pub(crate) fn handshakes() -> Vec<Vec<u8>> {
    const QUERIES: [&str; 3] = [
        "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=meatyhamhock",
        "hub.mode=subscribe&hub.verify_token=%00%ff&hub.challenge=%22%3Cscript%3E&hub.challenge=2",
        "crc_token=abc&challenge=x&verificationToken=",
    ];
    let queries = CONNECTORS.iter().flat_map(|registration| QUERIES.map(|query| (registration.channel, query)));
    queries.map(|(channel, query)| Call::written(channel, query, &[("content-type", "text/plain")], b"")).collect()
}

/// Every example, and what each channel's own is like.
pub(crate) fn settings() -> Vec<Vec<u8>> {
    let yaml = |path: &Path| path.extension().is_some_and(|ending| ending == "yaml");
    let mut texts: Vec<_> = ["../services/kenh", "../deploy", "helm/values"]
        .into_iter()
        .flat_map(|folder| files(&tests().join(folder), yaml))
        .map(|(_, text)| text)
        .collect();
    texts.extend(CONNECTORS.iter().map(|registration| registration.example.into()));
    texts
}

/// Cursors of all kinds.
pub(crate) fn cursors() -> Vec<Vec<u8>> {
    ["", "AQ", "AQAA", "AQUBAAAAAAAA", "AQD_____________AQ", "AgcB", "AgD___________8B", "Av___________wEH", "AYAA"]
        .map(Into::into)
        .into()
}

/// States with waits, attempts and large offsets.
pub(crate) fn windows() -> Vec<Vec<u8>> {
    const STATES: [(u64, &[u64]); 6] = [
        (0, &[]),
        (5, &[1, 3]),
        (5, &[1, 9, 0, 1, 0, 2, 7, 1_767_225_700, 6, 1, 0]),
        (1 << 40, &[1, 20, 1, 4_294_967_295, 1, 15, 0, 0]),
        (u64::MAX - 3, &[1, 3, 2, 1, 9_223_372_036_854_775_807]),
        (9, &[2, 1]),
    ];
    let written = |(position, numbers): (u64, &[u64])| {
        let mut bytes = position.to_le_bytes().to_vec();
        for number in numbers {
            encode_varint(*number, &mut bytes);
        }
        bytes
    };
    STATES.map(written).into()
}

/// The event of every sample, as the log holds it.
pub(crate) fn messages() -> Vec<Vec<u8>> {
    let mut seeds: Vec<_> = (0..4).map(|number| record(1, number, 7).bytes.to_vec()).collect();
    for call in calls().iter().step_by(5) {
        let call = Call::parse(call).expect("a seed names its channel");
        seeds.extend(channels::envelopes(&call, call.delivery()).iter().map(prost::Message::encode_to_vec));
    }
    seeds
}

/// Sessions of both protocols: mails with dots, without hello, too large, hidden ones, pipelined, for too many.
pub(crate) fn sessions() -> Vec<Vec<u8>> {
    const BEGUN: &str = "MAIL FROM:<a@there.test> SIZE=90\r\nRCPT TO:<b@here.test>\r\n";
    let texts = [
        format!("EHLO x\r\n{BEGUN}RCPT TO:<c@there.test>\r\nDATA\r\nSubject: x\r\n\r\n..y\r\n.\r\nQUIT\r\n"),
        format!("EHLO x\r\n{BEGUN}DATA\r\nseen\n.\r\n{BEGUN}DATA\r\nhidden\r\n.\r\n"),
        format!("HELO x\r\n{BEGUN}DATA\r\n{}\r\n.\r\nNOOP\r\n", "x".repeat(210)),
        format!("{BEGUN}NOOP {}\r\nXYZ\r\nAUTH PLAIN\r\nRSET\r\nVRFY b\r\nHELP\r\n", "x".repeat(600)),
        format!("EHLO x\r\nSTARTTLS\r\n{BEGUN}DATA\r\nx\r\n.\r\n"),
        format!("LHLO x\r\n{BEGUN}{}DATA\r\n.\r\n", "RCPT TO:<\"b\\\" c\"@here.test>\r\n".repeat(4)),
        "LHLO x\r\nMAIL FROM:<đ@b.test> SMTPUTF8 BODY=8BITMIME\r\nRCPT TO:<@r.test:đ@here.test>\r\nDATA\r\n.".into(),
    ];
    let both = texts.iter().flat_map(|text| [[0_u8, 2], [1, 0]].map(|head| (head, text)));
    both.map(|(head, text)| [head.as_slice(), text.as_bytes()].concat()).collect()
}
