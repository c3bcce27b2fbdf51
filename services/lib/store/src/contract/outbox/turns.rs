use std::time::Duration;

use super::{NOW, begin, due, end, new, queue, submit, written};
use crate::{
    Hold, NewOutbound, Phase, Submitted, Turn, Written,
    contract::{Handles, LONG, id},
};

pub(in crate::contract) async fn a_submitted_message_is_kept_as_it_was_given([one, other]: &Handles) {
    let wanted = NewOutbound { delay: LONG, lifetime: LONG * 2, state: -3, ..new(1, 10) };
    let kept = submit(&**one, &wanted).await;
    assert_eq!(other.outbound(id(1)).await, Ok(Some(kept.clone())));
    assert_eq!(other.outbound_by_key("crm", "key 1").await, Ok(Some(kept.clone())));
    assert_eq!((kept.id, kept.client.as_str(), kept.key.as_str(), kept.digest), (id(1), "crm", "key 1", wanted.digest));
    assert_eq!((kept.channel.as_str(), kept.account.as_str(), kept.conversation), ("zalo", "main/oa/1", id(10)));
    assert_eq!((kept.phase, kept.state, kept.turn, kept.record), (Phase::Waiting, -3, 0, wanted.record));
    // An engine may look at its clock more than once.
    let hours = |from: i64, to: i64| (to - from + 1_000_000) / 3_600_000_000;
    assert_eq!((hours(kept.created_at, kept.due_at), hours(kept.created_at, kept.expires_at)), (1, 2));
    assert!(kept.updated_at >= kept.created_at && kept.created_at > 1_600_000_000_000_000);
    assert_eq!(one.outbound(id(2)).await, Ok(None));
    assert_eq!(one.outbound_by_key("other", "key 1").await, Ok(None));
}

pub(in crate::contract) async fn a_key_stands_for_one_message_of_its_client_while_it_lasts([one, other]: &Handles) {
    let kept = submit(&**one, &new(1, 10)).await;
    let again = NewOutbound { id: id(2), digest: "another".into(), ..new(1, 20) };
    assert_eq!(other.submit(&again, LONG).await, Ok(Submitted::Known(kept.clone())));
    assert_eq!(one.outbound(id(2)).await, Ok(None), "nothing was kept");
    let theirs = NewOutbound { id: id(3), client: "desk".into(), ..new(1, 10) };
    submit(&**other, &theirs).await;
    // As it stands.
    let turn = begin(&**one, 1, LONG).await;
    end(&**one, 1, turn).await;
    let Ok(Submitted::Known(known)) = one.submit(&again, LONG).await else { panic!("the key is taken") };
    assert_eq!((known.id, known.phase), (id(1), Phase::Ended));
    // Too old: the key is free, the message stays.
    let fresh = other.submit(&again, NOW).await.unwrap();
    assert!(matches!(&fresh, Submitted::Fresh(kept) if kept.id == id(2)), "{fresh:?}");
    assert_eq!(one.outbound_by_key("crm", "key 1").await.unwrap().map(|kept| kept.id), Some(id(2)));
    assert_eq!(one.outbound(id(1)).await.unwrap().map(|kept| kept.key), Some("key 1".into()));
    assert_eq!(one.outbound_by_key("desk", "key 1").await.unwrap().map(|kept| kept.id), Some(id(3)));
}

pub(in crate::contract) async fn a_conversation_is_sent_in_the_order_of_submission([one, other]: &Handles) {
    // Not in the order of their ids.
    queue(&**one, 10, [3, 1]).await;
    queue(&**other, 10, [2]).await;
    queue(&**other, 20, [4]).await;
    for number in [1, 2] {
        assert_eq!(one.turn(id(number), LONG).await, Ok(Turn::NotNow));
    }
    assert_eq!(begin(&**other, 3, LONG).await, 1);
    assert_eq!(one.turn(id(3), LONG).await, Ok(Turn::NotNow), "another dispatcher has it");
    assert_eq!(one.turn(id(1), LONG).await, Ok(Turn::NotNow));
    // Conversations do not hold each other up.
    assert_eq!(begin(&**one, 4, LONG).await, 1);
    assert_eq!(end(&**one, 4, 1).await.next, None);
    assert_eq!(end(&**other, 3, 1).await.next, Some(id(1)));
    assert_eq!(one.turn(id(3), LONG).await, Ok(Turn::Over));
    assert_eq!(one.turn(id(2), LONG).await, Ok(Turn::NotNow));
    assert_eq!(begin(&**one, 1, LONG).await, 1);
    assert_eq!(end(&**one, 1, 1).await.next, Some(id(2)));
    assert_eq!(begin(&**one, 2, LONG).await, 1);
    assert_eq!(end(&**one, 2, 1).await.next, None);
    assert_eq!(one.turn(id(99), LONG).await, Ok(Turn::Over), "there is no such message");
}

pub(in crate::contract) async fn what_is_scheduled_for_later_holds_up_nobody_and_a_retry_does([one, other]: &Handles) {
    submit(&**one, &NewOutbound { delay: LONG, ..new(1, 10) }).await;
    queue(&**one, 10, [2, 3]).await;
    assert_eq!(one.turn(id(1), LONG).await, Ok(Turn::NotNow), "it is not due");
    let turn = begin(&**one, 2, LONG).await;
    let freed = one.write(&written(2, turn, Phase::Waiting, LONG)).await.unwrap().unwrap();
    assert_eq!(freed.next, None, "the one behind it waits for it");
    for number in [1, 2, 3] {
        assert_eq!(other.turn(id(number), LONG).await, Ok(Turn::NotNow), "{number}");
    }
    assert_eq!(due(&**one).await, [0; 0]);
    // Its turn comes sooner: an operator wants it.
    let sooner = written(2, turn, Phase::Waiting, NOW);
    assert_eq!(other.rewrite(&sooner, Phase::Waiting, None).await.unwrap().unwrap().next, None);
    assert_eq!(due(&**one).await, [2]);
    assert_eq!(begin(&**other, 2, LONG).await, 2);
    // The scheduled one becomes due while another is sent.
    one.rewrite(&written(1, 0, Phase::Waiting, NOW), Phase::Waiting, None).await.unwrap().unwrap();
    assert_eq!(one.turn(id(1), LONG).await, Ok(Turn::NotNow), "one at a time");
    assert_eq!(end(&**other, 2, 2).await.next, Some(id(1)), "the oldest");
    assert_eq!(one.turn(id(3), LONG).await, Ok(Turn::NotNow));
    assert_eq!(begin(&**one, 1, LONG).await, 1);
}

pub(in crate::contract) async fn a_lease_that_is_over_is_taken_over_and_fences_the_other([one, other]: &Handles) {
    queue(&**one, 10, [1, 2]).await;
    let turn = begin(&**one, 1, NOW).await;
    tokio::time::sleep(Duration::from_millis(2)).await;
    assert_eq!(other.turn(id(2), LONG).await, Ok(Turn::NotNow), "nobody knows how far the first came");
    assert_eq!(due(&**one).await, [1]);
    // As long as nobody asks the slow one may still write, and goes on.
    assert!(one.write(&written(1, turn, Phase::Sending, NOW)).await.unwrap().is_some());
    tokio::time::sleep(Duration::from_millis(2)).await;
    let taken = other.turn(id(1), LONG).await.unwrap();
    let Turn::TakenOver(message) = taken else { panic!("{taken:?}") };
    assert_eq!((message.turn, message.record), (turn + 1, "record 1 of turn 1".into()), "it sees what was written");
    assert_eq!(one.turn(id(1), LONG).await, Ok(Turn::NotNow));
    assert_eq!(due(&**one).await, [0; 0]);
    for phase in [Phase::Waiting, Phase::Sending, Phase::Ended] {
        assert_eq!(one.write(&written(1, turn, phase, NOW)).await, Ok(None), "{phase:?}");
    }
    assert_eq!(other.outbound(id(1)).await.unwrap().map(|kept| kept.turn), Some(turn + 1));
    assert_eq!(end(&**other, 1, turn + 1).await.next, Some(id(2)));
    assert_eq!(begin(&**one, 2, LONG).await, 1, "that is its own, not taken over");
}

pub(in crate::contract) async fn a_longer_lease_is_kept([one, other]: &Handles) {
    queue(&**one, 10, [1]).await;
    let turn = begin(&**one, 1, NOW).await;
    assert!(one.write(&written(1, turn, Phase::Sending, LONG)).await.unwrap().is_some());
    assert_eq!(other.turn(id(1), LONG).await, Ok(Turn::NotNow));
    end(&**one, 1, turn).await;
}

pub(in crate::contract) async fn messages_of_a_paused_account_get_no_turn([one, other]: &Handles) {
    queue(&**one, 10, [1, 2, 3]).await;
    submit(&**one, &NewOutbound { account: "other/oa/1".into(), ..new(4, 20) }).await;
    let turn = begin(&**one, 1, LONG).await;
    other.pause("zalo", "main/oa/1", true).await.unwrap();
    other.pause("zalo", "main/oa/1", true).await.unwrap();
    other.pause("line", "other/oa/1", true).await.unwrap();
    let paused: Vec<_> = [("line", "other/oa/1"), ("zalo", "main/oa/1")].map(|(c, a)| (c.into(), a.into())).into();
    assert_eq!(one.paused().await, Ok(paused));
    assert_eq!(end(&**one, 1, turn).await.next, None, "the turn under way goes on, the next waits");
    assert_eq!(one.turn(id(2), LONG).await, Ok(Turn::NotNow));
    assert_eq!(due(&**one).await, [4], "another account, of the same name but for its endpoint");
    begin(&**one, 4, LONG).await;
    let brief = NewOutbound { lifetime: Duration::from_millis(1), ..new(5, 30) };
    submit(&**one, &brief).await;
    tokio::time::sleep(Duration::from_millis(2)).await;
    assert_eq!(due(&**one).await, [5], "it waits in vain");
    begin(&**one, 5, LONG).await;
    other.pause("zalo", "main/oa/1", false).await.unwrap();
    assert_eq!(due(&**one).await, [2]);
    begin(&**one, 2, LONG).await;
}

pub(in crate::contract) async fn nothing_comes_between_the_pieces_of_a_message([one, other]: &Handles) {
    submit(&**one, &NewOutbound { delay: LONG, ..new(1, 10) }).await;
    queue(&**one, 10, [2, 3]).await;
    let turn = begin(&**one, 2, LONG).await;
    // The channel has its first piece and is busy for the second one; meanwhile the older one becomes due.
    let half = Written { hold: Hold::Whole, ..written(2, turn, Phase::Waiting, LONG) };
    one.write(&half).await.unwrap().unwrap();
    one.rewrite(&written(1, 0, Phase::Waiting, NOW), Phase::Waiting, None).await.unwrap().unwrap();
    assert_eq!(other.turn(id(1), LONG).await, Ok(Turn::NotNow), "the other one has begun");
    assert_eq!(due(&**one).await, [0; 0]);
    let sooner = Written { hold: Hold::Whole, ..written(2, turn, Phase::Waiting, NOW) };
    one.rewrite(&sooner, Phase::Waiting, None).await.unwrap().unwrap();
    assert_eq!(due(&**one).await, [2]);
    let turn = begin(&**other, 2, LONG).await;
    assert_eq!(end(&**other, 2, turn).await.next, Some(id(1)));
}

pub(in crate::contract) async fn what_waits_for_the_clock_holds_up_nobody([one, other]: &Handles) {
    queue(&**one, 10, [1, 2, 3]).await;
    let turn = begin(&**one, 1, LONG).await;
    let aside = Written { hold: Hold::Nobody, ..written(1, turn, Phase::Waiting, LONG) };
    assert_eq!(one.write(&aside).await.unwrap().unwrap().next, Some(id(2)));
    let turn = begin(&**other, 2, LONG).await;
    assert_eq!(end(&**other, 2, turn).await.next, Some(id(3)));
    // Its time has come.
    let due_now = Written { hold: Hold::Nobody, ..written(1, 1, Phase::Waiting, NOW) };
    one.rewrite(&due_now, Phase::Waiting, None).await.unwrap().unwrap();
    let turn = begin(&**one, 3, LONG).await;
    assert_eq!(end(&**one, 3, turn).await.next, Some(id(1)), "behind what waits");
}
