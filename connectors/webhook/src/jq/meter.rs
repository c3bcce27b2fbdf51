//! The budget of a run.

use std::cell::Cell;

use jaq_core::{DataT, Exn, Lut, data::HasLut};
use jaq_json::{Num, Val};

/// Steps of all programs that run for one delivery or one call.
const STEPS: u64 = 1_000_000;
/// Parts of one value at most: members, items and single values.
pub(super) const MOST_PARTS: u64 = 500_000;
/// Bytes of all texts of one value at most.
pub(super) const MOST_BYTES: u64 = 8 << 20;
/// How deep values may be nested: what walks through them recurs.
pub(crate) const DEEPEST: usize = 128;
/// Digits of a whole number, in bits: longer ones make arithmetic slow.
const MOST_BITS: u64 = 4096;

/// Which bound was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bound {
    /// The program takes too long.
    Steps,
    /// It makes too large a value.
    Size,
}

/// What is left of a budget.
#[derive(Debug)]
pub(crate) struct Meter {
    left: Cell<u64>,
    reached: Cell<Option<Bound>>,
}

impl Default for Meter {
    fn default() -> Self {
        Self { left: Cell::new(STEPS), reached: Cell::new(None) }
    }
}

impl Meter {
    /// The bound that was reached, if one was.
    pub(crate) fn reached(&self) -> Option<Bound> {
        self.reached.get()
    }

    /// Takes steps, or halts the run: nothing catches that, and every further step halts again.
    pub(super) fn take<'a>(&self, steps: u64) -> Result<(), Exn<'a, Val>> {
        if self.reached.get().is_some() {
            return Err(Exn::halt(1));
        }
        match self.left.get().checked_sub(steps) {
            Some(left) => {
                self.left.set(left);
                Ok(())
            }
            None => Err(self.halt(Bound::Steps)),
        }
    }

    /// Takes as many steps as a value is large, everything in it counted wherever it is shared.
    pub(super) fn weigh<'a>(&self, value: &Val) -> Result<(), Exn<'a, Val>> {
        let mut size = Size::default();
        if !size.add(value, DEEPEST) {
            return Err(self.halt(Bound::Size));
        }
        self.take(1 + size.parts / 2 + size.bytes / 16)
    }

    pub(super) fn halt<'a>(&self, bound: Bound) -> Exn<'a, Val> {
        self.reached.set(self.reached.get().or(Some(bound)));
        Exn::halt(1)
    }
}

#[derive(Default)]
struct Size {
    parts: u64,
    bytes: u64,
}

impl Size {
    /// Whether the value is within the bounds, `depth` levels included.
    fn add(&mut self, value: &Val, depth: usize) -> bool {
        let bytes = |length: usize| u64::try_from(length).unwrap_or(u64::MAX);
        self.parts += 1;
        match value {
            Val::Null | Val::Bool(_) | Val::Num(Num::Int(_) | Num::Float(_)) => {}
            Val::Num(Num::BigInt(number)) if number.bits() > MOST_BITS => return false,
            Val::Num(Num::BigInt(_)) => self.bytes += MOST_BITS / 8,
            Val::Num(Num::Dec(digits)) => self.bytes += bytes(digits.len()),
            Val::BStr(text) | Val::TStr(text) => self.bytes += bytes(text.len()),
            Val::Arr(items) => {
                return depth > 0 && self.is_within() && items.iter().all(|item| self.add(item, depth - 1));
            }
            Val::Obj(members) => {
                return depth > 0
                    && self.is_within()
                    && members.iter().all(|(key, member)| self.add(key, depth - 1) && self.add(member, depth - 1));
            }
        }
        self.is_within()
    }

    fn is_within(&self) -> bool {
        self.parts <= MOST_PARTS && self.bytes <= MOST_BYTES
    }
}

/// The values and the data of a run, for jaq.
#[derive(Debug)]
pub(super) struct Metered;

/// What filters can get at while they run.
#[derive(Clone, Copy)]
pub(super) struct Run<'a> {
    pub(super) filters: &'a Lut<Metered>,
    pub(super) meter: &'a Meter,
}

impl DataT for Metered {
    type V<'a> = Val;
    type Data<'a> = Run<'a>;
}

impl<'a> HasLut<'a, Metered> for Run<'a> {
    fn lut(&self) -> &'a Lut<Metered> {
        self.filters
    }
}
