//! Publishing that only succeeds when a queue holds the message.

use std::sync::Arc;

use kenh_log::{AppendError, Record, by_partition};

use crate::{Config, config::Messages, lane::Lane, link::Link, pace::Pace};

/// A lane for each partition.
#[derive(Debug)]
pub(crate) struct Publisher {
    lanes: Vec<Lane>,
}

impl Publisher {
    pub(crate) fn start(config: &Arc<Config>, link: &Link) -> Self {
        let pace = (config.messages == Messages::Bundled).then(Pace::new);
        let lane = |partition| Lane::start(partition, config.clone(), link.clone(), pace.clone());
        Self { lanes: (0..config.partitions).map(lane).collect() }
    }

    /// Publishes records, those of a partition in order, and waits for all answers, within the confirm deadline.
    pub(crate) async fn publish(&self, records: Vec<Record>) -> Result<(), AppendError> {
        by_partition(records, |partition, records| self.publish_to(partition, records)).await
    }

    async fn publish_to(&self, partition: u32, records: Vec<Record>) -> Result<(), AppendError> {
        let lane = usize::try_from(partition).ok().and_then(|partition| self.lanes.get(partition));
        lane.ok_or(AppendError::Unroutable)?.publish(records).await
    }
}
