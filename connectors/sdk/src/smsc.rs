//! Message centres (SMSC) that the gateway is connected to, where a channel is one: over SMPP.
//!
//! What comes is handed on as the PDUs themselves, header included: a delivery is one `deliver_sm` or `data_sm`, or those of
//! one message behind each other in the order of their numbers. What goes out is made by the connector as a whole `submit_sm`.
//! The session with the message centre is the gateway's business: binds, windows, pauses.

use std::time::Duration;

use crate::{Secret, Section};

/// A message centre and how to work with it.
#[derive(Debug, Clone)]
pub struct Smsc {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub security: Security,
    /// Who we are there, at most 15 characters.
    pub system_id: String,
    /// What proves it, at most 8 characters.
    pub password: Secret,
    /// What it calls our sort of system, at most 12 characters; mostly nothing.
    pub system_type: String,
    /// The version of the protocol.
    pub version: Version,
    /// Which binds are used.
    pub bind: Bind,
    /// Binds that receive, over all replicas.
    pub binds: u32,
    /// Addresses the bind is for, at most 40 characters; mostly nothing.
    pub address_range: String,
    /// After so long without a word from it, it is asked whether it is there.
    pub enquire_every: Duration,
    /// How long an answer may take.
    pub response_timeout: Duration,
    /// Messages that may be without an answer at once.
    pub window: u32,
    /// How long the missing parts of a message are waited for.
    pub assembly_timeout: Duration,
    /// The same PDU again within this is taken for a repeat: messages have no id.
    pub repeat_window: Duration,
}

/// How a connection is protected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte.
    Tls {
        /// A PEM file of the authorities to trust, instead of the system's.
        ca_file: Option<String>,
    },
    /// Not by the gateway: the connection goes through a tunnel, or to this machine.
    Tunnel,
}

/// Versions of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// 3.4, which nearly all have.
    V3_4,
    /// 5.0.
    V5_0,
}

/// Which binds are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bind {
    /// One that receives and sends.
    Transceiver,
    /// One that receives, another one that sends.
    Separate,
    /// One that receives; nothing is sent.
    Receiver,
}

/// A delivery that is a part of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What all parts of the message have in common, and no other message of the endpoint at the same time.
    pub message: String,
    /// Its number, from 1.
    pub number: u32,
    /// How many parts the message has, at most 255.
    pub total: u32,
}

impl Smsc {
    /// Reads `smpp`, given who we are there. Faults are collected by the section.
    pub fn read(smpp: &mut Section<'_>, system_id: &str, repeat_window: Duration) -> Self {
        let security = if smpp.choice("security", &[("tls", true), ("tunnel", false)], true) {
            Security::Tls { ca_file: smpp.text("ca_file") }
        } else {
            Security::Tunnel
        };
        // 2775 is registered; 3550 is what most take for TLS.
        let usual = if security == Security::Tunnel { 2775 } else { 3550 };
        let port = u16::try_from(smpp.number("port", 1..=65_535, usual)).unwrap_or_default();
        let password = smpp.required_secret("password");
        if !fits(crate::ExposeSecret::expose_secret(&password), 8) {
            smpp.fault("password", "expected at most 8 ASCII characters, which is what the protocol has room for");
        }
        let mut short = |key, most| {
            let text = smpp.text(key).unwrap_or_default();
            if !fits(&text, most) {
                smpp.fault(key, format!("expected at most {most} ASCII characters"));
            }
            text
        };
        let (system_type, address_range) = (short("system_type", 12), short("address_range", 40));
        let mut time = |key, default, least: Duration, most: Duration| {
            let time = smpp.duration(key, default);
            if time < least || time > most {
                smpp.fault(key, format!("expected {}ms to {}s", least.as_millis(), most.as_secs()));
            }
            time.clamp(least, most)
        };
        let (tenth, second) = (Duration::from_millis(100), Duration::from_secs(1));
        let enquire_every = time("enquire_every", second * 30, tenth, second * 3600);
        let response_timeout = time("response_timeout", second * 10, tenth, second * 120);
        let assembly_timeout = time("assembly_timeout", second * 3600, tenth, second * 86_400);
        let count = |number: u64| u32::try_from(number).unwrap_or(1);
        Self {
            host: smpp.required_text("host"),
            port,
            security,
            system_id: system_id.to_owned(),
            password,
            system_type,
            version: smpp.choice("version", &[("3.4", Version::V3_4), ("5.0", Version::V5_0)], Version::V3_4),
            bind: smpp.choice(
                "bind",
                &[("transceiver", Bind::Transceiver), ("separate", Bind::Separate)],
                Bind::Transceiver,
            ),
            binds: count(smpp.number("binds", 1..=16, 1)),
            address_range,
            enquire_every,
            response_timeout,
            window: count(smpp.number("window", 1..=1000, 10)),
            assembly_timeout,
            repeat_window,
        }
    }

    /// Where it is, as may be written down.
    pub fn address(&self) -> String {
        format!("smpp://{}:{}", self.host, self.port)
    }
}

/// Whether a text has room in a field of so many characters.
fn fits(text: &str, most: usize) -> bool {
    text.len() <= most && text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ')
}
