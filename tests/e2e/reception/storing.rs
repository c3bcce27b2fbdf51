//! The broker is away: a mail is taken where something holds it, and not where nothing does.

use kenh_tests::{exim::Exim, gateway::Setup, rabbitmq::Node, until};

use super::{SUPPORT, World, counted, order, until_events};

const CHECKS: &str = "  checks: {resolvers: [\"127.0.0.1:9\"], timeout: 300ms}\n";

#[tokio::test(flavor = "multi_thread")]
async fn with_a_spool_mail_is_taken_without_it_the_other_server_keeps_it() {
    let (node, world, bare) = (Node::start().await, World::new(), World::new());
    let spooling = world.plain(Setup::rabbitmq(world.folder.path(), &node.url(), "mailspool"), CHECKS);
    let bare_setup = bare.plain(Setup::rabbitmq(bare.folder.path(), &node.url(), "mailbare"), CHECKS);
    let mut spooling = spooling.start().await;
    let mut without = bare_setup.with("  spool: {enabled: false}\n").start().await;
    node.kill().await;
    until("not ready", || async { without.admin_page("readyz").await.unwrap().0 == 503 }).await;
    assert_eq!(order(1, &[SUPPORT]).hand_over("smtp", world.smtp).await.code, 250, "the spool holds it");
    for (protocol, port) in [("smtp", bare.smtp), ("lmtp", bare.lmtp)] {
        let said = order(1, &[SUPPORT]).hand_over(protocol, port).await;
        assert_eq!((said.code, said.text.starts_with("4.3.0")), (451, true), "{said:?}");
    }
    node.restart().await;
    spooling.ready().await;
    without.ready().await;
    let spooled = until_events(&spooling, 1).await;
    assert!(spooled[0].quality.as_ref().unwrap().from_spool);
    assert_eq!(order(1, &[SUPPORT]).hand_over("lmtp", bare.lmtp).await.code, 250);
    until_events(&without, 1).await;
    counted(&without, "kenh_mails_total", "outcome=\"not_stored\"", 2.0).await;
}

/// As it is run: a mail server in front, which keeps the queue and comes again.
#[tokio::test(flavor = "multi_thread")]
async fn a_mail_server_keeps_what_it_is_told_to_come_back_with_and_hands_it_over_once() {
    let (node, world) = (Node::start().await, World::new());
    let setup = world.plain(Setup::rabbitmq(world.folder.path(), &node.url(), "mailexim"), CHECKS);
    let mut gateway = setup.with("  spool: {enabled: false}\n").start().await;
    let exim = Exim::start(world.lmtp).await;
    node.kill().await;
    until("not ready", || async { gateway.admin_page("readyz").await.unwrap().0 == 503 }).await;
    for number in 1..=3 {
        let said = order(number, &[SUPPORT, "x@shop.test"]).hand_over("smtp", exim.port()).await;
        assert_eq!(said.code, 250, "it is in the queue");
    }
    let told = "outcome=\"not_stored\"";
    until("it is told to come back", || async { gateway.metric("kenh_mails_total", told).await >= 4.0 }).await;
    node.restart().await;
    gateway.ready().await;
    until_events(&gateway, 6).await;
    until("the queue is empty", || async { exim.queue() == 0 }).await;
    until_events(&gateway, 6).await;
}
