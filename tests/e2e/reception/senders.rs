//! Who sent a mail: SPF, DKIM and DMARC, as a DNS of the tests says; and whose word about it counts.

use std::collections::BTreeMap;

use kenh_tests::{
    gateway::Gateway,
    handover::{Dns, Order, Said},
};
use serde_json::json;

use super::{SUPPORT, World, counted, email, events, mail, until_events};

/// Made for tests, and for nothing else, with what stands in DNS for it.
const KEY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/e2e/mailing/dkim.pem");
const RECORD: &str = include_str!("../mailing/dkim.txt");

async fn dns() -> Dns {
    Dns::start(&json!({
        "customer.test": ["v=spf1 ip4:127.0.0.1 -all"],
        "_dmarc.customer.test": ["v=DMARC1; p=reject"],
        "kenh1._domainkey.customer.test": [RECORD.trim()],
        "spammer.test": ["v=spf1 ip4:192.0.2.1 -all"],
        "soft.test": ["v=spf1 ~all"],
        "broken.test": ["v=spf1 ip4:not-an-address -all"],
    }))
    .await
}

fn checks(dns: &Dns, more: &str) -> String {
    format!("  checks: {{resolvers: [\"127.0.0.1:{}\"], timeout: 20s{more}}}\n", dns.port())
}

/// What was found out about the mail of that number.
async fn found(gateway: &Gateway, number: usize) -> BTreeMap<String, String> {
    let subject = format!("Order {number}");
    let events = events(gateway).await;
    let event = events.iter().find(|event| email(event).subject.as_deref() == Some(&subject)).expect("it is an event");
    email(event).authentication_results.clone().into_iter().collect()
}

fn results(spf: &str, dkim: &str, dmarc: &str) -> BTreeMap<String, String> {
    [("spf", spf), ("dkim", dkim), ("dmarc", dmarc)].map(|(method, result)| (method.into(), result.into())).into()
}

fn from(sender: &str, number: usize, more: &str) -> Order {
    Order::new(sender, &[SUPPORT], &mail(number, more))
}

async fn taken(order: &Order, port: u16) -> Said {
    let said = order.hand_over("smtp", port).await;
    assert_eq!(said.code, 250, "{said:?}");
    said
}

#[tokio::test(flavor = "multi_thread")]
async fn what_dns_says_of_a_sender_stands_in_the_event() {
    let (world, dns) = (World::new(), dns().await);
    let gateway = world.setup(&checks(&dns, "")).start().await;
    let signed = |order: Order| order.signed("customer.test", "kenh1", KEY);
    let bounce = Order::new("", &[SUPPORT], &mail(7, ""));
    let cases = [
        (from("mai@customer.test", 1, ""), results("pass", "none", "pass")),
        (signed(from("list@spammer.test", 2, "")), results("fail", "pass", "pass")),
        (signed(from("list@spammer.test", 3, "")).changed("Order 3", "Order 30"), results("fail", "fail", "fail")),
        (
            signed(from("x@soft.test", 4, "")).changed("Content-Type", "X-Other: x\r\nContent-Type"),
            results("softfail", "pass", "pass"),
        ),
        (from("x@nowhere.test", 5, ""), results("none", "none", "fail")),
        (from("x@broken.test", 6, ""), results("permerror", "none", "fail")),
        (bounce, results("none", "none", "fail")),
    ];
    for (order, _) in &cases {
        taken(order, world.smtp).await;
    }
    until_events(&gateway, cases.len()).await;
    for (number, (_, expected)) in cases.iter().enumerate() {
        let number = if number == 2 { 30 } else { number + 1 };
        assert_eq!(&found(&gateway, number).await, expected, "mail {number}");
    }
    let events = events(&gateway).await;
    let verified = |wanted: &str| {
        let is_it = |event: &&kenh_proto::v1::Envelope| email(event).subject.as_deref() == Some(wanted);
        events.iter().find(is_it).unwrap().contact.as_ref().unwrap().identities[0].verified
    };
    assert!(verified("Order 1") && verified("Order 2") && !verified("Order 30") && !verified("Order 5"));
    counted(&gateway, "kenh_mail_checks_total", "method=\"dmarc\",result=\"fail\"", 4.0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_that_its_senders_domain_disowns_is_refused_where_that_is_wanted() {
    let (world, dns) = (World::new(), dns().await);
    let gateway = world.setup(&checks(&dns, ", dmarc: refuse")).start().await;
    let said = from("x@spammer.test", 1, "").hand_over("smtp", world.smtp).await;
    assert_eq!((said.code, said.text.starts_with("5.7.1")), (550, true), "{said:?}");
    taken(&from("mai@customer.test", 2, ""), world.smtp).await;
    until_events(&gateway, 1).await;
    counted(&gateway, "kenh_mails_total", "outcome=\"refused\"", 1.0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_dns_mail_is_taken_and_that_is_said() {
    let world = World::new();
    let gateway = world.setup("  checks: {resolvers: [\"127.0.0.1:9\"], timeout: 1s, dmarc: refuse}\n").start().await;
    taken(&from("mai@customer.test", 1, "").signed("customer.test", "kenh1", KEY), world.smtp).await;
    until_events(&gateway, 1).await;
    assert_eq!(found(&gateway, 1).await, results("temperror", "temperror", "temperror"));
}

/// Anybody can write that header; over LMTP the server before the gateway has taken it out of what came to it.
#[tokio::test(flavor = "multi_thread")]
async fn the_word_of_a_trusted_server_counts_over_lmtp_and_nobodys_over_smtp() {
    let (world, dns) = (World::new(), dns().await);
    let gateway = world.setup(&checks(&dns, "")).start().await;
    let said = "Authentication-Results: mx.near.test; spf=pass; dkim=pass; dmarc=pass\r\n";
    let ours = "Authentication-Results: mx.example.test; spf=pass; dkim=pass; dmarc=pass\r\n";
    let with = |number, header: &str| {
        let mut message = header.as_bytes().to_vec();
        message.extend(mail(number, ""));
        Order::new("x@spammer.test", &[SUPPORT], &message)
    };
    taken(&with(1, said), world.smtp).await;
    taken(&with(2, ours), world.smtp).await;
    for (number, header) in [(3, said), (4, ours)] {
        assert_eq!(with(number, header).hand_over("lmtp", world.lmtp).await.code, 250);
    }
    until_events(&gateway, 4).await;
    for forged in [1, 2] {
        assert_eq!(found(&gateway, forged).await, results("fail", "none", "fail"));
    }
    assert_eq!(found(&gateway, 3).await, results("pass", "pass", "pass"));
    assert!(found(&gateway, 4).await.is_empty(), "nobody was trusted with that name");
}
