//! Whom the switchboard asks, and what it makes of those who do not answer.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use connector_sdk::{
    RawRequest, Section,
    process::ByProcess,
    settings::{self, Faults},
};
use http::{HeaderMap, Method};
use kenh_intake::{Away, Endpoint, Endpoints, Processes as _, Read};
use kenh_process::{Detached, NotAttached, Pending, Switchboard};
use kenh_proto::v1::{
    DeliveredEvents, DeliveryAnswer, ReadDelivery, Register, attach_request::Request, attach_response::Response,
    delivery_answer::Answer,
};
use tokio::sync::mpsc::Receiver;

/// How long a test waits for what has to happen.
const PATIENCE: Duration = Duration::from_secs(30);

const SETTINGS: &str =
    "x-parlor: {main: {proven_by: process, deadline: 10s}, hasty: {proven_by: process, deadline: 50ms}}";

fn switchboard() -> Switchboard {
    let mut faults = Faults::default();
    let node = settings::parse(SETTINGS, &mut faults);
    let mut endpoints = Endpoints::default();
    let mut section = Section::new(&node, "channels", &mut faults);
    endpoints.read_family(&mut section, "x-", connector_process::registration, "tests");
    section.finish();
    assert!(faults.sorted().is_empty());
    Switchboard::new(Arc::new(endpoints))
}

fn attach(board: &Switchboard, room: u32) -> (Receiver<Pending>, Detached) {
    let register =
        Register { channel: "x-parlor".into(), takes_deliveries: true, max_in_flight: room, ..Register::default() };
    let (mut questions, detached) = board.attach(&register).unwrap();
    assert!(matches!(questions.try_recv().unwrap().take().unwrap().response, Some(Response::Registered(_))));
    (questions, detached)
}

/// Asks about a body, as the pipeline does.
async fn ask(board: &Switchboard, endpoint: &str, body: &'static str) -> Result<Read, Away> {
    let endpoint: Arc<Endpoint> = board.endpoints("x-parlor").into_iter().find(|found| found.name == endpoint).unwrap();
    let by: Arc<ByProcess> = endpoint.connector.by_process().unwrap().clone();
    let headers = HeaderMap::new();
    let received_at = SystemTime::UNIX_EPOCH;
    let request =
        RawRequest { method: &Method::POST, query: "", headers: &headers, body: body.as_bytes(), received_at };
    board.read(&endpoint, &by, request, true).await
}

async fn asked(questions: &mut Receiver<Pending>) -> ReadDelivery {
    let question = tokio::time::timeout(PATIENCE, questions.recv()).await.expect("it is asked in time");
    match question.unwrap().take().unwrap().response {
        Some(Response::Delivery(delivery)) => delivery,
        other => panic!("{other:?}"),
    }
}

fn nothing(id: u64) -> Request {
    Request::Delivery(DeliveryAnswer { id, answer: Some(Answer::Events(DeliveredEvents::default())) })
}

#[tokio::test]
async fn who_has_the_least_to_do_is_asked_and_nobody_more_than_he_takes() {
    let board = switchboard();
    assert_eq!(ask(&board, "main", "a").await.unwrap_err(), Away::Absent);
    let ((mut one, first), (mut two, second)) = (attach(&board, 1), attach(&board, 1));
    let run = |body| {
        let board = board.clone();
        tokio::spawn(async move { ask(&board, "main", body).await })
    };
    let (a, b) = (run("a"), run("b"));
    let (held, other) = (asked(&mut one).await, asked(&mut two).await);
    assert_eq!(ask(&board, "main", "c").await.unwrap_err(), Away::Busy);
    first.said(nothing(held.id));
    second.said(nothing(other.id));
    assert!(a.await.unwrap().is_ok() && b.await.unwrap().is_ok());
    assert_eq!((first.open(), second.open()), (0, 0), "both have room again");
}

#[tokio::test]
async fn when_one_goes_away_another_is_asked_and_when_none_is_left_that_is_said() {
    let board = switchboard();
    let (mut one, first) = attach(&board, 0);
    let run = {
        let board = board.clone();
        tokio::spawn(async move { ask(&board, "main", "a").await })
    };
    let held = asked(&mut one).await;
    let (mut two, second) = attach(&board, 0);
    drop(first);
    let again = asked(&mut two).await;
    assert!(again.id != held.id && again.body == held.body);
    drop(second);
    assert_eq!(run.await.unwrap().unwrap_err(), Away::Gone);
    assert_eq!(board.present("x-parlor").reading, 0);
}

#[tokio::test]
async fn a_late_answer_is_worth_nothing_and_others_are_asked_before_the_late_one() {
    let board = switchboard();
    let (mut slow, late) = attach(&board, 1);
    let run = {
        let board = board.clone();
        tokio::spawn(async move { ask(&board, "hasty", "a").await })
    };
    let held = asked(&mut slow).await;
    assert_eq!(run.await.unwrap().unwrap_err(), Away::Late);
    assert_eq!(ask(&board, "hasty", "unread").await.unwrap_err(), Away::Late);
    assert!(slow.try_recv().unwrap().take().is_none(), "what nobody waits for any more is given back, read or not");
    assert_eq!(late.open(), 0, "its place is free again");
    let (mut quick, answering) = attach(&board, 2);
    for _ in 0..2 {
        let run = {
            let board = board.clone();
            tokio::spawn(async move { ask(&board, "main", "b").await })
        };
        let question = asked(&mut quick).await;
        answering.said(nothing(question.id));
        assert!(run.await.unwrap().is_ok());
    }
    // Numbers are used once: what answers the first question answers no other. Whoever answers at all is as good as others.
    late.said(nothing(held.id));
    assert!(slow.try_recv().is_err(), "nobody asked it anything since");
}

#[tokio::test]
async fn who_drains_is_asked_nothing_more_and_may_still_answer() {
    let board = switchboard();
    let (mut questions, process) = attach(&board, 4);
    let run = {
        let board = board.clone();
        tokio::spawn(async move { ask(&board, "main", "a").await })
    };
    let held = asked(&mut questions).await;
    process.drain();
    assert!(matches!(questions.recv().await.unwrap().take().unwrap().response, Some(Response::Drain(_))));
    assert_eq!(ask(&board, "main", "b").await.unwrap_err(), Away::Absent);
    process.said(nothing(held.id));
    assert!(run.await.unwrap().is_ok());
}

#[tokio::test]
async fn no_more_than_so_many_are_attached_for_a_channel() {
    let board = switchboard();
    let all: Vec<_> = (0..32).map(|_| attach(&board, 0)).collect();
    let register = Register { channel: "x-parlor".into(), takes_deliveries: true, ..Register::default() };
    assert_eq!(board.attach(&register).unwrap_err(), NotAttached::Full(32));
    drop(all);
    assert!(board.attach(&register).is_ok());
}
