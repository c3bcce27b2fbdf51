//! `kenh channel log`

use kenh_proto::{
    to_json,
    v1::{
        Exchange, ExchangeDirection, ExchangeFilter, ExchangeOutcome, ListExchangesRequest, SendReason,
        WatchExchangesRequest,
    },
};

use super::channel::connect;
use crate::{
    cli::{ChannelLog, Direction},
    client::{self, Style},
    failure::Failure,
};

/// The largest page, and the most a watch begins with.
const LARGEST_PAGE: u32 = 1000;

pub(crate) async fn run(arguments: ChannelLog) -> Result<(), Failure> {
    let style = Style::of(arguments.json);
    let filter = filter(&arguments)?;
    let mut client = connect(&arguments.api).await?;
    if arguments.follow {
        let request = WatchExchangesRequest { filter: Some(filter), recent: arguments.count.min(LARGEST_PAGE) };
        let mut entries = client.watch_exchanges(request).await.map_err(client::refused)?.into_inner();
        while let Some(entry) = entries.message().await.map_err(client::refused)? {
            show(style, &entry.exchange.unwrap_or_default())?;
        }
        return Err(Failure::runtime("the server has ended the stream"));
    }
    let mut left = arguments.count;
    let mut page_token = String::new();
    while left > 0 {
        let page_size = left.min(LARGEST_PAGE);
        let request = ListExchangesRequest { filter: Some(filter.clone()), page_size, page_token };
        let page = client.list_exchanges(request).await.map_err(client::refused)?.into_inner();
        for exchange in &page.exchanges {
            show(style, exchange)?;
        }
        left = left.saturating_sub(u32::try_from(page.exchanges.len()).unwrap_or(u32::MAX));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    Ok(())
}

fn filter(arguments: &ChannelLog) -> Result<ExchangeFilter, Failure> {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let time = |text: &Option<jiff::Timestamp>| {
        text.map(|at| prost_types::Timestamp { seconds: at.as_second(), nanos: at.subsec_nanosecond() })
    };
    let direction = match arguments.direction {
        None => ExchangeDirection::Unspecified,
        Some(Direction::In) => ExchangeDirection::Inbound,
        Some(Direction::Out) => ExchangeDirection::Outbound,
    };
    Ok(ExchangeFilter {
        channel: text(&arguments.channel),
        endpoint: text(&arguments.endpoint),
        account: text(&arguments.account),
        direction: direction.into(),
        outcomes: numbers("--outcome", "EXCHANGE_OUTCOME_", &arguments.outcome, ExchangeOutcome::from_str_name)?,
        reasons: numbers("--reason", "SEND_REASON_", &arguments.reason, SendReason::from_str_name)?,
        failed: arguments.failed,
        message_id: text(&arguments.message),
        from: time(&arguments.since),
        until: time(&arguments.until),
    })
}

/// The numbers of words such as `not_stored`.
fn numbers<E: Into<i32>>(
    flag: &str,
    prefix: &str,
    words: &[String],
    find: fn(&str) -> Option<E>,
) -> Result<Vec<i32>, Failure> {
    let number = |word: &String| {
        let name = format!("{prefix}{}", word.to_ascii_uppercase().replace('-', "_"));
        find(&name)
            .map(Into::into)
            .ok_or_else(|| Failure::usage(format!("{flag}: there is no {word}; see the API's {prefix}*")))
    };
    words.iter().map(number).collect()
}

fn show(style: Style, exchange: &Exchange) -> Result<(), Failure> {
    let text = match style {
        Style::Json => to_json("Exchange", exchange).map_err(Failure::runtime)?,
        Style::Line => line(exchange, ["", ""]),
        Style::ColouredLine => {
            line(exchange, if exchange.failed { ["\x1b[31m", "\x1b[0m"] } else { ["\x1b[36m", "\x1b[0m"] })
        }
    };
    client::print(&text)
}

/// When, which way, what, how it ended and why, how long it took, and what it was about.
fn line(exchange: &Exchange, [colour, plain]: [&str; 2]) -> String {
    let when = exchange.began_at.and_then(|at| jiff::Timestamp::new(at.seconds, at.nanos).ok());
    let when = when.map(|at| format!("{at:.3}")).unwrap_or_default();
    let way = match exchange.direction() {
        ExchangeDirection::Outbound => "→",
        ExchangeDirection::Inbound | ExchangeDirection::Unspecified => "←",
    };
    let word = |name: &str, prefix: &str| name.trim_start_matches(prefix).to_ascii_lowercase();
    let place = match &exchange.account {
        Some(account) => format!("{}/{}/{account}", exchange.channel, exchange.endpoint),
        None => format!("{}/{}", exchange.channel, exchange.endpoint),
    };
    let outcome = word(exchange.outcome().as_str_name(), "EXCHANGE_OUTCOME_");
    let kind = word(exchange.kind().as_str_name(), "EXCHANGE_KIND_");
    let mut parts = vec![format!("{when} {way} {place} {kind} {colour}{outcome}{plain}")];
    parts.extend(exchange.detail.clone());
    if exchange.reason() != SendReason::Unspecified {
        parts.push(word(exchange.reason().as_str_name(), "SEND_REASON_"));
    }
    parts.extend(exchange.provider_code.iter().map(|code| format!("code={code}")));
    if exchange.status > 0 {
        parts.push(exchange.status.to_string());
    }
    let time = |time: Option<prost_types::Duration>| time.and_then(|time| std::time::Duration::try_from(time).ok());
    parts.extend(time(exchange.duration).map(|took| format!("{} ms", took.as_millis())));
    if exchange.count > 1 {
        parts.push(format!("×{}", exchange.count));
    }
    if exchange.events > 0 {
        parts.push(format!("{} events", exchange.events));
    }
    parts.extend(time(exchange.retry_after).map(|pause| format!("retry-after={}s", pause.as_secs())));
    if !exchange.url.is_empty() {
        parts.push(format!("{} {}", exchange.method, exchange.url));
    }
    parts.extend(exchange.message_id.iter().map(|message| format!("message={message}")));
    parts.extend(exchange.provider_request_id.iter().map(|request| format!("request={request}")));
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use kenh_proto::v1::ExchangeKind;

    use super::*;

    #[test]
    fn a_line_says_what_happened() {
        let exchange = Exchange {
            began_at: Some(prost_types::Timestamp { seconds: 1_767_225_600, nanos: 5_000_000 }),
            direction: ExchangeDirection::Outbound.into(),
            kind: ExchangeKind::Send.into(),
            channel: "messenger".into(),
            endpoint: "main".into(),
            account: Some("770001".into()),
            outcome: ExchangeOutcome::Refused.into(),
            failed: true,
            reason: SendReason::WindowClosed.into(),
            provider_code: Some("10/2018278".into()),
            provider_request_id: Some("A1b2".into()),
            method: "POST".into(),
            url: "https://graph.example/v25.0/770001/messages?appsecret_proof".into(),
            status: 400,
            duration: Some(prost_types::Duration { seconds: 0, nanos: 87_000_000 }),
            message_id: Some("0198".into()),
            count: 1,
            ..Exchange::default()
        };
        assert_eq!(
            line(&exchange, ["", ""]),
            "2026-01-01T00:00:00.005Z → messenger/main/770001 send refused window_closed code=10/2018278 400 87 ms POST \
             https://graph.example/v25.0/770001/messages?appsecret_proof message=0198 request=A1b2"
        );
        let together = Exchange {
            outcome: ExchangeOutcome::Stored.into(),
            direction: ExchangeDirection::Inbound.into(),
            kind: ExchangeKind::Webhook.into(),
            channel: "zalo".into(),
            endpoint: "main".into(),
            status: 200,
            count: 40,
            events: 41,
            ..Exchange::default()
        };
        assert_eq!(line(&together, ["", ""]), " ← zalo/main webhook stored 200 ×40 41 events");
    }
}
