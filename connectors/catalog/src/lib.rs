//! The one list of all connectors.

use connector_sdk::Registration;

/// Every channel this gateway has, in alphabetical order.
pub const CONNECTORS: &[Registration] = &[
    connector_discord::CONNECTOR,
    connector_discourse::CONNECTOR,
    connector_email::CONNECTOR,
    connector_instagram::CONNECTOR,
    connector_line::CONNECTOR,
    connector_linkedin::CONNECTOR,
    connector_messenger::CONNECTOR,
    connector_slack::CONNECTOR,
    connector_sms::CONNECTOR,
    connector_teams::CONNECTOR,
    connector_telegram::CONNECTOR,
    connector_tiktok::CONNECTOR,
    connector_viber::CONNECTOR,
    connector_voice::CONNECTOR,
    connector_webhook::CONNECTOR,
    connector_whatsapp::CONNECTOR,
    connector_x::CONNECTOR,
    connector_zalo::CONNECTOR,
];

/// What the names of channels begin with whose connector is a process of an integrator's, and what introduces one.
pub use connector_process::{PREFIX as PROCESS_PREFIX, registration as of_process};

/// The channel of that slug.
pub fn find(channel: &str) -> Option<&'static Registration> {
    CONNECTORS.iter().find(|registration| registration.channel == channel)
}
