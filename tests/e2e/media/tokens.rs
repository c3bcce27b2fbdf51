//! Files of channels that give them for a secret: which call asks for them, what goes along with it, and where it never goes.

use std::time::SystemTime;

use kenh_tests::{
    gateway::Setup,
    issuer::Issuer,
    provider::{Manner, Provider, Received},
    until, webhook,
};
use reqwest::StatusCode;

use super::*;
use crate::credentials::KEY;

const APP: &str = "00000000-0000-0000-0000-000000000010";
const SID: &str = "AC00000000000000000000000000000001";
const TEAMS: &str = "app_id: 00000000-0000-0000-0000-000000000010\nsimulation_key: words-of-the-simulation-0001\n";
const TIKTOK: &str = "client_secrets: tiktok-client-secret-0001\n";
const X: &str = "consumer_secrets: x-consumer-secret-0001\n";
const TWILIO: &str = "provider: twilio\nuser: AC00000000000000000000000000000001\nsecrets: twilio-auth-token-0001\n\
                      public_url: https://gw.example.test/v1/webhooks/sms/twilio\n";
const PLIVO: &str = "provider: plivo\nuser: MA0001\nsecrets: plivo-auth-token-0001\n\
                     public_url: https://gw.example.test/v1/webhooks/sms/plivo\n";
const CALLS: &str = "provider: twilio\nsecrets: twilio-auth-token-0001\n\
                     public_url: https://gw.example.test/v1/webhooks/voice/main\n";

/// A channel's endpoint, and what it is given to be had.
struct Case {
    channel: &'static str,
    endpoint: &'static str,
    settings: &'static str,
    /// What the channel calls the gateway with; `@` stands for where its files are, `%` for the same in a form.
    says: String,
    /// The file's path there.
    path: &'static str,
    /// The header that proves the account, and its value.
    proof: (&'static str, String),
}

fn basic(name: &str, password: &str) -> (&'static str, String) {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    ("authorization", format!("Basic {}", STANDARD.encode(format!("{name}:{password}"))))
}

fn cases() -> Vec<Case> {
    let picture = json!([{"contentType": "image/png", "contentUrl": "@/teams/v3/attachments/0-eus-1/views/original"}]);
    let activity = json!({"type": "message", "id": "1", "timestamp": "2026-01-01T00:00:01Z", "channelId": "msteams",
        "serviceUrl": "https://smba.trafficmanager.net/emea/", "from": {"id": "29:1abcAN"},
        "recipient": {"id": format!("28:{APP}")}, "conversation": {"id": "a:1xyz", "conversationType": "personal"},
        "attachments": picture});
    let content = json!({"type": "video", "message_id": "m2", "conversation_id": "c1", "timestamp": 1_767_225_600_123_u64,
        "from_user": {"id": "u1"}, "to_user": {"id": "biz-1"}, "video": {"media_id": "md1"}});
    let tiktok = json!({"client_key": "ck1", "event": "im_receive_msg", "create_time": 1_767_225_600,
        "user_openid": "biz-1", "content": content.to_string()});
    let file = json!({"id_str": "9", "media_url_https": "https://ton.twitter.com/1.1/ton/data/dm/954000000000000001/9/x.jpg",
        "type": "photo"});
    let message = json!({"target": {"recipient_id": "1110001"}, "sender_id": "2220001",
        "message_data": {"text": "hi", "attachment": {"type": "media", "media": file}}});
    let direct = json!({"for_user_id": "1110001", "direct_message_events": [{"type": "message_create",
        "id": "954000000000000001", "created_timestamp": "1767225600000", "message_create": message}]});
    let sms = "MessageSid=MM1&AccountSid=AC1&From=%2B12025550101&To=%2B12025550199&Body=&NumMedia=1&SmsStatus=received\
               &MediaUrl0=^%2F2010-04-01%2FMedia%2FME1&MediaContentType0=image%2Fjpeg";
    let plivo = "From=12025550101&To=12025550199&Text=&Type=mms&MessageUUID=u-1&Media0=^%2FAccount%2FMA%2FMedia%2F1";
    let recorded = format!(
        "AccountSid={SID}&CallSid=CA1&RecordingSid=RE1&RecordingStatus=completed&RecordingUrl=^%2FRecordings%2FRE1"
    );
    let case = |channel, endpoint, settings, says: String, path, proof| Case {
        channel,
        endpoint,
        settings,
        says,
        path,
        proof,
    };
    vec![
        case(
            "teams",
            "main",
            TEAMS,
            activity.to_string(),
            "/teams/v3/attachments/0-eus-1/views/original",
            // Nothing but the secret that fetches it is configured.
            ("authorization", "Bearer bot-token-0001".into()),
        ),
        case("tiktok", "main", TIKTOK, tiktok.to_string(), "/video/1.mp4", ("x-user", "tiktok-token-0003".into())),
        case(
            "x",
            "main",
            X,
            direct.to_string(),
            "/2/dm_conversations/media/954000000000000001/9/x.jpg",
            ("authorization", "Bearer x-token-0000000003".into()),
        ),
        case("sms", "twilio", TWILIO, sms.into(), "/2010-04-01/Media/ME1", basic(SID, "twilio-auth-token-0001")),
        case("sms", "plivo", PLIVO, plivo.into(), "/Account/MA/Media/1", basic("MA0001", "plivo-token-0002")),
        case("voice", "main", CALLS, recorded, "/Recordings/RE1", basic(SID, "twilio-auth-token-0001")),
    ]
}

/// A gateway with all of them, whose files are at the provider.
async fn start(provider: &Provider, hosts: &str) -> (Gateway, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let (url, keys) = (provider.url(), format!("credentials:\n  keys: [\"{KEY}\"]\n"));
    let secrets = ["teams-client-secret-0002", "tiktok-token-0003", "x-token-0000000003", "twilio-auth-token-0001"];
    secrets.into_iter().chain(["plivo-token-0002", "plivo-auth-token-0001"]).for_each(leaks::unsaid);
    let indented = |yaml: &str| format!("      {}\n", yaml.trim_end().replace('\n', "\n      "));
    let endpoint = |settings: &str, more: &str| format!("{}{}", indented(settings), indented(more));
    // It is away, which the key of the simulation does not mind.
    let away = Issuer::default().url();
    let teams = format!(
        "openid_metadata: {away}/nothing\ntoken_url: {url}/login/oauth2/v2.0/token\nservice_hosts: [{hosts}]\naccounts: \
         {{ \"28:{APP}\": {{ refresh_token: teams-client-secret-0002 }} }}"
    );
    let tiktok =
        format!("api_url: {url}\nmedia_hosts: [{hosts}]\naccounts: {{ biz-1: {{ token: tiktok-token-0003 }} }}");
    let x = format!("api_url: {url}\naccounts: {{ \"1110001\": {{ token: x-token-0000000003 }} }}");
    let plivo = format!("media_hosts: [{hosts}]\naccounts: {{ \"+12025550199\": {{ token: plivo-token-0002 }} }}");
    let hosts = format!("media_hosts: [{hosts}]");
    let channels = format!(
        "  teams:\n    main:\n{}  tiktok:\n    main:\n{}  x:\n    main:\n{}  sms:\n    twilio:\n{}    plivo:\n{}  \
         voice:\n    main:\n{}",
        endpoint(TEAMS, &teams),
        endpoint(TIKTOK, &tiktok),
        endpoint(X, &x),
        endpoint(TWILIO, &hosts),
        endpoint(PLIVO, &plivo),
        endpoint(CALLS, &hosts),
    );
    let setup = Setup::embedded(folder.path()).with(&keys).with(MEDIA);
    (setup.channels(&channels).start().await, folder)
}

impl Case {
    /// The event of what the channel says.
    async fn happens(&self, gateway: &Gateway, provider: &Provider) -> Envelope {
        let mut events = stream::Stream::open(gateway, stream::latest()).await;
        let channel = webhook::of(self.channel, self.settings);
        let url = provider.url();
        let says = self.says.replace('@', &url).replace('^', &url.replace(':', "%3A").replace('/', "%2F"));
        let at = gateway.url(self.channel, self.endpoint);
        let answer = channel.call_at(&at, &says, SystemTime::now()).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{}", self.channel);
        stream::envelope(&events.delivery().await).clone()
    }

    fn proven(&self, call: &Received) -> bool {
        let (name, value) = &self.proof;
        call.headers.get(*name).is_some_and(|found| found == value)
    }
}

/// What TikTok says of where the file is.
fn made(url: &str) -> Manner {
    Manner::Says(200, json!({"code": 0, "message": "OK", "data": {"download_url": url}}))
}

/// Waits until the bot's token was fetched.
async fn fetched_token(provider: &Provider) {
    let asked = || async { provider.received().iter().any(|call| call.path.starts_with("/login/")) };
    until("the bot's token is there", asked).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_had_for_the_accounts_secret() {
    let provider = Provider::start().await;
    let here = format!("\"127.0.0.1:{}\"", provider.port());
    let (gateway, _folder) = start(&provider, &here).await;
    fetched_token(&provider).await;
    for (number, case) in cases().into_iter().enumerate() {
        let event = case.happens(&gateway, &provider).await;
        let file = bytes(number, 1000);
        let url = provider.file_of(case.path, "image/jpeg", file.clone().into());
        if case.channel == "tiktok" {
            provider.next([made(&url)]);
        }
        until(case.channel, || async {
            !matches!(get(&gateway, &event, 0).await, Err(later) if later.code() == Code::Unavailable)
        })
        .await;
        assert!(get(&gateway, &event, 0).await.unwrap().bytes == file, "{}", case.channel);
        let call = provider.fetched().pop().expect("the file was fetched");
        assert!(case.proven(&call) && call.path == case.path, "{}: {:?}", case.channel, call.headers);
    }
    // TikTok was asked first, with what its answer depends on.
    let asked = provider.received().into_iter().find(|call| call.path.contains("/media/download/")).unwrap();
    assert_eq!(
        (asked.method.as_str(), &asked.headers["access-token"]),
        ("POST", &"tiktok-token-0003".parse().unwrap())
    );
    let ids = json!({"business_id": "biz-1", "conversation_id": "c1", "message_id": "m2", "media_id": "md1",
        "media_type": "VIDEO"});
    assert_eq!(asked.json(), ids);
    assert!(!gateway.log().contains("token-000"), "a token is in the log");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_goes_to_a_host_that_only_an_event_names() {
    let provider = Provider::start().await;
    let (gateway, _folder) = start(&provider, "media.example.test").await;
    fetched_token(&provider).await;
    for case in cases().into_iter().filter(|case| case.channel != "x") {
        let event = case.happens(&gateway, &provider).await;
        let url = provider.file(case.path, "image/jpeg", b"\xff\xd8 anybody may have it");
        if case.channel == "tiktok" {
            provider.next([made(&url)]);
        }
        assert_eq!(get(&gateway, &event, 0).await.unwrap().bytes, b"\xff\xd8 anybody may have it");
        let call = provider.fetched().pop().expect("the file was fetched");
        let held: Vec<_> = ["authorization", "x-user", "access-token"].into_iter().collect();
        assert!(held.iter().all(|name| !call.headers.contains_key(*name)), "{}: {:?}", case.channel, call.headers);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_secret_does_not_open_says_why() {
    let provider = Provider::start().await;
    let here = format!("\"127.0.0.1:{}\"", provider.port());
    let (gateway, _folder) = start(&provider, &here).await;
    fetched_token(&provider).await;
    let gone = || why(Code::NotFound, "MEDIA_GONE");
    let closed = || why(Code::FailedPrecondition, "MEDIA_CREDENTIALS_MISSING");
    for case in cases() {
        let event = case.happens(&gateway, &provider).await;
        let tiktok = case.channel == "tiktok";
        let says = |status: u16, code: u64| Manner::Says(if tiktok { 200 } else { status }, json!({"code": code}));
        provider.next([says(401, 40105), says(404, 40000), says(429, 40100)]);
        assert_eq!(refused(&gateway, &event, 0).await, closed(), "{}", case.channel);
        assert_eq!(refused(&gateway, &event, 0).await, gone(), "{}", case.channel);
        assert_eq!(refused(&gateway, &event, 0).await, why(Code::Unavailable, "MEDIA_NOT_READY"), "{}", case.channel);
        if tiktok {
            // The address is there, and the file behind it is not.
            provider.next([made(&format!("{}/gone.mp4", provider.url())), Manner::Says(404, json!({}))]);
            assert_eq!(refused(&gateway, &event, 0).await, gone());
        }
    }
}
