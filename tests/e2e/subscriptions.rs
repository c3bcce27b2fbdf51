//! Named subscriptions from the outside.

mod acks;
mod calls;
mod idle;
mod parking;
mod replicas;
mod sharing;

use std::time::Duration;

use kenh_proto::v1::Delivery;
use kenh_tests::{
    gateway::{Gateway, Setup},
    stream::{envelope, text},
    webhook::{messenger, messenger_batch, messenger_item},
};

/// Long enough for something that must not happen to happen.
const A_WHILE: Duration = Duration::from_millis(700);

async fn embedded() -> (Gateway, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (setup(folder.path()).start().await, folder)
}

fn setup(folder: &std::path::Path) -> Setup {
    Setup::embedded(folder).with("  partitions: 4\n")
}

/// One message each of several people, in one delivery: `<person> <text>`.
async fn post(gateway: &Gateway, people: std::ops::Range<u64>, what: &str) {
    let item = |n: u64| messenger_item(660_000 + n, &format!("m_{what}_{n}"), &format!("{n} {what}"));
    let items: Vec<_> = people.map(item).collect();
    assert_eq!(messenger().post(gateway, &messenger_batch(&items)).await, 200);
}

fn person(delivery: &Delivery) -> u64 {
    text(delivery).split(' ').next().unwrap().parse().unwrap()
}

fn id(delivery: &Delivery) -> String {
    envelope(delivery).id.clone()
}
