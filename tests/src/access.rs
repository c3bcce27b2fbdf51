//! Callers who have to say who they are: keys, certificates.

use std::{
    fs,
    path::{Path, PathBuf},
};

use kenh_proto::v1::{
    event_service_client::EventServiceClient, parked_service_client::ParkedServiceClient,
    subscription_service_client::SubscriptionServiceClient,
};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, SanType};
use tonic::{
    Request, Status,
    service::{Interceptor, interceptor::InterceptedService},
    transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity},
};

use crate::{gateway::kenh, leaks};

/// A key as `kenh access new-key` makes it, and its hash.
#[derive(Clone)]
pub struct Key {
    /// The secret.
    pub secret: String,
    /// What the configuration has.
    pub hash: String,
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(..)")
    }
}

/// A new key, made by the program.
pub async fn new_key() -> Key {
    let output = kenh(&["access", "new-key", "crm"], b"").await;
    assert!(output.status.success(), "{output:?}");
    let printed = String::from_utf8(output.stdout).expect("text");
    let secret = printed.lines().next().expect("a key").to_owned();
    let hash = printed.lines().find_map(|line| line.trim().strip_prefix("api_key_sha256: ")).expect("its hash");
    leaks::unsaid(&secret);
    Key { secret, hash: hash.to_owned() }
}

/// A connection that sends a bearer's credential along.
pub type Calling = InterceptedService<Channel, Bearer>;

/// A credential.
#[derive(Debug, Clone)]
pub struct Bearer(Option<String>);

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(credential) = &self.0 {
            let header = format!("Bearer {credential}").parse().expect("a header's value");
            request.metadata_mut().insert("authorization", header);
        }
        Ok(request)
    }
}

/// Connects, with a credential or without.
pub async fn connect(url: &str, credential: Option<&str>) -> Calling {
    let channel = Endpoint::from_shared(url.to_owned()).expect("an address").connect().await.expect("a connection");
    InterceptedService::new(channel, Bearer(credential.map(str::to_owned)))
}

/// Connects over TLS.
pub async fn connect_tls(
    url: &str,
    authority: &Authority,
    identity: Option<&Issued>,
    credential: Option<&str>,
) -> Result<Calling, tonic::transport::Error> {
    let mut tls = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(authority.pem()));
    if let Some(Issued { certificate, key }) = identity {
        tls = tls.identity(Identity::from_pem(certificate, key));
    }
    let channel = Endpoint::from_shared(url.to_owned())?.tls_config(tls)?.connect().await?;
    Ok(InterceptedService::new(channel, Bearer(credential.map(str::to_owned))))
}

/// A client for events.
pub fn events(calling: &Calling) -> EventServiceClient<Calling> {
    EventServiceClient::new(calling.clone())
}

/// A client for subscriptions.
pub fn subscriptions(calling: &Calling) -> SubscriptionServiceClient<Calling> {
    SubscriptionServiceClient::new(calling.clone())
}

/// A client for parked events.
pub fn parked(calling: &Calling) -> ParkedServiceClient<Calling> {
    ParkedServiceClient::new(calling.clone())
}

/// Who signs certificates.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Authority")
    }
}

/// A certificate and its key, PEM.
#[derive(Debug, Clone)]
pub struct Issued {
    /// The certificate.
    pub certificate: String,
    /// The key.
    pub key: String,
}

impl Default for Authority {
    fn default() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "Authority of a test");
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }
}

impl Authority {
    /// Its own certificate.
    pub fn pem(&self) -> String {
        self.0.pem()
    }

    /// A certificate for this machine.
    pub fn server(&self) -> Issued {
        let names = vec![SanType::IpAddress([127, 0, 0, 1].into()), SanType::DnsName("localhost".try_into().unwrap())];
        self.issue("gateway", names)
    }

    /// A client's certificate.
    pub fn client(&self, name: &str, uri: Option<&str>) -> Issued {
        self.issue(name, uri.iter().map(|uri| SanType::URI((*uri).try_into().unwrap())).collect())
    }

    fn issue(&self, common_name: &str, names: Vec<SanType>) -> Issued {
        let (mut params, key) = (CertificateParams::default(), KeyPair::generate().unwrap());
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, common_name);
        params.subject_alt_names = names;
        let certificate = params.signed_by(&key, &self.0).unwrap();
        Issued { certificate: certificate.pem(), key: key.serialize_pem() }
    }
}

impl Issued {
    /// Writes both into a folder; their paths.
    pub fn write(&self, folder: &Path, name: &str) -> [PathBuf; 2] {
        let paths = [folder.join(format!("{name}.crt")), folder.join(format!("{name}.key"))];
        fs::create_dir_all(folder).unwrap();
        fs::write(&paths[0], &self.certificate).unwrap();
        fs::write(&paths[1], &self.key).unwrap();
        paths
    }
}

/// The reason of a refusal.
pub fn reason(status: &Status) -> String {
    use tonic_types::StatusExt as _;
    let details = status.get_error_details();
    let info = details.error_info().unwrap_or_else(|| panic!("no reason in {status:?}"));
    assert_eq!(info.domain, "kenh");
    info.reason.clone()
}
