//! The calls of `kenh.v1.EventService`.

use std::{pin::Pin, sync::Arc, time::Duration};

use async_trait::async_trait;
use kenh_access::{Caller, Right};
use kenh_log::{Entry, EventLog, partition_of};
use kenh_media::Media;
use kenh_proto::server::{self as v1, event_service_server::EventService, subscribe_request::Request as Step};
use prost::Message as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};
use tokio_stream::{Stream, StreamExt as _, wrappers::ReceiverStream};
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status, Streaming};
use tracing::debug;

use crate::{
    Config, Hub,
    cursor::Position,
    list, media,
    named::{self, Named},
    request::{self, page_size},
    status,
    subscriber::{Credit, Outbox, Signal, Subscriber, delivery},
    view::View,
};

const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// How long one pull reads through what does not match, before it says how far it came.
const LONGEST_READ: Duration = Duration::from_secs(5);
const LONGEST_CONSUMER_ID: usize = 128;

pub(crate) struct Events {
    config: Config,
    hub: Hub,
    log: Arc<dyn EventLog>,
    named: Named,
    media: Media,
    streams: Arc<Semaphore>,
    stop: CancellationToken,
}

type Responses = Pin<Box<dyn Stream<Item = Result<v1::SubscribeResponse, Status>> + Send>>;

impl Events {
    pub(crate) fn new(
        config: Config,
        hub: Hub,
        log: Arc<dyn EventLog>,
        named: Named,
        media: Media,
        stop: CancellationToken,
    ) -> Self {
        let streams = Arc::new(Semaphore::new(config.max_streams));
        Self { config, hub, log, named, media, streams, stop }
    }

    /// Checks an `Open` and makes a subscriber of it.
    async fn open(&self, open: v1::Open, view: View, outbox: Outbox) -> Result<Subscriber, Status> {
        if matches!(open.ack_mode(), v1::AckMode::Individual | v1::AckMode::Cumulative) {
            return Err(status::invalid("open.ack_mode", "acknowledging needs a named subscription"));
        }
        let filter = view.filter(open.filter)?;
        let start = open.start.map_or(request::Start::Latest, Into::into);
        let position = request::position(start, &self.hub, &*self.log).await?;
        Ok(Subscriber {
            hub: self.hub.clone(),
            log: self.log.clone(),
            filter,
            view,
            position,
            consumer: open.consumer_id,
            credit: Credit {
                messages: Some(open.max_outstanding_messages.into()).filter(|most| *most > 0),
                bytes: Some(open.max_outstanding_bytes).filter(|most| *most > 0),
            },
            heartbeat: self.config.heartbeat,
            outbox,
        })
    }

    async fn subscribe_unnamed(
        &self,
        open: v1::Open,
        view: View,
        steps: Streaming<v1::SubscribeRequest>,
        slot: OwnedSemaphorePermit,
    ) -> Result<Responses, Status> {
        let (outbox, responses) = mpsc::channel(2);
        let subscriber = self.open(open, view, outbox).await?;
        // There is room for two.
        drop(subscriber.outbox.try_send(Ok(self.opened(subscriber.position.cursor()))));
        let (signals, signalled) = mpsc::channel(16);
        let stop = self.stop.clone();
        tokio::spawn(async move {
            let _slot = slot;
            subscriber.run(signalled, stop).await;
        });
        tokio::spawn(take_steps(steps, signals, unnamed_signal));
        Ok(Box::pin(ReceiverStream::new(responses)))
    }

    async fn subscribe_named(
        &self,
        open: &v1::Open,
        view: View,
        steps: Streaming<v1::SubscribeRequest>,
        slot: OwnedSemaphorePermit,
    ) -> Result<Responses, Status> {
        let (outbox, responses) = mpsc::channel::<named::Outgoing>(2);
        let (left, lefts) = watch::channel(0);
        let stream = self.named.open(open, view, outbox.clone(), lefts).await?;
        drop(outbox.try_send((0, Ok(self.opened(stream.position.cursor())))));
        let (signals, signalled) = mpsc::channel(16);
        let stop = self.stop.clone();
        tokio::spawn(async move {
            let _slot = slot;
            stream.run(signalled, stop).await;
        });
        tokio::spawn(take_steps(steps, signals, named_signal));
        // The transport takes a response when it can send it: what is in it leaves the server now.
        Ok(Box::pin(ReceiverStream::new(responses).map(move |(number, response)| {
            named::departed(&left, number);
            response
        })))
    }

    fn opened(&self, cursor: String) -> v1::SubscribeResponse {
        let heartbeat_interval = prost_types::Duration::try_from(self.config.heartbeat).ok();
        let opened = v1::Opened { cursor, heartbeat_interval };
        v1::SubscribeResponse { response: Some(v1::subscribe_response::Response::Opened(opened)) }
    }

    /// A place among the streams this server serves.
    fn slot(&self) -> Result<OwnedSemaphorePermit, Status> {
        let slot = self.streams.clone().try_acquire_owned();
        slot.map_err(|_| status::too_many_streams(self.config.max_streams))
    }

    /// The event of an id, wherever it is.
    async fn find(&self, id: &str, conversation: &str) -> Result<Entry, Status> {
        let uuid = request::uuid("id", id)?;
        let partition = match conversation {
            "" => None,
            id => Some(partition_of(request::uuid("conversation_id", id)?, self.log.partitions())),
        };
        let found = self.log.find(uuid, partition).await.map_err(|error| status::unreadable(&error))?;
        found.ok_or_else(|| status::not_found(id))
    }
}

#[async_trait]
impl EventService for Events {
    type SubscribeStream = Responses;

    async fn subscribe(
        &self,
        request: Request<Streaming<v1::SubscribeRequest>>,
    ) -> Result<Response<Self::SubscribeStream>, Status> {
        let slot = self.slot()?;
        let view = View::of(&Caller::of(&request)?);
        let mut steps = request.into_inner();
        let Some(v1::SubscribeRequest { request: Some(Step::Open(open)) }) = steps.message().await? else {
            return Err(status::invalid("request", "the first request must be `open`"));
        };
        if open.consumer_id.chars().count() > LONGEST_CONSUMER_ID {
            return Err(status::invalid("open.consumer_id", format!("at most {LONGEST_CONSUMER_ID} characters")));
        }
        let responses = if open.subscription.is_empty() {
            self.subscribe_unnamed(open, view, steps, slot).await?
        } else {
            self.subscribe_named(&open, view, steps, slot).await?
        };
        Ok(Response::new(responses))
    }

    async fn pull(&self, request: Request<v1::PullRequest>) -> Result<Response<v1::PullResponse>, Status> {
        let view = View::of(&Caller::of(&request)?);
        let request = request.into_inner();
        let filter = view.filter(request.filter)?;
        let most = page_size("max_messages", request.max_messages)?;
        let wait = request.wait.and_then(|wait| Duration::try_from(wait).ok()).unwrap_or_default().min(LONGEST_WAIT);
        let start = request.start.map_or(request::Start::Latest, Into::into);
        let mut position = request::position(start, &self.hub, &*self.log).await?;
        let heads = self.hub.newest_heads().await.map_err(|error| status::unreadable(&error))?;
        let mut changes = self.hub.changes();
        let now = tokio::time::Instant::now();
        let mut deliveries = Vec::new();
        loop {
            changes.mark_unchanged();
            let more = self.gather(&filter, &view, most, &mut position, &mut deliveries).await?;
            if !deliveries.is_empty() {
                break;
            }
            // What was stored before the call is read, what comes later is waited for.
            let patience = if position.is_before(&heads) { wait.max(LONGEST_READ) } else { wait };
            let arrived = async { more || changes.changed().await.is_ok() };
            tokio::select! {
                biased;
                () = self.stop.cancelled() => break,
                () = tokio::time::sleep_until(now + patience) => break,
                arrived = arrived => if !arrived { break },
            }
        }
        Ok(Response::new(v1::PullResponse { deliveries, cursor: position.cursor() }))
    }

    async fn list_events(
        &self,
        request: Request<v1::ListEventsRequest>,
    ) -> Result<Response<v1::ListEventsResponse>, Status> {
        let view = View::of(&Caller::of(&request)?);
        let request = request.into_inner();
        let filter = view.filter(request.filter)?;
        let size = page_size("page_size", request.page_size)?;
        let start = match (request.page_token.as_str(), request.from) {
            ("", None) => request::Start::Earliest,
            ("", Some(from)) => request::Start::AtTime(request::micros(from)),
            (token, _) => request::Start::After(token.into()),
        };
        let position = request::position(start, &self.hub, &*self.log).await?;
        let heads = self.hub.newest_heads().await.map_err(|error| status::unreadable(&error))?;
        let until = request.until.map(request::micros);
        let heads = match until {
            Some(until) => self.heads_at(until, &heads).await?,
            None => heads,
        };
        let listed = match list::list(&*self.log, &filter, position, &heads, until, size).await {
            Ok(listed) => listed,
            Err(error) => return Err(request::read_failed(error, &*self.log).await),
        };
        Ok(Response::new(v1::ListEventsResponse {
            deliveries: listed.entries.iter().map(|(entry, position)| delivery(&view, entry, position)).collect(),
            next_page_token: listed.next.map(|next| next.cursor()).unwrap_or_default(),
        }))
    }

    async fn get_event(&self, request: Request<v1::GetEventRequest>) -> Result<Response<v1::GetEventResponse>, Status> {
        let caller = Caller::of(&request)?;
        let request = request.into_inner();
        let entry = self.find(&request.id, &request.conversation_id).await?;
        caller.may(Right::Read, &entry.meta.channel, entry.meta.account.as_deref())?;
        let mut position = Position(self.hub.heads().await.map_err(|error| status::unreadable(&error))?);
        let index = usize::try_from(entry.partition).unwrap_or(usize::MAX);
        if let Some(offset) = position.0.get_mut(index) {
            *offset = entry.offset + 1;
        }
        Ok(Response::new(v1::GetEventResponse { delivery: Some(delivery(&View::of(&caller), &entry, &position)) }))
    }

    async fn get_raw(&self, request: Request<v1::GetRawRequest>) -> Result<Response<v1::GetRawResponse>, Status> {
        let caller = Caller::of(&request)?;
        let request = request.into_inner();
        let entry = self.find(&request.id, &request.conversation_id).await?;
        caller.may(Right::Raw, &entry.meta.channel, entry.meta.account.as_deref())?;
        let envelope = v1::Envelope::decode(entry.bytes).map_err(|_| status::not_found(&request.id))?;
        let raw = envelope.raw.filter(|raw| raw.bytes.is_some()).ok_or_else(status::raw_not_kept)?;
        Ok(Response::new(v1::GetRawResponse { raw: Some(raw) }))
    }

    type GetMediaStream = media::Pieces;

    async fn get_media(&self, request: Request<v1::GetMediaRequest>) -> Result<Response<Self::GetMediaStream>, Status> {
        let slot = self.slot()?;
        let caller = Caller::of(&request)?;
        let request = request.into_inner();
        let entry = self.find(&request.id, &request.conversation_id).await?;
        // What hangs on a message is as much of the event as its words.
        caller.may(Right::Read, &entry.meta.channel, entry.meta.account.as_deref())?;
        let envelope = kenh_proto::v1::Envelope::decode(entry.bytes).map_err(|_| status::not_found(&request.id))?;
        let file = self.media.open(&Arc::new(envelope), request.part).await.map_err(media::refused)?;
        Ok(Response::new(media::pieces(file, slot)))
    }
}

impl Events {
    /// Takes what there is for one pull. Whether there may be more.
    async fn gather(
        &self,
        filter: &kenh_log::Filter,
        view: &View,
        most: usize,
        position: &mut Position,
        deliveries: &mut Vec<v1::Delivery>,
    ) -> Result<bool, Status> {
        let mut more = false;
        for number in 0..self.hub.partitions() {
            let index = usize::try_from(number).unwrap_or(usize::MAX);
            let from = position.of(index);
            let portion = match self.hub.next(number, from, filter).await {
                Ok(portion) => portion,
                Err(error) => return Err(request::read_failed(error, &*self.log).await),
            };
            let room = most.saturating_sub(deliveries.len());
            for entry in portion.entries.iter().take(room) {
                position.advance(index, entry.offset + 1);
                deliveries.push(delivery(view, entry, position));
            }
            if portion.entries.len() <= room {
                position.advance(index, portion.next);
            }
            more |= portion.next > from;
        }
        Ok(more)
    }

    /// Arrival times are nearly in order, so what lies a little behind a moment is still looked at.
    async fn heads_at(&self, until: i64, heads: &[u64]) -> Result<Vec<u64>, Status> {
        const DISORDER: i64 = 10_000_000;
        let mut bounded = Vec::with_capacity(heads.len());
        for (partition, head) in (0u32..).zip(heads) {
            let end = self.log.offset_at(partition, until.saturating_add(DISORDER)).await;
            bounded.push(end.map_err(|error| status::unreadable(&error))?.min(*head));
        }
        Ok(bounded)
    }
}

/// Reads a stream's later requests until the client sends no more or the stream is over.
async fn take_steps<S: Send>(
    mut steps: Streaming<v1::SubscribeRequest>,
    signals: mpsc::Sender<S>,
    signal: fn(Option<Step>) -> S,
) {
    loop {
        let step = tokio::select! {
            step = steps.next() => step,
            () = signals.closed() => return,
        };
        match step {
            Some(Ok(v1::SubscribeRequest { request })) => {
                if signals.send(signal(request)).await.is_err() {
                    return;
                }
            }
            Some(Err(status)) => {
                debug!(code = ?status.code(), "a subscriber's requests ended");
                return;
            }
            None => return,
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "of the same shape as `named_signal`")]
fn unnamed_signal(step: Option<Step>) -> Signal {
    let refuse = |message| Signal::Refuse(status::invalid("request", message));
    match step {
        Some(Step::Credit(credit)) => Signal::Credit(credit),
        Some(Step::Open(_)) => refuse("`open` is sent only once"),
        Some(Step::Ack(_) | Step::Nack(_) | Step::Extend(_)) => refuse("acknowledging needs a named subscription"),
        None => refuse("nothing this server knows is set"),
    }
}

fn named_signal(step: Option<Step>) -> named::Signal {
    let refuse = |message| named::Signal::Refuse(status::invalid("request", message));
    match step {
        Some(Step::Ack(ack)) => named::Signal::Ack(ack),
        Some(Step::Nack(nack)) => named::Signal::Nack(nack),
        Some(Step::Extend(extend)) => named::Signal::Extend(extend),
        Some(Step::Open(_)) => refuse("`open` is sent only once"),
        Some(Step::Credit(_)) => refuse("with a named subscription room comes back with each acknowledgement"),
        None => refuse("nothing this server knows is set"),
    }
}
