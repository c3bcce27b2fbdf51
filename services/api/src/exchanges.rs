//! Reading the channel log.

use std::{pin::Pin, sync::Arc, time::Duration};

use kenh_access::{Caller, Reach, Right};
use kenh_proto::v1::{self, ExchangeDirection, ExchangeOutcome, SendReason};
use kenh_store::{Exchange, ExchangeFilter, Place, Store};
use prost::Message as _;
use tokio::sync::mpsc;
use tokio_stream::{Stream, wrappers::ReceiverStream};
use tonic::Status;

use crate::{request, status};

/// Entries looked at for one page, however few of them the caller may see.
const MOST_LOOKED_AT: usize = 5000;
/// Values in one list of a filter.
const MOST_VALUES: usize = 50;
/// Entries read at once by who follows.
const FOLLOWED: u32 = 500;
/// Other processes write too, so the store is looked into.
const LOOK: Duration = Duration::from_secs(1);

pub(crate) type Watched = Pin<Box<dyn Stream<Item = Result<v1::WatchExchangesResponse, Status>> + Send>>;

/// One page, newest first.
pub(crate) async fn list(
    store: &dyn Store,
    caller: &Caller,
    request: v1::ListExchangesRequest,
) -> Result<v1::ListExchangesResponse, Status> {
    let size = request::page_size("page_size", request.page_size)?;
    let reach = reach(caller, request.filter.as_ref())?;
    let filter = filter(request.filter)?;
    let mut place = match request.page_token.as_str() {
        "" => Place::Newest,
        token => Place::Before(token.parse().map_err(|_| status::invalid("page_token", "is no page's"))?),
    };
    let (mut exchanges, mut looked_at) = (Vec::new(), 0);
    loop {
        let wanted = size.saturating_sub(exchanges.len());
        let page = read(store, &filter, place, u32::try_from(wanted).unwrap_or(u32::MAX)).await?;
        let Some(last) = page.last().map(|last| last.seq) else {
            return Ok(v1::ListExchangesResponse { exchanges, next_page_token: String::new() });
        };
        let at_end = page.len() < wanted;
        looked_at += page.len();
        exchanges.extend(page.into_iter().filter(|found| admits(&reach, found)).filter_map(shown));
        place = Place::Before(last);
        if at_end || exchanges.len() >= size || looked_at >= MOST_LOOKED_AT {
            let next_page_token = if at_end { String::new() } else { last.to_string() };
            return Ok(v1::ListExchangesResponse { exchanges, next_page_token });
        }
    }
}

/// The last few, and everything from then on.
pub(crate) async fn watch(
    store: Arc<dyn Store>,
    caller: &Caller,
    request: v1::WatchExchangesRequest,
) -> Result<Watched, Status> {
    const MOST_RECENT: u32 = 1000;
    if request.recent > MOST_RECENT {
        return Err(status::invalid("recent", format!("at most {MOST_RECENT}")));
    }
    let reach = reach(caller, request.filter.as_ref())?;
    let filter = ExchangeFilter { until: None, ..filter(request.filter)? };
    // Where to go on is read first: what comes meanwhile is not missed.
    let newest =
        read(&*store, &ExchangeFilter::default(), Place::Newest, 1).await?.first().map_or(0, |newest| newest.seq);
    let mut recent = Vec::new();
    if request.recent > 0 {
        recent = read(&*store, &filter, Place::Before(newest.saturating_add(1)), request.recent).await?;
        recent.reverse();
    }
    let (sender, receiver) = mpsc::channel(64);
    tokio::spawn(async move {
        let mut place = newest;
        loop {
            for found in recent.drain(..).filter(|found| admits(&reach, found)) {
                let exchange = shown(found);
                if sender.send(Ok(v1::WatchExchangesResponse { exchange })).await.is_err() {
                    return;
                }
            }
            recent = match read(&*store, &filter, Place::After(place), FOLLOWED).await {
                Ok(found) => found,
                Err(status) => return drop(sender.send(Err(status)).await),
            };
            if let Some(last) = recent.last() {
                place = last.seq;
                continue;
            }
            tokio::select! {
                () = sender.closed() => return,
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    });
    Ok(Box::pin(ReceiverStream::new(receiver)))
}

async fn read(store: &dyn Store, filter: &ExchangeFilter, place: Place, limit: u32) -> Result<Vec<Exchange>, Status> {
    store.exchanges(filter, place, limit).await.map_err(|error| status::store(&error))
}

/// What the caller may see. Naming something of which he may see nothing is refused.
fn reach(caller: &Caller, asked: Option<&v1::ExchangeFilter>) -> Result<Reach, Status> {
    let named = |text: fn(&v1::ExchangeFilter) -> &String| {
        asked.into_iter().map(text).filter(|text| !text.is_empty()).cloned().collect::<Vec<_>>()
    };
    caller.may_narrow(Right::Read, &named(|filter| &filter.channel), &named(|filter| &filter.account))?;
    Ok(caller.reach(Right::Read))
}

/// Calls that nothing proves are no account's: those who may see the whole channel see them.
fn admits(reach: &Reach, found: &Exchange) -> bool {
    reach.admits(&found.channel, Some(found.account.as_str()).filter(|account| !account.is_empty()))
}

fn filter(asked: Option<v1::ExchangeFilter>) -> Result<ExchangeFilter, Status> {
    let asked = asked.unwrap_or_default();
    let text = |text: String| Some(text).filter(|text| !text.is_empty());
    for (field, length) in [("filter.outcomes", asked.outcomes.len()), ("filter.reasons", asked.reasons.len())] {
        if length > MOST_VALUES {
            return Err(status::invalid(field, format!("at most {MOST_VALUES} values")));
        }
    }
    let unknown = |field: &str, number: i32| status::invalid(field, format!("{number} is none this server knows"));
    if let Some(number) = asked.outcomes.iter().find(|number| ExchangeOutcome::try_from(**number).is_err()) {
        return Err(unknown("filter.outcomes", *number));
    }
    if let Some(number) = asked.reasons.iter().find(|number| SendReason::try_from(**number).is_err()) {
        return Err(unknown("filter.reasons", *number));
    }
    let direction = match ExchangeDirection::try_from(asked.direction) {
        Ok(ExchangeDirection::Unspecified) => None,
        Ok(direction) => Some(direction.into()),
        Err(_) => return Err(unknown("filter.direction", asked.direction)),
    };
    Ok(ExchangeFilter {
        channel: text(asked.channel),
        endpoint: text(asked.endpoint),
        account: text(asked.account),
        direction,
        outcomes: asked.outcomes,
        reasons: asked.reasons,
        failed: asked.failed,
        message: text(asked.message_id).map(|id| request::uuid("filter.message_id", &id)).transpose()?,
        from: asked.from.map(request::micros),
        until: asked.until.map(request::micros),
    })
}

/// An entry as callers see it; `None` for one that this version cannot read.
fn shown(found: Exchange) -> Option<v1::Exchange> {
    let record = v1::Exchange::decode(found.record).ok()?;
    Some(v1::Exchange {
        id: found.id.to_string(),
        began_at: Some(request::timestamp(found.began_at)),
        channel: found.channel,
        endpoint: found.endpoint,
        account: Some(found.account).filter(|account| !account.is_empty()),
        ..record
    })
}
