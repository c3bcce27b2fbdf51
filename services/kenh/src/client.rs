//! Reading the stream as a client would.

use std::io::{IsTerminal as _, Write as _, stdout};

use kenh_proto::{
    envelope_to_json, kind_slug,
    v1::{
        Envelope, Open, SubscribeRequest, SubscribeResponse, envelope::Payload,
        event_service_client::EventServiceClient, subscribe_request::Request,
    },
};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Status, Streaming};

use crate::{cli::Api, connection, failure::Failure};

/// An unsupported event holds its whole delivery, which may be larger than gRPC's usual 4 MiB.
pub(crate) const LARGEST_MESSAGE: usize = 64 << 20;

/// An open stream. Dropping the sender would tell the server that no more credit comes; it is kept.
pub(crate) struct Events {
    pub(crate) responses: Streaming<SubscribeResponse>,
    _requests: mpsc::Sender<SubscribeRequest>,
}

/// Opens a stream.
pub(crate) async fn subscribe(api: &Api, open: Open) -> Result<Events, Failure> {
    let mut client = EventServiceClient::new(connection::open(api).await?).max_decoding_message_size(LARGEST_MESSAGE);
    let (requests, stream) = mpsc::channel(1);
    // There is room for one.
    drop(requests.try_send(SubscribeRequest { request: Some(Request::Open(open)) }));
    let response = client.subscribe(ReceiverStream::new(stream)).await;
    let responses =
        response.map_err(|status| Failure::runtime(format!("{}: {}", api.api, status.message())))?.into_inner();
    Ok(Events { responses, _requests: requests })
}

/// A call that the gateway did not carry out.
#[expect(clippy::needless_pass_by_value, reason = "for `map_err`")]
pub(crate) fn refused(status: Status) -> Failure {
    Failure::runtime(status.message())
}

/// Prints a line. Whoever reads the output may have seen enough.
pub(crate) fn print(line: &str) -> Result<(), Failure> {
    writeln!(stdout(), "{line}").map_err(|error| Failure::runtime(format!("the output: {error}")))
}

/// How an event is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    Json,
    Line,
    ColouredLine,
}

impl Style {
    /// For a person on a terminal, JSON for everything else.
    pub(crate) fn of(json: bool) -> Self {
        if stdout().is_terminal() && !json { Self::ColouredLine } else { Self::Json }
    }

    pub(crate) fn show(self, envelope: &Envelope) -> Result<String, Failure> {
        match self {
            Self::Json => envelope_to_json(envelope).map_err(Failure::runtime),
            Self::Line => Ok(line(envelope, "", "")),
            Self::ColouredLine => Ok(line(envelope, "\x1b[36m", "\x1b[0m")),
        }
    }
}

fn line(envelope: &Envelope, colour: &str, plain: &str) -> String {
    let kind = kind_slug(envelope.kind());
    let who = envelope.contact.as_ref().and_then(|contact| contact.identities.first());
    let who = who.map_or_else(|| "-".into(), |identity| format!("{}:{}", identity.scheme, identity.value));
    let when = envelope.received_at.and_then(|at| jiff::Timestamp::new(at.seconds, at.nanos).ok());
    let when = when.map(|at| format!("{at:.3}")).unwrap_or_default();
    let text = summary(envelope).chars().filter(|c| !c.is_control()).take(80).collect::<String>();
    format!("{when} {colour}{:<10} {kind:<19}{plain} {who} {text}", envelope.channel)
}

fn summary(envelope: &Envelope) -> String {
    match &envelope.payload {
        Some(Payload::Message(message)) => {
            let text = message.text.as_ref().map(|text| text.body.clone()).unwrap_or_default();
            let parts =
                if message.parts.is_empty() { String::new() } else { format!(" [{} parts]", message.parts.len()) };
            text + &parts
        }
        Some(Payload::Comment(comment)) => comment.text.as_ref().map(|text| text.body.clone()).unwrap_or_default(),
        Some(Payload::Receipt(receipt)) => receipt.status().as_str_name().to_lowercase(),
        Some(Payload::Reaction(reaction)) => {
            reaction.emoji.clone().or_else(|| reaction.code.clone()).unwrap_or_default()
        }
        Some(Payload::Unsupported(unsupported)) => unsupported.reason.clone(),
        _ => String::new(),
    }
}
