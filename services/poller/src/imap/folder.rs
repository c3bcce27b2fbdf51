//! One folder: what is new in it, message by message.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use connector_sdk::{
    Delivery,
    mailbox::{Begin, MESSAGE, MESSAGE_HEADER},
};
use http::{HeaderMap, HeaderValue, header::CONTENT_TYPE};
use jiff::{Timestamp, tz::TimeZone};
use kenh_intake::{Endpoint, Intake};
use kenh_runtime::{clock, metrics, seldom::Seldom};
use kenh_store::Store;
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

use super::{
    Door, Problem, Session, command, filing, name,
    place::{Place, Wanted},
};

static NOT_FILED: Seldom = Seldom::every(Duration::from_secs(60));

/// A folder that is being read.
pub(crate) struct Folder<'a> {
    pub(crate) endpoint: &'a Endpoint,
    pub(crate) door: &'a Door,
    pub(crate) name: &'a str,
    pub(crate) store: &'a dyn Store,
    pub(crate) intake: &'a Intake,
    pub(crate) stop: &'a CancellationToken,
    /// It was looked into, so the next failure is the first.
    pub(crate) progress: bool,
    /// What could not be fetched last. It outlives the connection.
    pub(crate) stuck: &'a mut Stuck,
}

/// A message that cannot be fetched: some servers close the connection over one that they cannot read themselves.
#[derive(Debug, Default)]
pub(crate) struct Stuck {
    uid: u32,
    tries: u32,
}

impl Stuck {
    /// After so many tries the others are not kept waiting any more.
    const TRIES: u32 = 5;

    fn is_given_up(&self, uid: u32) -> bool {
        self.uid == uid && self.tries >= Self::TRIES
    }

    fn failed(&mut self, uid: u32) {
        let tries = if self.uid == uid { self.tries.saturating_add(1) } else { 1 };
        *self = Self { uid, tries };
    }
}

/// A message as the server gave it.
struct Fetched {
    kind: &'static str,
    bytes: Vec<u8>,
}

/// Where the folder stands in the store.
struct Standing {
    version: u64,
    place: Place,
}

impl Folder<'_> {
    /// Reads what is there and what comes, until told to stop.
    pub(crate) async fn read(&mut self) -> Result<(), Problem> {
        let mut session = self.door.open().await?;
        let capabilities = self.door.answer(session.capabilities()).await?;
        let (idles, moves) = (capabilities.has_str("IDLE"), capabilities.has_str("MOVE"));
        let selected = self.door.answer(session.select(name::encode(self.name))).await;
        let no_folder = |problem| if problem == Problem::Denied { Problem::NoFolder } else { problem };
        let selected = selected.map_err(no_folder)?;
        let (validity, next) = (selected.uid_validity.unwrap_or(0), selected.uid_next.unwrap_or(1));
        let (mut standing, mut wanted) = self.standing(validity, next).await?;
        while !self.stop.is_cancelled() {
            let last = self.look(&mut session, moves, &mut standing, wanted).await?;
            if let (Wanted::Since(_), false) = (wanted, self.stop.is_cancelled()) {
                // Now its numbers mean something again. What was looked through in between begins anew after a crash.
                self.advance(&mut standing, last.max(next.saturating_sub(1))).await?;
            }
            if !self.progress {
                let (channel, endpoint) = (self.endpoint.channel, self.endpoint.name.as_str());
                debug!(channel, endpoint, "a folder is read to its end, now what comes is waited for");
                self.progress = true;
            }
            wanted = Wanted::Above(standing.place.uid);
            let Some(again) = self.wait(session, idles).await? else { return Ok(()) };
            session = again;
        }
        Ok(())
    }

    fn key(&self) -> String {
        format!("imap/{}/{}/{}", self.endpoint.channel, self.endpoint.name, self.name)
    }

    /// Where it stands, and what is to be read.
    async fn standing(&self, validity: u32, next: u32) -> Result<(Standing, Wanted), Problem> {
        let kept = self.store.position(&self.key()).await.map_err(|_| Problem::Store)?;
        let version = kept.as_ref().map_or(0, |kept| kept.version);
        let Some(place) = kept.and_then(|kept| Place::read(&kept.position)) else {
            let uid = match self.door.begin() {
                Begin::New => next.saturating_sub(1),
                Begin::All => 0,
            };
            let mut standing = Standing { version, place: Place { validity, uid, looked_at: now() } };
            // What comes from now on is new, also when nobody reads it before the next start.
            self.advance(&mut standing, uid).await?;
            return Ok((standing, Wanted::Above(uid)));
        };
        let wanted = place.wanted(validity);
        let uid = if let Wanted::Above(uid) = wanted { uid } else { 0 };
        Ok((Standing { version, place: Place { validity, uid, ..place } }, wanted))
    }

    /// Reads what is new. The number of the last message that was read.
    async fn look(
        &mut self,
        session: &mut Session,
        moves: bool,
        standing: &mut Standing,
        wanted: Wanted,
    ) -> Result<u32, Problem> {
        let (query, above) = match wanted {
            Wanted::Above(uid) => (format!("UID {}:*", uid.saturating_add(1)), uid),
            Wanted::Since(seconds) => (format!("SINCE {}", day(seconds)), 0),
        };
        let found = command::search(self.door, session, &query).await?;
        let mut last = 0;
        // `n:*` always has the last message, however low its number is.
        for uid in found.into_iter().filter(|uid| *uid > above) {
            if self.stop.is_cancelled() {
                break;
            }
            if self.stuck.is_given_up(uid) {
                self.give_up(standing.place.validity, uid).await?;
            } else if let Some(message) = self.message(session, uid).await? {
                self.take(message).await?;
                self.filed(filing::file(self.door, session, moves, uid).await)?;
            }
            if matches!(wanted, Wanted::Above(_)) {
                self.advance(standing, uid).await?;
            }
            last = uid;
        }
        Ok(last)
    }

    /// Reads one message; `None` when it is not there any more.
    async fn message(&mut self, session: &mut Session, uid: u32) -> Result<Option<Fetched>, Problem> {
        let message = self.whole(session, uid).await;
        if message.is_err() {
            self.stuck.failed(uid);
        }
        message
    }

    async fn whole(&self, session: &mut Session, uid: u32) -> Result<Option<Fetched>, Problem> {
        let Some(about) = command::fetch(self.door, session, uid, "RFC822.SIZE").await? else {
            return self.missing(session, uid).await;
        };
        let whole = u64::from(about.size.unwrap_or(0)) <= self.door.largest();
        let what = if whole { "BODY.PEEK[]" } else { "BODY.PEEK[HEADER]" };
        let Some(fetched) = command::fetch(self.door, session, uid, what).await? else {
            return self.missing(session, uid).await;
        };
        let Some(bytes) = fetched.part else { return Err(Problem::Broken("a message came without its text")) };
        Ok(Some(Fetched { kind: if whole { MESSAGE } else { MESSAGE_HEADER }, bytes }))
    }

    /// Nothing was said of a message: it is gone, or the server does not want to give it.
    async fn missing(&self, session: &mut Session, uid: u32) -> Result<Option<Fetched>, Problem> {
        let there = command::search(self.door, session, &format!("UID {uid}")).await?;
        if there.is_empty() { Ok(None) } else { Err(Problem::Broken("the server gives nothing of a message")) }
    }

    /// Tells of a message that cannot be fetched: an event that is parked and names it. It stays in the mailbox as it is.
    async fn give_up(&self, validity: u32, uid: u32) -> Result<(), Problem> {
        let (channel, endpoint) = (self.endpoint.channel, self.endpoint.name.as_str());
        warn!(channel, endpoint, uid, "a message cannot be fetched, it is left in the mailbox and parked as an event");
        // No header of a mail, so that it is not taken for one.
        let folder = name::encode(self.name).replace(':', " ");
        let named = format!("message {uid} of {validity} in {folder} cannot be fetched");
        self.take(Fetched { kind: MESSAGE, bytes: named.into_bytes() }).await
    }

    async fn take(&self, message: Fetched) -> Result<(), Problem> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(message.kind));
        let delivery = Delivery { headers: &headers, body: &message.bytes };
        let delivered = self.intake.accept_fetched(self.endpoint, delivery).await;
        let labels = [("channel", self.endpoint.channel), ("outcome", delivered.outcome.label())];
        metrics::DELIVERIES.add(1, labels);
        if delivered.outcome.is_taken() { Ok(()) } else { Err(Problem::Store) }
    }

    /// A folder that is not there or not ours costs a message its place, and no other its turn: it is stored all the same.
    fn filed(&self, outcome: Result<(), Problem>) -> Result<(), Problem> {
        if outcome != Err(Problem::Denied) {
            return outcome;
        }
        if let Some(unsaid) = NOT_FILED.say() {
            let (channel, endpoint) = (self.endpoint.channel, self.endpoint.name.as_str());
            warn!(channel, endpoint, unsaid, "a message is stored and cannot be marked or moved: check move_to");
        }
        Ok(())
    }

    /// Everything up to this message is stored.
    async fn advance(&self, standing: &mut Standing, uid: u32) -> Result<(), Problem> {
        let place = Place { uid, looked_at: now(), ..standing.place };
        let moved = self.store.advance(&self.key(), standing.version, &place.kept()).await;
        if !moved.map_err(|_| Problem::Store)? {
            return Err(Problem::Broken("another process reads the folder too"));
        }
        (standing.version, standing.place) = (standing.version.saturating_add(1), place);
        Ok(())
    }

    /// Waits for news, for the time between two looks at most. `None`: told to stop.
    async fn wait(&self, session: Session, idles: bool) -> Result<Option<Session>, Problem> {
        let every = self.door.poll_every();
        if !idles {
            tokio::select! {
                () = self.stop.cancelled() => return Ok(None),
                () = tokio::time::sleep(every) => {}
            }
            let mut session = session;
            self.door.answer(session.noop()).await?;
            return Ok(Some(session));
        }
        let mut idle = session.idle();
        self.door.answer(idle.init()).await?;
        let (news, _interrupt) = idle.wait_with_timeout(every);
        tokio::select! {
            () = self.stop.cancelled() => return Ok(None),
            news = tokio::time::timeout(every, news) => {
                if let Ok(news) = news {
                    news?;
                }
            }
        }
        self.door.answer(idle.done()).await.map(Some)
    }
}

fn now() -> i64 {
    seconds(clock::now())
}

fn seconds(time: SystemTime) -> i64 {
    i64::try_from(time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()).unwrap_or(i64::MAX)
}

/// A day as the protocol writes it: `2-Jan-2006`.
fn day(seconds: i64) -> String {
    let day = Timestamp::from_second(seconds).unwrap_or_default().to_zoned(TimeZone::UTC);
    day.strftime("%-d-%b-%Y").to_string()
}

#[cfg(test)]
mod tests {
    #[test]
    fn days_are_written_as_the_protocol_wants() {
        assert_eq!(super::day(1_767_225_600), "1-Jan-2026");
        assert_eq!(super::day(1_795_291_200), "21-Nov-2026");
    }
}
