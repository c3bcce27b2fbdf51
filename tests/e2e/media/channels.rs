//! Files that lie at channels, which want to know who asks.

use kenh_proto::v1::{
    ExchangeFilter, ExchangeKind, ListExchangesRequest, channel_service_client::ChannelServiceClient,
};
use kenh_tests::{
    gateway::{APP_SECRET, Setup, VERIFY_TOKEN},
    provider::{Manner, Provider},
    until,
    webhook::{self, whatsapp},
};

use super::*;

const BOT_TOKEN: &str = "800001:telegram-token-0002";
const NUMBER_TOKEN: &str = "whatsapp-system-token-0002";
const LINE_TOKEN: &str = "line-channel-access-token-0002";
const LINE: &str = "U00000000000000000000000000000001";

/// A gateway with Telegram, WhatsApp and LINE, and where their APIs are.
async fn start() -> (Gateway, Provider, tempfile::TempDir) {
    let (folder, provider) = (tempfile::tempdir().unwrap(), Provider::start().await);
    [BOT_TOKEN, NUMBER_TOKEN, LINE_TOKEN].into_iter().for_each(leaks::unsaid);
    let url = provider.url();
    let channels = format!(
        "  telegram:\n    main:\n      bot_id: \"800001\"\n      secret_tokens: telegram-word-0001\n      api_url: {url}\n      \
         accounts:\n        \"800001\": {{ token: \"{BOT_TOKEN}\" }}\n\
         \x20 whatsapp:\n    main:\n      app_secrets: {APP_SECRET}\n      verify_token: {VERIFY_TOKEN}\n      api_url: {url}\n      \
         media_url: {url}\n      accounts:\n        \"40001\": {{ token: {NUMBER_TOKEN} }}\n\
         \x20 line:\n    main:\n      channel_secrets: line-channel-secret-0001\n      api_url: {url}\n      data_url: {url}\n      \
         accounts:\n        {LINE}: {{ token: {LINE_TOKEN} }}\n"
    );
    // Not a word of this machine's address: what the configuration names may be reached.
    (
        Setup::embedded(folder.path()).with("media:\n  allow_http: true\n").channels(&channels).start().await,
        provider,
        folder,
    )
}

async fn happens(gateway: &Gateway, post: impl AsyncFnOnce()) -> Envelope {
    let mut events = stream::Stream::open(gateway, stream::latest()).await;
    post().await;
    stream::envelope(&events.delivery().await).clone()
}

async fn document(gateway: &Gateway) -> Envelope {
    let update = json!({"update_id": 900_000_001, "message": {"message_id": 11, "date": 1_767_225_600,
        "from": {"id": 5_000_700_001_u64, "is_bot": false, "first_name": "Ana"},
        "chat": {"id": 5_000_700_001_u64, "type": "private", "first_name": "Ana"},
        "document": {"file_id": "BQACAgUAAx-1", "file_unique_id": "u1", "file_name": "offer.pdf", "mime_type": "application/pdf"}}});
    let bot = webhook::of("telegram", "bot_id: '800001'\nsecret_tokens: telegram-word-0001\n");
    happens(gateway, async || assert_eq!(bot.post(gateway, &update.to_string()).await, 200)).await
}

/// A picture on WhatsApp, sent to a number.
async fn picture(gateway: &Gateway, number: &str) -> Envelope {
    let message = json!({"from": "84901234567", "id": format!("wamid.{number}"), "timestamp": "1767225600", "type": "image",
        "image": {"mime_type": "image/jpeg", "id": "9001"}});
    let value = json!({"messaging_product": "whatsapp", "metadata": {"display_phone_number": "15550100000",
        "phone_number_id": number}, "contacts": [{"wa_id": "84901234567"}], "messages": [message]});
    let body = json!({"object": "whatsapp_business_account", "entry": [{"id": "30001",
        "changes": [{"field": "messages", "value": value}]}]});
    happens(gateway, async || assert_eq!(whatsapp().post(gateway, &body.to_string()).await, 200)).await
}

async fn film(gateway: &Gateway) -> Envelope {
    let body = json!({"destination": LINE, "events": [{"type": "message", "mode": "active", "timestamp": 1_767_225_600_000_u64,
        "source": {"type": "user", "userId": "U0000000000000000000000000000aaaa"}, "webhookEventId": "01JGA0000000000000000000AA",
        "deliveryContext": {"isRedelivery": false}, "message": {"id": "500000000000000001", "type": "video", "duration": 1000,
        "contentProvider": {"type": "line"}}}]});
    let line = webhook::of("line", "channel_secrets: line-channel-secret-0001\n");
    happens(gateway, async || assert_eq!(line.post(gateway, &body.to_string()).await, 200)).await
}

fn bearer(received: &kenh_tests::provider::Received) -> Option<&str> {
    received.headers.get("authorization")?.to_str().ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn telegrams_file_is_had_in_two_calls_and_the_token_is_nowhere_to_be_read() {
    let (gateway, provider, _folder) = start().await;
    let event = document(&gateway).await;
    let file = bytes(5, 70_000);
    provider.file_of(
        &format!("/file/bot{BOT_TOKEN}/documents/file_7.pdf"),
        "application/octet-stream",
        file.clone().into(),
    );
    provider.next([Manner::Says(200, json!({"ok": true, "result": {"file_path": "documents/file_7.pdf"}}))]);
    for _ in 0..2 {
        let got = get(&gateway, &event, 0).await.unwrap();
        assert!(got.bytes == file);
        let said = (got.info.name.as_deref(), got.info.mime_type.as_deref());
        assert_eq!(said, (Some("offer.pdf"), Some("application/pdf")));
    }
    let asked: Vec<_> = provider.received().iter().map(|call| call.path.clone()).collect();
    assert_eq!(asked, [format!("/bot{BOT_TOKEN}/getFile?file_id=BQACAgUAAx-1")]);
    assert_eq!(provider.fetched().len(), 1, "the second time it came from the store");
    // Both calls stand in the channel log.
    let channels = || ChannelServiceClient::connect(gateway.api_url());
    let filter = ExchangeFilter { channel: "telegram".into(), ..ExchangeFilter::default() };
    let request = ListExchangesRequest { filter: Some(filter), ..ListExchangesRequest::default() };
    let listed = || async {
        let listed = channels().await.unwrap().list_exchanges(request.clone()).await.unwrap();
        let exchanges = listed.into_inner().exchanges.into_iter();
        exchanges.filter(|exchange| exchange.kind() == ExchangeKind::File).collect::<Vec<_>>()
    };
    until("both calls are written down", || async { listed().await.len() == 2 }).await;
    assert!(!format!("{:?}", listed().await).contains("telegram-token"));
    assert!(!gateway.log().contains("telegram-token"), "the token is in the log");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_goes_along_with_what_is_asked_and_with_what_is_had() {
    let (gateway, provider, _folder) = start().await;
    let here = provider.file("/media/1", "image/jpeg", b"\xff\xd8 some bytes of a picture");
    let event = picture(&gateway, "40001").await;
    provider.next([Manner::Says(200, json!({"messaging_product": "whatsapp", "url": here, "id": "9001"}))]);
    let got = get(&gateway, &event, 0).await.unwrap();
    assert_eq!(got.bytes, b"\xff\xd8 some bytes of a picture");
    let bearer_of_number = format!("Bearer {NUMBER_TOKEN}");
    assert!(provider.received()[0].path.starts_with("/v25.0/9001?appsecret_proof="));
    assert_eq!(bearer(&provider.received()[0]), Some(&*bearer_of_number));
    assert_eq!(bearer(&provider.fetched()[0]), Some(&*bearer_of_number));

    let event = film(&gateway).await;
    provider.next([Manner::Says(202, json!({}))]);
    assert_eq!(refused(&gateway, &event, 0).await, why(Code::Unavailable, "MEDIA_NOT_READY"));
    let content = provider.received().pop().unwrap();
    assert_eq!(content.path, "/v2/bot/message/500000000000000001/content");
    assert_eq!(bearer(&content), Some(&*format!("Bearer {LINE_TOKEN}")));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_channel_does_not_give_says_why() {
    let (gateway, provider, _folder) = start().await;
    let elsewhere = Provider::start().await;
    let there = elsewhere.file("/media/1", "image/jpeg", b"a picture of somebody else");
    let event = picture(&gateway, "40001").await;
    let gone = json!({"error": {"message": "Unsupported get request", "code": 100, "error_subcode": 33}});
    let dead = json!({"error": {"message": "Error validating access token", "code": 190}});
    let led_away = json!({"messaging_product": "whatsapp", "url": there, "id": "9001"});
    let busy = json!({"error": {"message": "Application request limit reached", "code": 4}});
    provider.next([
        Manner::Says(400, gone),
        Manner::Says(401, dead),
        Manner::Says(200, led_away),
        Manner::SaysLater(429, 7, busy),
    ]);
    assert_eq!(refused(&gateway, &event, 0).await, why(Code::NotFound, "MEDIA_GONE"));
    assert_eq!(refused(&gateway, &event, 0).await, why(Code::FailedPrecondition, "MEDIA_CREDENTIALS_MISSING"));
    // Where the channel says the file is, only the host that is configured may be any; others are looked at.
    assert_eq!(refused(&gateway, &event, 0).await, why(Code::FailedPrecondition, "MEDIA_ADDRESS_REFUSED"));
    assert!(elsewhere.fetched().is_empty() && elsewhere.received().is_empty());
    assert_eq!(refused(&gateway, &event, 0).await, why(Code::Unavailable, "MEDIA_NOT_READY"));
    // A number whose token nobody gave.
    let event = picture(&gateway, "40002").await;
    assert_eq!(refused(&gateway, &event, 0).await, why(Code::FailedPrecondition, "MEDIA_CREDENTIALS_MISSING"));
}
