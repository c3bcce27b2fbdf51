//! A channel whose connector is a process of an integrator's: what of it is the gateway's.
//!
//! How calls are proven, where the gateway does that; the accounts there are; how long a process may take. Reading and sending
//! are the process's, over `kenh.v1.ConnectorService`. `README.md` leads from nothing to a result.

mod sender;
mod settings;

use std::{sync::Arc, time::SystemTime};

use connector_sdk::{
    Batch, Configure, Connector, Delivery, Fresh, Malformed, RawRequest, Registration, Rejected, Section, Verified,
    interned, keys::PublishedKeys, outbound::Outbound, process::ByProcess,
};

use crate::settings::Settings;

/// What the names of such channels begin with. No channel of this program's own ever does.
pub const PREFIX: &str = "x-";

/// Letters, digits and dashes of a name at most, with [`PREFIX`].
const LONGEST_NAME: usize = 40;

/// Introduces the channel of that name; `None` where it cannot be one: `x-` and lower-case letters, digits and dashes, at most
/// 40 characters.
pub fn registration(channel: &str) -> Option<Registration> {
    let rest = channel.strip_prefix(PREFIX)?;
    let plain = rest.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    let sound = plain && !rest.is_empty() && channel.len() <= LONGEST_NAME;
    let name = interned(channel).filter(|_| sound)?;
    let fresh = Fresh { ids: &[], times: &[] };
    Some(Registration::of::<Process>(name, "Connector process", include_str!("../example.yaml"), &[], fresh))
}

/// One endpoint. The default refuses every request.
#[derive(Debug, Default)]
pub struct Process(Option<Settings>);

impl Configure for Process {
    fn configure(settings: &mut Section<'_>) -> Self {
        Self(Settings::read(settings))
    }
}

impl Connector for Process {
    fn verify<'a>(&self, request: RawRequest<'a>) -> Result<Verified<'a>, Rejected> {
        self.0.as_ref().and_then(|settings| settings.proof.as_ref()).ok_or(Rejected::NoSecret)?.verify(request)
    }

    fn normalize(&self, _: Delivery<'_>) -> Result<Batch, Malformed> {
        Err(Malformed { reason: "connector_away", detail: "only an attached process can read it".into() })
    }

    fn sign(&self, body: &[u8]) -> Vec<(&'static str, String)> {
        self.sign_at(body, SystemTime::UNIX_EPOCH)
    }

    fn sign_at(&self, body: &[u8], at: SystemTime) -> Vec<(&'static str, String)> {
        let proof = self.0.as_ref().and_then(|settings| settings.proof.as_ref());
        proof.map(|proof| proof.sign(body, at)).unwrap_or_default()
    }

    fn proof_headers(&self) -> &[&'static str] {
        self.0.as_ref().map(|settings| settings.kept_headers.as_slice()).unwrap_or_default()
    }

    fn published_keys(&self) -> Option<&Arc<PublishedKeys>> {
        self.0.as_ref()?.proof.as_ref()?.published_keys()
    }

    fn outbound(&self) -> Option<&dyn Outbound> {
        self.0.as_ref()?.sender.as_ref().map(|sender| sender as &dyn Outbound)
    }

    fn by_process(&self) -> Option<&Arc<ByProcess>> {
        self.0.as_ref().map(|settings| &settings.by_process)
    }
}
