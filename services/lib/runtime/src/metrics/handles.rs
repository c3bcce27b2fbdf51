//! Handles of metrics, kept by thread: finding one in the recorder costs more than counting does.

use std::{cell::RefCell, collections::HashMap, ptr::from_ref, thread::LocalKey};

use super::Metric;

/// Labels that a metric has at most.
const LABELS: usize = 4;

/// Where the name and the labels' values lie. All of them live for ever, so that nothing else comes to lie there.
type Place = (*const str, [*const str; LABELS]);

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
    let mut values = [""; LABELS];
    for (place, (_, value)) in values.iter_mut().zip(labels) {
        *place = value;
    }
    let place = (from_ref(metric.name), values.map(from_ref));
    let known = kept.try_with(|kept| act(kept.borrow_mut().entry(place).or_insert_with(&make)));
    // A thread that ends keeps nothing any more.
    known.unwrap_or_else(|_| act(&make()));
}
