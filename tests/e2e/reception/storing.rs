//! The broker is away: a mail is taken where something holds it, and not where nothing does.

use kenh_tests::{gateway::Setup, rabbitmq::Node, until};

use super::{SUPPORT, World, order, until_events};

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
    assert_eq!(without.metric("kenh_mails_total", "outcome=\"not_stored\"").await, 2.0);
}
