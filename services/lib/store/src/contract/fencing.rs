use std::time::Duration;

use bytes::Bytes;

use super::{Handles, LONG, create, id, item, member, save};
use crate::{Member, Save, Saved, Store};

async fn position(store: &dyn Store, partition: usize) -> u64 {
    store.windows("crm").await.unwrap()[partition].position
}

async fn two_members([one, other]: &Handles) -> (Member, Member) {
    create(one, "crm").await;
    let (a, b) = (member("crm", "a", 1, 100), member("crm", "b", 2, 200));
    assert_eq!((one.join(&a, LONG).await, other.join(&b, LONG).await), (Ok(true), Ok(true)));
    (a, b)
}

pub(super) async fn a_window_has_one_holder_until_it_is_given_back(handles: &Handles) {
    let (a, b) = two_members(handles).await;
    let [one, other] = handles;
    let held = one.hold(&a, 3).await.unwrap().unwrap();
    assert_eq!((held.position, held.state.len()), (0, 0));
    assert_eq!(other.hold(&b, 3).await, Ok(None));
    assert_eq!(one.hold(&a, 3).await, Ok(None), "somebody holds it: the one who asks");
    assert_eq!(other.windows("crm").await.unwrap()[3].holder, Some(a.clone()));
    assert_eq!(one.save(&[save(&a, 3, held.epoch, 10)]).await, Ok(vec![Saved::Yes]));
    let last = Save { release: true, ..save(&a, 3, held.epoch, 11) };
    assert_eq!(one.save(&[last]).await, Ok(vec![Saved::Yes]));
    assert_eq!(one.save(&[save(&a, 3, held.epoch, 12)]).await, Ok(vec![Saved::Fenced]), "it was given back");
    let taken = other.hold(&b, 3).await.unwrap().unwrap();
    assert!(taken.epoch > held.epoch);
    assert_eq!((taken.position, taken.state), (11, Bytes::from_static(b"state at 11")));
}

pub(super) async fn a_holder_that_is_gone_is_followed_and_fenced(handles: &Handles) {
    let (a, b) = two_members(handles).await;
    let [one, other] = handles;
    let held = one.hold(&a, 0).await.unwrap().unwrap();
    one.renew(id(100), Duration::ZERO).await.unwrap();
    assert_eq!(other.windows("crm").await.unwrap()[0].holder, None);
    assert_eq!(one.save(&[save(&a, 0, held.epoch, 5)]).await, Ok(vec![Saved::Fenced]), "its lease is over");
    let taken = other.hold(&b, 0).await.unwrap().unwrap();
    assert!(taken.epoch > held.epoch);
    // By leaving.
    other.leave(b.session).await.unwrap();
    assert_eq!(other.save(&[save(&b, 0, taken.epoch, 5)]).await, Ok(vec![Saved::Fenced]));
    let c = member("crm", "c", 3, 100);
    one.join(&c, LONG).await.unwrap();
    let third = one.hold(&c, 0).await.unwrap().unwrap();
    assert!(third.epoch > taken.epoch && third.position == 0);
}

pub(super) async fn a_seek_fences_everybody_and_forgets(handles: &Handles) {
    let (a, b) = two_members(handles).await;
    let [one, other] = handles;
    let (first, second) = (one.hold(&a, 0).await.unwrap().unwrap(), other.hold(&b, 1).await.unwrap().unwrap());
    let saves = [save(&a, 0, first.epoch, 50), save(&b, 1, second.epoch, 60)];
    assert_eq!(one.save(&saves).await, Ok(vec![Saved::Yes; 2]));
    let before = other.generations(id(200)).await.unwrap();
    assert_eq!(other.seek("crm", &[5, 6, 7, 8]).await, Ok(true));
    let [(name, generation)] = other.generations(id(200)).await.unwrap().try_into().unwrap();
    assert!(name == "crm" && generation > before[0].1, "members learn of it");
    assert_eq!(other.generations(id(300)).await, Ok(vec![]), "those without a member do not");
    assert_eq!(one.save(&saves).await, Ok(vec![Saved::Fenced; 2]));
    let windows = one.windows("crm").await.unwrap();
    assert_eq!(windows.iter().map(|window| window.position).collect::<Vec<_>>(), [5, 6, 7, 8]);
    assert!(windows.iter().all(|window| window.state.is_empty() && window.holder.is_none()));
    assert!(windows[0].epoch > first.epoch && windows[1].epoch > second.epoch);
    // Who was fenced is still a member.
    let again = one.hold(&a, 0).await.unwrap().unwrap();
    assert!(again.epoch > windows[0].epoch);
    assert_eq!((again.position, again.state.len()), (5, 0));
}

pub(super) async fn only_who_is_there_and_named_rightly_holds(handles: &Handles) {
    let (a, _) = two_members(handles).await;
    let [one, other] = handles;
    create(one, "other").await;
    for wrong in [
        Member { subscription: "other".into(), ..a.clone() },
        Member { consumer: "b".into(), ..a.clone() },
        Member { process: id(200), ..a.clone() },
        Member { session: id(9), ..a.clone() },
    ] {
        assert_eq!(one.hold(&wrong, 0).await, Ok(None), "{wrong:?}");
    }
    assert_eq!(one.hold(&a, 99).await, Ok(None), "there is no such window");
    let held = one.hold(&a, 0).await.unwrap().unwrap();
    for wrong in [
        Save { session: id(2), ..save(&a, 0, held.epoch, 5) },
        Save { partition: 1, ..save(&a, 0, held.epoch, 5) },
        Save { subscription: "other".into(), ..save(&a, 0, held.epoch, 5) },
        save(&a, 0, held.epoch - 1, 5),
        save(&a, 0, held.epoch + 1, 5),
        save(&a, 99, held.epoch, 5),
    ] {
        assert_eq!(other.save(std::slice::from_ref(&wrong)).await, Ok(vec![Saved::Fenced]), "{wrong:?}");
    }
    assert_eq!(position(&**one, 0).await, 0);
}

pub(super) async fn saves_stand_each_for_itself_in_their_order(handles: &Handles) {
    let (a, b) = two_members(handles).await;
    let [one, other] = handles;
    let first = one.hold(&a, 0).await.unwrap().unwrap();
    let second = one.hold(&a, 1).await.unwrap().unwrap();
    let third = other.hold(&b, 2).await.unwrap().unwrap();
    let saves = [
        save(&a, 1, second.epoch, 10),
        save(&a, 2, third.epoch, 20),
        save(&a, 0, first.epoch, 30),
        save(&b, 2, third.epoch, 40),
        // The same window again: the later one counts, and after it was given back nothing does.
        Save { release: true, ..save(&a, 0, first.epoch, 31) },
        save(&a, 0, first.epoch, 32),
    ];
    let wanted = [Saved::Yes, Saved::Fenced, Saved::Yes, Saved::Yes, Saved::Yes, Saved::Fenced];
    assert_eq!(one.save(&saves).await, Ok(wanted.to_vec()));
    let windows = one.windows("crm").await.unwrap();
    assert_eq!(windows.iter().map(|window| window.position).collect::<Vec<_>>(), [31, 10, 40, 0]);
    assert_eq!(windows[0].state, Bytes::from_static(b"state at 31"));
    assert_eq!(windows[0].holder, None);
}

pub(super) async fn a_fenced_save_parks_and_unparks_nothing(handles: &Handles) {
    let (a, b) = two_members(handles).await;
    let [one, other] = handles;
    let (first, second) = (one.hold(&a, 0).await.unwrap().unwrap(), other.hold(&b, 1).await.unwrap().unwrap());
    let parks = |numbers: &[u128]| numbers.iter().map(|number| item(*number, Some("crm"))).collect::<Vec<_>>();
    let good = Save { park: parks(&[1, 2]), ..save(&a, 0, first.epoch, 5) };
    assert_eq!(one.save(&[good]).await, Ok(vec![Saved::Yes]));
    let saves = [
        Save { park: parks(&[3]), unpark: vec![id(1)], ..save(&a, 0, first.epoch + 7, 6) },
        Save { park: parks(&[4]), unpark: vec![id(2)], ..save(&b, 1, second.epoch, 6) },
    ];
    assert_eq!(other.save(&saves).await, Ok(vec![Saved::Fenced, Saved::Yes]));
    let mut there = Vec::new();
    for number in 1..=4 {
        if one.get_parked(id(number)).await.unwrap().is_some() {
            there.push(number);
        }
    }
    assert_eq!(there, [1, 4]);
}
