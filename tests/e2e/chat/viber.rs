//! Viber: every answer has status 200, and receipts name a message by its token.

use kenh_proto::v1::{ReceiptStatus, SendReason, SendState};
use kenh_tests::{
    gateway::{Gateway, Setup},
    leaks,
    outbound::until_state,
    provider::{Manner, Provider},
    webhook::{self, millis},
};
use serde_json::json;

use super::{DISPATCH, person, refused, say, until_status};

const BOT: &str = "pa:0000000000000000001";
const ANA: &str = "abcDEF12+/==";
const TOKEN: &str = "viber-auth-token-0001";

async fn start() -> (Gateway, Provider, tempfile::TempDir) {
    let (folder, provider) = (tempfile::tempdir().unwrap(), Provider::start().await);
    leaks::unsaid(TOKEN);
    let settings = format!(
        "  viber:\n    main:\n      account_id: \"{BOT}\"\n      auth_tokens: {TOKEN}\n      api_url: {}/pa\n      \
         sender_name: Example Shop\n      accounts:\n        \"{BOT}\": {{ token: {TOKEN} }}\n",
        provider.url()
    );
    let setup = Setup::embedded(folder.path()).with(DISPATCH).channels(&settings);
    (setup.start().await, provider, folder)
}

async fn receipt(gateway: &Gateway, event: &str, token: &str) {
    // A number beyond 2^53, as Viber writes it.
    let body = format!(r#"{{"event":"{event}","timestamp":{},"message_token":{token},"user_id":"{ANA}"}}"#, millis());
    let viber = webhook::of("viber", &format!("account_id: \"{BOT}\"\nauth_tokens: {TOKEN}\n"));
    assert_eq!(viber.post(gateway, &body).await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_is_delivered_and_seen() {
    let (gateway, provider, _folder) = start().await;
    let ana = person("viber", BOT, "viber_user_id", ANA);
    provider.next([Manner::SaysLater(200, 1, json!({"status": 12, "status_message": "tooManyRequests"}))]);
    let sent = say(&gateway, &ana, "k1", "Your order is ready").await;
    let sent = until_state(&gateway, &sent.id, SendState::Accepted).await;
    assert_eq!(sent.attempts, 2);
    let token = sent.messages[0].provider_message_ids[0].clone();
    assert_eq!(token, "6012345678901234002");
    let call = &provider.received()[1];
    assert_eq!((call.path.as_str(), &call.json()["receiver"]), ("/pa/send_message", &json!(ANA)));
    assert_eq!(call.headers["x-viber-auth-token"], TOKEN);
    receipt(&gateway, "delivered", &token).await;
    until_status(&gateway, &sent.id, ReceiptStatus::Delivered).await;
    receipt(&gateway, "seen", &token).await;
    until_status(&gateway, &sent.id, ReceiptStatus::Read).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_with_status_200_is_an_error_and_silence_is_unknown() {
    let (gateway, provider, _folder) = start().await;
    let ana = person("viber", BOT, "viber_user_id", ANA);
    for (code, reason) in [(6, SendReason::OptedOut), (5, SendReason::RecipientUnknown), (99, SendReason::Refused)] {
        provider.next([Manner::Says(200, json!({"status": code, "status_message": "made up"}))]);
        assert_eq!(refused(&gateway, &ana, &format!("k{code}")).await, (reason, Some(code.to_string())));
    }
    provider.next([Manner::TakenInSilence]);
    let sent = say(&gateway, &ana, "silence", "Did this arrive?").await;
    until_state(&gateway, &sent.id, SendState::Unknown).await;
    assert_eq!(provider.received().len(), 4, "it is not sent again");
}
