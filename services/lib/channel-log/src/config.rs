//! Settings of the channel log.

use std::time::Duration;

use connector_sdk::Section;
use kenh_proto::v1::ExchangeDirection;
use kenh_store::house::Exchanged;

/// Settings of the channel log.
#[derive(Debug, Clone, Copy)]
pub struct Config {
    /// Which of the channels' calls.
    pub inbound: Kept,
    /// Which of our calls.
    pub outbound: Kept,
    /// Entries of one exchange each that a process writes in a second: of failures so many, of the others so many.
    pub per_second: u32,
    /// How much is kept.
    pub retention: Exchanged,
}

/// Which exchanges are written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// Every one.
    All,
    /// Those that failed.
    Failures,
    /// None.
    Off,
}

impl Config {
    /// Reads `channel_log`.
    pub fn read(section: &mut Section<'_>) -> Self {
        let words = [("all", Kept::All), ("failures", Kept::Failures), ("off", Kept::Off)];
        let age = section.duration("max_age", Duration::from_secs(7 * 86_400));
        if age < Duration::from_secs(60) {
            section.fault("max_age", "expected 1m or more; to write nothing down, set inbound and outbound to off");
        }
        Self {
            inbound: section.choice("inbound", &words, Kept::All),
            outbound: section.choice("outbound", &words, Kept::All),
            per_second: u32::try_from(section.number("per_second", 1..=1000, 20)).unwrap_or(20),
            retention: Exchanged { age, most: section.number("max_per_account", 1..=1_000_000, 10_000) },
        }
    }

    /// Whether an exchange is written down.
    pub(crate) fn takes(&self, direction: ExchangeDirection, failed: bool) -> bool {
        let kept = match direction {
            ExchangeDirection::Inbound | ExchangeDirection::Unspecified => self.inbound,
            ExchangeDirection::Outbound => self.outbound,
        };
        match kept {
            Kept::All => true,
            Kept::Failures => failed,
            Kept::Off => false,
        }
    }
}
