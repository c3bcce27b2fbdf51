use std::time::Duration;

use bytes::Bytes;

use super::NOW;
use crate::{
    Known,
    contract::{Handles, LONG, id},
};

fn known(number: u128, at: i64) -> Known {
    let record = Bytes::from(format!("record {number} at {at}"));
    Known { id: id(number), channel: "zalo".into(), account: "main/oa/1".into(), at, record }
}

pub(in crate::contract) async fn of_a_conversation_the_newest_is_known([one, other]: &Handles) {
    one.meet(&[known(2, 50), known(1, 10), known(1, 30), known(1, 20)]).await.unwrap();
    assert_eq!(other.known(id(1)).await, Ok(Some(known(1, 30))));
    let elsewhere = Known { account: "other/oa/2".into(), channel: "line".into(), ..known(2, 51) };
    other.meet(&[known(1, 29), elsewhere.clone()]).await.unwrap();
    assert_eq!(one.known(id(1)).await, Ok(Some(known(1, 30))));
    assert_eq!(one.known(id(2)).await, Ok(Some(elsewhere)));
    assert_eq!(one.known(id(3)).await, Ok(None));
    // Of the same moment the last.
    let [first, last] = ["first", "last"].map(|record| Known { record: record.into(), ..known(1, 30) });
    one.meet(&[first, last.clone()]).await.unwrap();
    assert_eq!(one.known(id(1)).await, Ok(Some(last)));
    one.meet(&[]).await.unwrap();
}

pub(in crate::contract) async fn old_conversations_are_forgotten_in_bounded_steps([one, other]: &Handles) {
    let now = i64::try_from(std::time::UNIX_EPOCH.elapsed().unwrap().as_micros()).unwrap();
    let all: Vec<_> = (0..1500).map(|number| known(number, now - 20_000_000)).chain([known(5000, now)]).collect();
    one.meet(&all).await.unwrap();
    assert_eq!(one.forget_conversations(LONG).await, Ok(0));
    let mut forgotten = Vec::new();
    while let some @ 1.. = other.forget_conversations(Duration::from_secs(10)).await.unwrap() {
        forgotten.push(some);
    }
    assert_eq!(forgotten.iter().sum::<u64>(), 1500);
    assert!(forgotten.len() > 1, "not all at once: {forgotten:?}");
    assert_eq!(one.known(id(3)).await, Ok(None));
    assert!(one.known(id(5000)).await.unwrap().is_some());
}

pub(in crate::contract) async fn a_credential_is_changed_by_who_knows_the_one_before([one, other]: &Handles) {
    let [first, second, third] = ["first", "second", "third"].map(Bytes::from);
    assert_eq!(one.credential("zalo/main/1").await, Ok(None));
    assert_eq!(one.put_credential("zalo/main/1", 1, &first).await, Ok(false), "there is none");
    assert_eq!(one.put_credential("zalo/main/1", 0, &first).await, Ok(true));
    assert_eq!(other.put_credential("zalo/main/1", 0, &second).await, Ok(false), "there is one");
    assert_eq!(other.put_credential("zalo/main/1", 1, &second).await, Ok(true));
    assert_eq!(one.put_credential("zalo/main/1", 1, &third).await, Ok(false), "it was changed meanwhile");
    let kept = one.credential("zalo/main/1").await.unwrap().unwrap();
    assert_eq!((kept.version, &kept.sealed), (2, &second));
    other.put_credential("line/main/1", 0, &third).await.unwrap();
    let all = one.credentials().await.unwrap();
    let all: Vec<_> = all.iter().map(|(account, kept)| (account.as_str(), kept.version, &kept.sealed)).collect();
    assert_eq!(all, [("line/main/1", 1, &third), ("zalo/main/1", 2, &second)]);
}

pub(in crate::contract) async fn a_credential_is_dropped_for_good([one, other]: &Handles) {
    let kept = Bytes::from_static(b"sealed");
    assert_eq!(one.drop_credential("zalo/main/1").await, Ok(false));
    one.put_credential("zalo/main/1", 0, &kept).await.unwrap();
    one.put_credential("zalo/main/2", 0, &kept).await.unwrap();
    assert_eq!(other.drop_credential("zalo/main/1").await, Ok(true));
    assert_eq!(one.credential("zalo/main/1").await, Ok(None));
    assert!(one.credential("zalo/main/2").await.unwrap().is_some());
    assert_eq!(one.put_credential("zalo/main/1", 0, &kept).await, Ok(true), "as if there had been none");
}

pub(in crate::contract) async fn a_right_has_one_owner_until_it_is_given_back_or_over([one, other]: &Handles) {
    let (me, you) = (id(1), id(2));
    assert_eq!(one.lease("zalo/main/1", me, LONG).await, Ok(true));
    assert_eq!(other.lease("zalo/main/1", you, LONG).await, Ok(false));
    assert_eq!(other.lease("zalo/main/2", you, LONG).await, Ok(true), "that is another one");
    assert_eq!(one.lease("zalo/main/1", me, LONG).await, Ok(true), "prolonged");
    other.release("zalo/main/1", you).await.unwrap();
    assert_eq!(other.lease("zalo/main/1", you, LONG).await, Ok(false), "only its owner gives it back");
    one.release("zalo/main/1", me).await.unwrap();
    assert_eq!(other.lease("zalo/main/1", you, NOW).await, Ok(true));
    tokio::time::sleep(Duration::from_millis(2)).await;
    assert_eq!(one.lease("zalo/main/1", me, LONG).await, Ok(true), "the other's time is over");
    assert_eq!(other.lease("zalo/main/1", you, LONG).await, Ok(false));
}
