//! What is sent and what comes back of it, both by SMTP: the gateway's own sender (lettre) hands mail to its own listener.

use kenh_proto::v1::{
    Destination, Envelope, ExchangeFilter, ExchangeKind, ExchangeOutcome, Identity, ListExchangesRequest,
    ReceiptStatus, SendMessageRequest, SendOptions, SendState, SenderRole, destination::To, envelope::Payload,
};
use kenh_tests::{
    gateway::{Gateway, Setup},
    handover::Order,
    leaks::MARK,
    outbound::{look, send, until_state, words},
    until,
};

use super::{SUPPORT, World, email, events, mail};
use crate::{answering::DISPATCH, credentials::channels};

async fn start(world: &World) -> Gateway {
    let channels = format!(
        "  email:\n    main:\n      provider: direct\n      mailboxes: [{SUPPORT}]\n      reply_secrets: a-reply-secret-for-tests\n      \
         smtp: {{host: 127.0.0.1, port: {}, security: none, tagged_addresses: true}}\n    shop:\n      provider: direct\n      \
         domains: [shop.test]\n",
        world.smtp
    );
    let mail = world.mail("  checks: {resolvers: [\"127.0.0.1:9\"], timeout: 300ms}\n");
    Setup::embedded(world.folder.path()).with(DISPATCH).with(&mail).channels(&channels).start().await
}

/// Writes to the shop, and waits for what the shop gets.
async fn written(gateway: &Gateway) -> (kenh_proto::v1::OutboundMessage, Envelope) {
    let value = "buyer@shop.test".into();
    let contact = Identity { scheme: "email".into(), value, ..Identity::default() };
    let (channel, to) = ("email".into(), Some(To::Contact(contact)));
    let destination = Destination { channel, endpoint: "main".into(), to, ..Destination::default() };
    let mut message = words(&format!("{MARK} hello"));
    message.email.get_or_insert_default().subject = Some("About your order".into());
    let options =
        SendOptions { idempotency_key: "new".into(), sender_role: SenderRole::Human.into(), ..SendOptions::default() };
    let request = SendMessageRequest { destination: Some(destination), message: Some(message), options: Some(options) };
    let sent = send(gateway, request).await.unwrap();
    until_state(gateway, &sent.id, SendState::Accepted).await;
    until("the shop has it", || async { !events(gateway).await.is_empty() }).await;
    (sent, events(gateway).await.remove(0))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bounce_fails_the_mail_and_an_answer_finds_its_thread_by_the_envelope_alone() {
    let world = World::new();
    let gateway = start(&world).await;
    let (sent, shops) = written(&gateway).await;
    let sender = email(&shops).envelope_from.clone().unwrap();
    assert!(sender.starts_with("support+v-"), "bounces name the mail");
    // Nothing in it says whose it is.
    let bounce = "From: MAILER-DAEMON@shop.test\r\nSubject: Undelivered\r\nMessage-ID: <bounce@shop.test>\r\n\
                  Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\nContent-Type: \
                  message/delivery-status\r\n\r\nReporting-MTA: dns; mx.shop.test\r\n\r\nFinal-Recipient: rfc822; \
                  buyer@shop.test\r\nAction: failed\r\nStatus: 5.1.1\r\n--b--\r\n";
    assert_eq!(Order::new("", &[&sender], bounce.as_bytes()).hand_over("smtp", world.smtp).await.code, 250);
    until("the bounce counts", || async { look(&gateway, &sent.id).await.status() == ReceiptStatus::Failed }).await;

    // The address says which thread it is, although the mail says it is for others and names no mail it answers.
    let reply_to = email(&shops).reply_to[0].address.clone();
    let order = Order::new("buyer@shop.test", &[&reply_to], &mail(1, ""));
    assert_eq!(order.hand_over("lmtp", world.lmtp).await.code, 250);
    let is_answer = |event: &Envelope| event.provider_message_id.as_deref() == Some("mail-1@customer.test");
    until("the answer is there", || async { events(&gateway).await.iter().any(is_answer) }).await;
    let answer = events(&gateway).await.into_iter().find(is_answer).unwrap();
    assert_eq!(answer.conversation.unwrap().id, sent.conversation_id);
    let receipts =
        events(&gateway).await.into_iter().filter(|event| matches!(event.payload, Some(Payload::Receipt(_))));
    assert_eq!(receipts.map(|event| event.target.unwrap().message_id).collect::<Vec<_>>(), [Some(sent.id)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_mail_stands_in_the_channel_log_without_a_word_of_it() {
    let world = World::new();
    let gateway = start(&world).await;
    for _ in 0..2 {
        let order = Order::new("mai@customer.test", &[SUPPORT], &mail(1, ""));
        assert_eq!(order.hand_over("lmtp", world.lmtp).await.code, 250);
    }
    let filter = ExchangeFilter { channel: "email".into(), ..ExchangeFilter::default() };
    let request = ListExchangesRequest { filter: Some(filter), ..ListExchangesRequest::default() };
    let listed =
        || async { channels(&gateway).await.list_exchanges(request.clone()).await.unwrap().into_inner().exchanges };
    until("both are written down", || async { listed().await.len() == 2 }).await;
    let mut listed = listed().await;
    listed.sort_by_key(|exchange| exchange.outcome);
    let outcomes: Vec<_> =
        listed.iter().map(|exchange| (exchange.kind(), exchange.outcome(), exchange.status)).collect();
    let (stored, again) = (ExchangeOutcome::Stored, ExchangeOutcome::Duplicate);
    assert_eq!(outcomes, [(ExchangeKind::Mail, stored, 250), (ExchangeKind::Mail, again, 250)]);
    assert_eq!((listed[0].method.as_str(), listed[0].account.as_deref()), ("LMTP", Some(SUPPORT)));
}
