use super::{NOW, begin, due, end, new, queue, submit, written};
use crate::{
    Phase, Turn, Written,
    contract::{Handles, LONG, id},
};

pub(in crate::contract) async fn only_who_has_the_turn_writes([one, other]: &Handles) {
    queue(&**one, 10, [1]).await;
    assert_eq!(one.write(&written(1, 0, Phase::Ended, NOW)).await, Ok(None), "nobody has it");
    let turn = begin(&**one, 1, LONG).await;
    for wrong in [turn - 1, turn + 1] {
        assert_eq!(other.write(&written(1, wrong, Phase::Ended, NOW)).await, Ok(None));
    }
    assert_eq!(other.write(&written(2, turn, Phase::Ended, NOW)).await, Ok(None), "there is no such message");
    // By number, whoever asks.
    assert!(other.write(&written(1, turn, Phase::Sending, LONG)).await.unwrap().is_some());
    let kept = one.outbound(id(1)).await.unwrap().unwrap();
    assert_eq!((kept.phase, kept.state, kept.turn), (Phase::Sending, 7, turn));
    assert_eq!(kept.record, "record 1 of turn 1");
    one.write(&written(1, turn, Phase::Waiting, NOW)).await.unwrap().unwrap();
    assert_eq!(one.write(&written(1, turn, Phase::Ended, NOW)).await, Ok(None), "it gave the turn back");
    let again = begin(&**one, 1, LONG).await;
    assert_eq!(again, turn + 1);
    end(&**one, 1, again).await;
    assert_eq!(one.write(&written(1, again, Phase::Ended, NOW)).await, Ok(None), "it has ended");
    assert_eq!(one.turn(id(1), LONG).await, Ok(Turn::Over));
    assert_eq!(due(&**one).await, [0; 0]);
}

pub(in crate::contract) async fn who_has_no_turn_rewrites_what_nobody_sends([one, other]: &Handles) {
    queue(&**one, 10, [1, 2]).await;
    let cancelled = written(1, 0, Phase::Ended, NOW);
    assert_eq!(one.rewrite(&cancelled, Phase::Ended, None).await, Ok(None), "it has not ended");
    assert_eq!(one.rewrite(&written(1, 1, Phase::Ended, NOW), Phase::Waiting, None).await, Ok(None), "not so far yet");
    assert_eq!(one.rewrite(&cancelled, Phase::Waiting, None).await.unwrap().unwrap().next, Some(id(2)));
    assert_eq!(other.rewrite(&cancelled, Phase::Waiting, None).await, Ok(None), "once");
    assert_eq!(other.turn(id(1), LONG).await, Ok(Turn::Over));

    let turn = begin(&**other, 2, LONG).await;
    for (to, from) in [(Phase::Ended, Phase::Waiting), (Phase::Ended, Phase::Sending), (Phase::Waiting, Phase::Sending)]
    {
        assert_eq!(one.rewrite(&written(2, turn, to, NOW), from, None).await, Ok(None), "it is being sent");
    }
    end(&**other, 2, turn).await;
    assert_eq!(one.rewrite(&written(2, turn, Phase::Sending, LONG), Phase::Ended, None).await, Ok(None));

    // Once more, with a new lifetime.
    let before = one.outbound(id(2)).await.unwrap().unwrap();
    let retried = one.rewrite(&written(2, turn, Phase::Waiting, NOW), Phase::Ended, Some(LONG * 3)).await.unwrap();
    assert_eq!(retried.unwrap().next, None);
    let kept = other.outbound(id(2)).await.unwrap().unwrap();
    assert_eq!((kept.phase, kept.turn), (Phase::Waiting, turn));
    assert!(kept.expires_at - before.expires_at > 7_000_000_000, "two hours more");
    assert_eq!(other.rewrite(&written(2, turn, Phase::Waiting, NOW), Phase::Ended, None).await, Ok(None), "once");
    assert_eq!(other.write(&written(2, turn, Phase::Ended, NOW)).await, Ok(None), "that turn is over for good");
    assert_eq!(begin(&**other, 2, LONG).await, turn + 1);
}

pub(in crate::contract) async fn what_is_retried_waits_for_who_is_being_sent([one, other]: &Handles) {
    queue(&**one, 10, [1, 2]).await;
    let first = begin(&**one, 1, LONG).await;
    end(&**one, 1, first).await;
    let second = begin(&**one, 2, LONG).await;
    other.rewrite(&written(1, first, Phase::Waiting, NOW), Phase::Ended, None).await.unwrap().unwrap();
    assert_eq!(other.turn(id(1), LONG).await, Ok(Turn::NotNow));
    assert_eq!(due(&**one).await, [0; 0]);
    // It is the older one: what gives its turn back comes after it.
    let freed = one.write(&written(2, second, Phase::Waiting, NOW)).await.unwrap().unwrap();
    assert_eq!(freed.next, Some(id(1)));
    assert_eq!(one.turn(id(2), LONG).await, Ok(Turn::NotNow));
    assert_eq!(begin(&**other, 1, LONG).await, first + 1);
}

pub(in crate::contract) async fn due_are_the_first_of_each_conversation_longest_waiting_first([one, other]: &Handles) {
    for conversation in [30, 10, 20] {
        queue(&**one, conversation, [conversation + 1, conversation + 2]).await;
    }
    for (number, channel) in [(1, "line"), (2, "slack")] {
        submit(&**one, &crate::NewOutbound { channel: channel.into(), ..new(number, number + 100) }).await;
    }
    assert_eq!(due(&**other).await, [31, 11, 21]);
    let both = ["line".into(), "zalo".into(), "line".into()];
    let found = other.due(&both, 2).await.unwrap();
    assert_eq!(found, [("zalo".into(), id(31)), ("zalo".into(), id(11))], "those that waited longest");
    assert_eq!(other.due(&both, 100).await.unwrap().last(), Some(&("line".to_owned(), id(1))));
    assert_eq!(other.due(&[], 100).await, Ok(vec![]));
    let turn = begin(&**one, 11, LONG).await;
    assert_eq!(due(&**other).await, [31, 21]);
    end(&**one, 11, turn).await;
    assert_eq!(due(&**other).await, [31, 12, 21]);
    let counted: Vec<_> = [("line", 1), ("slack", 1), ("zalo", 5)]
        .map(|(channel, count)| (channel.to_owned(), "main/oa/1".to_owned(), count))
        .into();
    assert_eq!(other.count_waiting().await, Ok(counted));
}

pub(in crate::contract) async fn an_id_stays_with_the_message_it_was_given_first([one, other]: &Handles) {
    queue(&**one, 10, [1, 2]).await;
    for number in [1, 2] {
        let turn = begin(&**one, number, LONG).await;
        let ids = vec![("m1".to_owned(), 0), (format!("n{number}"), 1), ("m1".to_owned(), 2)];
        one.write(&Written { ids, ..written(number, turn, Phase::Ended, NOW) }).await.unwrap().unwrap();
    }
    let asked = ["n2", "m1", "none", "n1", "m1"].map(str::to_owned);
    let answer = other.whose("zalo", "oa/1", &asked).await;
    assert_eq!(answer, Ok(vec![Some(id(2)), Some(id(1)), None, Some(id(1)), Some(id(1))]));
    assert_eq!(other.whose("line", "oa/1", &asked).await, Ok(vec![None; 5]));
    assert_eq!(other.whose("zalo", "oa/2", &asked).await, Ok(vec![None; 5]));
    assert_eq!(other.whose("zalo", "oa/1", &[]).await, Ok(vec![]));
    // A write that is refused gives nothing.
    let late = Written { ids: vec![("late".into(), 0)], ..written(1, 1, Phase::Ended, NOW) };
    assert_eq!(one.write(&late).await, Ok(None));
    assert_eq!(other.whose("zalo", "oa/1", &["late".to_owned()]).await, Ok(vec![None]));
}
