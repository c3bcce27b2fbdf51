//! Publishing that only succeeds when a queue holds the message.

use std::{collections::BTreeMap, sync::Arc};

use futures_util::future::join_all;
use kenh_log::{AppendError, Record};

use crate::{Config, lane::Lane, link::Link, pace::Pace};

/// A lane for each partition.
#[derive(Debug)]
pub(crate) struct Publisher {
    lanes: Vec<Lane>,
}

impl Publisher {
    pub(crate) fn start(config: &Arc<Config>, link: &Link) -> Self {
        let pace = Pace::new();
        let lane = |partition| Lane::start(partition, config.clone(), link.clone(), pace.clone());
        Self { lanes: (0..config.partitions).map(lane).collect() }
    }

    /// Publishes records, those of a partition in order, and waits for all answers, within the confirm deadline.
    pub(crate) async fn publish(&self, records: Vec<Record>) -> Result<(), AppendError> {
        let mut parts: BTreeMap<u32, Vec<Record>> = BTreeMap::new();
        for record in records {
            parts.entry(record.partition).or_default().push(record);
        }
        let published = parts.into_iter().map(|(partition, records)| self.publish_to(partition, records));
        join_all(published).await.into_iter().collect()
    }

    async fn publish_to(&self, partition: u32, records: Vec<Record>) -> Result<(), AppendError> {
        let lane = usize::try_from(partition).ok().and_then(|partition| self.lanes.get(partition));
        lane.ok_or(AppendError::Unroutable)?.publish(records).await
    }
}
