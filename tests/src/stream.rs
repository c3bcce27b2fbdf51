//! Reading the stream as a CRM does.

use std::{collections::VecDeque, time::Duration};

use kenh_proto::v1::{
    AckResult, Credit, Delivery, Drain, Envelope, Heartbeat, ListEventsRequest, Open, StartAt, SubscribeRequest,
    SubscribeResponse, envelope::Payload, event_service_client::EventServiceClient, open::Start,
    subscribe_request::Request, subscribe_response::Response,
};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{
    Status, Streaming,
    client::GrpcService,
    codegen::{Body, Bytes, StdError},
    transport::{Channel, Endpoint},
};

use crate::{PATIENCE, gateway::Gateway};

/// A client.
pub async fn client(gateway: &Gateway) -> EventServiceClient<Channel> {
    let client = EventServiceClient::connect(gateway.api_url()).await.expect("the api answers");
    client.max_decoding_message_size(16 << 20)
}

/// From the oldest event on.
pub fn earliest() -> Open {
    Open { start: Some(Start::At(StartAt::Earliest.into())), ..Open::default() }
}

/// Only what comes.
pub fn latest() -> Open {
    Open { start: Some(Start::At(StartAt::Latest.into())), ..Open::default() }
}

/// From behind a cursor.
pub fn after(cursor: &str) -> Open {
    Open { start: Some(Start::AfterCursor(cursor.into())), ..Open::default() }
}

/// An open stream.
#[derive(Debug)]
pub struct Stream {
    requests: mpsc::Sender<SubscribeRequest>,
    responses: Streaming<SubscribeResponse>,
    waiting: VecDeque<Delivery>,
    results: VecDeque<AckResult>,
    /// Cursor of the start.
    pub opened_at: String,
}

impl Stream {
    /// Opens one.
    pub async fn open(gateway: &Gateway, open: Open) -> Self {
        Self::try_open(gateway, open).await.expect("the stream opens")
    }

    /// Opens one, or says why not.
    pub async fn try_open(gateway: &Gateway, open: Open) -> Result<Self, Status> {
        Self::over(&mut client(gateway).await, open).await
    }

    /// Opens one at an address where there may be nobody.
    pub async fn try_open_at(url: &str, open: Open) -> Result<Self, Status> {
        let channel = Endpoint::from_shared(url.to_owned()).expect("an address").connect().await;
        let channel = channel.map_err(|error| Status::unavailable(error.to_string()))?;
        Self::over(&mut EventServiceClient::new(channel).max_decoding_message_size(16 << 20), open).await
    }

    /// Opens one over a connection.
    pub async fn over<T>(client: &mut EventServiceClient<T>, open: Open) -> Result<Self, Status>
    where
        T: GrpcService<tonic::body::Body>,
        T::Error: Into<StdError>,
        T::ResponseBody: Body<Data = Bytes> + Send + 'static,
        <T::ResponseBody as Body>::Error: Into<StdError> + Send,
    {
        let (requests, stream) = mpsc::channel(8);
        requests.send(SubscribeRequest { request: Some(Request::Open(open)) }).await.expect("there is room");
        let mut responses = client.subscribe(ReceiverStream::new(stream)).await?.into_inner();
        let first = responses.message().await?.and_then(|response| response.response);
        let Some(Response::Opened(opened)) = first else { panic!("not opened: {first:?}") };
        let (waiting, results) = (VecDeque::new(), VecDeque::new());
        Ok(Self { requests, responses, waiting, results, opened_at: opened.cursor })
    }

    /// Allows more.
    pub async fn credit(&self, messages: u32, bytes: u64) {
        self.send(Request::Credit(Credit { messages, bytes })).await;
    }

    /// Sends a request.
    pub async fn send(&self, request: Request) {
        self.requests.send(SubscribeRequest { request: Some(request) }).await.expect("the stream is open");
    }

    /// Sends a request, if the stream is still open.
    pub async fn offer(&self, request: Request) -> bool {
        self.requests.send(SubscribeRequest { request: Some(request) }).await.is_ok()
    }

    /// The next response, whenever it comes.
    pub async fn next(&mut self) -> Result<Option<Response>, Status> {
        Ok(self.responses.message().await?.and_then(|response| response.response))
    }

    /// The next response of any kind; `None` at the end.
    pub async fn response(&mut self) -> Result<Option<Response>, Status> {
        let response = tokio::time::timeout(PATIENCE, self.responses.message()).await.expect("a response in time")?;
        Ok(response.and_then(|response| response.response))
    }

    /// The next event.
    pub async fn delivery(&mut self) -> Delivery {
        while self.waiting.is_empty() {
            match self.response().await.expect("the stream goes on") {
                Some(Response::Batch(batch)) => self.waiting.extend(batch.deliveries),
                Some(Response::AckResult(result)) => self.results.push_back(result),
                Some(Response::Heartbeat(_) | Response::Opened(_)) => {}
                other => panic!("no event but {other:?}"),
            }
        }
        self.waiting.pop_front().expect("not empty")
    }

    /// The next events.
    pub async fn deliveries(&mut self, count: usize) -> Vec<Delivery> {
        let mut deliveries = Vec::with_capacity(count);
        for _ in 0..count {
            deliveries.push(self.delivery().await);
        }
        deliveries
    }

    /// The next answer to an acknowledgement.
    pub async fn ack_result(&mut self) -> AckResult {
        while self.results.is_empty() {
            match self.response().await.expect("the stream goes on") {
                Some(Response::Batch(batch)) => self.waiting.extend(batch.deliveries),
                Some(Response::AckResult(result)) => self.results.push_back(result),
                Some(Response::Heartbeat(_) | Response::Opened(_)) => {}
                other => panic!("no answer but {other:?}"),
            }
        }
        self.results.pop_front().expect("not empty")
    }

    /// Whether nothing comes within a while.
    pub async fn is_quiet(&mut self, while_: Duration) -> bool {
        self.waiting.is_empty() && tokio::time::timeout(while_, self.delivery()).await.is_err()
    }

    /// Waits for the server's good-bye.
    pub async fn drain(&mut self) -> Drain {
        loop {
            match self.response().await.expect("the stream goes on") {
                Some(Response::Drain(drain)) => return drain,
                Some(_) => {}
                None => panic!("the stream ended without a drain"),
            }
        }
    }

    /// The next heartbeat; panics when an event comes first.
    pub async fn heartbeat(&mut self) -> Heartbeat {
        assert!(self.waiting.is_empty(), "an event was not looked at");
        match self.response().await.expect("the stream goes on") {
            Some(Response::Heartbeat(heartbeat)) => heartbeat,
            other => panic!("no heartbeat but {other:?}"),
        }
    }

    /// Reads to the end of a stream that is drained; the drain, and events that came before it.
    pub async fn drained(&mut self) -> (Drain, Vec<Delivery>) {
        let mut deliveries: Vec<_> = std::mem::take(&mut self.waiting).into();
        loop {
            match self.response().await.expect("the stream ends well") {
                Some(Response::Batch(batch)) => deliveries.extend(batch.deliveries),
                Some(Response::Drain(drain)) => {
                    assert_eq!(self.response().await.expect("the stream ends well"), None, "the drain is the last");
                    return (drain, deliveries);
                }
                Some(_) => {}
                None => panic!("the stream ended without a drain"),
            }
        }
    }
}

/// The envelope of a delivery.
pub fn envelope(delivery: &Delivery) -> &Envelope {
    delivery.envelope.as_ref().expect("a delivery has an envelope")
}

/// The text of an event that is a message.
pub fn text(delivery: &Delivery) -> &str {
    match &envelope(delivery).payload {
        Some(Payload::Message(message)) => message.text.as_ref().map_or("", |text| &text.body),
        other => panic!("no message but {other:?}"),
    }
}

/// All events of the log.
pub async fn list(gateway: &Gateway, mut request: ListEventsRequest) -> Vec<Delivery> {
    let mut client = client(gateway).await;
    let mut deliveries = Vec::new();
    loop {
        let page = client.list_events(request.clone()).await.expect("a page").into_inner();
        deliveries.extend(page.deliveries);
        if page.next_page_token.is_empty() {
            return deliveries;
        }
        request.page_token = page.next_page_token;
    }
}
