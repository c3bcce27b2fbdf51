//! What subscriptions cost on which nothing happens.

use kenh_proto::v1::{CreateSubscriptionRequest, Open};
use kenh_tests::{
    gateway::Gateway,
    named::{Consumer, impatient, individual, stats, subscriptions},
    until,
};

use super::{embedded, post};

const MANY: usize = 1000;
/// Streams of one connection.
const EACH: usize = 100;

/// Memory of a process that is its own, in bytes: without the pages of its program, of which a debug build has many and which
/// come as its code is used for the first time.
fn resident(gateway: &Gateway) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", gateway.pid())).unwrap();
    let line = status.lines().find(|line| line.starts_with("RssAnon:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_of_them_with_their_streams_open_cost_little_memory() {
    let (gateway, _folder) = embedded().await;
    post(&gateway, 0..10, "warm").await;
    let before = resident(&gateway);
    let mut client = subscriptions(&gateway).await;
    for number in 0..MANY {
        let request =
            CreateSubscriptionRequest { subscription: Some(impatient(&format!("idle-{number}"))), start: None };
        client.create_subscription(request).await.unwrap();
    }
    let mut streams = Vec::new();
    for group in 0..MANY / EACH {
        let mut client = kenh_tests::stream::client(&gateway).await;
        for number in 0..EACH {
            let open: Open = individual(&format!("idle-{}", group * EACH + number), "a");
            streams.push(kenh_tests::stream::Stream::over(&mut client, open).await.unwrap());
        }
    }
    until("the last one holds its partitions", || async {
        let stats = stats(&gateway, &format!("idle-{}", MANY - 1)).await;
        stats.partitions.iter().all(|partition| partition.consumer_id == "a")
    })
    .await;
    let added = || resident(&gateway).saturating_sub(before) >> 20;
    println!("{MANY} idle subscriptions with open streams: {} MiB", added());
    // What making them took is given back a moment later; what they take stays.
    until("they cost less than 50 MiB", || async { added() < 50 }).await;
    // They are alive.
    let mut busy = Consumer { stream: streams.pop().unwrap() };
    post(&gateway, 0..1, "something").await;
    let delivery = busy.delivery().await;
    busy.ack(&delivery).await;
}
