//! Which events a stream does not hold, though the broker had confirmed them.

use std::{collections::HashSet, time::Duration};

use futures_util::FutureExt as _;
use kenh_log::ReadError;
use tokio::time::Instant;
use uuid::Uuid;

use crate::{
    message,
    stream::{FIRST_MESSAGE, PREFETCH, Start, Streams},
};

/// Silence after which what has not come is taken for lost: a replica may be behind its leader for a moment.
const SILENCE: Duration = Duration::from_secs(2);
/// Seconds by which reading begins earlier: a chunk is as old as its first message.
const MARGIN: u64 = 10;

impl Streams {
    /// Those of some events that a stream does not hold from so long ago on. Ends with the last that is found; only when
    /// one is absent, it takes the whole of it and a silence to be sure.
    pub(crate) async fn absent(
        &self,
        partition: u32,
        mut wanted: HashSet<Uuid>,
        age: Duration,
    ) -> Result<HashSet<Uuid>, ReadError> {
        // Behind everything that is there now. Without it, a stream that others write to all the time has no end.
        let (mut behind, mut end) = (self.attach(partition, Start::Next, 1).await?, u64::MAX);
        let mut reader = self.attach(partition, Start::Ago(age.as_secs() + MARGIN), PREFETCH).await?;
        let (mut patience, begun) = (FIRST_MESSAGE, Instant::now());
        while !wanted.is_empty() {
            let Some((offset, delivery)) = reader.next_within(patience).await? else { break };
            if let Some(id) = message::id(&delivery) {
                wanted.remove(&id);
            }
            patience = SILENCE;
            if end == u64::MAX
                && let Some(next) = behind.next().now_or_never()
            {
                end = next?.map_or(end, |(offset, _)| offset);
            }
            // The replica here may lag behind by less than that.
            if offset >= end && begun.elapsed() >= SILENCE {
                break;
            }
        }
        Ok(wanted)
    }
}
