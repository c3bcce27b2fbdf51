//! Microsoft Teams: calls proven by keys that an issuer publishes and replaces; answers where the activities say, with a token
//! that is fetched, and nowhere else.

use std::time::SystemTime;

use kenh_proto::v1::{Destination, OutboundMessage, SendReason, SendState, destination::To};
use kenh_tests::{
    gateway::{Gateway, Setup},
    issuer::{Issuer, SigningKey, seconds},
    leaks,
    outbound::{say, send, until_state},
    provider::{Manner, Provider},
    stream::{self, Stream, envelope},
    until,
    webhook::{self, client},
};
use serde_json::{Value, json};

use super::{answering::DISPATCH, credentials::KEY};

const APP: &str = "00000000-0000-0000-0000-000000000010";
const SERVICE: &str = "https://smba.trafficmanager.net/emea/";
const SECRET: &str = "teams-client-secret-0001";
const WORDS: &str = "words-of-the-simulation-0001";

fn activity(id: &str, service_url: &str) -> Value {
    let text = format!("Is it there? {id}");
    leaks::unsaid(&text);
    json!({"type": "message", "id": id, "timestamp": "2026-01-01T00:00:01Z", "serviceUrl": service_url,
        "channelId": "msteams", "from": {"id": "29:1abcAN", "name": "An"}, "recipient": {"id": format!("28:{APP}")},
        "conversation": {"id": "a:1xyz", "conversationType": "personal"}, "text": text, "textFormat": "plain"})
}

fn claims(issuer: &Issuer) -> Value {
    json!({"iss": issuer.url(), "aud": APP, "serviceurl": SERVICE, "nbf": seconds(-5), "exp": seconds(600)})
}

/// What a call with this token is answered.
async fn presented(gateway: &Gateway, id: &str, token: &str) -> u16 {
    let call = client().post(gateway.url("teams", "main")).bearer_auth(token);
    let call = call.header("content-type", "application/json").body(activity(id, SERVICE).to_string());
    call.send().await.expect("the gateway answers").status().as_u16()
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_are_proven_by_the_keys_that_are_published_now() {
    let folder = tempfile::tempdir().unwrap();
    let (mut issuer, old, new) = (Issuer::default(), SigningKey::rs256("k1"), SigningKey::es256("k2"));
    issuer.publish(&[&old]);
    let settings = format!(
        "  teams:\n    main:\n      app_id: {APP}\n      issuers: [\"{0}\"]\n      \
         openid_metadata: {0}/.well-known/openid-configuration\n",
        issuer.url()
    );
    let gateway = Setup::embedded(folder.path()).channels(&settings).start().await;
    let [by_old, by_new] = [&old, &new].map(|key| key.token(&claims(&issuer)));
    assert_eq!(presented(&gateway, "1", &by_old).await, 503, "the issuer is away: try again");
    issuer.start().await;
    until("the issuer's keys are known", || async { presented(&gateway, "2", &by_old).await == 200 }).await;
    let forged = SigningKey::rs256("k1").token(&claims(&issuer));
    assert_eq!(presented(&gateway, "3", &forged).await, 401);
    assert_eq!(client().post(gateway.url("teams", "main")).body("{}").send().await.unwrap().status(), 401);

    issuer.publish(&[&new]);
    until("the new key is known", || async { presented(&gateway, "4", &by_new).await == 200 }).await;
    assert_eq!(presented(&gateway, "5", &by_old).await, 401, "it is withdrawn");
    let before = issuer.asked();
    for number in 0..20 {
        let unknown = SigningKey::es256(&format!("x{number}")).token(&claims(&issuer));
        assert_eq!(presented(&gateway, "6", &unknown).await, 401);
    }
    assert!(issuer.asked() <= before + 2, "asked {} times for keys that do not exist", issuer.asked() - before);
    issuer.stop().await;
    assert_eq!(presented(&gateway, "7", &by_new).await, 200, "what is known goes on");
}

async fn start() -> (Gateway, Provider, tempfile::TempDir) {
    let (folder, provider) = (tempfile::tempdir().unwrap(), Provider::start().await);
    leaks::unsaid(SECRET);
    leaks::unsaid("bot-token-0001");
    let settings = format!(
        "  teams:\n    main:\n      app_id: {APP}\n      simulation_key: {WORDS}\n      \
         openid_metadata: {2}/nothing\n      token_url: {0}/login/oauth2/v2.0/token\n      \
         service_hosts: [\"127.0.0.1:{1}\"]\n      accounts:\n        \"28:{APP}\": {{ refresh_token: {SECRET} }}\n",
        provider.url(),
        provider.port(),
        // It is away, which the key of the simulation does not mind.
        Issuer::default().url()
    );
    let setup = Setup::embedded(folder.path()).with(DISPATCH).with(&format!("credentials:\n  keys: [\"{KEY}\"]\n"));
    (setup.channels(&settings).start().await, provider, folder)
}

/// Somebody writes; the conversation.
async fn written(gateway: &Gateway, id: &str, service_url: &str) -> Destination {
    let mut stream = Stream::open(gateway, stream::latest()).await;
    let teams = webhook::of("teams", &format!("app_id: {APP}\nsimulation_key: {WORDS}\n"));
    let body = activity(id, service_url).to_string();
    let answer = teams.call_at(&gateway.url("teams", "main"), &body, SystemTime::now()).await.unwrap();
    assert_eq!(answer.status(), 200);
    let event = envelope(&stream.delivery().await).clone();
    let id = event.conversation.expect("a conversation").id;
    Destination { to: Some(To::ConversationId(id)), ..Destination::default() }
}

async fn answered(gateway: &Gateway, to: &Destination, key: &str) -> OutboundMessage {
    send(gateway, say(to.clone(), key, &format!("It is, {key}"))).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_goes_where_the_activity_came_from_with_a_token_of_the_bots() {
    let (gateway, provider, _folder) = start().await;
    let to = written(&gateway, "1767225600001", &format!("{}/teams/", provider.url())).await;
    let sent = answered(&gateway, &to, "k1").await;
    let sent = until_state(&gateway, &sent.id, SendState::Accepted).await;
    let calls: Vec<_> = provider.received().into_iter().filter(|call| call.method == "POST").collect();
    let [token, message] = &calls[..] else { panic!("a token and a message: {calls:?}") };
    let form = String::from_utf8_lossy(&token.body).into_owned();
    assert!(form.contains("grant_type=client_credentials") && form.contains(&format!("client_id={APP}")), "{form}");
    assert!(form.contains(&format!("client_secret={SECRET}")));
    assert_eq!(message.path, "/teams/v3/conversations/a%3A1xyz/activities");
    let bearer = message.headers["authorization"].to_str().unwrap();
    assert!(bearer.starts_with("Bearer bot-token-"), "{bearer}");
    assert_eq!(message.json()["text"], "It is, k1");
    assert!(sent.messages[0].provider_message_ids[0].starts_with("17672257"));

    let again = json!({"error": {"code": "PreconditionFailed", "message": "made up"}});
    let slower = json!({"error": {"code": "Throttled", "message": "made up"}});
    provider.next([Manner::Says(412, again), Manner::SaysLater(429, 1, slower)]);
    let sent = answered(&gateway, &to, "k2").await;
    assert_eq!(until_state(&gateway, &sent.id, SendState::Accepted).await.attempts, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_token_goes_to_a_host_that_only_a_call_names() {
    let ((gateway, provider, _folder), stranger) = (start().await, Provider::start().await);
    let to = written(&gateway, "1767225600001", &format!("{}/teams/", stranger.url())).await;
    let sent = answered(&gateway, &to, "k1").await;
    let failure = until_state(&gateway, &sent.id, SendState::Failed).await.failure.expect("a failure");
    assert_eq!((failure.reason(), failure.provider_code.as_deref()), (SendReason::NotPermitted, Some("service_host")));
    assert!(stranger.received().is_empty());
    assert!(provider.received().iter().all(|call| !call.path.contains("/v3/")));
}
