//! How fast a number may write.
//! See <https://developers.facebook.com/docs/whatsapp/cloud-api/overview#throughput>.

use std::{ops::RangeInclusive, time::Duration};

use connector_sdk::outbound::{Counted, Limit, Scope};

/// Messages a second of one number, in both directions. Meta raises it to 1000 by itself; a number that is also used in
/// the business's own app stays at 20.
pub(super) const THROUGHPUT: u64 = 80;
/// What may be set.
pub(super) const BOUNDS: RangeInclusive<u64> = 10..=1000;

/// One message in 6 s to one person, up to 45 at once: within the time a burst takes one more comes back.
const PAIR: Limit =
    Limit { scope: Scope::Recipient, what: Counted::Messages, burst: 44, every: Duration::from_secs(6) };

/// The limits. A bucket gives its burst and what it is filled with in the same second, so both together are what Meta
/// allows.
pub(super) fn limits(throughput: u32) -> Vec<Limit> {
    let burst = (throughput / 4).max(1);
    let rate = throughput.saturating_sub(burst).max(1);
    let every = Duration::from_secs(1) / rate;
    vec![Limit { scope: Scope::Account, what: Counted::All, burst, every }, PAIR]
}
