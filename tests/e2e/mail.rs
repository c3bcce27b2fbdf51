//! Mail by providers' webhooks: one that signs its calls (`SendGrid`), one that has a token in its address (Postmark).

use std::time::SystemTime;

use kenh_proto::v1::{
    Envelope, ListEventsRequest, MediaState, Message, ReceiptStatus, SignatureQuality, envelope::Payload, part::Content,
};
use kenh_tests::{
    gateway::{Gateway, Setup},
    leaks,
    stream::{self, Stream, envelope},
    webhook::{Channel, client, email},
};
use serde_json::json;

const TOKEN: &str = "address-token-for-tests-0001";
/// Made for tests, and for nothing else.
const KEY: &str = "test:MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgGer6fqbklRiv9XRGHLwLRea2WrKZtG+pbH7ZbUXBtyChRANCAASZuYbQqRBVXLrDZXuEshmSBJHgHkbgu/3ZQ0nH3DtSr68ZUGPhj+BPOkfasCNR9Fm/2J39KzMhfBi16B75gukr";
/// An endpoint that knows a token and no key.
const BY_TOKEN: &str = "provider: sendgrid\nsecrets: another-token-for-tests-0001\n";

fn settings() -> String {
    format!(
        "  email:\n    postmark:\n      provider: postmark\n      secrets: {TOKEN}\n      mailboxes: [support@example.test]\n\
         \x20   sendgrid:\n      provider: sendgrid\n      public_keys: \"{KEY}\"\n      mailboxes: [support@example.test]\n"
    )
}

async fn start() -> (Gateway, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (Setup::embedded(folder.path()).channels(&settings()).start().await, folder)
}

fn sendgrid() -> Channel {
    email(&format!("provider: sendgrid\npublic_keys: \"{KEY}\"\n"))
}

fn postmark(id: &str, text: &str) -> String {
    leaks::unsaid(text);
    json!({
        "From": "lan@customer.test", "FromFull": {"Email": "lan@customer.test", "Name": "Lan"},
        "To": "support@example.test", "OriginalRecipient": "support@example.test", "Subject": "Hỏi hàng",
        "MessageID": "00000000-0000-4000-8000-000000000001", "Date": "Thu, 1 Jan 2026 08:00:00 +0700", "TextBody": text,
        "Headers": [{"Name": "Message-ID", "Value": format!("<{id}@customer.test>")}],
        "Attachments": [{"Name": "p.png", "Content": "bWFkZSB1cA==", "ContentType": "image/png"}],
    })
    .to_string()
}

/// A raw mail as `SendGrid` hands it over.
fn parse(mail: &str) -> String {
    let fields = [("email", mail), ("envelope", r#"{"to":["support@example.test"],"from":"minh@customer.test"}"#)];
    let field = |(name, value): &(&str, &str)| {
        format!("--xYz\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    fields.iter().map(field).collect::<String>() + "--xYz--\r\n"
}

fn raw(id: &str, text: &str) -> String {
    leaks::unsaid(text);
    format!(
        "From: Minh <minh@customer.test>\r\nTo: support@example.test\r\nMessage-ID: <{id}@customer.test>\r\n\
         In-Reply-To: <lan-1@customer.test>\r\nSubject: Re: Hoi hang\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}"
    )
}

async fn post_postmark(gateway: &Gateway, token: &str, body: &str) -> u16 {
    let url = format!("{}{token}", gateway.url("email", "postmark"));
    client().post(url).body(body.to_owned()).send().await.unwrap().status().as_u16()
}

async fn post_sendgrid(gateway: &Gateway, body: &str) -> u16 {
    let url = gateway.url("email", "sendgrid");
    sendgrid().call_at(&url, body, SystemTime::now()).await.unwrap().status().as_u16()
}

fn message(event: &Envelope) -> &Message {
    let Some(Payload::Message(message)) = &event.payload else { panic!("no message") };
    message
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_by_two_providers_comes_out_of_the_stream() {
    let (gateway, _folder) = start().await;
    let mut stream = Stream::open(&gateway, stream::latest()).await;
    let (first, second) = (postmark("lan-1", "Còn áo xanh không ạ"), parse(&raw("minh-1", "Em cũng muốn hỏi\r\n> cũ")));
    assert_eq!(post_postmark(&gateway, &format!("/{TOKEN}"), &first).await, 200);
    assert_eq!(post_sendgrid(&gateway, &second).await, 200);
    // Tried again, as providers do.
    assert_eq!(post_sendgrid(&gateway, &second).await, 200);

    let mut events: Vec<_> = stream.deliveries(2).await.iter().map(|delivery| envelope(delivery).clone()).collect();
    events.sort_by_key(|event| event.provider_message_id.clone());
    let (lan, minh) = (&events[0], &events[1]);
    assert_eq!(message(lan).text.as_ref().unwrap().body, "Còn áo xanh không ạ");
    assert_eq!(message(minh).text.as_ref().unwrap().body, "Em cũng muốn hỏi");
    let quality = |event: &Envelope| event.quality.as_ref().unwrap().signature();
    assert_eq!((quality(lan), quality(minh)), (SignatureQuality::Token, SignatureQuality::Verified));
    for event in [lan, minh] {
        assert_eq!(event.account.as_ref().unwrap().external_id.as_deref(), Some("support@example.test"));
    }
    // An answer to a mail is of its conversation, by whichever provider it comes.
    assert_eq!(lan.conversation.as_ref().unwrap().id, minh.conversation.as_ref().unwrap().id);
    assert_eq!(lan.partition, minh.partition);

    // What hangs on the mail lies in the bytes, which are kept although nothing asks for them.
    let Some(Content::Media(file)) = &message(lan).parts[0].content else { panic!("a file") };
    assert_eq!((file.state(), file.name.as_deref(), file.size), (MediaState::Enclosed, Some("p.png"), Some(7)));
    assert_eq!(lan.raw.as_ref().unwrap().bytes.as_deref(), Some(first.as_bytes()));
    assert!(minh.raw.as_ref().unwrap().bytes.is_none(), "only the digest is kept");
    assert_eq!(stream::list(&gateway, ListEventsRequest::default()).await.len(), 2, "a repeat is not stored again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bounce_comes_out_as_a_failed_receipt() {
    let (gateway, _folder) = start().await;
    let mut stream = Stream::open(&gateway, stream::latest()).await;
    let bounce = "From: MAILER-DAEMON@mx.customer.test\r\nTo: support@example.test\r\nMessage-ID: <d1@mx.customer.test>\r\n\
                  Subject: Undelivered Mail Returned to Sender\r\nContent-Type: multipart/report; \
                  report-type=delivery-status; boundary=r\r\n\r\n--r\r\n\r\nSorry.\r\n--r\r\nContent-Type: \
                  message/delivery-status\r\n\r\nReporting-MTA: dns; mx.customer.test\r\n\r\nFinal-Recipient: rfc822; \
                  gone@customer.test\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--r\r\nContent-Type: message/rfc822\r\n\r\n\
                  Message-ID: <out-1@example.test>\r\n\r\nx\r\n--r--\r\n";
    assert_eq!(post_sendgrid(&gateway, &parse(bounce)).await, 200);
    let delivery = stream.delivery().await;
    let Some(Payload::Receipt(receipt)) = &envelope(&delivery).payload else { panic!("no receipt") };
    assert_eq!((receipt.status(), receipt.error_code.as_deref()), (ReceiptStatus::Failed, Some("5.1.1")));
    assert_eq!(receipt.provider_message_ids, ["out-1@example.test"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn forged_mail_is_refused_and_nothing_of_it_is_kept() {
    let (gateway, _folder) = start().await;
    let mail = postmark("x-1", "Chưa từng viết");
    for token in ["", "/", "/guessed-token-of-20-bytes", &format!("/{TOKEN}x")] {
        let answered = post_postmark(&gateway, token, &mail).await;
        assert!(matches!(answered, 401 | 404), "{token}: {answered}");
    }
    let (url, body) = (gateway.url("email", "sendgrid"), parse(&raw("x-2", "Cũng chưa từng viết")));
    assert_eq!(client().post(&url).body(body.clone()).send().await.unwrap().status(), 401, "no signature");
    assert_eq!(email(BY_TOKEN).post_to(&url, &body).await.unwrap(), 401, "a token in the place of a signature");
    let signed = sendgrid().call_at(&url, &body, SystemTime::UNIX_EPOCH).await.unwrap();
    assert_eq!(signed.status(), 401, "signed long ago");
    assert!(stream::list(&gateway, ListEventsRequest::default()).await.is_empty());
    assert!(!gateway.log().contains(TOKEN), "the token is in the log");
}
