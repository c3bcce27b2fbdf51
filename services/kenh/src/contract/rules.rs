//! The rules.

use std::{fs, sync::Arc};

use connector_sdk::{
    Ack, Batch, Event, RawRequest,
    process::{ByProcess, Prover},
};
use http::{HeaderMap, Method};
use kenh_intake::{Away, Endpoint, Processes as _, Read};
use kenh_process::Switchboard;
use kenh_proto::{envelope_to_json, v1::envelope::Payload};
use kenh_runtime::clock;

use super::{Fixture, hostile};

/// Misuses of one rule that are told: one shows what is wrong.
type Broken = Result<String, String>;

/// What a process is held against.
pub(crate) struct Contract {
    pub(crate) switchboard: Switchboard,
    pub(crate) endpoint: Arc<Endpoint>,
    pub(crate) by: Arc<ByProcess>,
    /// What comes out is written down as what is to come out.
    pub(crate) write: bool,
}

impl Contract {
    /// Holds one fixture against every rule; the name of each, and what is wrong or what was seen.
    pub(crate) async fn hold(&self, fixture: &Fixture) -> Vec<(&'static str, Broken)> {
        let first = match self.events(&fixture.headers, &fixture.body).await {
            Ok(batch) => batch,
            Err(problem) => return vec![("is read", Err(problem))],
        };
        let mut held = vec![
            ("is read", read(&first)),
            ("reads the same again", self.same(fixture, &first).await),
            ("becomes what is expected", self.golden(fixture, &first)),
        ];
        if self.by.prover == Prover::Process {
            held.push(("is believed as it is signed", self.proof(fixture).await));
            held.push(("is refused with any byte changed", self.tampering(fixture).await));
        }
        held.push(("outlives broken bodies", self.broken(fixture, &first).await));
        held.push(("costs its neighbours nothing", self.neighbours(fixture, &first).await));
        held
    }

    async fn ask(&self, headers: &HeaderMap, body: &[u8], prove: bool) -> Result<Read, Away> {
        let method = &Method::POST;
        let request = RawRequest { method, query: "", headers, body, received_at: clock::now() };
        self.switchboard.read(&self.endpoint, &self.by, request, prove).await
    }

    /// What is in a call that counts as proven.
    async fn events(&self, headers: &HeaderMap, body: &[u8]) -> Result<Batch, String> {
        match self.ask(headers, body, false).await {
            Ok(Read::Events(batch, Ack::Empty | Ack::NoContent | Ack::Text(_) | Ack::Json(_))) => Ok(batch),
            Ok(Read::Refused(_)) => Err("it is refused, though `prove` is not set".into()),
            Ok(Read::Unreadable(detail)) => Err(format!("it cannot be read: {detail}")),
            Err(away) => Err(away_text(away)),
        }
    }

    async fn same(&self, fixture: &Fixture, first: &Batch) -> Broken {
        let again = self.events(&fixture.headers, &fixture.body).await?;
        if alike(first, &again) { Ok("yes".into()) } else { Err("the same call gives other events".into()) }
    }

    fn golden(&self, fixture: &Fixture, first: &Batch) -> Broken {
        let made = lines(first)?;
        let place = fixture.golden.display();
        if self.write {
            fs::write(&fixture.golden, made).map_err(|error| format!("cannot write {place}: {error}"))?;
            return Ok(format!("written to {place}: read it"));
        }
        match fs::read_to_string(&fixture.golden) {
            Ok(expected) if expected == made => Ok("yes".into()),
            Ok(_) => Err(format!("it is not what {place} has; --write writes it anew, for you to read the difference")),
            Err(_) => Err(format!("{place} is not there; --write makes it, for you to read")),
        }
    }

    async fn proof(&self, fixture: &Fixture) -> Broken {
        match self.ask(&fixture.headers, &fixture.body, true).await {
            Ok(Read::Events(..)) => {}
            Ok(Read::Refused(rejected)) => return Err(format!("it is refused: {rejected}")),
            Ok(Read::Unreadable(detail)) => return Err(format!("it cannot be read: {detail}")),
            Err(away) => return Err(away_text(away)),
        }
        match self.ask(&HeaderMap::new(), &fixture.body, true).await {
            Ok(Read::Refused(_)) => Ok("yes, and refused without its headers".into()),
            Ok(_) => Err("it is believed without its headers".into()),
            Err(away) => Err(away_text(away)),
        }
    }

    async fn tampering(&self, fixture: &Fixture) -> Broken {
        let bodies = hostile::tampered(&fixture.body);
        for (number, body) in bodies.iter().enumerate() {
            match self.ask(&fixture.headers, body, true).await {
                Ok(Read::Refused(_)) => {}
                Ok(_) => return Err(format!("change {number} of {} is believed", bodies.len())),
                Err(away) => return Err(away_text(away)),
            }
        }
        Ok(format!("{} changes refused", bodies.len()))
    }

    async fn broken(&self, fixture: &Fixture, first: &Batch) -> Broken {
        let bodies = hostile::broken(&fixture.body);
        for (number, body) in bodies.iter().enumerate() {
            if let Err(away) = self.ask(&fixture.headers, body, false).await {
                return Err(format!("body {number} of {}: {}", bodies.len(), away_text(away)));
            }
        }
        self.same(fixture, first).await?;
        Ok(format!("{} bodies", bodies.len()))
    }

    async fn neighbours(&self, fixture: &Fixture, first: &Batch) -> Broken {
        let Some(body) = hostile::with_a_stranger(&fixture.body) else {
            return Ok("not held: its body is no JSON with a list of items".into());
        };
        let with = self.events(&fixture.headers, &body).await?;
        let identity = |event: &Event| (event.envelope.dedupe_key.clone(), event.envelope.payload.clone());
        let there: Vec<_> = with.events.iter().map(identity).collect();
        let lost = first.events.iter().filter(|event| !there.contains(&identity(event))).count();
        if lost > 0 {
            return Err(format!("beside an item nobody knows, {lost} of {} events are gone", first.events.len()));
        }
        if with.events.len() == first.events.len() {
            return Err("an item nobody knows becomes nothing: it is lost".into());
        }
        Ok("yes".into())
    }
}

/// What every event has to be. The gateway has put an `unsupported` one in the place of each that is not sound.
fn read(batch: &Batch) -> Broken {
    for event in &batch.events {
        if let Some(Payload::Unsupported(unsupported)) = &event.envelope.payload
            && unsupported.reason == "connector_shape"
        {
            return Err(format!("an event breaks the contract: {}", unsupported.detail.clone().unwrap_or_default()));
        }
        let repeated = event.envelope.quality.iter().flat_map(|quality| &quality.degraded);
        if repeated.into_iter().any(|code| code == "repeated_key") {
            return Err("two events have one dedupe_key".into());
        }
    }
    Ok(format!("{} events", batch.events.len()))
}

fn alike(one: &Batch, other: &Batch) -> bool {
    let parts = |batch: &Batch| -> Vec<_> {
        batch.events.iter().map(|event| (event.envelope.clone(), event.raw.clone())).collect()
    };
    parts(one) == parts(other)
}

/// The events as proto3 JSON, one a line.
fn lines(batch: &Batch) -> Result<String, String> {
    let lines = batch.events.iter().map(|event| envelope_to_json(&event.envelope).map_err(|error| error.to_string()));
    lines.map(|line| Ok(line? + "\n")).collect()
}

fn away_text(away: Away) -> String {
    match away {
        Away::Absent => "no process is attached any more",
        Away::Busy => "the process takes no more",
        Away::Late => "the process does not answer in time",
        Away::Gone => "the process went away",
        Away::Invalid => "the answer of the process cannot be used",
    }
    .into()
}
