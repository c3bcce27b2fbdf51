//! `kenh parked`

use kenh_proto::{
    envelope_to_json, kind_slug,
    v1::{
        DiscardParkedRequest, GetParkedRequest, ListParkedRequest, ParkedEvent, RedriveOutcome, RedriveParkedRequest,
        list_parked_request::Of, parked_service_client::ParkedServiceClient,
    },
};
use serde_json::json;

use crate::{
    cli::{Api, Parked, ParkedIds, ParkedList},
    client::{self, Style},
    connection::{self, Connection},
    failure::Failure,
};

/// Ids of one call.
const AT_ONCE: usize = 100;

pub(crate) async fn run(command: Parked) -> Result<(), Failure> {
    match command {
        Parked::List(arguments) => list(&arguments).await,
        Parked::Show(arguments) => {
            let request = GetParkedRequest { id: arguments.id };
            let shown = connect(&arguments.api).await?.get_parked(request).await.map_err(client::refused)?;
            let envelope = shown.into_inner().envelope.unwrap_or_default();
            client::print(&envelope_to_json(&envelope).map_err(Failure::runtime)?)
        }
        Parked::Redrive(arguments) => redrive(&arguments).await,
        Parked::Discard(arguments) => {
            let mut client = connect(&arguments.api).await?;
            let mut discarded = 0;
            for ids in chosen(&mut client, &arguments).await?.chunks(AT_ONCE) {
                let request = DiscardParkedRequest { ids: ids.to_vec() };
                discarded += client.discard_parked(request).await.map_err(client::refused)?.into_inner().discarded;
            }
            client::print(&format!("{discarded} discarded"))
        }
    }
}

async fn connect(api: &Api) -> Result<ParkedServiceClient<Connection>, Failure> {
    Ok(ParkedServiceClient::new(connection::open(api).await?).max_decoding_message_size(client::LARGEST_MESSAGE))
}

async fn list(arguments: &ParkedList) -> Result<(), Failure> {
    let mut client = connect(&arguments.api).await?;
    let style = Style::of(arguments.json);
    let mut request = request(arguments.subscription.clone(), arguments.unreadable, arguments.channel.clone());
    loop {
        let page = client.list_parked(request.clone()).await.map_err(client::refused)?.into_inner();
        for event in &page.events {
            client::print(&line(event, style))?;
        }
        if page.next_page_token.is_empty() {
            return Ok(());
        }
        request.page_token = page.next_page_token;
    }
}

fn request(subscription: Option<String>, unreadable: bool, channel: Option<String>) -> ListParkedRequest {
    let of = subscription.map(Of::Subscription).or(unreadable.then_some(Of::Unreadable(true)));
    ListParkedRequest { of, channel: channel.unwrap_or_default(), ..Default::default() }
}

async fn redrive(arguments: &ParkedIds) -> Result<(), Failure> {
    let mut client = connect(&arguments.api).await?;
    let mut failed = 0;
    for ids in chosen(&mut client, arguments).await?.chunks(AT_ONCE) {
        let request = RedriveParkedRequest { ids: ids.to_vec() };
        for result in client.redrive_parked(request).await.map_err(client::refused)?.into_inner().results {
            let (word, well) = match result.outcome() {
                RedriveOutcome::Queued => ("waits for its consumer".to_owned(), true),
                RedriveOutcome::Stored => (format!("stored, {} events", result.events), true),
                RedriveOutcome::StillUnreadable => ("still cannot be read".into(), false),
                RedriveOutcome::NotFound => ("there is none of that id".into(), false),
                RedriveOutcome::Failed | RedriveOutcome::Unspecified => ("failed".into(), false),
            };
            failed += usize::from(!well);
            client::print(&format!("{} {word}", result.id))?;
        }
    }
    if failed > 0 { Err(Failure::runtime(format!("{failed} stay parked"))) } else { Ok(()) }
}

/// The ids that are named, or those of everything that is chosen.
async fn chosen(client: &mut ParkedServiceClient<Connection>, arguments: &ParkedIds) -> Result<Vec<String>, Failure> {
    if !arguments.ids.is_empty() {
        return Ok(arguments.ids.clone());
    }
    let mut ids = Vec::new();
    let mut request = request(arguments.subscription.clone(), arguments.unreadable, None);
    loop {
        let page = client.list_parked(request.clone()).await.map_err(client::refused)?.into_inner();
        ids.extend(page.events.into_iter().map(|event| event.id));
        if page.next_page_token.is_empty() {
            return Ok(ids);
        }
        request.page_token = page.next_page_token;
    }
}

fn line(event: &ParkedEvent, style: Style) -> String {
    let kind = kind_slug(event.kind());
    let of = if event.subscription.is_empty() { "(unreadable)" } else { &event.subscription };
    let at = event.parked_at.and_then(|at| jiff::Timestamp::new(at.seconds, at.nanos).ok());
    let at = at.map(|at| format!("{at:.0}")).unwrap_or_default();
    if style == Style::Json {
        let fields = json!({
            "id": event.id, "subscription": event.subscription, "eventId": event.event_id, "channel": event.channel,
            "kind": kind, "reason": event.reason, "attempts": event.attempts, "parkedAt": at, "redriven": event.redriven,
        });
        return fields.to_string();
    }
    let waits = if event.redriven { " (redriven)" } else { "" };
    format!(
        "{} {at} {of} {} {kind} after {} attempts: {}{waits}",
        event.id, event.channel, event.attempts, event.reason
    )
}
