//! The calls of `kenh.v1.ConnectorService`.

use std::{pin::Pin, sync::Arc, time::Duration};

use async_trait::async_trait;
use kenh_access::{Caller, Right};
use kenh_intake::{Endpoint, Intake, Pushed};
use kenh_process::{Checked, Detached, NotAttached, Switchboard, checked};
use kenh_proto::v1::{
    self, AttachRequest, AttachResponse, ErrorReason, attach_request, connector_service_server::ConnectorService,
};
use kenh_reason::Refusal;
use kenh_runtime::metrics;
use tokio::time::{Instant, timeout};
use tokio_stream::{Stream, StreamExt as _, wrappers::ReceiverStream};
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status, Streaming};
use tracing::info;

use crate::status;

/// How long a stream may take to say who it is.
const INTRODUCTION: Duration = Duration::from_secs(10);
/// How long a process may go on answering what it was asked when the gateway stops.
const LAST_ANSWERS: Duration = Duration::from_secs(5);
const LOOK: Duration = Duration::from_millis(20);
/// Events of one push.
const MOST_PUSHED: usize = 500;

/// Attaches processes and stores what they push.
#[derive(Debug)]
pub(crate) struct ConnectorCalls {
    pub(crate) switchboard: Switchboard,
    /// `None` where nothing is stored: events are looked at alone.
    pub(crate) intake: Option<Intake>,
    pub(crate) stop: CancellationToken,
}

impl ConnectorCalls {
    /// The endpoint a push is for.
    fn endpoint(&self, channel: &str, name: &str) -> Result<Arc<Endpoint>, Status> {
        let mut endpoints = self.switchboard.endpoints(channel);
        if !name.is_empty() {
            endpoints.retain(|endpoint| endpoint.name == name);
        }
        if endpoints.len() > 1 {
            return Err(status::invalid("endpoint", "the channel has several: say which one"));
        }
        endpoints.pop().ok_or_else(|| refused(&NotAttached::Unknown))
    }
}

#[async_trait]
impl ConnectorService for ConnectorCalls {
    type AttachStream = Pin<Box<dyn Stream<Item = Result<AttachResponse, Status>> + Send>>;

    async fn attach(&self, request: Request<Streaming<AttachRequest>>) -> Result<Response<Self::AttachStream>, Status> {
        let caller = Caller::of(&request)?;
        let mut requests = request.into_inner();
        let first = timeout(INTRODUCTION, requests.message()).await;
        let Ok(Some(AttachRequest { request: Some(attach_request::Request::Register(register)) })) =
            first.unwrap_or(Ok(None))
        else {
            return Err(status::invalid("request", "the first request must be `register`, within 10 s"));
        };
        // Before it is said whether there is such a channel.
        caller.may(Right::Connector, &register.channel, None)?;
        let (questions, detached) = self.switchboard.attach(&register).map_err(|error| refused(&error))?;
        info!(channel = register.channel, version = register.version, "a connector process is attached");
        tokio::spawn(listen(requests, detached, (register.channel, register.version), self.stop.clone()));
        Ok(Response::new(Box::pin(ReceiverStream::new(questions).filter_map(|pending| pending.take().map(Ok)))))
    }

    async fn push(&self, request: Request<v1::PushRequest>) -> Result<Response<v1::PushResponse>, Status> {
        let caller = Caller::of(&request)?;
        let v1::PushRequest { channel, endpoint, events } = request.into_inner();
        caller.may(Right::Connector, &channel, None)?;
        let endpoint = self.endpoint(&channel, &endpoint)?;
        if events.is_empty() || events.len() > MOST_PUSHED {
            return Err(status::invalid("events", "expected 1 to 500"));
        }
        let account = endpoint.connector.by_process().and_then(|by| by.account.as_deref());
        let checked = events.into_iter().map(|event| checked(event, None, account));
        let (events, faults): (Vec<_>, Vec<_>) = checked.map(|Checked { event, fault }| (event, fault)).unzip();
        let misshapen = faults.iter().flatten().count();
        if misshapen > 0 {
            let misshapen = u64::try_from(misshapen).unwrap_or(u64::MAX);
            metrics::CONNECTOR_MISSHAPEN.add(misshapen, [("channel", endpoint.channel)]);
        }
        let pushed = match &self.intake {
            Some(intake) => intake.push(&endpoint, events).await.map_err(|error| {
                let refusal = Refusal::new(ErrorReason::EventsNotStored, error.to_string());
                refusal.retry_in(Duration::from_secs(1)).status()
            })?,
            None => events.iter().map(|_| Pushed { id: uuid::Uuid::nil(), duplicate: false }).collect(),
        };
        let told = |(Pushed { id, duplicate }, misshapen): (Pushed, Option<String>)| v1::PushedEvent {
            id: id.to_string(),
            duplicate,
            misshapen,
        };
        let events = pushed.into_iter().zip(faults).map(told).collect();
        Ok(Response::new(v1::PushResponse { events }))
    }
}

/// Takes what a process says until it goes, or the gateway does.
async fn listen(
    mut requests: Streaming<AttachRequest>,
    detached: Detached,
    (channel, version): (String, String),
    stop: CancellationToken,
) {
    let mut until: Option<Instant> = None;
    loop {
        let draining = until.is_some();
        tokio::select! {
            request = requests.message() => match request {
                Ok(Some(AttachRequest { request: Some(request) })) => detached.said(request),
                Ok(Some(AttachRequest { request: None })) => {}
                // It went away, or its proof of who it is ran out.
                Ok(None) | Err(_) => break,
            },
            () = stop.cancelled(), if !draining => {
                detached.drain();
                until = Some(Instant::now() + LAST_ANSWERS);
            }
            () = tokio::time::sleep(LOOK), if draining => {
                if detached.open() == 0 || until.is_some_and(|until| Instant::now() >= until) {
                    break;
                }
            }
        }
    }
    info!(channel, version, "a connector process is gone");
}

fn refused(error: &NotAttached) -> Status {
    match error {
        NotAttached::Unknown => status::refused(ErrorReason::ConnectorUnknown, error.to_string()),
        NotAttached::Invalid(field, what) => status::invalid(field, *what),
        NotAttached::Full(most) => {
            let refusal = Refusal::new(ErrorReason::TooManyStreams, error.to_string());
            refusal.with("max_streams", most.to_string()).retry_in(Duration::from_secs(5)).status()
        }
    }
}
