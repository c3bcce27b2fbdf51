//! Who may be the connector of a channel.

use kenh_proto::v1::{PushRequest, Register, connector_service_client::ConnectorServiceClient};
use kenh_tests::{
    access::{connect, new_key},
    gateway::kenh,
    process::{PARLOR, Process, register, said},
};
use tonic::Code;

use super::{CHANNEL, setup};
use crate::answering::reason;

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_the_connector_of_the_channels_it_names_and_of_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let (right, wrong) = (new_key().await, new_key().await);
    let access = format!(
        "access:\n  clients:\n    parlor: {{api_key_sha256: {}, rights: [connector:x-parlor]}}\n    crm: {{api_key_sha256: {}, rights: [read, send, manage, raw, connector:x-other]}}\n",
        right.hash, wrong.hash
    );
    let gateway = setup(folder.path()).with(&access).start().await;
    let attach = |key: Option<&str>, register: Register| {
        let (url, key) = (gateway.api_url(), key.map(str::to_owned));
        async move { Process::attach_with(connect(&url, key.as_deref()).await, register).await.map(drop) }
    };
    attach(Some(&right.secret), register()).await.expect("the key is for it");
    let other = Register { channel: "x-nobody".into(), ..register() };
    for (key, code) in [(Some(&wrong.secret), Code::PermissionDenied), (None, Code::Unauthenticated)] {
        let key = key.map(String::as_str);
        assert_eq!(attach(key, register()).await.unwrap_err().code(), code);
        assert_eq!(attach(key, other.clone()).await.unwrap_err().code(), code, "whether there is one is not said");
        let mut client = ConnectorServiceClient::new(connect(&gateway.api_url(), key).await);
        let events = vec![said("guest-1", "forged", "forged by another")];
        let request = PushRequest { channel: PARLOR.into(), endpoint: "main".into(), events };
        assert_eq!(client.push(request).await.unwrap_err().code(), code);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_introduces_itself_wrongly_is_not_attached() {
    let (gateway, _folder) = super::start().await;
    let refused = |register: Register| {
        let gateway = &gateway;
        async move { Process::attach_as(gateway, register).await.map(drop).unwrap_err() }
    };
    let unknown = refused(Register { channel: "x-nobody".into(), ..register() }).await;
    assert_eq!((unknown.code(), reason(&unknown).as_str()), (Code::NotFound, "CONNECTOR_UNKNOWN"));
    let built_in = refused(Register { channel: "messenger".into(), ..register() }).await;
    assert_eq!(reason(&built_in), "CONNECTOR_UNKNOWN", "its connector is the program's own");
    let idle = Register { takes_deliveries: false, takes_sends: false, ..register() };
    let greedy = Register { max_in_flight: 257, ..register() };
    let mute = Register { capabilities: None, ..register() };
    let long = Register { version: "v".repeat(65), ..register() };
    for register in [idle, greedy, mute, long] {
        let status = refused(register).await;
        assert_eq!((status.code(), reason(&status).as_str()), (Code::InvalidArgument, "INVALID_FIELD"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_configured_wrongly_is_said_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let check = |channels: &str| {
        let path = folder.path().join("kenh.yaml");
        std::fs::write(&path, format!("channels:\n{channels}")).unwrap();
        async move {
            let output = kenh(&["config", "check", "--config", path.to_str().unwrap()], b"").await;
            String::from_utf8(output.stderr).unwrap()
        }
    };
    assert_eq!(check(CHANNEL).await, "");
    let said = check(
        "  x-Parlor: {main: {proven_by: process}}\n  x-a: {main: {proven_by: process, unread: keep, deadline: 1m}}\n  \
         x-b: {main: {}}\n  x-c: {main: {proven_by: process, verfy: {}}}\n  parlor: {main: {}}\n",
    )
    .await;
    for expected in [
        "x-Parlor: the name of such a channel",
        "x-a.main.unread: only a call that the gateway has proven",
        "x-a.main.deadline: expected 50ms to 30s",
        "x-b.main.verify.scheme: is required",
        "x-c.main.verfy: unknown, did you mean `verify`?",
        "channels.parlor: unknown",
    ] {
        assert!(said.contains(expected), "{expected} in\n{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_no_process_can_reach_does_not_start_with_such_a_channel() {
    let folder = tempfile::tempdir().unwrap();
    let url = "amqp://guest:guest@127.0.0.1:1/%2f";
    let config = kenh_tests::gateway::Setup::rabbitmq(folder.path(), url, "unreachable").channels(CHANNEL).config();
    let output = kenh(&["serve", "--role", "ingress", "--config", config.to_str().unwrap()], b"").await;
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("--role ingress,api,dispatch --channel x-parlor"), "{said}");
}
