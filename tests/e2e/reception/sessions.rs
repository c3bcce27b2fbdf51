//! What a session keeps to.

use kenh_tests::{handover::Line, until};

use super::{SUPPORT, World, counted, events, mail, order, until_events};

const BEGIN: &str =
    "EHLO mail.customer.test\r\nMAIL FROM:<mai@customer.test>\r\nRCPT TO:<support@example.test>\r\nDATA\r\n";

/// The same without the greeting.
const AGAIN: &str = "MAIL FROM:<mai@customer.test>\r\nRCPT TO:<support@example.test>\r\nDATA\r\n";

/// A DNS that is not there.
const NOBODY_ASKED: &str = "  checks: {resolvers: [\"127.0.0.1:9\"], timeout: 300ms}\n";

fn text(number: usize) -> String {
    String::from_utf8(mail(number, "")).unwrap().replace("\r\n.\r\n", "\r\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_large_is_refused_before_and_after_it_came() {
    let world = World::new();
    let gateway = world.setup("  max_size: 64KiB\n").start().await;
    let large = "x".repeat(70_000);
    // Python says how large it is, where the server wants to know.
    let mut mail = mail(1, "");
    mail.extend_from_slice(large.as_bytes());
    let order = kenh_tests::handover::Order::new("mai@customer.test", &[SUPPORT], &mail);
    let said = order.hand_over("smtp", world.smtp).await;
    assert_eq!((said.code, said.text.starts_with("5.3.4")), (552, true), "{said:?}");
    let (mut line, _) = Line::open(world.smtp).await;
    assert_eq!(line.say(BEGIN, 4).await, [250, 250, 250, 354]);
    assert_eq!(line.say(&format!("{}{large}\r\n.\r\nNOOP\r\n", text(1)), 2).await, [552, 250]);
    assert_eq!(line.say(&format!("{}{}\r\n.\r\n", AGAIN, text(2)), 4).await, [250, 250, 354, 250]);
    until_events(&gateway, 1).await;
    counted(&gateway, "kenh_mails_total", "outcome=\"too_large\"", 1.0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_can_be_smuggled_in_behind_a_mail_or_before_tls() {
    let world = World::new();
    let gateway = world.setup("").start().await;
    for end in ["\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r"] {
        let (mut line, greeting) = Line::open(world.smtp).await;
        assert_eq!(greeting, 220);
        assert_eq!(line.say(BEGIN, 4).await, [250, 250, 250, 354]);
        let hidden = format!("{}{end}{}{}\r\n.\r\nNOOP\r\n", text(1), AGAIN, text(2));
        assert_eq!(line.say(&hidden, 2).await, [554, 250], "{end:?}");
    }
    let (mut line, _) = Line::open(world.smtp).await;
    assert_eq!(
        line.say("EHLO x\r\nSTARTTLS\r\nMAIL FROM:<mai@customer.test>\r\nRCPT TO:<support@example.test>\r\n", 2).await,
        [250, 220]
    );
    // Nothing of what came too early is answered; what is no TLS ends the session.
    assert_eq!(line.say("DATA\r\n", 1).await, [0]);
    assert!(events(&gateway).await.is_empty());
    counted(&gateway, "kenh_mails_total", "outcome=\"misshapen\"", 4.0).await;
    counted(&gateway, "kenh_mail_sessions_total", "outcome=\"tls_failed\"", 1.0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn over_lmtp_each_recipient_is_answered_and_smtp_is_not_spoken() {
    let world = World::new();
    let gateway = world.setup("").start().await;
    let (mut line, _) = Line::open(world.lmtp).await;
    let begin = "EHLO x\r\nLHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<support@example.test>\r\nRCPT TO:<no@example.test>\r\n\
                 RCPT TO:<x@shop.test>\r\nDATA\r\n";
    assert_eq!(line.say(begin, 7).await, [500, 250, 250, 250, 550, 250, 354]);
    assert_eq!(line.say(&format!("{}\r\n.\r\nQUIT\r\n", text(1)), 3).await, [250, 250, 221]);
    until_events(&gateway, 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_slow_or_comes_too_often_does_not_keep_others_waiting() {
    let world = World::new();
    let bounds = "  idle_timeout: 1s\n  text_timeout: 2s\n  max_connections_per_peer: 3\n  max_errors: 3\n";
    let gateway = world.setup(bounds).start().await;
    let (mut silent, _) = Line::open(world.smtp).await;
    let (mut slow, _) = Line::open(world.smtp).await;
    let (mut odd, _) = Line::open(world.smtp).await;
    assert_eq!(Line::open(world.smtp).await.1, 421, "there are three of them already");
    assert_eq!(odd.say("A\r\nB\r\nC\r\nNOOP\r\n", 4).await, [500, 500, 500, 421]);
    assert_eq!(slow.say(BEGIN, 4).await, [250, 250, 250, 354]);
    // Never silent for long, and never done: until it is cut off.
    let trickle = async {
        while slow.try_send("x").await {
            tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        }
    };
    let trickle = tokio::time::timeout(kenh_tests::PATIENCE, trickle);
    assert_eq!(tokio::join!(trickle, silent.answer()), (Ok(()), 421));
    assert!(silent.is_closed().await && odd.is_closed().await);
    assert_eq!(order(2, &[SUPPORT]).hand_over("smtp", world.smtp).await.code, 250);
    until_events(&gateway, 1).await;
    counted(&gateway, "kenh_mail_sessions_total", "outcome=\"timed_out\"", 2.0).await;
    counted(&gateway, "kenh_mail_sessions_total", "outcome=\"busy\"", 1.0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_those_connect_who_may_and_tls_can_be_required() {
    let world = World::new();
    let extra = kenh_tests::ports::free();
    let mail = world.mail(NOBODY_ASKED).replace("tls: offered}", "tls: required}").replace(
        "  tls: {",
        &format!("    - {{listen: \"127.0.0.1:{extra}\", protocol: lmtp, from: [192.0.2.0/24]}}\n  tls: {{"),
    );
    let setup = kenh_tests::gateway::Setup::embedded(world.folder.path()).with(&mail);
    let setup = setup.channels(&format!("  email:\n    main: {{provider: direct, mailboxes: [{SUPPORT}]}}\n"));
    let gateway = setup.start().await;
    let (mut line, greeting) = Line::open(extra).await;
    assert_eq!((greeting, line.is_closed().await), (554, true));
    assert_eq!(order(1, &[SUPPORT]).hand_over("smtp", world.smtp).await.code, 530);
    assert_eq!(order(1, &[SUPPORT]).encrypted(&world.certificate()).hand_over("smtp", world.smtp).await.code, 250);
    until_events(&gateway, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_certificate_is_replaced_without_a_restart() {
    let world = World::new();
    let (first, second) = (world.folder.path().join("first.pem"), world.certificate());
    std::fs::copy(&second, &first).unwrap();
    let yaml = world.mail(NOBODY_ASKED).replace("key.pem}", "key.pem, reload_every: 100ms}");
    let setup = kenh_tests::gateway::Setup::embedded(world.folder.path()).with(&yaml);
    let setup = setup.channels(&format!("  email:\n    main: {{provider: direct, mailboxes: [{SUPPORT}]}}\n"));
    let gateway = setup.start().await;
    let said = async |number, certificate| {
        order(number, &[SUPPORT]).encrypted(certificate).hand_over("smtp", world.smtp).await.code
    };
    assert_eq!(said(1, &first).await, 250);

    // A half-written one changes nothing.
    std::fs::write(&second, "half of it").unwrap();
    until("it is said", || async { gateway.log().contains("the one before stays in use") }).await;
    assert_eq!(said(2, &first).await, 250);

    world.certify();
    until("the new one is shown", || async { said(3, &second).await == 250 }).await;
    assert_eq!(said(4, &first).await, 0, "the one before is not shown any more");
    until_events(&gateway, 3).await;
}
