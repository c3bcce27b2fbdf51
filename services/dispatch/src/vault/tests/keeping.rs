use std::time::Duration;

use connector_sdk::{
    Secret,
    outbound::{Pair, SendingAccount},
};

use super::{NAME, Process, channel::Channel, store};
use crate::vault::kept::{Kept, Need, Refused};

const HOUR: i64 = 3_600_000_000;
const AHEAD: Duration = Duration::from_secs(5 * 3600);

fn seeded() -> Kept {
    let configured = SendingAccount {
        token: Some(Secret::from("at-0")),
        refresh_token: Some(Secret::from("rt-0")),
        ..SendingAccount::default()
    };
    Kept::seeded(NAME, &configured, None).unwrap()
}

fn renewed(lasts: Option<u64>, now: i64) -> Kept {
    let pair = Pair {
        access: Secret::from("at-1"),
        refresh: Some(Secret::from("rt-1")),
        expires_in: lasts.map(Duration::from_secs),
    };
    seeded().renewed(&pair, &Secret::from("rt-0"), now)
}

fn needs(kept: &Kept, now: i64) -> bool {
    kept.needs_renewal(&Need { name: NAME, refused: None, ahead: AHEAD, started: 0, now })
}

#[test]
fn a_token_is_renewed_ahead_of_its_end_and_what_the_configuration_gave_at_once() {
    assert!(needs(&seeded(), HOUR));
    let kept = renewed(Some(25 * 3600), HOUR);
    assert!(!needs(&kept, HOUR));
    assert!(!needs(&kept, 20 * HOUR), "an hour before, less what is spread");
    assert!(needs(&kept, 21 * HOUR));
    assert_eq!(kept.due(NAME, AHEAD), kept.due(NAME, AHEAD), "all processes agree");
    assert!(needs(&Kept { intent: Some(HOUR), ..kept.clone() }, HOUR), "somebody did not come to the end of it");
    // One that ends sooner than it would be renewed ahead has at least half of its life.
    let short = renewed(Some(3600), HOUR);
    assert!(!needs(&short, HOUR + HOUR / 4) && needs(&short, HOUR + HOUR / 2));
    assert!(short.usable(None, HOUR + HOUR / 2).is_some() && short.usable(None, 2 * HOUR).is_none());
}

#[test]
fn an_account_nobody_sends_from_is_renewed_every_few_weeks() {
    for lasts in [None, Some(90 * 86_400)] {
        let kept = renewed(lasts, HOUR);
        assert!(!needs(&kept, 13 * 24 * HOUR));
        assert!(needs(&kept, 15 * 24 * HOUR));
    }
}

#[test]
fn a_refusal_is_questioned_when_a_process_starts_and_now_and_then() {
    let kept = Kept { refused: Some(Refused { at: 10 * HOUR, code: "-1".into() }), ..renewed(Some(3600), HOUR) };
    let need = |started, now| Need { name: NAME, refused: None, ahead: AHEAD, started, now };
    assert!(!kept.needs_renewal(&need(9 * HOUR, 11 * HOUR)));
    assert!(kept.needs_renewal(&need(11 * HOUR, 11 * HOUR)));
    assert!(kept.needs_renewal(&need(9 * HOUR, 17 * HOUR)));
}

#[test]
fn it_comes_back_as_it_was_and_what_is_newer_is_not_read() {
    let kept = Kept { intent: Some(3), ..renewed(Some(3600), HOUR) };
    let plain = kept.plain();
    let back = Kept::read(&plain).unwrap();
    assert_eq!(back.plain(), plain);
    assert!(Kept::read(&String::from_utf8(plain).unwrap().replace("\"form\":1", "\"form\":2").into_bytes()).is_none());
    assert!(!format!("{kept:?}").contains("t-1"), "{kept:?}");
}

#[test]
fn a_channel_that_gives_no_new_refresh_token_means_the_old_one() {
    let pair = Pair { access: Secret::from("at-1"), refresh: None, expires_in: None };
    let kept = seeded().renewed(&pair, &Secret::from("rt-0"), HOUR);
    assert!(crate::vault::kept::is(&kept.refresh, Some(&Secret::from("rt-0"))) && kept.previous.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_are_looked_after_though_nobody_sends() {
    let folder = tempfile::tempdir().unwrap();
    let (store, channel) = (store(folder.path()).await, Channel::new());
    let process = Process::start(&store, &channel);
    let stop = process.vault.0.stop.clone();
    let running = tokio::spawn(process.vault.clone().run());
    let begun = std::time::Instant::now();
    let fare = loop {
        let fares = store.fares().await.unwrap();
        if let Some(fare) = fares.into_iter().find(|fare| fare.renewal.renewed_at.is_some()) {
            break fare;
        }
        assert!(begun.elapsed().as_secs() < 60);
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    stop.cancel();
    running.await.unwrap();
    assert_eq!((fare.channel.as_str(), fare.account.as_str()), ("test", "main/oa-1"));
    assert!(fare.renewal.token_expires_at > fare.renewal.renewed_at && fare.renewal.refused_at.is_none());
    assert_eq!(channel.calls(), ["rt-0"]);
}
