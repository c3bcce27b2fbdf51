use crate::{Fare, RenewalFare, SendingFare, Spent, contract::Handles};

const OA: (&str, &str) = ("zalo", "main/1");

async fn only([one, _]: &Handles) -> Fare {
    let fares = one.fares().await.unwrap();
    assert_eq!(fares.len(), 1);
    fares.into_iter().next().unwrap()
}

pub(in crate::contract) async fn sending_and_renewing_are_said_apart(handles: &Handles) {
    let [one, other] = handles;
    assert_eq!(one.fares().await, Ok(Vec::new()));
    let sending = SendingFare {
        state: 2,
        last_success_at: Some(5),
        last_error_at: Some(7),
        last_error_code: Some("-201".into()),
        spent: Some(Spent { on: "300001".into(), until: 12 }),
    };
    let renewal = RenewalFare { token_expires_at: Some(9), renewed_at: Some(4), ..RenewalFare::default() };
    one.put_sending(OA.0, OA.1, &sending).await.unwrap();
    other.put_renewal(OA.0, OA.1, &renewal).await.unwrap();
    let fare = only(handles).await;
    assert_eq!((fare.channel.as_str(), fare.account.as_str()), OA);
    assert_eq!((&fare.sending, &fare.renewal), (&sending, &renewal));
    assert_eq!(other.fare(OA.0, OA.1).await, Ok(Some(fare.clone())));
    assert_eq!(other.fare(OA.0, "main/2").await, Ok(None));
    assert_eq!(fare.told, crate::ToldFare::default());
    // What is said anew stands alone.
    let refused = RenewalFare { refused_at: Some(11), refused_code: Some("-14014".into()), ..RenewalFare::default() };
    one.put_renewal(OA.0, OA.1, &refused).await.unwrap();
    one.put_sending(OA.0, OA.1, &SendingFare { state: 1, ..SendingFare::default() }).await.unwrap();
    let fare = only(handles).await;
    assert_eq!((fare.renewal, fare.sending.state, fare.sending.last_error_code), (refused, 1, None));
    assert_eq!(fare.sending.spent, None);
    other.put_sending("line", "main/2", &sending).await.unwrap();
    let all: Vec<_> = one.fares().await.unwrap().into_iter().map(|fare| fare.channel).collect();
    assert_eq!(all, ["line", "zalo"]);
}

pub(in crate::contract) async fn a_change_is_told_by_one_and_until_it_surely_was(handles: &Handles) {
    let [one, other] = handles;
    // The first that is ever said of it.
    assert_eq!(one.tell(OA.0, OA.1, 0, 3).await, Ok(true));
    assert_eq!(other.tell(OA.0, OA.1, 0, 3).await, Ok(false), "that is being told");
    assert_eq!(other.tell(OA.0, OA.1, 1, 1).await, Ok(false), "the one before comes first");
    let told = only(handles).await.told;
    assert_eq!((told.number, told.state, told.before, told.open), (1, 3, 0, true));
    assert!(told.at > 0);
    other.told_of(OA.0, OA.1, 7).await.unwrap();
    assert!(only(handles).await.told.open, "that was another change");
    other.told_of(OA.0, OA.1, 1).await.unwrap();
    assert!(!only(handles).await.told.open);
    assert_eq!(one.tell(OA.0, OA.1, 0, 1).await, Ok(false), "it was another one that was known");
    assert_eq!(one.tell(OA.0, OA.1, 1, 1).await, Ok(true));
    let told = only(handles).await.told;
    assert_eq!((told.number, told.state, told.before, told.open), (2, 1, 3, true));
    // What else is said changes nothing of it.
    one.put_sending(OA.0, OA.1, &SendingFare { state: 2, ..SendingFare::default() }).await.unwrap();
    assert_eq!(only(handles).await.told, told);
}
