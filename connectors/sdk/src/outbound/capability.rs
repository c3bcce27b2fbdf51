//! Saying what a channel can do.

use kenh_proto::v1::{Capability, ChannelOption, Feature, SendReason, SupportLevel};

use super::{Order, Refusal};

/// The channel can.
pub fn native(feature: Feature) -> Capability {
    Capability { feature: feature.into(), level: SupportLevel::Native.into(), ..Capability::default() }
}

/// The channel can; the account needs a right for it, or public sources do not confirm all of it.
pub fn conditional(feature: Feature) -> Capability {
    Capability { level: SupportLevel::Conditional.into(), ..native(feature) }
}

/// The channel can within bounds.
pub fn partial(feature: Feature) -> Capability {
    Capability { level: SupportLevel::Partial.into(), ..native(feature) }
}

/// A setting only one channel has.
#[derive(Debug, Clone, Copy)]
pub struct OptionRule {
    /// Its name.
    pub name: &'static str,
    /// What it does, for people.
    pub description: &'static str,
    /// What it may be.
    pub is_sound: fn(&str) -> bool,
    /// The same for people: `true or false`.
    pub expected: &'static str,
}

impl OptionRule {
    /// A switch.
    pub const fn switch(name: &'static str, description: &'static str) -> Self {
        Self { name, description, is_sound: |value| matches!(value, "true" | "false"), expected: "true or false" }
    }

    /// As capabilities list it.
    pub fn listed(&self) -> ChannelOption {
        ChannelOption { name: self.name.into(), description: self.description.into() }
    }
}

/// Refuses options with values they cannot have. Unknown ones are the planner's business.
pub fn check_options(order: &Order<'_>, rules: &[OptionRule]) -> Result<(), Refusal> {
    let wrong = rules.iter().find(|rule| order.options.get(rule.name).is_some_and(|value| !(rule.is_sound)(value)));
    wrong.map_or(Ok(()), |rule| {
        let advice = format!("the option {} is wrong: expected {}", rule.name, rule.expected);
        Err(Refusal::new(SendReason::ContentInvalid, advice))
    })
}
