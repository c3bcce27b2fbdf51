//! Messages that come in parts.

use std::time::Duration;

use bytes::Bytes;

use super::{Handles, LONG};
use crate::{Added, Assembly, NewPart};

const NOW: Duration = Duration::ZERO;

fn part(message: &str, number: u32, total: u32, body: &'static str) -> NewPart {
    NewPart { source: "sms/main".into(), message: message.into(), number, total, body: Bytes::from(body) }
}

fn bodies(assembly: &Assembly) -> Vec<(u32, &[u8])> {
    assembly.parts.iter().map(|(number, body)| (*number, &body[..])).collect()
}

fn complete(added: Result<Added, crate::StoreError>) -> Assembly {
    let Ok(Added::Complete(assembly)) = added else { panic!("{added:?}") };
    assembly
}

pub(super) async fn parts_are_joined_whoever_gets_them_and_in_whichever_order([one, other]: &Handles) {
    assert_eq!(one.add_part(&part("m", 3, 3, "c"), 10).await, Ok(Added::Waiting));
    assert_eq!(other.add_part(&part("m", 1, 3, "a"), 10).await, Ok(Added::Waiting));
    assert_eq!(one.add_part(&part("m", 1, 3, "a"), 10).await, Ok(Added::Waiting), "it came twice");
    assert_eq!(one.add_part(&part("n", 1, 2, "x"), 10).await, Ok(Added::Waiting), "another message");
    let whole = complete(one.add_part(&part("m", 2, 3, "b"), 10).await);
    assert_eq!(bodies(&whole), [(1, &b"a"[..]), (2, b"b"), (3, b"c")]);
    // Whoever had it died: it is the same message, begun at the same time.
    assert_eq!(complete(other.add_part(&part("m", 2, 3, "b"), 10).await), whole);
    one.assembly_told("sms/main", "m", whole.began_at).await.unwrap();
    assert_eq!(other.add_part(&part("m", 2, 3, "b"), 10).await, Ok(Added::Told));
    assert_eq!(other.overdue("sms/main", NOW, NOW).await.unwrap().len(), 1, "the other message waits");
    assert!(other.overdue("sms/other", NOW, NOW).await.unwrap().is_empty());
}

pub(super) async fn a_name_that_is_used_again_is_another_message([one, other]: &Handles) {
    one.add_part(&part("m", 1, 2, "old"), 10).await.unwrap();
    // What is there of the first one is told before the second one begins.
    for (number, total) in [(1, 2), (2, 3)] {
        let Ok(Added::Another(old)) = other.add_part(&part("m", number, total, "new"), 10).await else {
            panic!("{number}")
        };
        assert_eq!(bodies(&old), [(1, &b"old"[..])]);
    }
    let first = one.overdue("sms/main", NOW, NOW).await.unwrap().remove(0);
    one.assembly_told("sms/main", "m", first.began_at).await.unwrap();
    assert_eq!(one.add_part(&part("m", 1, 2, "new"), 10).await, Ok(Added::Waiting));
    one.assembly_told("sms/main", "m", first.began_at).await.unwrap();
    let second = complete(other.add_part(&part("m", 2, 2, "er"), 10).await);
    assert_eq!(bodies(&second), [(1, &b"new"[..]), (2, b"er")], "nothing of the first, and not told with it");
    assert_ne!(second.began_at, first.began_at);
    // A part that comes when its message was given up begins one of its own.
    one.assembly_told("sms/main", "m", second.began_at).await.unwrap();
    assert_eq!(one.add_part(&part("m", 3, 3, "late"), 10).await, Ok(Added::Waiting));
}

pub(super) async fn gaps_and_what_nobody_told_are_found([one, other]: &Handles) {
    one.add_part(&part("gap", 2, 2, "b"), 10).await.unwrap();
    complete(one.add_part(&part("whole", 1, 1, "w"), 10).await);
    assert!(other.overdue("sms/main", LONG, LONG).await.unwrap().is_empty(), "there is time");
    let found = other.overdue("sms/main", LONG, NOW).await.unwrap();
    assert_eq!(found.iter().map(|found| found.message.as_str()).collect::<Vec<_>>(), ["whole"]);
    let found = other.overdue("sms/main", NOW, LONG).await.unwrap();
    assert_eq!(found.iter().map(|found| found.message.as_str()).collect::<Vec<_>>(), ["gap", "whole"]);
    assert_eq!(bodies(&found[0]), [(2, &b"b"[..])]);
}

pub(super) async fn what_was_told_is_forgotten_and_no_more_wait_than_may([one, other]: &Handles) {
    for message in ["a", "b"] {
        assert_eq!(one.add_part(&part(message, 1, 2, "x"), 2).await, Ok(Added::Waiting));
    }
    assert_eq!(other.add_part(&part("c", 1, 2, "x"), 2).await, Ok(Added::Full));
    complete(other.add_part(&part("c", 1, 1, "x"), 2).await);
    let whole = complete(one.add_part(&part("a", 2, 2, "y"), 2).await);
    one.assembly_told("sms/main", "a", whole.began_at).await.unwrap();
    assert_eq!(one.forget_told("sms/main", NOW, LONG).await, Ok(0), "what was told in one part, which nothing was");
    assert_eq!(one.forget_told("sms/other", NOW, NOW).await, Ok(0));
    assert_eq!(one.forget_told("sms/main", LONG, NOW).await, Ok(1));
    assert_eq!(other.add_part(&part("a", 2, 2, "y"), 9).await, Ok(Added::Waiting), "it is not known any more");
}
