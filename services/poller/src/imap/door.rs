//! Connections to one mailbox's server.

use std::time::Duration;

use async_imap::Client;
use connector_sdk::{
    ExposeSecret as _,
    mail_server::{Login, Security},
    mailbox::{Afterwards, Begin, Mailbox},
};
use rustls_pki_types::ServerName;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::TlsConnector;

use kenh_tls::TlsError;

use super::{Problem, login::XOAuth2};

/// A connection, protected or not.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin + Send + std::fmt::Debug {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + std::fmt::Debug> Stream for S {}

/// A connection that is signed in.
pub(crate) type Session = async_imap::Session<Box<dyn Stream>>;

/// Opens connections.
#[derive(Clone)]
pub(crate) struct Door {
    mailbox: Mailbox,
    tls: TlsConnector,
    timeout: Duration,
}

impl Door {
    pub(crate) fn new(mailbox: Mailbox, timeout: Duration) -> Result<Self, TlsError> {
        let tls = kenh_tls::connector(mailbox.server.ca_file.as_deref())?;
        Ok(Self { mailbox, tls, timeout })
    }

    /// Folders to read.
    pub(crate) fn folders(&self) -> &[String] {
        &self.mailbox.folders
    }

    pub(super) fn afterwards(&self) -> &Afterwards {
        &self.mailbox.afterwards
    }

    pub(super) fn begin(&self) -> Begin {
        self.mailbox.begin
    }

    pub(super) fn poll_every(&self) -> Duration {
        self.mailbox.poll_every
    }

    pub(super) fn largest(&self) -> u64 {
        self.mailbox.largest
    }

    /// Waits for an answer of the server.
    pub(super) async fn answer<T, E: Into<Problem>>(
        &self,
        answer: impl Future<Output = Result<T, E>>,
    ) -> Result<T, Problem> {
        let answer = timeout(self.timeout, answer).await;
        answer.map_err(|_| Problem::Broken("the server does not answer in time"))?.map_err(Into::into)
    }

    /// Opens a connection and signs in.
    pub(super) async fn open(&self) -> Result<Session, Problem> {
        let mailbox = &self.mailbox;
        let token = match &mailbox.login {
            Login::OAuth(oauth) => Some(kenh_oauth::access_token(oauth, self.timeout).await?),
            Login::Password(_) => None,
        };
        let client = timeout(self.timeout, self.greeted())
            .await
            .map_err(|_| Problem::Unreachable("no greeting in time".into()))??;
        let signed_in = async {
            match (&mailbox.login, token) {
                (Login::Password(password), _) => client.login(&mailbox.user, password.expose_secret()).await,
                (Login::OAuth(_), token) => {
                    client.authenticate("XOAUTH2", XOAuth2::new(&mailbox.user, &token.unwrap_or_default())).await
                }
            }
            .map_err(|(error, _)| error)
        };
        let signed_in = self.answer(signed_in).await;
        signed_in.map_err(|problem| if problem == Problem::Denied { Problem::Refused } else { problem })
    }

    /// A connection whose server has said hello.
    async fn greeted(&self) -> Result<Client<Box<dyn Stream>>, Problem> {
        let server = &self.mailbox.server;
        let unreachable = |error: &dyn std::fmt::Display| Problem::Unreachable(error.to_string());
        let tcp = TcpStream::connect((server.host.as_str(), server.port)).await.map_err(|e| unreachable(&e))?;
        drop(tcp.set_nodelay(true));
        let name = || ServerName::try_from(server.host.clone()).map_err(|error| unreachable(&error));
        let stream: Box<dyn Stream> = match server.security {
            Security::Tls => Box::new(self.tls.connect(name()?, tcp).await.map_err(|e| unreachable(&e))?),
            Security::StartTls => {
                let mut plain = Client::new(tcp);
                hello(&mut plain).await?;
                plain.run_command_and_check_ok("STARTTLS", None).await?;
                let upgraded = self.tls.connect(name()?, plain.into_inner()).await;
                return Ok(Client::new(Box::new(upgraded.map_err(|e| unreachable(&e))?)));
            }
            Security::None => Box::new(tcp),
        };
        let mut client = Client::new(stream);
        hello(&mut client).await?;
        Ok(client)
    }
}

async fn hello<S: Stream>(client: &mut Client<S>) -> Result<(), Problem> {
    let greeting = client.read_response().await.map_err(|_| Problem::Broken("it was cut"))?;
    greeting.map(drop).ok_or(Problem::Broken("it was cut"))
}
