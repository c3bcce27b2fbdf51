//! Reading back what the broker has confirmed, to see whether it is there.

use std::{collections::HashSet, time::Duration};

use kenh_log::ReadError;
use lapin::message::Delivery;
use tokio::time::Instant;
use uuid::Uuid;

use crate::{
    attached::{Attached, PREFETCH, Start},
    message,
    stream::Streams,
};

/// Time without finding one more after which the others are suspected to be lost.
const SILENCE: Duration = Duration::from_secs(2);
/// How long the next message may take. However many are read, each that comes is progress.
const NEXT: Duration = Duration::from_secs(10);
/// Seconds by which reading begins earlier: a chunk is as old as its first message.
const MARGIN: u64 = 10;

/// A reader that looks for events.
pub(crate) struct ReadBack {
    reader: Attached,
    /// Those that it has not seen.
    absent: HashSet<Uuid>,
}

impl ReadBack {
    /// Begins to read a stream from so long ago on.
    pub(crate) async fn of(
        streams: &Streams,
        partition: u32,
        wanted: HashSet<Uuid>,
        age: Duration,
    ) -> Result<Self, ReadError> {
        let reader = streams.attach(partition, Start::Ago(age.as_secs() + MARGIN), PREFETCH).await?;
        Ok(Self { reader, absent: wanted })
    }

    /// Looks until all are found, or none has been for a moment, which proves nothing: the replica that is read may be
    /// behind its leader, and others may write to the stream all the time.
    pub(crate) async fn search(&mut self) -> Result<(), ReadError> {
        let mut found = Instant::now();
        while !self.absent.is_empty() && found.elapsed() < SILENCE {
            let Some((_, delivery)) = self.reader.next_within(SILENCE).await? else { return Ok(()) };
            if self.saw(delivery) {
                found = Instant::now();
            }
        }
        Ok(())
    }

    /// Looks until all are found, or up to a message that was confirmed after this had begun: what was stored before it
    /// has then been read, from whatever replica. For as long as something comes.
    pub(crate) async fn search_up_to(&mut self, mark: Uuid) -> Result<(), ReadError> {
        while !self.absent.is_empty() {
            let (_, delivery) = self.reader.next_within(NEXT).await?.ok_or_else(silent)?;
            if message::mark(&delivery) == Some(mark) {
                return Ok(());
            }
            self.saw(delivery);
        }
        Ok(())
    }

    /// Those that were not found.
    pub(crate) fn absent(&self) -> &HashSet<Uuid> {
        &self.absent
    }

    fn saw(&mut self, delivery: Delivery) -> bool {
        let before = self.absent.len();
        for id in message::ids(delivery) {
            self.absent.remove(&id);
        }
        self.absent.len() < before
    }
}

fn silent() -> ReadError {
    ReadError::Unavailable("the broker sent nothing in time".into())
}
