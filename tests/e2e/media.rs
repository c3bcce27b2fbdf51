//! Files of events over `GetMedia`: out of the event's own bytes, from public addresses, from the channel; and out of the store.

mod access;
mod addresses;
mod channels;
mod store;
mod tokens;

use std::fmt;

use kenh_proto::v1::{
    Envelope, GetMediaRequest, GetMediaResponse, MediaInfo, event_service_client::EventServiceClient,
    get_media_response::Response,
};
use kenh_tests::{access::reason, gateway::Gateway, leaks, stream, webhook::messenger};
use serde_json::json;
use tonic::{
    Code, Status, Streaming,
    client::GrpcService,
    codegen::{Body, Bytes, StdError},
};

/// Files may come from this machine, over plain http.
const MEDIA: &str = "media:\n  allow_http: true\n  allow_addresses: [127.0.0.1]\n";

/// A file as it came.
struct Got {
    info: MediaInfo,
    bytes: Vec<u8>,
}

// By hand: a failed test shows it, and the bytes are many.
impl fmt::Debug for Got {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Got").field("info", &self.info).finish_non_exhaustive()
    }
}

async fn gathered(mut pieces: Streaming<GetMediaResponse>) -> Result<Got, Status> {
    let (mut info, mut bytes) = (None, Vec::new());
    while let Some(piece) = pieces.message().await? {
        match piece.response.expect("a piece") {
            Response::Info(found) => assert!(info.replace(found).is_none() && bytes.is_empty(), "it is first"),
            Response::Chunk(chunk) => {
                assert!((1..=64 << 10).contains(&chunk.len()), "{}", chunk.len());
                bytes.extend_from_slice(&chunk);
            }
        }
    }
    Ok(Got { info: info.expect("what it is"), bytes })
}

/// Asks for a file over a connection.
async fn get_over<T>(client: &mut EventServiceClient<T>, event: &Envelope, part: u32) -> Result<Got, Status>
where
    T: GrpcService<tonic::body::Body>,
    T::Error: Into<StdError>,
    T::ResponseBody: Body<Data = Bytes> + Send + 'static,
    <T::ResponseBody as Body>::Error: Into<StdError> + Send,
{
    let request = GetMediaRequest { id: event.id.clone(), part, ..GetMediaRequest::default() };
    gathered(client.get_media(request).await?.into_inner()).await
}

async fn get(gateway: &Gateway, event: &Envelope, part: u32) -> Result<Got, Status> {
    get_over(&mut stream::client(gateway).await, event, part).await
}

/// The code and reason of a refusal.
async fn refused(gateway: &Gateway, event: &Envelope, part: u32) -> (Code, String) {
    let status = get(gateway, event, part).await.expect_err("it is refused");
    (status.code(), reason(&status))
}

fn why(code: Code, reason: &str) -> (Code, String) {
    (code, reason.to_owned())
}

/// Somebody sends pictures on Messenger, which lie at addresses; the event of it.
async fn sent_pictures(gateway: &Gateway, id: &str, urls: &[&str]) -> Envelope {
    let mut events = stream::Stream::open(gateway, stream::latest()).await;
    let attachments: Vec<_> = urls.iter().map(|url| json!({"type": "image", "payload": {"url": url}})).collect();
    for url in urls {
        leaks::unsaid(url);
    }
    let item = json!({"sender": {"id": "660001"}, "recipient": {"id": "770001"}, "timestamp": 1_767_225_600_123_u64,
        "message": {"mid": id, "attachments": attachments}});
    let body =
        json!({"object": "page", "entry": [{"id": "770001", "time": 1_767_225_600_123_u64, "messaging": [item]}]});
    assert_eq!(messenger().post(gateway, &body.to_string()).await, 200);
    stream::envelope(&events.delivery().await).clone()
}

/// Bytes that are no text, so many.
fn bytes(seed: usize, size: usize) -> Vec<u8> {
    (0..size).map(|place| u8::try_from((place * 31 + seed * 7 + place / 251) % 256).unwrap()).collect()
}
