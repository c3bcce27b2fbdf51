//! `mail`

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use connector_sdk::Section;
use ipnet::IpNet;
use kenh_smtp::{Bounds, Policy, Protocol, Tls};
use kenh_tls::Pair;

/// How mail is taken from other servers. Without a listener none is.
#[derive(Debug, Clone)]
pub struct MailConfig {
    /// Where it comes in.
    pub listeners: Vec<ListenerConfig>,
    /// The certificate, and how often its files are looked at.
    pub(super) certificate: Option<(Pair, Duration)>,
    pub(super) policy: Policy,
    pub(super) checks: ChecksConfig,
}

/// One listener.
#[derive(Debug, Clone)]
pub struct ListenerConfig {
    /// Address to listen on.
    pub listen: SocketAddr,
    pub(super) protocol: Protocol,
    /// Who may connect; empty: anybody.
    pub(super) from: Vec<IpNet>,
    pub(super) tls: Tls,
    /// Whether senders are checked here, and not by the server that hands the mail over.
    pub(super) checks: bool,
}

/// How senders are checked.
#[derive(Debug, Clone)]
pub(super) struct ChecksConfig {
    /// DNS servers; empty: the system's.
    pub(super) resolvers: Vec<SocketAddr>,
    /// How long the checks of one mail may take.
    pub(super) timeout: Duration,
    /// Mail is refused that its sender's domain wants refused.
    pub(super) refuses: bool,
}

/// Who may hand mail over by LMTP unless told otherwise: this machine, and networks nobody outside has (RFC 1918, RFC 4193).
const NEAR_BY: [&str; 6] = ["127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"];
/// LMTP is not for the port of SMTP (RFC 2033, 5).
const SMTP_PORT: u16 = 25;

impl MailConfig {
    /// Reads `mail`.
    pub fn read(section: &mut Section<'_>) -> Self {
        let mut listeners = Vec::new();
        section.list("listeners", |listener| listeners.extend(ListenerConfig::read(listener)));
        let hostname = section.text("hostname").unwrap_or_default();
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
        if section.has("listeners") && (hostname.is_empty() || !hostname.chars().all(is_name)) {
            section.fault(
                "hostname",
                "is required with listeners: the name other servers know this one by, mx.example.com",
            );
        }
        let certificate = section.section("tls", certificate);
        if certificate.is_none() && listeners.iter().any(|listener| listener.tls != Tls::Off) {
            section.fault("tls", "a listener offers TLS, which needs tls.certificate and tls.key");
        }
        let checks = section.section("checks", ChecksConfig::read);
        Self { listeners, certificate, policy: policy(section, hostname), checks }
    }
}

fn policy(section: &mut Section<'_>, hostname: String) -> Policy {
    let number = |value: u64| usize::try_from(value).unwrap_or(usize::MAX);
    let largest = section.bytes("max_size", 3 << 20);
    let memory = section.bytes("max_in_flight_bytes", 128 << 20);
    // What is held grows by doubling.
    if memory < largest.saturating_mul(2) {
        section.fault("max_in_flight_bytes", "expected at least twice max_size");
    }
    let mut time = |key, default: u64| {
        let time = section.duration(key, Duration::from_secs(default));
        if time < Duration::from_millis(100) || time > Duration::from_secs(3600) {
            section.fault(key, "expected 100ms to 1h");
        }
        time
    };
    let (silence, text, farewell) = (time("idle_timeout", 300), time("text_timeout", 600), time("farewell", 10));
    Policy {
        hostname,
        bounds: Bounds {
            largest,
            recipients: number(section.number("max_recipients", 1..=10_000, 100)),
            errors: u32::try_from(section.number("max_errors", 1..=10_000, 20)).unwrap_or(20),
        },
        sessions: number(section.number("max_connections", 1..=100_000, 256)),
        per_peer: number(section.number("max_connections_per_peer", 1..=100_000, 32)),
        memory: number(memory),
        silence,
        text,
        farewell,
    }
}

impl ListenerConfig {
    /// What is spoken there: smtp, lmtp.
    pub const fn protocol(&self) -> &'static str {
        self.protocol.word()
    }

    /// Reads one; `None` where it is not said where to listen.
    fn read(section: &mut Section<'_>) -> Option<Self> {
        let protocols = [("lmtp", Protocol::Lmtp), ("smtp", Protocol::Smtp)];
        let protocol = section.choice("protocol", &protocols, Protocol::Lmtp);
        if !section.has("protocol") {
            section.fault("protocol", "is required: lmtp from a mail server of your own, smtp from anybody");
        }
        let tls = [("none", Tls::Off), ("offered", Tls::Offered), ("required", Tls::Required)];
        let tls = section.choice("tls", &tls, Tls::Off);
        let from = networks(section, protocol);
        let senders = [("checked", true), ("trusted", false)];
        let checks = section.choice("senders", &senders, protocol == Protocol::Smtp);
        if checks && protocol == Protocol::Lmtp {
            section.fault(
                "senders",
                "over LMTP the server before the gateway has checked them: whose address is not known",
            );
        }
        if !checks && from.is_empty() {
            section.fault("senders", "trusted only `from` networks that are named: anybody else writes what he likes");
        }
        let listen = section.required_text("listen");
        let Ok(listen) = listen.parse::<SocketAddr>() else {
            if !listen.is_empty() {
                section.fault("listen", "expected an address such as 127.0.0.1:2424");
            }
            return None;
        };
        if protocol == Protocol::Lmtp && listen.port() == SMTP_PORT {
            section.fault("listen", "port 25 is SMTP's: LMTP must not be spoken there (RFC 2033)");
        }
        Some(Self { listen, protocol, from, tls, checks })
    }
}

fn networks(section: &mut Section<'_>, protocol: Protocol) -> Vec<IpNet> {
    let texts = section.texts("from");
    let read: Vec<IpNet> = texts.iter().filter_map(|text| text.parse().ok()).collect();
    if read.len() < texts.len() {
        section.fault("from", "expected networks such as 10.0.0.0/8 or 2001:db8::/32");
    }
    if texts.is_empty() && protocol == Protocol::Lmtp {
        return NEAR_BY.iter().filter_map(|network| network.parse().ok()).collect();
    }
    read
}

fn certificate(section: &mut Section<'_>) -> Option<(Pair, Duration)> {
    let (certificate, key) = (section.text("certificate"), section.text("key"));
    let every = section.duration("reload_every", Duration::from_secs(30));
    if every < Duration::from_millis(50) {
        section.fault("reload_every", "expected at least 50ms");
    }
    let missing = match (certificate, key) {
        (Some(certificate), Some(key)) => {
            let (certificate, key) = (PathBuf::from(certificate), PathBuf::from(key));
            return Some((Pair { whose: "the mail listeners'", section: "mail.tls", certificate, key }, every));
        }
        (None, None) => return None,
        (None, Some(_)) => "certificate",
        (Some(_), None) => "key",
    };
    section.fault(missing, "is required as soon as the other one is set");
    None
}

impl ChecksConfig {
    fn read(section: &mut Section<'_>) -> Self {
        let texts = section.texts("resolvers");
        let resolvers: Vec<SocketAddr> = texts.iter().filter_map(|text| text.parse().ok()).collect();
        if resolvers.len() < texts.len() {
            section.fault("resolvers", "expected addresses such as 192.0.2.53:53");
        }
        let timeout = section.duration("timeout", Duration::from_secs(10));
        if timeout < Duration::from_millis(100) || timeout > Duration::from_secs(120) {
            section.fault("timeout", "expected 100ms to 2m");
        }
        Self { resolvers, timeout, refuses: section.choice("dmarc", &[("mark", false), ("refuse", true)], false) }
    }
}

#[cfg(test)]
mod tests {
    use connector_sdk::settings::{self, Faults};

    use super::*;

    fn read(yaml: &str) -> (MailConfig, Vec<String>) {
        let mut faults = Faults::default();
        let node = settings::parse(yaml, &mut faults);
        let mut section = Section::new(&node, "mail", &mut faults);
        let config = MailConfig::read(&mut section);
        section.finish();
        (config, faults.sorted().into_iter().map(|fault| fault.path).collect())
    }

    #[test]
    fn nothing_is_opened_unless_said() {
        let (config, faults) = read("");
        assert!(config.listeners.is_empty() && faults.is_empty());
    }

    #[test]
    fn everything_that_is_wrong_is_said_at_once() {
        let (_, faults) = read(
            "listeners:\n  - {listen: \"127.0.0.1:25\", protocol: lmtp, tls: offered}\n  - {listen: here, protocol: smtp, senders: trusted}\n  \
             - {listen: \"127.0.0.1:1\", protocol: lmtp, senders: checked, from: [nowhere]}\n  - {}\n\
             max_size: 1GiB\nidle_timeout: 2d\ntls: {key: x}\nchecks: {resolvers: [dns.example], timeout: 1ms, dmarc: ignore}\nlisten: x\n",
        );
        let expected = [
            "mail.listeners[0].listen",
            "mail.listeners[1].listen",
            "mail.listeners[1].senders",
            "mail.listeners[2].from",
            "mail.listeners[2].senders",
            "mail.listeners[3].listen",
            "mail.listeners[3].protocol",
            "mail.max_in_flight_bytes",
            "mail.idle_timeout",
            "mail.hostname",
            "mail.tls",
            "mail.tls.certificate",
            "mail.checks.resolvers",
            "mail.checks.timeout",
            "mail.checks.dmarc",
            "mail.listen",
        ];
        for path in expected {
            assert!(faults.iter().any(|fault| fault == path), "{path}: {faults:?}");
        }
        assert_eq!(faults.len(), expected.len(), "{faults:?}");
    }

    #[test]
    fn by_lmtp_comes_what_is_near_by_unless_said() {
        let (config, faults) =
            read("hostname: mx.example.com\nlisteners: [{listen: \"127.0.0.1:2424\", protocol: lmtp}]\n");
        assert!(faults.is_empty());
        let may = |address: &str| {
            let address: std::net::IpAddr = address.parse().unwrap();
            config.listeners[0].from.iter().any(|network| network.contains(&address))
        };
        assert!(["127.0.0.1", "::1", "10.1.2.3", "192.168.0.9", "fd00::1"].into_iter().all(may));
        assert!(!["192.0.2.1", "8.8.8.8", "2001:db8::1"].into_iter().any(may));
    }
}
