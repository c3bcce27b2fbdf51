//! Events that no webhook brings.

use std::collections::BTreeSet;

use kenh_proto::v1::{ConnectorEvent, Direction, Envelope, ListEventsRequest, PushRequest, PushedEvent};
use kenh_tests::{
    process::{PARLOR, client, said},
    stream::{self, Stream, envelope},
};
use tonic::Code;

use super::start;
use crate::answering::reason;

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_is_pushed_twice_is_there_once() {
    let (gateway, _folder) = start().await;
    let mut stream = Stream::open(&gateway, stream::earliest()).await;
    let push = |endpoint: &str, events: Vec<ConnectorEvent>| {
        let request = PushRequest { channel: PARLOR.into(), endpoint: endpoint.into(), events };
        let gateway = &gateway;
        async move { client(gateway).await.push(request).await.map(|response| response.into_inner().events) }
    };
    let one = || said("guest-1", "f-1", "from the feed");
    let first = push("main", vec![one()]).await.unwrap();
    assert!(!first[0].duplicate && first[0].misshapen.is_none());
    let wrong = Envelope { dedupe_key: "f-2".into(), direction: Direction::Outbound.into(), ..Envelope::default() };
    let wrong = ConnectorEvent { envelope: Some(wrong), raw: Vec::new() };
    let two = || said("guest-1", "f-3", "and another");
    let again = push("main", vec![one(), two(), two(), wrong]).await.unwrap();
    let [known, new, repeated, misshapen]: [PushedEvent; 4] = again.try_into().unwrap();
    assert_eq!((known.id.as_str(), known.duplicate), (first[0].id.as_str(), true));
    assert_eq!((repeated.id.as_str(), new.duplicate, repeated.duplicate), (new.id.as_str(), false, true));
    assert!(misshapen.misshapen.unwrap().contains("direction"));
    // What belongs to no conversation has its own place in the order.
    let stored: BTreeSet<_> = stream.deliveries(3).await.iter().map(|delivery| envelope(delivery).id.clone()).collect();
    assert_eq!(stored, BTreeSet::from([first[0].id.clone(), new.id, misshapen.id]));
    assert_eq!(stream::list(&gateway, ListEventsRequest::default()).await.len(), 3);

    let several = push("", vec![one()]).await.unwrap_err();
    assert_eq!((several.code(), reason(&several).as_str()), (Code::InvalidArgument, "INVALID_FIELD"));
    let none = push("elsewhere", vec![one()]).await.unwrap_err();
    assert_eq!((none.code(), reason(&none).as_str()), (Code::NotFound, "CONNECTOR_UNKNOWN"));
    assert_eq!(push("main", Vec::new()).await.unwrap_err().code(), Code::InvalidArgument);
    assert_eq!(push("main", vec![one(); 501]).await.unwrap_err().code(), Code::InvalidArgument);
}
