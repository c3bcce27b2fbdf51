//! Who is attached, and whom to ask.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use connector_sdk::process::Prover;
use kenh_intake::{Away, Endpoint, Endpoints};
use kenh_proto::v1::{Capabilities, Register, Registered, RegisteredEndpoint, attach_response::Response};
use kenh_runtime::metrics;
use tokio::{
    sync::mpsc,
    time::{Instant, timeout_at},
};

use crate::{
    answer::Answer,
    attached::{Attached, Detached},
    pending::Pending,
};

/// Processes of one channel.
const MOST_PROCESSES: usize = 32;
/// What a process is given at once when it does not say, and at most.
const ROOM: u32 = 16;
const MOST_ROOM: u32 = 256;
/// Characters of `Register.version`.
const LONGEST_VERSION: usize = 64;
/// Capabilities one process may declare.
const MOST_CAPABILITIES: usize = 64;
const MOST_OPTIONS: usize = 64;
/// Processes asked about one call, where each goes away.
const MOST_TRIES: u32 = 3;

/// Who is attached. Cheap to copy.
#[derive(Debug, Clone)]
pub struct Switchboard(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    endpoints: Arc<Endpoints>,
    processes: Mutex<BTreeMap<&'static str, Vec<Arc<Attached>>>>,
    numbers: AtomicU64,
}

/// What a process is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Deliveries,
    Sends,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Deliveries => "deliveries",
            Self::Sends => "sends",
        }
    }

    fn is_taken_by(self, process: &Attached) -> bool {
        match self {
            Self::Deliveries => process.takes_deliveries,
            Self::Sends => process.takes_sends,
        }
    }
}

/// Why a process is not attached.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAttached {
    /// No endpoint of that channel is configured for processes.
    #[error("the configuration has no channel of that name for a process; such names begin with x-")]
    Unknown,
    /// A field of `Register` is wrong.
    #[error("{0}: {1}")]
    Invalid(&'static str, &'static str),
    /// So many are attached already.
    #[error("{MOST_PROCESSES} processes are attached for this channel, which is the most")]
    Full(usize),
}

/// The processes of a channel.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Present {
    /// Those that read calls.
    pub reading: u32,
    /// Those that send.
    pub sending: u32,
    /// What they say they are.
    pub versions: BTreeSet<String>,
}

impl Switchboard {
    /// One for these endpoints; nobody is attached.
    pub fn new(endpoints: Arc<Endpoints>) -> Self {
        Self(Arc::new(Inner { endpoints, processes: Mutex::default(), numbers: AtomicU64::new(1) }))
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<&'static str, Vec<Arc<Attached>>>> {
        self.0.processes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Endpoints of a channel that processes read and send for; none where it is no such channel.
    pub fn endpoints(&self, channel: &str) -> Vec<Arc<Endpoint>> {
        let of_channel = self.0.endpoints.iter().filter(|endpoint| endpoint.channel == channel);
        of_channel.filter(|endpoint| endpoint.connector.by_process().is_some()).cloned().collect()
    }

    /// Attaches a process. What it is asked comes out of the receiver, beginning with `Registered`; it is detached when the other
    /// half is dropped.
    pub fn attach(&self, register: &Register) -> Result<(mpsc::Receiver<Pending>, Detached), NotAttached> {
        let endpoints = self.endpoints(&register.channel);
        let channel = endpoints.first().map(|endpoint| endpoint.channel).ok_or(NotAttached::Unknown)?;
        check(register)?;
        let room = if register.max_in_flight == 0 { ROOM } else { register.max_in_flight.min(MOST_ROOM) };
        let places = usize::try_from(room).unwrap_or(1);
        // `Registered` and `Drain` have places of their own.
        let (questions, receiver) = mpsc::channel(places + 2);
        let registered = Registered {
            endpoints: endpoints.iter().map(|endpoint| registered(endpoint)).collect(),
            max_in_flight: room,
        };
        drop(questions.try_send(Pending::of(Response::Registered(registered))));
        let number = self.0.numbers.fetch_add(1, Ordering::Relaxed);
        let process = Arc::new(Attached::new((number, channel), register, places, questions));
        {
            let mut processes = self.lock();
            let processes = processes.entry(channel).or_default();
            if processes.len() >= MOST_PROCESSES {
                return Err(NotAttached::Full(MOST_PROCESSES));
            }
            processes.push(process.clone());
            gauge(channel, processes);
        }
        if register.takes_sends {
            let capabilities = register.capabilities.clone().unwrap_or_default();
            for by in endpoints.iter().filter_map(|endpoint| endpoint.connector.by_process()) {
                by.learn(capabilities.clone());
            }
        }
        Ok((receiver, Detached { switchboard: self.clone(), process }))
    }

    pub(crate) fn remove(&self, process: &Attached) {
        let mut processes = self.lock();
        if let Some(processes) = processes.get_mut(process.channel) {
            processes.retain(|other| other.number != process.number);
            gauge(process.channel, processes);
        }
    }

    /// Who is attached for a channel.
    pub fn present(&self, channel: &str) -> Present {
        let processes = self.lock();
        let mut present = Present::default();
        for process in processes.get(channel).into_iter().flatten() {
            present.reading += u32::from(process.takes_deliveries);
            present.sending += u32::from(process.takes_sends);
            present.versions.insert(process.version.clone());
        }
        present
    }

    /// Processes to ask, the best one first.
    fn candidates(&self, channel: &str, kind: Kind) -> Vec<Arc<Attached>> {
        let mut found: Vec<_> = self.lock().get(channel).into_iter().flatten().cloned().collect();
        found.retain(|process| kind.is_taken_by(process));
        found.sort_by_cached_key(|process| process.burden());
        found
    }

    /// Asks a process of a channel; when it goes away before it answers, another one, where `again` allows it.
    pub(crate) async fn ask(
        &self,
        (channel, kind): (&'static str, Kind),
        deadline: Duration,
        again: bool,
        question: impl Fn(u64) -> Response,
    ) -> Result<Answer, Away> {
        let begun = Instant::now();
        let mut outcome = Err(Away::Gone);
        for tried in 0..MOST_TRIES {
            let last =
                std::mem::replace(&mut outcome, self.ask_one((channel, kind), begun + deadline, &question).await);
            if let (1.., Err(Away::Absent | Away::Busy)) = (tried, &outcome) {
                // That there is no other one is not what went wrong.
                outcome = last;
                break;
            }
            if !again || !matches!(outcome, Err(Away::Gone)) {
                break;
            }
        }
        if outcome.is_ok() {
            metrics::CONNECTOR_SECONDS.observe(begun.elapsed(), [("channel", channel), ("kind", kind.word())]);
        }
        outcome
    }

    async fn ask_one(
        &self,
        (channel, kind): (&'static str, Kind),
        until: Instant,
        question: &impl Fn(u64) -> Response,
    ) -> Result<Answer, Away> {
        let candidates = self.candidates(channel, kind);
        if candidates.is_empty() {
            return Err(Away::Absent);
        }
        let id = self.0.numbers.fetch_add(1, Ordering::Relaxed);
        let asked = candidates.iter().find_map(|process| Some((process, process.ask(id, question(id))?)));
        let Some((process, mut asked)) = asked else { return Err(Away::Busy) };
        match timeout_at(until, &mut asked.answer).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(_)) => Err(Away::Gone),
            Err(_) => {
                process.was_late();
                Err(Away::Late)
            }
        }
    }
}

/// Counts what came of a question.
pub(crate) fn count(channel: &'static str, kind: Kind, outcome: Result<(), Away>) {
    let outcome = outcome.map_or_else(Away::word, |()| "answered");
    metrics::CONNECTOR_REQUESTS.add(1, [("channel", channel), ("kind", kind.word()), ("outcome", outcome)]);
}

fn gauge(channel: &'static str, processes: &[Arc<Attached>]) {
    for kind in [Kind::Deliveries, Kind::Sends] {
        let count = processes.iter().filter(|process| kind.is_taken_by(process)).count();
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        metrics::CONNECTOR_PROCESSES.set(f64::from(count), [("channel", channel), ("kind", kind.word())]);
    }
}

fn registered(endpoint: &Endpoint) -> RegisteredEndpoint {
    let accounts = endpoint.connector.outbound().into_iter().flat_map(|outbound| outbound.accounts().iter());
    let accounts = accounts.map(|(id, _)| id.to_owned()).collect();
    let (settings, proven, deadline) = match endpoint.connector.by_process() {
        Some(by) => (by.settings.iter().cloned().collect(), by.prover == Prover::Gateway, Some(by.deadline)),
        None => Default::default(),
    };
    let deadline = deadline.and_then(|deadline| deadline.try_into().ok());
    RegisteredEndpoint { name: endpoint.name.clone(), accounts, settings, proven, deadline }
}

fn check(register: &Register) -> Result<(), NotAttached> {
    let wrong = |field, what| Err(NotAttached::Invalid(field, what));
    let plain = |c: char| c == ' ' || c.is_ascii_graphic();
    if register.version.chars().count() > LONGEST_VERSION || !register.version.chars().all(plain) {
        return wrong("register.version", "expected at most 64 printable ASCII characters");
    }
    if !register.takes_deliveries && !register.takes_sends {
        return wrong("register.takes_deliveries", "a process takes deliveries, sends, or both");
    }
    if register.max_in_flight > MOST_ROOM {
        return wrong("register.max_in_flight", "expected at most 256");
    }
    let Some(Capabilities { features, options, .. }) = &register.capabilities else {
        return if register.takes_sends {
            wrong("register.capabilities", "is required of a process that takes sends")
        } else {
            Ok(())
        };
    };
    let known = kenh_proto::unknown_value("Capabilities", &register.capabilities.clone().unwrap_or_default());
    if known.is_some() || features.len() > MOST_CAPABILITIES || options.len() > MOST_OPTIONS {
        return wrong("register.capabilities", "expected at most 64 features and 64 options that this gateway knows");
    }
    if options.iter().any(|option| option.name.len() > 64 || option.description.len() > 1024) {
        return wrong("register.capabilities.options", "expected names of at most 64 bytes, descriptions of 1024");
    }
    Ok(())
}
