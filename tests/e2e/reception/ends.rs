//! The gateway stops, or is killed, while mail comes in.

use kenh_tests::handover::Line;

use super::{SUPPORT, World, mail, order, until_events};

const BEGIN: &str = "LHLO x\r\nMAIL FROM:<mai@customer.test>\r\nRCPT TO:<support@example.test>\r\nDATA\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn told_to_stop_it_takes_what_has_begun_and_sends_the_others_away() {
    let world = World::new();
    let setup = world.setup("");
    let mut gateway = setup.clone().start().await;
    let (mut idle, _) = Line::open(world.lmtp).await;
    let (mut busy, _) = Line::open(world.lmtp).await;
    let whole = String::from_utf8(mail(1, "")).unwrap();
    let (first, second) = whole.split_at(60);
    assert_eq!(busy.say(BEGIN, 4).await, [250, 250, 250, 354]);
    busy.send(first).await;
    // It is read before the end comes.
    assert_eq!(idle.say("LHLO x\r\n", 1).await, [250]);
    gateway.terminate().await;
    assert_eq!(idle.answer().await, 421);
    assert_eq!(busy.say(second, 1).await, [250], "it is stored");
    assert_eq!(busy.answer().await, 421);
    assert!(gateway.ended().await.success());
    drop(gateway);
    let gateway = setup.start().await;
    until_events(&gateway, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_in_the_midst_of_a_mail_it_has_said_nothing_and_gets_it_once() {
    let world = World::new();
    let setup = world.setup("");
    let mut gateway = setup.clone().start().await;
    let (mut line, _) = Line::open(world.lmtp).await;
    assert_eq!(line.say(BEGIN, 4).await, [250, 250, 250, 354]);
    let whole = String::from_utf8(mail(1, "")).unwrap();
    line.send(whole.get(..80).unwrap()).await;
    gateway.kill().await;
    assert_eq!(line.answer().await, 0);
    drop(gateway);
    let gateway = setup.start().await;
    // As a server does that got no answer; and once more, as if the answer had been lost.
    for _ in 0..2 {
        assert_eq!(order(1, &[SUPPORT]).hand_over("lmtp", world.lmtp).await.code, 250);
    }
    until_events(&gateway, 1).await;
}
