//! What one caller sees of the log.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use bytes::Bytes;
use kenh_access::{Caller, Means, Reach, Right};
use kenh_log::{Entry, Filter, Scope};
use kenh_proto::server as v1;
use tonic::Status;

use crate::{raw, request};

/// A caller's view. `None` inside: the gateway's own, which sees everything.
pub(crate) struct View(Option<Seen>);

struct Seen {
    caller: Caller,
    raw: Reach,
    /// Whether it has to be noted when bytes as a channel delivered them leave the server.
    notes_raw: AtomicBool,
}

impl fmt::Debug for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("View")
    }
}

/// The part of the log that a caller may read.
#[derive(Debug)]
struct Within(Reach);

impl Scope for Within {
    fn admits(&self, channel: &str, account: Option<&str>) -> bool {
        self.0.admits(channel, account)
    }
}

impl View {
    pub(crate) fn of(caller: &Caller) -> Self {
        // Where nobody has to prove anything there is nobody to note.
        let notes_raw = AtomicBool::new(caller.principal().means != Means::Nothing);
        Self(Some(Seen { raw: caller.reach(Right::Raw), caller: caller.clone(), notes_raw }))
    }

    /// The gateway's own.
    pub(crate) fn own() -> Self {
        Self(None)
    }

    /// Checks a filter and narrows it to what may be read. Naming something of which nothing may be read is refused.
    pub(crate) fn filter(&self, asked: Option<v1::Filter>) -> Result<Filter, Status> {
        let mut filter = request::filter(asked)?;
        if let Some(Seen { caller, .. }) = &self.0 {
            caller.may_narrow(Right::Read, &filter.channels, &filter.accounts)?;
            let reach = caller.reach(Right::Read);
            filter.scope = (!reach.is_everything()).then(|| Arc::new(Within(reach)) as _);
        }
        Ok(filter)
    }

    /// Refuses to follow a subscription that matches more than may be read: what one of its consumers may not see
    /// would be lost to all of them.
    pub(crate) fn may_follow(&self, filter: &Filter) -> Result<(), Status> {
        match &self.0 {
            Some(Seen { caller, .. }) => caller.may_all(Right::Read, &filter.channels, &filter.accounts),
            None => Ok(()),
        }
    }

    /// An entry's envelope as the caller may see it: the stored bytes themselves, but for those a channel delivered
    /// when he has no right to them.
    pub(crate) fn envelope(&self, entry: &Entry) -> Bytes {
        self.shown(&entry.meta.channel, entry.meta.account.as_deref(), &entry.bytes)
    }

    /// The same for an envelope that is no entry.
    pub(crate) fn shown(&self, channel: &str, account: Option<&str>, envelope: &Bytes) -> Bytes {
        let Some(Seen { caller, raw, notes_raw }) = &self.0 else { return envelope.clone() };
        if !raw.admits(channel, account) {
            return raw::without(envelope);
        }
        if notes_raw.load(Ordering::Relaxed) && raw::is_in(envelope) && notes_raw.swap(false, Ordering::Relaxed) {
            caller.reads_raw(channel, account);
        }
        envelope.clone()
    }
}
