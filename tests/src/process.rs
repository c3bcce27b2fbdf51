//! A connector of a channel in a process of its own, as the gateway sees it: a stream that a test answers by hand.

use kenh_proto::v1::{
    AttachRequest, AttachResponse, Capabilities, Capability, ConnectorEvent, Contact, Conversation, ConversationKind,
    DeliveredEvents, DeliveryAnswer, Direction, Envelope, Feature, Identity, Message, ReadDelivery, Register,
    Registered, SendAnswer, SendPiece, SupportLevel, Text, attach_request::Request, attach_response::Response,
    connector_service_client::ConnectorServiceClient, delivery_answer, envelope::Payload, send_answer,
};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Status, Streaming, transport::Channel};

use crate::{PATIENCE, access::Calling, gateway::Gateway, leaks};

/// The channel of the tests.
pub const PARLOR: &str = "x-parlor";
/// Its account.
pub const ACCOUNT: &str = "parlor-1";

/// An attached process. Dropping it cuts its stream, as its death would.
#[derive(Debug)]
pub struct Process {
    answers: mpsc::Sender<AttachRequest>,
    questions: Streaming<AttachResponse>,
    /// What the gateway told it when it attached.
    pub registered: Registered,
}

/// How a process of the tests introduces itself: it takes everything.
pub fn register() -> Register {
    let text = Capability {
        feature: Feature::Text.into(),
        level: SupportLevel::Native.into(),
        max_length: 1000,
        ..Capability::default()
    };
    Register {
        channel: PARLOR.into(),
        version: "test 1".into(),
        takes_deliveries: true,
        takes_sends: true,
        capabilities: Some(Capabilities { features: vec![text], ..Capabilities::default() }),
        max_in_flight: 0,
    }
}

/// A client of a gateway that asks nobody who he is.
pub async fn client(gateway: &Gateway) -> ConnectorServiceClient<Channel> {
    ConnectorServiceClient::connect(gateway.api_url()).await.expect("the api answers")
}

impl Process {
    /// Attaches one that takes everything.
    pub async fn attach(gateway: &Gateway) -> Self {
        Self::attach_as(gateway, register()).await.expect("it is attached")
    }

    /// Attaches one.
    pub async fn attach_as(gateway: &Gateway, register: Register) -> Result<Self, Status> {
        let (answers, requests) = first(register).await;
        Self::opened(answers, client(gateway).await.attach(ReceiverStream::new(requests)).await?.into_inner()).await
    }

    /// Attaches one that says who it is.
    pub async fn attach_with(calling: Calling, register: Register) -> Result<Self, Status> {
        let (answers, requests) = first(register).await;
        let mut client = ConnectorServiceClient::new(calling);
        Self::opened(answers, client.attach(ReceiverStream::new(requests)).await?.into_inner()).await
    }

    async fn opened(
        answers: mpsc::Sender<AttachRequest>,
        mut questions: Streaming<AttachResponse>,
    ) -> Result<Self, Status> {
        let first = questions.message().await?.and_then(|response| response.response);
        let Some(Response::Registered(registered)) = first else { panic!("not attached: {first:?}") };
        Ok(Self { answers, questions, registered })
    }

    /// The next question; `None` when the gateway goes away.
    pub async fn asked(&mut self) -> Option<Response> {
        let question = tokio::time::timeout(PATIENCE, self.questions.message()).await.expect("a question in time");
        question.expect("the stream goes on")?.response
    }

    /// The next question, which is a call to read.
    pub async fn call(&mut self) -> ReadDelivery {
        match self.asked().await {
            Some(Response::Delivery(delivery)) => delivery,
            other => panic!("no call: {other:?}"),
        }
    }

    /// The next question, which is something to send.
    pub async fn piece(&mut self) -> SendPiece {
        match self.asked().await {
            Some(Response::Send(piece)) => piece,
            other => panic!("nothing to send: {other:?}"),
        }
    }

    /// Answers a call.
    pub async fn answer(&self, id: u64, answer: delivery_answer::Answer) {
        self.say(Request::Delivery(DeliveryAnswer { id, answer: Some(answer) })).await;
    }

    /// Answers a call with events.
    pub async fn answer_events(&self, id: u64, events: Vec<ConnectorEvent>) {
        self.answer(id, delivery_answer::Answer::Events(DeliveredEvents { events, ack: None })).await;
    }

    /// Says what became of a piece.
    pub async fn sent(&self, id: u64, answer: send_answer::Answer) {
        self.say(Request::Send(SendAnswer { id, answer: Some(answer) })).await;
    }

    async fn say(&self, request: Request) {
        self.answers.send(AttachRequest { request: Some(request) }).await.expect("the stream is open");
    }
}

async fn first(register: Register) -> (mpsc::Sender<AttachRequest>, mpsc::Receiver<AttachRequest>) {
    let (answers, requests) = mpsc::channel(64);
    let request = AttachRequest { request: Some(Request::Register(register)) };
    answers.send(request).await.expect("there is room");
    (answers, requests)
}

/// A text that a guest wrote, as a process tells it.
pub fn said(guest: &str, key: &str, words: &str) -> ConnectorEvent {
    leaks::unsaid(words);
    let identity = Identity { scheme: "external_id".into(), value: guest.into(), ..Identity::default() };
    let text = Text { body: words.into(), ..Text::default() };
    let envelope = Envelope {
        dedupe_key: key.into(),
        direction: Direction::Inbound.into(),
        conversation: Some(Conversation {
            kind: ConversationKind::Direct.into(),
            external_id: guest.into(),
            ..Conversation::default()
        }),
        contact: Some(Contact { identities: vec![identity], ..Contact::default() }),
        provider_message_id: Some(key.into()),
        payload: Some(Payload::Message(Message { text: Some(text), ..Message::default() })),
        ..Envelope::default()
    };
    ConnectorEvent { envelope: Some(envelope), raw: Vec::new() }
}
