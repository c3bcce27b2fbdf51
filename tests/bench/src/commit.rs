//! The embedded engine: what it gains by letting appends share a sync of the disk.

use std::{
    fs::File,
    io::{Seek as _, Write as _},
    path::Path,
    time::{Duration, Instant, SystemTime},
};

use kenh_log::{
    EventLog as _, Record,
    embedded::{Config, EmbeddedLog},
};
use kenh_proto::v1::{Account, Conversation, Envelope, Message, Text, envelope::Payload};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::{
    Plan,
    report::{Row, Target::AtLeast, median},
};

const PARTITIONS: u32 = 8;
const APPENDERS: usize = 64;

/// Measures it.
pub(crate) async fn rows(plan: &Plan, folder: &Path) -> Vec<Row> {
    let log = EmbeddedLog::open(&Config {
        folder: folder.join("log"),
        partitions: PARTITIONS,
        max_age: Duration::from_secs(3600),
        max_bytes: 1 << 30,
        now,
    })
    .expect("a log");
    let (mut alone, mut together, mut syncs) = (Vec::new(), Vec::new(), Vec::new());
    // Shorter than the others: the disk is the same after a quarter of the time.
    let time = plan.time() / 4;
    for _ in 0..plan.rounds() {
        syncs.push(sync_rate(folder, time));
        alone.push(append_rate(&log, 1, time).await);
        together.push(append_rate(&log, APPENDERS, time).await);
    }
    let gain = median(together.iter().zip(&alone).map(|(together, alone)| together / alone));
    vec![
        Row::new("Embedded log: 64 appenders at once, against one sync an event", gain, "x").with(AtLeast(5.0)),
        Row::new("Events stored by 64 appenders", median(together), "/s"),
        Row::new("Events stored by 1 appender", median(alone), "/s"),
        Row::new("Syncs of the disk, nothing else", median(syncs), "/s"),
    ]
}

#[allow(clippy::disallowed_methods, reason = "the bench is where this log gets its time from")]
fn now() -> SystemTime {
    SystemTime::now()
}

/// Events stored a second by callers that each wait for one before the next.
async fn append_rate(log: &EmbeddedLog, appenders: usize, time: Duration) -> f64 {
    let mut tasks = JoinSet::new();
    let begun = Instant::now();
    for _ in 0..appenders {
        let log = log.clone();
        tasks.spawn(async move {
            let mut stored = 0_u32;
            while begun.elapsed() < time {
                log.append(vec![record()]).await.expect("it is stored");
                stored += 1;
            }
            stored
        });
    }
    let stored: u32 = tasks.join_all().await.into_iter().sum();
    f64::from(stored) / begun.elapsed().as_secs_f64()
}

/// Syncs a second of one page that is written again and again.
fn sync_rate(folder: &Path, time: Duration) -> f64 {
    let mut file = File::create(folder.join("sync")).expect("a writable folder");
    let (mut syncs, begun) = (0_u32, Instant::now());
    while begun.elapsed() < time {
        file.rewind().and_then(|()| file.write_all(&[0; 4096])).and_then(|()| file.sync_data()).expect("a disk");
        syncs += 1;
    }
    f64::from(syncs) / begun.elapsed().as_secs_f64()
}

fn record() -> Record {
    let id = Uuid::new_v4();
    let text = Text { body: "Is the blue raincoat back in size M?".into(), ..Text::default() };
    let envelope = Envelope {
        id: id.to_string(),
        channel: "messenger".into(),
        account: Some(Account { external_id: Some("770001".into()), ..Account::default() }),
        conversation: Some(Conversation { id: id.to_string(), ..Conversation::default() }),
        partition: u32::from(id.as_bytes()[0]) % PARTITIONS,
        payload: Some(Payload::Message(Message { text: Some(text), ..Message::default() })),
        ..Envelope::default()
    };
    Record::of(&envelope).expect("its id is a UUID")
}
