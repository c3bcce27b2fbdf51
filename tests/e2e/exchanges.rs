//! The channel log: every exchange with a channel, without a word of it.

use std::collections::BTreeMap;

use kenh_proto::v1::{
    Exchange, ExchangeDirection, ExchangeFilter, ExchangeKind,
    ExchangeOutcome::{self, Duplicate, Handshake, Malformed, Rejected, Stored},
    ListExchangesRequest, SendReason, SendState, WatchExchangesRequest,
    channel_service_client::ChannelServiceClient,
};
use kenh_tests::{
    access::{connect, new_key, reason},
    gateway::{Gateway, PAGE, Setup, VERIFY_TOKEN, kenh},
    leaks::MARK,
    outbound::{person, say, send, until_state},
    postgres::Cluster,
    provider::{Manner, Provider},
    until,
    webhook::{client, messenger, messenger_text, zalo, zalo_text},
};
use serde_json::{Value, json};
use tonic::Code;

use crate::{
    answering::{setup, start},
    credentials::{World, channels, renewed},
};

async fn listed(gateway: &Gateway, filter: ExchangeFilter) -> Vec<Exchange> {
    let request = ListExchangesRequest { filter: Some(filter), ..ListExchangesRequest::default() };
    channels(gateway).await.list_exchanges(request).await.unwrap().into_inner().exchanges
}

/// Waits until so many are written down, newest first.
async fn written(gateway: &Gateway, filter: &ExchangeFilter, count: usize) -> Vec<Exchange> {
    // A store that has just come back may not answer the first call.
    until("the exchanges are written down", || async {
        let request = ListExchangesRequest { filter: Some(filter.clone()), ..ListExchangesRequest::default() };
        let page = channels(gateway).await.list_exchanges(request).await;
        page.is_ok_and(|page| page.into_inner().exchanges.len() >= count)
    })
    .await;
    let found = listed(gateway, filter.clone()).await;
    assert_eq!(found.len(), count, "{found:#?}");
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn what_channels_call_is_written_down_with_what_became_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = Setup::embedded(folder.path()).start().await;
    let body = messenger_text(660_001, "m_1", &format!("is it {MARK}?"));
    assert_eq!(messenger().post(&gateway, &body).await, 200);
    assert_eq!(messenger().post(&gateway, &body).await, 200);
    assert_eq!(messenger().post(&gateway, &format!("{{\"{MARK}\"")).await, 200);
    let unsigned = client().post(gateway.url("messenger", "main")).body(body.clone()).send().await.unwrap();
    assert_eq!(unsigned.status(), 401);
    let query = format!("hub.mode=subscribe&hub.verify_token={VERIFY_TOKEN}&hub.challenge=1");
    let shaken = client().get(format!("{}?{query}", gateway.url("messenger", "main"))).send().await.unwrap();
    assert_eq!(shaken.status(), 200);
    assert_eq!(client().post(gateway.url("messenger", "nowhere")).send().await.unwrap().status(), 404);

    let mut found = written(&gateway, &ExchangeFilter::default(), 5).await;
    found.reverse();
    let seen: Vec<_> = found
        .iter()
        .map(|one| (one.outcome(), one.status, one.account.as_deref(), one.detail.as_deref(), one.failed, one.events))
        .collect();
    assert_eq!(
        seen,
        [
            (Stored, 200, Some(PAGE), None, false, 1),
            (Duplicate, 200, Some(PAGE), None, false, 0),
            (Malformed, 200, None, None, true, 1),
            (Rejected, 401, None, Some("signature_missing"), true, 0),
            (Handshake, 200, None, None, false, 0),
        ]
    );
    for one in &found {
        assert_eq!((one.channel.as_str(), one.endpoint.as_str(), one.count), ("messenger", "main", 1));
        assert_eq!((one.kind(), one.direction()), (ExchangeKind::Webhook, ExchangeDirection::Inbound));
        assert!(one.began_at.is_some() && one.duration.is_some() && one.id.len() == 36, "{one:?}");
        let text = format!("{one:?}");
        assert!(!text.contains(MARK) && !text.contains(VERIFY_TOKEN), "{text}");
    }
    assert_eq!(found[0].request_bytes, u64::try_from(body.len()).unwrap());
    let failed = ExchangeFilter { failed: true, ..ExchangeFilter::default() };
    assert_eq!(
        written(&gateway, &failed, 2).await.iter().map(Exchange::outcome).collect::<Vec<_>>(),
        [Rejected, Malformed]
    );
    let outcomes = vec![Handshake.into(), Stored.into()];
    written(&gateway, &ExchangeFilter { outcomes, ..ExchangeFilter::default() }, 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_called_is_written_down_with_the_channels_code_and_the_message() {
    let (gateway, provider, _folder) = start().await;
    let error = json!({"error": {"message": format!("no {MARK}"), "type": "OAuthException", "code": 10,
        "error_subcode": 2_018_278, "fbtrace_id": "AbC-1x_trace"}});
    provider.next([Manner::SaysLater(429, 1, json!({})), Manner::Says(400, error)]);
    let sent = send(&gateway, say(person("660001"), "k1", MARK)).await.unwrap();
    until_state(&gateway, &sent.id, SendState::Failed).await;
    let about = ExchangeFilter { message_id: sent.id.clone(), ..ExchangeFilter::default() };
    let found = written(&gateway, &about, 2).await;
    let [refused, throttled] = &found[..] else { panic!("{found:?}") };
    assert_eq!(
        (throttled.outcome(), throttled.reason(), throttled.status),
        (ExchangeOutcome::Refused, SendReason::Throttled, 429)
    );
    assert_eq!(throttled.retry_after.unwrap().seconds, 1);
    assert_eq!(
        (refused.outcome(), refused.reason(), refused.status),
        (ExchangeOutcome::Refused, SendReason::WindowClosed, 400)
    );
    assert_eq!(refused.provider_code.as_deref(), Some("10/2018278"));
    assert_eq!(refused.provider_request_id.as_deref(), Some("AbC-1x_trace"));
    assert_eq!((refused.piece, refused.attempt, refused.account.as_deref()), (Some(0), 2, Some(PAGE)));
    assert_eq!((refused.kind(), refused.method.as_str()), (ExchangeKind::Send, "POST"));
    let url = format!("{}/v25.0/{PAGE}/messages?appsecret_proof", provider.url());
    assert_eq!(refused.url, url, "of a query the names alone");
    assert!(refused.request_bytes > 0 && refused.response_bytes > 0, "{refused:?}");
    assert!(!format!("{found:?}").contains(MARK));

    provider.next([Manner::TakenInSilence]);
    let silent = send(&gateway, say(person("660002"), "k2", MARK)).await.unwrap();
    until_state(&gateway, &silent.id, SendState::Unknown).await;
    let about = ExchangeFilter { message_id: silent.id, ..ExchangeFilter::default() };
    let found = written(&gateway, &about, 1).await;
    assert_eq!(
        (found[0].outcome(), found[0].reason(), found[0].status),
        (ExchangeOutcome::NoAnswer, SendReason::OutcomeUnknown, 0)
    );
    let window = ExchangeFilter { reasons: vec![SendReason::WindowClosed.into()], ..ExchangeFilter::default() };
    written(&gateway, &window, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn renewals_of_tokens_are_written_down_without_a_token() {
    let world = World::new().await;
    let gateway = world.setup().start().await;
    renewed(&gateway).await;
    let outbound = ExchangeFilter { direction: ExchangeDirection::Outbound.into(), ..ExchangeFilter::default() };
    let found = written(&gateway, &outbound, 1).await;
    assert_eq!(
        (found[0].kind(), found[0].outcome(), found[0].status),
        (ExchangeKind::Token, ExchangeOutcome::Succeeded, 200)
    );
    assert_eq!(found[0].url, format!("{}/v4/oa/access_token", world.oauth.url()));
    assert!(!format!("{found:?}").contains(kenh_tests::oauth::TOKEN));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_see_one_channel_sees_its_exchanges_alone() {
    let (folder, all, desk, page) = (tempfile::tempdir().unwrap(), new_key().await, new_key().await, new_key().await);
    let client_of = |name: &str, key: &kenh_tests::access::Key, rights: &str| {
        format!("    {name}:\n      api_key_sha256: {}\n      rights: [{rights}]\n", key.hash)
    };
    let clients = [
        client_of("all", &all, "read"),
        client_of("desk", &desk, "'read:zalo'"),
        client_of("page", &page, &format!("'read:messenger/{PAGE}'")),
    ];
    let gateway =
        Setup::embedded(folder.path()).with(&format!("access:\n  clients:\n{}", clients.concat())).start().await;
    assert_eq!(zalo().post(&gateway, &zalo_text(555, "z_1", "một hai ba")).await, 200);
    assert_eq!(messenger().post(&gateway, &messenger_text(660_001, "m_1", "bốn năm sáu")).await, 200);
    let refused = client().post(gateway.url("messenger", "main")).body("{}").send().await.unwrap();
    assert_eq!(refused.status(), 401);
    let mut seen = BTreeMap::new();
    let places = async |key: &kenh_tests::access::Key| {
        let mut client = ChannelServiceClient::new(connect(&gateway.api_url(), Some(&key.secret)).await);
        let page = client.list_exchanges(ListExchangesRequest::default()).await.unwrap().into_inner();
        page.exchanges.into_iter().map(|one| format!("{} {:?}", one.channel, one.account)).collect::<Vec<_>>()
    };
    until("all is written down", || async { places(&all).await.len() == 3 }).await;
    seen.insert("desk", places(&desk).await);
    seen.insert("page", places(&page).await);
    assert_eq!(seen["desk"], [format!("zalo {:?}", Some(kenh_tests::gateway::OA))]);
    assert_eq!(seen["page"], [format!("messenger {:?}", Some(PAGE))], "nobody knows whose the refused one is");
    let mut client = ChannelServiceClient::new(connect(&gateway.api_url(), Some(&desk.secret)).await);
    let named = ExchangeFilter { channel: "messenger".into(), ..ExchangeFilter::default() };
    let request = ListExchangesRequest { filter: Some(named.clone()), ..ListExchangesRequest::default() };
    let denied = client.list_exchanges(request).await.unwrap_err();
    assert_eq!((denied.code(), reason(&denied).as_str()), (Code::PermissionDenied, "RIGHT_MISSING"));
    let request = WatchExchangesRequest { filter: Some(named), recent: 0 };
    assert_eq!(client.watch_exchanges(request).await.unwrap_err().code(), Code::PermissionDenied);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_followed_on_every_replica_and_outlives_the_stores_absence() {
    let (folder, database, provider) = (tempfile::tempdir().unwrap(), Cluster::start().await, Provider::start().await);
    let store = format!("store:\n  engine: postgres\n  postgres:\n    url: {}\n    timeout: 1s\n", database.url());
    let replica = |name: &str| setup(&folder.path().join(name), &provider).with(&store).start();
    let (one, other) = (replica("one").await, replica("other").await);
    assert_eq!(messenger().post(&one, &messenger_text(660_001, "m_1", "before it")).await, 200);
    written(&other, &ExchangeFilter::default(), 1).await;
    let request = WatchExchangesRequest { filter: None, recent: 10 };
    let mut watched = channels(&other).await.watch_exchanges(request).await.unwrap().into_inner();
    let mut next = async || {
        let message = tokio::time::timeout(kenh_tests::PATIENCE, watched.message()).await.expect("in time").unwrap();
        message.unwrap().exchange.unwrap()
    };
    assert_eq!(next().await.account.as_deref(), Some(PAGE), "the one there was");
    for gateway in [&one, &other] {
        assert_eq!(zalo().post(gateway, &zalo_text(555, &format!("z_{}", gateway.web), "while it is read")).await, 200);
        assert_eq!(next().await.channel, "zalo");
    }
    // What comes while the store is away is there afterwards; nobody waited for it.
    database.pause().await;
    let late = client().post(one.url("messenger", "main")).body("{}").send().await.unwrap();
    assert_eq!(late.status(), 401);
    tokio::time::sleep(std::time::Duration::from_millis(2500)).await;
    database.resume().await;
    let rejected = ExchangeFilter { failed: true, ..ExchangeFilter::default() };
    let found = written(&other, &rejected, 1).await;
    assert_eq!(found[0].outcome(), ExchangeOutcome::Rejected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_is_counted_and_what_is_not_wanted_is_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let setup = Setup::embedded(folder.path()).with("channel_log:\n  per_second: 1\n");
    let gateway = setup.start().await;
    for number in 0..40 {
        let body = messenger_text(660_001, &format!("m_{number}"), "one of many");
        assert_eq!(messenger().post(&gateway, &body).await, 200);
    }
    let total = async || listed(&gateway, ExchangeFilter::default()).await.iter().map(|one| one.count).sum::<u32>();
    until("all are accounted for", || async { total().await == 40 }).await;
    let found = listed(&gateway, ExchangeFilter::default()).await;
    assert!(found.len() < 40 && found.iter().map(|one| one.events).sum::<u32>() == 40, "{found:?}");
    let alone = gateway.metric("kenh_exchanges_total", "written=\"alone\"").await;
    let together = gateway.metric("kenh_exchanges_total", "written=\"together\"").await;
    assert!((alone + together - 40.0).abs() < 0.1, "{alone} {together}");
    drop(gateway);

    let folder = tempfile::tempdir().unwrap();
    let gateway = Setup::embedded(folder.path()).with("channel_log:\n  inbound: failures\n").start().await;
    assert_eq!(messenger().post(&gateway, &messenger_text(660_001, "m_1", "not written down")).await, 200);
    let refused = client().post(gateway.url("messenger", "main")).body("{}").send().await.unwrap();
    assert_eq!(refused.status(), 401);
    let found = written(&gateway, &ExchangeFilter::default(), 1).await;
    assert_eq!(found[0].outcome(), ExchangeOutcome::Rejected);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_prints_it_in_pages_and_what_is_noted_last_is_written_before_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let setup = Setup::embedded(folder.path()).with("channel_log:\n  per_second: 1000\n");
    let mut gateway = setup.clone().start().await;
    for number in 0..5 {
        assert_eq!(zalo().post(&gateway, &zalo_text(555, &format!("z_{number}"), "to be printed")).await, 200);
    }
    // Nothing waited for the next second.
    gateway.terminate().await;
    assert!(gateway.ended().await.success());
    drop(gateway);
    let gateway = setup.start().await;
    let api = gateway.api_url();
    let print = async |more: &[&str]| {
        let output = kenh(&[&["channel", "log", "--api", &api], more].concat(), b"").await;
        assert!(output.status.success(), "{output:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()).collect::<Vec<_>>()
    };
    let lines = print(&["--channel", "zalo", "--direction", "in", "--outcome", "stored"]).await;
    assert_eq!(lines.len(), 5);
    assert_eq!(lines[0]["outcome"], "EXCHANGE_OUTCOME_STORED");
    assert_eq!(print(&["--count", "2"]).await, lines[..2]);
    assert!(print(&["--until", "2020-01-01T00:00:00Z"]).await.is_empty());
    let wrong = kenh(&["channel", "log", "--api", &api, "--outcome", "lost"], b"").await;
    assert_eq!(wrong.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("there is no lost"));
    let mut pages = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = ListExchangesRequest { page_size: 2, page_token, ..ListExchangesRequest::default() };
        let page = channels(&gateway).await.list_exchanges(request).await.unwrap().into_inner();
        pages.push(page.exchanges.len());
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(pages, [2, 2, 1]);
}
