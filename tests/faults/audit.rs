//! What came out, held against the ledger event by event.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use kenh_proto::v1::Delivery;
use kenh_tests::stream::{envelope, text};

use crate::ledger::Ledger;

/// More violations than these are only counted.
const NAMED: usize = 5;

/// Whether a redelivery may be in the log twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repeats {
    /// As often as it likes, with the same id.
    SameId,
    /// Never.
    None,
}

/// Takes events in the order in which a reader gets them.
#[derive(Debug, Default)]
pub(crate) struct Audit {
    /// The number that each conversation has to go on with.
    next: BTreeMap<u64, usize>,
    ids: HashMap<(u64, usize), String>,
    /// Events so far.
    pub(crate) events: usize,
    /// Those among them that had come before.
    pub(crate) twice: usize,
    /// Numbers that were passed over and have not come since.
    gaps: BTreeSet<(u64, usize)>,
    violations: Vec<String>,
    violated: usize,
}

impl Audit {
    pub(crate) fn take(&mut self, delivery: &Delivery) {
        self.events += 1;
        let label = text(delivery).split(' ').next().unwrap_or_default();
        let (person, number) = label.split_once('/').expect("one of the ledger's events");
        let (person, number): (u64, usize) = (person.parse().unwrap(), number.parse().unwrap());
        let (id, next) = (&envelope(delivery).id, self.next.entry(person).or_default());
        if number >= *next {
            self.gaps.extend((*next..number).map(|number| (person, number)));
            *next = number + 1;
        } else if self.gaps.remove(&(person, number)) {
            let violation = format!("{label} came when {next} was to come: out of order");
            self.violated(violation);
        }
        match self.ids.get(&(person, number)) {
            None => drop(self.ids.insert((person, number), id.clone())),
            Some(known) if known == id => self.twice += 1,
            Some(known) => {
                let violation = format!("{label} has two ids, {known} and {id}");
                self.violated(violation);
            }
        }
    }

    fn violated(&mut self, violation: String) {
        self.violated += 1;
        if self.violations.len() < NAMED {
            self.violations.push(violation);
        }
    }

    /// What was answered with 200 and is not there, in words: how far each such conversation has come.
    pub(crate) fn missing(&self, ledger: &Ledger) -> Vec<String> {
        let missing = |(person, accepted): (u64, usize)| {
            let next = self.next.get(&person).copied().unwrap_or_default();
            (next < accepted).then(|| format!("{person}: {next} of {accepted}"))
        };
        ledger.conversations().into_iter().filter_map(missing).collect()
    }

    /// Events that never came although later ones of their conversation did.
    pub(crate) fn lost(&self) -> usize {
        self.gaps.len()
    }

    /// Nothing is lost, out of order, of two ids, or more than was written.
    pub(crate) fn assert_clean(&self, who: &str, ledger: &Ledger, repeats: Repeats) {
        let gaps: Vec<_> = self.gaps.iter().take(NAMED).collect();
        assert!(self.lost() == 0, "{who}: {} lost, among them {gaps:?}", self.lost());
        assert!(self.violated == 0, "{who}: {} violations: {:#?}", self.violated, self.violations);
        for (person, accepted) in ledger.conversations() {
            let arrived = self.next.get(&person).copied().unwrap_or_default();
            // The last one may have been stored without an answer.
            assert!(
                (accepted..=accepted + 1).contains(&arrived),
                "{who}: {arrived} of {accepted} of conversation {person}"
            );
        }
        assert!(repeats == Repeats::SameId || self.twice == 0, "{who}: {} events came twice", self.twice);
    }
}
