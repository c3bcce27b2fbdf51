//! `kenh normalize` over whatever comes in on its standard input.

#![allow(clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]

use connector_testkit::{Chance, mutate};
use kenh_proto::envelope_from_json;
use kenh_tests::gateway::kenh;

/// Processes to start.
const CALLS: usize = 60;

#[tokio::test]
async fn whatever_comes_in_is_answered_in_lines_or_with_one_reason() {
    let seeds = (kenh_fuzz::find("normalize").expect("a target").seeds)();
    let mut chance = Chance::new(2);
    for _ in 0..CALLS {
        let seed = chance.pick(&seeds).expect("a seed").clone();
        let other = chance.pick(&seeds).expect("a seed").clone();
        let (channel, body) = kenh_fuzz::channel_and_body(&seed).expect("a seed is a call");
        let body = mutate(body, &other, &mut chance);
        let output = kenh(&["normalize", channel, "--no-verify", "-"], &body).await;
        let (out, err) = (String::from_utf8(output.stdout).expect("text"), String::from_utf8_lossy(&output.stderr));
        let shown = || format!("{channel}: {}\n{err}", body.escape_ascii());
        let envelopes = out.lines().map(envelope_from_json).collect::<Result<Vec<_>, _>>();
        let envelopes = envelopes.unwrap_or_else(|error| panic!("a line is no envelope: {error} {}", shown()));
        // A panic would be 101, a signal none at all.
        assert_eq!(output.status.code(), Some(i32::from(envelopes.is_empty())), "{}", shown());
        assert_eq!(err.is_empty(), !envelopes.is_empty(), "{}", shown());
        assert!(envelopes.iter().all(|envelope| envelope.channel == channel), "{}", shown());
    }
}
