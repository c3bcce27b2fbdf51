//! Going away and coming back.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use kenh_proto::v1::ListEventsRequest;
use kenh_tests::{
    gateway::Setup,
    ports, rabbitmq,
    stream::{self, Stream, after, earliest, envelope},
    webhook::{messenger, messenger_text},
};

async fn nothing_acknowledged_is_missing_after_a_restart(setup: impl Fn() -> Setup, kill: bool) {
    let mut gateway = setup().start().await;
    let mut stream = Stream::open(&gateway, earliest()).await;
    let stop = Arc::new(AtomicBool::new(false));
    let senders: Vec<_> = (0..8)
        .map(|sender| {
            let (url, stop) = (gateway.url("messenger", "main"), stop.clone());
            tokio::spawn(async move {
                let (channel, mut acknowledged) = (messenger(), Vec::new());
                for number in 0.. {
                    let mid = format!("m_{sender}_{number}");
                    match channel.post_to(&url, &messenger_text(sender, &mid, "x")).await {
                        Ok(status) if status == 200 => acknowledged.push(mid),
                        _ if stop.load(Ordering::Relaxed) => return acknowledged,
                        Ok(status) => panic!("{status}"),
                        Err(_) => tokio::task::yield_now().await,
                    }
                }
                acknowledged
            })
        })
        .collect();
    let mut seen = stream.deliveries(300).await;
    stop.store(true, Ordering::Relaxed);
    if kill {
        gateway.kill().await;
    } else {
        gateway.terminate().await;
        let (drain, more) = stream.drained().await;
        assert!(drain.reconnect_after.is_some());
        seen.extend(more);
        assert!(gateway.ended().await.success(), "exit code 0 after SIGTERM");
    }
    let mut acknowledged = HashSet::new();
    for sender in senders {
        acknowledged.extend(sender.await.unwrap());
    }
    assert!(acknowledged.len() >= 300 - 8, "{}", acknowledged.len());

    let gateway = setup().start().await;
    let mid = |delivery| envelope(delivery).provider_message_id.clone().unwrap();
    let stored: Vec<_> = stream::list(&gateway, ListEventsRequest { page_size: 1000, ..Default::default() }).await;
    let held: HashSet<_> = stored.iter().map(mid).collect();
    let missing: Vec<_> = acknowledged.difference(&held).collect();
    assert!(missing.is_empty(), "acknowledged and lost: {missing:?}");

    // A subscriber goes on from where it was.
    let mut resumed = Stream::open(&gateway, after(&seen.last().unwrap().cursor)).await;
    let rest = resumed.deliveries(stored.len() - seen.len()).await;
    let all: Vec<_> = seen.iter().chain(&rest).map(mid).collect();
    assert_eq!((all.len(), all.iter().collect::<HashSet<_>>().len()), (stored.len(), stored.len()));
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_under_load_loses_nothing_acknowledged_on_the_embedded_engine() {
    let folder = tempfile::tempdir().unwrap();
    let ports = [ports::free(), ports::free(), ports::free()];
    nothing_acknowledged_is_missing_after_a_restart(|| Setup::embedded(folder.path()).on(ports), false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_under_load_loses_nothing_acknowledged_on_the_embedded_engine() {
    let folder = tempfile::tempdir().unwrap();
    let ports = [ports::free(), ports::free(), ports::free()];
    nothing_acknowledged_is_missing_after_a_restart(|| Setup::embedded(folder.path()).on(ports), true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_under_load_loses_nothing_acknowledged_on_rabbitmq() {
    let folder = tempfile::tempdir().unwrap();
    let url = rabbitmq::shared().await.url();
    let ports = [ports::free(), ports::free(), ports::free()];
    let setup = || Setup::rabbitmq(folder.path(), &url, "sigterm").on(ports);
    nothing_acknowledged_is_missing_after_a_restart(setup, false).await;
}
