//! `kenh tail`

use kenh_proto::{
    kind_slug,
    v1::{AckMode, EventKind, Filter, Open, StartAt, open::Start, subscribe_response::Response},
};

use crate::{
    cli::Tail,
    client::{self, Style},
    failure::Failure,
};

pub(crate) async fn run(arguments: Tail) -> Result<(), Failure> {
    let style = Style::of(arguments.json);
    let open = Open {
        start: Some(start(&arguments.from)),
        filter: Some(Filter {
            channels: arguments.channel,
            accounts: arguments.account,
            kinds: arguments.kind.iter().map(|word| kind(word)).collect::<Result<_, _>>()?,
            conversation_ids: arguments.conversation,
            contact_ids: Vec::new(),
        }),
        consumer_id: "kenh tail".into(),
        ack_mode: AckMode::None.into(),
        ..Open::default()
    };
    let mut events = client::subscribe(&arguments.api, open).await?;
    let mut left = arguments.count.unwrap_or(u64::MAX);
    loop {
        let response = events.responses.message().await;
        let response =
            response.map_err(|status| Failure::runtime(format!("the stream ended: {}", status.message())))?;
        match response.and_then(|response| response.response) {
            Some(Response::Batch(batch)) => {
                for delivery in batch.deliveries {
                    if let Some(envelope) = &delivery.envelope {
                        client::print(&style.show(envelope)?)?;
                    }
                    left -= 1;
                    if left == 0 {
                        return Ok(());
                    }
                }
            }
            Some(Response::Drain(_)) => return Err(Failure::runtime("the server goes away, call again")),
            Some(Response::Opened(_) | Response::Heartbeat(_) | Response::AckResult(_)) => {}
            None => return Err(Failure::runtime("the server has ended the stream")),
        }
    }
}

/// Where a word, a time or a cursor says to begin.
pub(super) fn start(from: &str) -> Start {
    match from {
        "latest" => Start::At(StartAt::Latest.into()),
        "earliest" => Start::At(StartAt::Earliest.into()),
        other => other.parse::<jiff::Timestamp>().map_or_else(
            |_| Start::AfterCursor(other.into()),
            |at| Start::AtTime(prost_types::Timestamp { seconds: at.as_second(), nanos: at.subsec_nanosecond() }),
        ),
    }
}

/// The number of a kind.
pub(super) fn kind(word: &str) -> Result<i32, Failure> {
    let kinds = (1..).map_while(|number| EventKind::try_from(number).ok());
    let known: Vec<_> = kinds.map(|kind| (kind_slug(kind), kind)).collect();
    let found = known.iter().find(|(slug, _)| *slug == word).map(|(_, kind)| i32::from(*kind));
    found.ok_or_else(|| {
        let words: Vec<_> = known.iter().map(|(slug, _)| *slug).collect();
        Failure::usage(format!("--kind: there is no kind {word}; there are: {}", words.join(", ")))
    })
}
