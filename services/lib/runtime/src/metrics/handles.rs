//! Handles of metrics, kept by thread: finding one in the recorder costs more than counting does.

use std::{cell::RefCell, collections::HashMap, thread::LocalKey};

use super::Metric;

/// Labels that a metric has at most.
const LABELS: usize = 4;

/// Where the name and the labels' values lie, and how long they are. All of them live for ever, so that nothing else comes to lie there.
type Place = (*const u8, [(*const u8, usize); LABELS]);

pub(super) type Handles<H> = RefCell<HashMap<Place, H>>;

/// Does something with a metric's handle, which is made when it is first asked for.
pub(super) fn with<H, const N: usize>(
    kept: &'static LocalKey<Handles<H>>,
    metric: Metric,
    labels: [(&'static str, &'static str); N],
    make: impl Fn() -> H,
    act: impl Fn(&H),
) {
    const { assert!(N <= LABELS, "more labels than a place has") };
    let mut places = [(std::ptr::null(), 0); LABELS];
    for (place, (_, value)) in places.iter_mut().zip(labels) {
        *place = (value.as_ptr(), value.len());
    }
    let place = (metric.name.as_ptr(), places);
    let known = kept.try_with(|kept| act(kept.borrow_mut().entry(place).or_insert_with(&make)));
    // A thread that ends keeps nothing any more.
    known.unwrap_or_else(|_| act(&make()));
}
