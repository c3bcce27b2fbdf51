//! Records by their partitions.

use std::collections::BTreeMap;

use futures_util::future::join_all;

use crate::{AppendError, Record};

/// Hands records to `append` by their partitions, those of each in the order they have, and waits for all of them. The first error
/// is returned.
pub async fn by_partition<F>(records: Vec<Record>, append: impl Fn(u32, Vec<Record>) -> F) -> Result<(), AppendError>
where
    F: Future<Output = Result<(), AppendError>>,
{
    // Nearly every delivery is of one conversation.
    if let Some(only) = only(&records) {
        return append(only, records).await;
    }
    let mut parts: BTreeMap<u32, Vec<Record>> = BTreeMap::new();
    for record in records {
        parts.entry(record.partition).or_default().push(record);
    }
    join_all(parts.into_iter().map(|(partition, records)| append(partition, records))).await.into_iter().collect()
}

fn only(records: &[Record]) -> Option<u32> {
    let first = records.first()?.partition;
    records.iter().all(|record| record.partition == first).then_some(first)
}
