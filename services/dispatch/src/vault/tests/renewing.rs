use connector_sdk::{ExposeSecret as _, Secret};

use super::{
    ACCOUNT, KEY, NAME, Process,
    channel::{Channel, Manner},
    keys, store,
};
use crate::{
    tokens::{TokenError, Tokens as _},
    vault::{kept::Kept, renew::spend},
};

#[tokio::test(flavor = "multi_thread")]
async fn three_processes_at_once_spend_one_refresh_token() {
    let folder = tempfile::tempdir().unwrap();
    let (store, channel) = (store(folder.path()).await, Channel::new());
    channel.next([Manner::Slowly]);
    let processes = [(); 3].map(|()| Process::start(&store, &channel));
    let tokens = futures_util::future::join_all(processes.iter().map(|process| process.renewed("at-0"))).await;
    assert_eq!(tokens, [Ok("at-1".into()), Ok("at-1".into()), Ok("at-1".into())]);
    assert_eq!(channel.calls(), ["rt-0"]);
    // The token of one is refused: the others learn the next one from the store.
    assert_eq!(processes[0].renewed("at-1").await, Ok("at-2".into()));
    assert_eq!(processes[1].renewed("at-1").await, Ok("at-2".into()));
    assert_eq!(processes[2].token().await, Ok("at-1".into()), "until the channel refuses it");
    assert_eq!(channel.calls(), ["rt-0", "rt-1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_callers_of_one_process_make_one_call() {
    let folder = tempfile::tempdir().unwrap();
    let (store, channel) = (store(folder.path()).await, Channel::new());
    channel.next([Manner::Slowly]);
    let process = Process::start(&store, &channel);
    let all = futures_util::future::join_all((0..50).map(|_| process.renewed("at-0"))).await;
    assert!(all.iter().all(|token| *token == Ok("at-1".into())), "{all:?}");
    assert_eq!(channel.calls(), ["rt-0"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_answer_before_the_token_was_spent() {
    let folder = tempfile::tempdir().unwrap();
    let (store, channel) = (store(folder.path()).await, Channel::new());
    channel.next([Manner::SilentBefore]);
    let process = Process::start(&store, &channel);
    assert_eq!(process.renewed("at-0").await, Ok("at-1".into()));
    assert_eq!(channel.calls(), ["rt-0", "rt-0"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_answer_after_the_token_was_spent() {
    let folder = tempfile::tempdir().unwrap();
    let (store, channel) = (store(folder.path()).await, Channel::new());
    channel.next([Manner::SilentAfter]);
    let process = Process::start(&store, &channel);
    assert_eq!(process.renewed("at-0").await, Err(TokenError::Broken { code: Some("-14014".into()) }));
    assert_eq!(channel.calls(), ["rt-0", "rt-0"], "once more with the same, then it is over");
    // The access token may go on working; nothing was overwritten.
    assert_eq!(process.token().await, Ok("at-0".into()));
    assert_eq!(process.renewed("at-0").await, Err(TokenError::Broken { code: Some("-14014".into()) }));
    assert_eq!(channel.calls().len(), 2, "nobody hammers a channel that has refused");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_calls_without_an_answer_decide_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (store, channel) = (store(folder.path()).await, Channel::new());
    channel.next([Manner::SilentBefore, Manner::SilentBefore]);
    let process = Process::start(&store, &channel);
    assert_eq!(process.renewed("at-0").await, Err(TokenError::Passing));
    assert!(process.kept().await.intent.is_some(), "whether it is spent is not known");
    assert_eq!(process.renewed("at-0").await, Err(TokenError::Passing), "it rests");
    assert_eq!(channel.calls().len(), 2);
    let next = Process::start(&store, &channel);
    assert_eq!(next.renewed("at-0").await, Ok("at-1".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_in_place_of_tokens_overwrites_nothing() {
    for manner in [Manner::Trouble, Manner::Away] {
        let folder = tempfile::tempdir().unwrap();
        let (store, channel) = (store(folder.path()).await, Channel::new());
        channel.next([manner]);
        let process = Process::start(&store, &channel);
        assert_eq!(process.renewed("at-0").await, Err(TokenError::Passing), "{manner:?}");
        assert_eq!(process.token().await, Ok("at-0".into()));
        let kept = process.kept().await;
        assert!(kept.intent.is_none() && kept.refused.is_none(), "{manner:?}");
        let next = Process::start(&store, &channel);
        assert_eq!(next.renewed("at-0").await, Ok("at-1".into()));
        assert_eq!(channel.calls(), ["rt-0", "rt-0"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_process_did_not_finish_is_tried_once_by_the_next() {
    for (spent, wanted) in
        [(false, Ok("at-1".to_owned())), (true, Err(TokenError::Broken { code: Some("-14014".into()) }))]
    {
        let folder = tempfile::tempdir().unwrap();
        let (store, channel) = (store(folder.path()).await, Channel::new());
        channel.next([Manner::SilentBefore, if spent { Manner::SilentAfter } else { Manner::SilentBefore }]);
        let process = Process::start(&store, &channel);
        // As good as dead: it has written down its intent, and never what came of it.
        assert_eq!(process.renewed("at-0").await, Err(TokenError::Passing));
        let next = Process::start(&store, &channel);
        assert_eq!(next.renewed("at-0").await, wanted);
        assert_eq!(channel.calls(), ["rt-0", "rt-0", "rt-0"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_before_is_kept_until_the_new_one_has_worked() {
    let folder = tempfile::tempdir().unwrap();
    let (store, channel) = (store(folder.path()).await, Channel::new());
    let process = Process::start(&store, &channel);
    assert_eq!(process.renewed("at-0").await, Ok("at-1".into()));
    assert!(process.kept().await.previous.is_some());
    process.vault.worked(&process.endpoint, ACCOUNT, &Secret::from("at-0"));
    process.settled().await;
    assert!(process.kept().await.previous.is_some(), "that was the one before");
    process.vault.worked(&process.endpoint, ACCOUNT, &Secret::from("at-1"));
    process.settled().await;
    assert!(process.kept().await.previous.is_none());
    // A pair with which nothing worked, and which is refused: the one before is asked.
    assert_eq!(process.renewed("at-1").await, Ok("at-2".into()));
    channel.next([Manner::Refuses]);
    channel.consent("rt-1");
    assert_eq!(process.renewed("at-2").await, Ok("at-3".into()));
    assert_eq!(channel.calls(), ["rt-0", "rt-1", "rt-2", "rt-1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_consent_takes_the_place_of_what_is_kept_and_an_old_one_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let (store, channel) = (store(folder.path()).await, Channel::new());
    let old = Process::start(&store, &channel);
    channel.next([Manner::Refuses]);
    assert!(matches!(old.renewed("at-0").await, Err(TokenError::Broken { .. })));
    channel.consent("rt-new");
    let new = Process::with(&store, &channel, "refresh_token: rt-new", &[KEY]);
    assert_eq!(new.token().await, Ok("at-1".into()));
    // A replica that still has the configuration from before, and one that is restarted.
    let behind = Process::start(&store, &channel);
    assert_eq!(behind.renewed("at-0").await, Ok("at-1".into()));
    let again = Process::with(&store, &channel, "refresh_token: rt-new", &[KEY]);
    assert_eq!(again.token().await, Ok("at-1".into()));
    assert_eq!(channel.calls(), ["rt-0", "rt-new"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_questioned_once_by_a_process_that_starts() {
    let folder = tempfile::tempdir().unwrap();
    let (store, channel) = (store(folder.path()).await, Channel::new());
    channel.next([Manner::Refuses]);
    let process = Process::start(&store, &channel);
    assert!(process.renewed("at-0").await.is_err());
    assert!(process.renewed("at-0").await.is_err());
    assert_eq!(channel.calls().len(), 1);
    // It was the app's secret, and somebody mended it.
    let next = Process::start(&store, &channel);
    assert_eq!(next.renewed("at-0").await, Ok("at-1".into()));
    assert_eq!(channel.calls(), ["rt-0", "rt-0"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_gets_the_lease_late_looks_again() {
    let folder = tempfile::tempdir().unwrap();
    let (store, channel) = (store(folder.path()).await, Channel::new());
    let [first, late] = [(); 2].map(|()| Process::start(&store, &channel));
    late.vault.0.load(late.vault.0.slots.values().next().unwrap()).await.unwrap();
    assert_eq!(first.renewed("at-0").await, Ok("at-1".into()));
    // It looked before the other one was done, and has the lease after it.
    let slot = late.vault.0.slots.values().next().unwrap();
    assert!(spend(&late.vault.0, slot, Some(&Secret::from("at-0"))).await.unwrap());
    assert_eq!(late.renewed("at-0").await, Ok("at-1".into()));
    assert_eq!(channel.calls(), ["rt-0"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_while_a_token_is_spent_is_respected() {
    for consent in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let (store, channel) = (store(folder.path()).await, Channel::new());
        channel.next([Manner::Slowly]);
        let process = Process::start(&store, &channel);
        let (renewed, ()) = tokio::join!(process.renewed("at-0"), async {
            let begun = std::time::Instant::now();
            while channel.calls().is_empty() {
                assert!(begun.elapsed().as_secs() < 60, "nobody spends it");
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
            // The same sealed anew, or what a person has given meanwhile.
            let (kept, version) = (process.kept().await, store.credential(NAME).await.unwrap().unwrap().version);
            let refresh = if consent { Secret::from("rt-new") } else { kept.refresh.clone() };
            let sealed = keys(&[KEY]).seal(NAME, Kept { refresh, ..kept }.plain()).unwrap();
            assert!(store.put_credential(NAME, version, &sealed).await.unwrap());
        });
        let kept = process.kept().await.refresh;
        let wanted = if consent { "rt-new" } else { "rt-1" };
        assert_eq!(kept.expose_secret(), wanted);
        assert_eq!(renewed.is_ok(), !consent, "{renewed:?}");
    }
}
