//! Mail, handed to a server that takes it for others (RFC 5321).
//!
//! One connection for a mail: whoever writes mails by the thousand has a server near by. Step by step, as what an answer that
//! does not come means depends on whether the text was given.

use std::{error::Error as _, time::Duration};

use connector_sdk::{
    ExposeSecret as _, Secret,
    mail_server::{MailServer, Security},
    outbound::{Answer, Mail, Reply, Submission, User},
};
use kenh_runtime::seldom::Seldom;
use lettre::{
    Address,
    transport::smtp::{
        Error,
        authentication::{Credentials, Mechanism},
        client::{AsyncSmtpConnection, Certificate, CertificateStore, TlsParameters},
        commands::{Data, Mail as From, Rcpt},
        extension::ClientId,
        response::Response,
    },
};
use tokio::time::timeout;
use tracing::warn;

static NOT_OPENED: Seldom = Seldom::every(Duration::from_secs(60));

/// Nobody waits for a farewell.
const FAREWELL: Duration = Duration::from_secs(1);

/// Hands mails over.
#[derive(Debug, Clone)]
pub(crate) struct Mailer {
    /// How long a server may take for everything before the text, and again for the text: together it is less than a turn lasts.
    timeout: Duration,
}

/// Why nothing was given to a server.
#[derive(Debug, thiserror::Error)]
enum Problem {
    #[error(transparent)]
    Server(#[from] Error),
    #[error(transparent)]
    Token(#[from] kenh_oauth::NoToken),
    #[error("{0}: no certificates in PEM form can be read from it")]
    Authorities(String),
    #[error("an address is none")]
    Address(#[from] lettre::address::AddressError),
    #[error("it does not answer in time")]
    Late(#[from] tokio::time::error::Elapsed),
    #[error("TLS cannot be prepared")]
    Tls(#[from] tokio::task::JoinError),
}

impl Mailer {
    pub(crate) fn new(timeout: Duration) -> Self {
        Self { timeout }
    }

    /// Hands one over. `token`: the password, where there is one.
    pub(crate) async fn send(&self, mail: &Mail, token: &Secret) -> Answer {
        let opened = timeout(self.timeout, self.open(mail, token)).await.map_err(Problem::from).flatten();
        let mut connection = match opened {
            Ok(connection) => connection,
            Err(problem) => return not_opened(&mail.submission, &problem),
        };
        let answer = match timeout(self.timeout, connection.message(&mail.message)).await {
            Ok(Ok(response)) => said(&response),
            Ok(Err(error)) => refused(&error).unwrap_or(Answer::NoReply),
            Err(_) => Answer::NoReply,
        };
        drop(timeout(FAREWELL, connection.quit()).await);
        answer
    }

    /// Everything before the text.
    async fn open(&self, mail: &Mail, token: &Secret) -> Result<AsyncSmtpConnection, Problem> {
        let Submission { server, user, hello } = &*mail.submission;
        let hello = hello.clone().map_or_else(ClientId::default, ClientId::Domain);
        let tls = match server.security {
            Security::None => None,
            Security::Tls | Security::StartTls => Some(protection(server.clone()).await?),
        };
        let (at_once, later) = if server.security == Security::Tls { (tls, None) } else { (None, tls) };
        let address = (server.host.as_str(), server.port);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(address, Some(self.timeout), &hello, at_once, None).await?;
        if let Some(tls) = later {
            connection.starttls(tls, &hello).await?;
        }
        if let Some(user) = user {
            self.sign_in(&mut connection, user, token).await?;
        }
        let sender = (!mail.sender.is_empty()).then(|| mail.sender.parse::<Address>()).transpose()?;
        connection.command(From::new(sender, Vec::new())).await?;
        for recipient in &mail.recipients {
            connection.command(Rcpt::new(recipient.parse()?, Vec::new())).await?;
        }
        connection.command(Data).await?;
        Ok(connection)
    }

    async fn sign_in(
        &self,
        connection: &mut AsyncSmtpConnection,
        user: &User,
        password: &Secret,
    ) -> Result<(), Problem> {
        let (mechanisms, proof): (&[_], _) = match &user.oauth {
            Some(oauth) => (&[Mechanism::Xoauth2], kenh_oauth::access_token(oauth, self.timeout).await?),
            None => (&[Mechanism::Plain, Mechanism::Login], password.clone()),
        };
        let credentials = Credentials::new(user.name.clone(), proof.expose_secret().to_owned());
        connection.auth(mechanisms, &credentials).await?;
        Ok(())
    }
}

/// Read anew for each connection, as authorities are replaced; and not on a thread that others wait for.
async fn protection(server: MailServer) -> Result<TlsParameters, Problem> {
    tokio::task::spawn_blocking(|| authorities(server)).await?
}

fn authorities(server: MailServer) -> Result<TlsParameters, Problem> {
    let mut builder = TlsParameters::builder(server.host);
    if let Some(file) = server.ca_file {
        let unreadable = || Problem::Authorities(file.clone());
        let pem = std::fs::read(&file).map_err(|_| unreadable())?;
        let authorities = Certificate::from_pem(&pem).map_err(|_| unreadable())?;
        builder = builder.certificate_store(CertificateStore::None).add_root_certificate(authorities);
    }
    Ok(builder.build()?)
}

/// Before the text: what the server said is its answer, and otherwise it got nothing.
fn not_opened(submission: &Submission, problem: &Problem) -> Answer {
    if let Problem::Server(error) = problem
        && let Some(answer) = refused(error)
    {
        return answer;
    }
    if let Some(unsaid) = NOT_OPENED.say() {
        let server = submission.address();
        // What servers say may hold addresses; without an answer there is none of theirs in it.
        warn!(server, %problem, unsaid, "mail cannot be handed over, it is tried again");
    }
    Answer::NotSent
}

fn said(response: &Response) -> Answer {
    reply(u16::from(response.code()), response.message().collect::<Vec<_>>().join("\n"))
}

/// An answer that is a refusal.
fn refused(error: &Error) -> Option<Answer> {
    let code = u16::from(error.status()?);
    Some(reply(code, error.source().map(ToString::to_string).unwrap_or_default()))
}

fn reply(status: u16, text: String) -> Answer {
    Answer::Reply(Reply { status, retry_after: None, body: text.into() })
}
