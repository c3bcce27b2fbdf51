//! What this process has published lately.

use std::{
    collections::{HashSet, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};

use uuid::Uuid;

/// How many are known: some megabytes.
const MOST: usize = 65_536;

/// The last ones.
#[derive(Debug, Default)]
pub(super) struct Recent(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    ids: HashSet<Uuid>,
    order: VecDeque<Uuid>,
}

impl Recent {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn holds(&self, id: &Uuid) -> bool {
        self.lock().ids.contains(id)
    }

    pub(super) fn add(&self, ids: &[Uuid]) {
        let mut inner = self.lock();
        for id in ids {
            if inner.ids.insert(*id) {
                inner.order.push_back(*id);
            }
        }
        while inner.order.len() > MOST
            && let Some(oldest) = inner.order.pop_front()
        {
            inner.ids.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_ones_are_known_and_no_more() {
        let recent = Recent::default();
        let ids: Vec<_> = (0..MOST + 10).map(|n| Uuid::from_u128(u128::try_from(n).unwrap())).collect();
        recent.add(&ids[..20]);
        recent.add(&ids);
        assert!(!recent.holds(&ids[9]) && recent.holds(&ids[10]) && recent.holds(&ids[MOST + 9]));
        assert_eq!(recent.lock().ids.len(), MOST);
    }
}
