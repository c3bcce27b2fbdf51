//! What callers ask for, checked.

use kenh_log::{EventLog, Filter, ReadError};
use kenh_proto::server as v1;
use tonic::Status;
use uuid::Uuid;

use crate::{Hub, cursor::Position, status};

/// Values in one list of a filter.
const MOST_VALUES: usize = 200;

/// Items of a page when nothing is said, and at most.
const DEFAULT_PAGE: u32 = 100;
const LARGEST_PAGE: u32 = 1000;

/// Where to begin.
#[derive(Debug, Clone)]
pub(crate) enum Start {
    Latest,
    Earliest,
    AtTime(i64),
    After(String),
}

impl From<v1::open::Start> for Start {
    fn from(start: v1::open::Start) -> Self {
        match start {
            v1::open::Start::At(at) if at == v1::StartAt::Earliest as i32 => Self::Earliest,
            v1::open::Start::At(_) => Self::Latest,
            v1::open::Start::AtTime(at) => Self::AtTime(micros(at)),
            v1::open::Start::AfterCursor(cursor) => Self::After(cursor),
        }
    }
}

impl From<v1::pull_request::Start> for Start {
    fn from(start: v1::pull_request::Start) -> Self {
        use v1::{open, pull_request};
        match start {
            pull_request::Start::At(at) => open::Start::At(at).into(),
            pull_request::Start::AtTime(at) => open::Start::AtTime(at).into(),
            pull_request::Start::AfterCursor(cursor) => open::Start::AfterCursor(cursor).into(),
        }
    }
}

/// The position a start stands for.
pub(crate) async fn position(start: Start, hub: &Hub, log: &dyn EventLog) -> Result<Position, Status> {
    let heads = hub.heads().await.map_err(|error| status::unreadable(&error))?;
    match start {
        Start::Latest => Ok(Position(heads)),
        Start::Earliest => oldest(log).await,
        Start::AtTime(at) => {
            let mut offsets = Vec::new();
            for partition in 0..log.partitions() {
                offsets.push(log.offset_at(partition, at).await.map_err(|error| status::unreadable(&error))?);
            }
            Ok(Position(offsets))
        }
        Start::After(cursor) => {
            let position = Position::parse(&cursor, log.partitions())
                .map_err(|broken| status::invalid("after_cursor", broken.to_string()))?;
            not_ahead(&position, &heads, log).await?;
            Ok(position)
        }
    }
}

/// The oldest position held.
pub(crate) async fn oldest(log: &dyn EventLog) -> Result<Position, Status> {
    let mut offsets = Vec::new();
    for partition in 0..log.partitions() {
        offsets.push(log.oldest(partition).await.map_err(|error| status::unreadable(&error))?);
    }
    Ok(Position(offsets))
}

/// The answer to a read that failed.
pub(crate) async fn read_failed(error: ReadError, log: &dyn EventLog) -> Status {
    match error {
        ReadError::Expired { .. } => match oldest(log).await {
            Ok(oldest) => status::expired(&oldest.cursor()),
            Err(status) => status,
        },
        ReadError::Unavailable(_) => status::unreadable(&error),
    }
}

/// Another replica may have seen a little more than this one, so the log itself is asked before a cursor is refused.
async fn not_ahead(position: &Position, heads: &[u64], log: &dyn EventLog) -> Result<(), Status> {
    for (partition, (offset, head)) in (0u32..).zip(position.0.iter().zip(heads)) {
        if offset > head && *offset > log.head(partition).await.map_err(|error| status::unreadable(&error))? {
            return Err(status::ahead());
        }
    }
    Ok(())
}

/// Checks a filter. What a caller may see of it, his [`View`](crate::view::View) says.
pub(crate) fn filter(filter: Option<v1::Filter>) -> Result<Filter, Status> {
    let filter = filter.unwrap_or_default();
    let lengths = [
        ("filter.channels", filter.channels.len()),
        ("filter.accounts", filter.accounts.len()),
        ("filter.kinds", filter.kinds.len()),
        ("filter.conversation_ids", filter.conversation_ids.len()),
        ("filter.contact_ids", filter.contact_ids.len()),
    ];
    if let Some((field, _)) = lengths.into_iter().find(|(_, length)| *length > MOST_VALUES) {
        return Err(status::invalid(field, format!("at most {MOST_VALUES} values")));
    }
    let kind = |kind: i32| {
        kenh_proto::v1::EventKind::try_from(kind)
            .map_err(|_| status::invalid("filter.kinds", format!("{kind} is no kind this server knows")))
    };
    Ok(Filter {
        channels: filter.channels,
        accounts: filter.accounts,
        kinds: filter.kinds.into_iter().map(kind).collect::<Result<_, _>>()?,
        conversations: uuids("filter.conversation_ids", &filter.conversation_ids)?,
        contacts: uuids("filter.contact_ids", &filter.contact_ids)?,
        scope: None,
    })
}

fn uuids(field: &str, ids: &[String]) -> Result<Vec<Uuid>, Status> {
    ids.iter().map(|id| uuid(field, id)).collect()
}

/// Checks an id.
pub(crate) fn uuid(field: &str, id: &str) -> Result<Uuid, Status> {
    Uuid::try_parse(id).map_err(|_| status::invalid(field, "expected a UUID"))
}

/// Checks the size of a page.
pub(crate) fn page_size(field: &str, asked: u32) -> Result<usize, Status> {
    match asked {
        0 => Ok(DEFAULT_PAGE),
        1..=LARGEST_PAGE => Ok(asked),
        _ => Err(status::invalid(field, format!("at most {LARGEST_PAGE}"))),
    }
    .map(|size| usize::try_from(size).unwrap_or(usize::MAX))
}

/// A moment in microseconds since 1970.
pub(crate) fn timestamp(micros: i64) -> prost_types::Timestamp {
    let nanos = i32::try_from(micros.rem_euclid(1_000_000)).unwrap_or_default() * 1000;
    prost_types::Timestamp { seconds: micros.div_euclid(1_000_000), nanos }
}

/// Microseconds since 1970.
pub(crate) fn micros(at: prost_types::Timestamp) -> i64 {
    at.seconds.saturating_mul(1_000_000).saturating_add(i64::from(at.nanos) / 1000)
}
