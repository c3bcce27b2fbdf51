//! Paging through the log.

use std::collections::VecDeque;

use kenh_log::{Entry, EventLog, Filter, Limit, ReadError};

use crate::cursor::Position;

/// Entries of all partitions that one page may look at; a page then ends although it may be empty.
const SCANNED: usize = 50_000;

/// A page.
pub(crate) struct Listed {
    /// Oldest first.
    pub(crate) entries: Vec<(Entry, Position)>,
    /// Where to go on; `None` at the end.
    pub(crate) next: Option<Position>,
}

/// Reads a page from a position up to the heads, oldest first by arrival across partitions, and leaves out what was
/// received at or after `until`.
pub(crate) async fn list(
    log: &dyn EventLog,
    filter: &Filter,
    mut position: Position,
    heads: &[u64],
    until: Option<i64>,
    size: usize,
) -> Result<Listed, ReadError> {
    let wanted = partitions(log, filter);
    let share = SCANNED / usize::try_from(log.partitions().max(1)).unwrap_or(1);
    let limit = Limit { entries: size, bytes: 4 << 20, scanned: share.max(1) };
    let mut pages = Vec::new();
    for number in 0..log.partitions() {
        let index = usize::try_from(number).unwrap_or(usize::MAX);
        let (from, head) = (position.of(index), heads.get(index).copied().unwrap_or_default());
        if from >= head || !wanted.contains(&number) {
            position.advance(index, head);
            continue;
        }
        let page = log.read(number, from..head, filter, limit).await?;
        pages.push(Fetched { index, entries: page.entries.into(), next: page.next, more: page.next < head });
    }
    Ok(merge(pages, position, until, size))
}

/// One partition's share of a page.
struct Fetched {
    index: usize,
    entries: VecDeque<Entry>,
    next: u64,
    more: bool,
}

/// Takes the oldest of all partitions again and again. Stops where a partition runs out that has more in the log:
/// its next entry might be older than what the others still hold.
fn merge(mut pages: Vec<Fetched>, mut position: Position, until: Option<i64>, size: usize) -> Listed {
    let mut entries = Vec::new();
    let mut more = false;
    loop {
        for page in pages.iter().filter(|page| page.entries.is_empty()) {
            position.advance(page.index, page.next);
        }
        let stuck = pages.iter().any(|page| page.entries.is_empty() && page.more);
        let oldest = pages.iter_mut().filter(|page| !page.entries.is_empty());
        let oldest = oldest.min_by_key(|page| page.entries.front().map(|entry| entry.meta.received_at));
        let Some(page) = oldest else {
            more |= stuck;
            break;
        };
        if stuck || entries.len() >= size {
            more = true;
            break;
        }
        let Some(entry) = page.entries.pop_front() else { break };
        position.advance(page.index, entry.offset + 1);
        if until.is_none_or(|until| entry.meta.received_at < until) {
            entries.push((entry, position.clone()));
        }
    }
    Listed { entries, next: more.then_some(position) }
}

fn partitions(log: &dyn EventLog, filter: &Filter) -> Vec<u32> {
    if filter.conversations.is_empty() {
        return (0..log.partitions()).collect();
    }
    filter.conversations.iter().map(|id| kenh_log::partition_of(*id, log.partitions())).collect()
}
