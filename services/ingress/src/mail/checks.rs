//! Who sent a mail: SPF (RFC 7208), DKIM (RFC 6376), DMARC (RFC 9989), as DNS says. What cannot be found out is said so and costs no mail.

mod signatures;

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use kenh_runtime::{metrics, seldom::Seldom};
use kenh_smtp::Mail;
use mail_auth::{
    AuthenticatedMessage, DkimOutput, DkimResult, DmarcResult, Error, MessageAuthenticator, SpfResult,
    dkim::DkimError,
    dmarc::{Policy, verify::DmarcParameters},
    hickory_resolver::{
        config::{ConnectionConfig, NameServerConfig, ProtocolConfig, ResolverConfig, ResolverOpts},
        system_conf::read_system_conf,
    },
    spf::verify::SpfParameters,
};
use tokio::time::{Instant, timeout_at};
use tracing::warn;

use super::{MailError, config::ChecksConfig};

static UNKNOWN: Seldom = Seldom::every(Duration::from_secs(60));

/// Answers of DNS that are kept, for as long as they say.
const ANSWERS: u64 = 4096;
/// How long one DNS server may take for one answer.
const ANSWER: Duration = Duration::from_secs(3);

/// Checks senders.
#[derive(Clone)]
pub(crate) struct Checks {
    dns: Arc<MessageAuthenticator>,
    hostname: Arc<str>,
    timeout: Duration,
}

/// What was found out about a mail's sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    /// Method and result, in the words of RFC 8601.
    pub(crate) results: [(&'static str, &'static str); 3],
    /// Its domain says that such mail is to be refused.
    pub(crate) unwanted: bool,
}

impl Checks {
    pub(crate) fn new(hostname: &str, config: &ChecksConfig) -> Result<Self, MailError> {
        let fault = |error: &dyn std::fmt::Display| MailError::Resolvers(error.to_string());
        let (servers, mut options) = if config.resolvers.is_empty() {
            read_system_conf().map_err(|error| fault(&error))?
        } else {
            let servers = config.resolvers.iter().map(server).collect();
            (ResolverConfig::from_parts(None, Vec::new(), servers), ResolverOpts::default())
        };
        options.cache_size = ANSWERS;
        options.timeout = ANSWER;
        let dns = MessageAuthenticator::new(servers, options).map_err(|error| fault(&error))?;
        Ok(Self { dns: Arc::new(dns), hostname: hostname.into(), timeout: config.timeout })
    }

    /// Finds out what can be found out in time.
    pub(crate) async fn check(&self, peer: IpAddr, mail: Arc<Mail>) -> Found {
        let checks = self.clone();
        // In a task of its own: a parser that gives up on a mail must not cost it.
        let found = tokio::spawn(async move { checks.ask(peer, &mail).await }).await.unwrap_or(NOTHING);
        for (method, result) in found.results {
            metrics::MAIL_CHECKS.add(1, [("method", method), ("result", result)]);
        }
        if found.results.iter().any(|(_, result)| *result == "temperror")
            && let Some(unsaid) = UNKNOWN.say()
        {
            warn!(unsaid, "who sent a mail cannot be found out: DNS does not answer as it should; the mail is taken");
        }
        found
    }

    async fn ask(&self, peer: IpAddr, mail: &Mail) -> Found {
        let until = Instant::now() + self.timeout;
        let message = signatures::bounded(&mail.message);
        let parsed = AuthenticatedMessage::parse(&message);
        let sent = if mail.from.is_empty() {
            SpfParameters::verify_ehlo(peer, &mail.hello, &self.hostname)
        } else {
            SpfParameters::verify_mail_from(peer, &mail.hello, &self.hostname, &mail.from)
        };
        let signed = async {
            match &parsed {
                Some(parsed) => self.dns.verify_dkim(parsed).await,
                None => Vec::new(),
            }
        };
        let (spf, dkim) = tokio::join!(timeout_at(until, self.dns.verify_spf(sent)), timeout_at(until, signed));
        let results = |dmarc| {
            let spf = spf.as_ref().map_or(TEMPERROR, |spf| self::spf(spf.result()));
            let dkim = dkim.as_ref().map_or(TEMPERROR, |dkim| self::dkim(dkim));
            [("spf", spf), ("dkim", dkim), ("dmarc", dmarc)]
        };
        let (Some(parsed), Ok(spf), Ok(dkim)) = (&parsed, &spf, &dkim) else {
            let dmarc = if parsed.is_none() { "none" } else { TEMPERROR };
            return Found { results: results(dmarc), unwanted: false };
        };
        let domain = mail.from.rsplit_once('@').map_or(mail.hello.as_str(), |(_, domain)| domain);
        let asked = self.dns.verify_dmarc(DmarcParameters::new(parsed, dkim, domain, spf));
        let Ok(output) = timeout_at(until, asked).await else {
            return Found { results: results(TEMPERROR), unwanted: false };
        };
        let dmarc = self::dmarc(&output.result());
        Found { results: results(dmarc), unwanted: dmarc == "fail" && output.policy() == Policy::Reject }
    }
}

const TEMPERROR: &str = "temperror";
const NOTHING: Found =
    Found { results: [("spf", TEMPERROR), ("dkim", TEMPERROR), ("dmarc", TEMPERROR)], unwanted: false };

fn server(address: &SocketAddr) -> NameServerConfig {
    let connection = |protocol| {
        let mut connection = ConnectionConfig::new(protocol);
        connection.port = address.port();
        connection
    };
    let connections = vec![connection(ProtocolConfig::Udp), connection(ProtocolConfig::Tcp)];
    NameServerConfig::new(address.ip(), true, connections)
}

fn spf(result: SpfResult) -> &'static str {
    match result {
        SpfResult::Pass => "pass",
        SpfResult::Fail => "fail",
        SpfResult::SoftFail => "softfail",
        SpfResult::Neutral => "neutral",
        SpfResult::TempError => TEMPERROR,
        SpfResult::PermError => "permerror",
        SpfResult::None => "none",
    }
}

/// Of several signatures one that passes counts; then what is worst.
fn dkim(outputs: &[DkimOutput<'_>]) -> &'static str {
    let words: Vec<_> = outputs.iter().map(|output| signature(output.result())).collect();
    let found = ["pass", "fail", TEMPERROR, "permerror", "neutral"].into_iter().find(|word| words.contains(word));
    found.unwrap_or("none")
}

fn signature(result: &DkimResult) -> &'static str {
    match result {
        DkimResult::Pass => "pass",
        // Somebody changed the text: to the library that is neutral, to everybody else a failure (RFC 8601, 2.7.1).
        DkimResult::Neutral(Error::Dkim(DkimError::FailedBodyHashMatch)) | DkimResult::Fail(_) => "fail",
        DkimResult::Neutral(_) => "neutral",
        DkimResult::PermError(_) => "permerror",
        DkimResult::TempError(_) => TEMPERROR,
        DkimResult::None => "none",
    }
}

fn dmarc(result: &DmarcResult) -> &'static str {
    match result {
        DmarcResult::Pass => "pass",
        DmarcResult::Fail(_) => "fail",
        DmarcResult::TempError(_) => TEMPERROR,
        DmarcResult::PermError(_) => "permerror",
        DmarcResult::None => "none",
    }
}
