//! Configured endpoints, and finding one.

use std::{collections::BTreeMap, sync::Arc};

use connector_sdk::{Connector, Registration, Section};

/// One configured webhook address.
#[derive(Debug)]
pub struct Endpoint {
    /// Channel slug.
    pub channel: &'static str,
    /// Its name in the configuration and the address.
    pub name: String,
    /// Tenant its events belong to.
    pub tenant: String,
    /// Whether the bytes of typed events are kept.
    pub keep_raw: KeepRaw,
    /// Its connector.
    pub connector: Box<dyn Connector>,
}

/// Whether the bytes of typed events are kept in the envelope. Those of unsupported ones always are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KeepRaw {
    /// Digest and size only.
    #[default]
    None,
    /// The bytes too.
    Inline,
}

/// By channel and name.
type ByName = BTreeMap<&'static str, BTreeMap<String, Arc<Endpoint>>>;

/// All endpoints, by channel and name.
#[derive(Debug, Default)]
pub struct Endpoints(ByName);

fn read_endpoints(channel: &mut Section<'_>, registration: &Registration, tenant: &str, into: &mut ByName) {
    channel.each(|name, origin, settings| {
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')) {
            settings.refuse(origin, "an endpoint's name is made of letters, digits, - and _");
        }
        let raw = [("none", KeepRaw::None), ("inline", KeepRaw::Inline)];
        let endpoint = Endpoint {
            channel: registration.channel,
            name: name.into(),
            tenant: tenant.into(),
            keep_raw: settings.choice("raw", &raw, KeepRaw::None),
            connector: (registration.configure)(settings),
        };
        into.entry(registration.channel).or_default().insert(name.to_owned(), Arc::new(endpoint));
    });
}

impl Endpoints {
    /// Reads `channels`: for each channel of the catalog a mapping of endpoint names to settings.
    pub fn read(section: &mut Section<'_>, catalog: &[Registration], tenant: &str) -> Self {
        let mut endpoints = ByName::new();
        for registration in catalog {
            section.section(registration.channel, |channel| {
                read_endpoints(channel, registration, tenant, &mut endpoints);
            });
        }
        Self(endpoints)
    }

    /// Reads further channels of `channels`, whose names the user chose: those that begin with a prefix. `registration` introduces
    /// one, where the name can be one.
    pub fn read_family(
        &mut self,
        section: &mut Section<'_>,
        prefix: &'static str,
        registration: fn(&str) -> Option<Registration>,
        tenant: &str,
    ) {
        section.family(prefix, |name, origin, channel| {
            if let Some(registration) = registration(name) {
                return read_endpoints(channel, &registration, tenant, &mut self.0);
            }
            let wanted = "the name of such a channel is made of lower-case letters, digits and -, at most 40 of them";
            channel.refuse(origin, wanted);
            channel.ignore_all();
        });
    }

    /// Only those of some channels.
    pub fn retain_channels(&mut self, channels: &[String]) {
        self.0.retain(|channel, _| channels.iter().any(|wanted| wanted == channel));
    }

    /// The endpoint of an address.
    pub fn find(&self, channel: &str, name: &str) -> Option<Arc<Endpoint>> {
        self.0.get(channel)?.get(name).cloned()
    }

    /// All of them, in the order of their addresses.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Endpoint>> {
        self.0.values().flat_map(BTreeMap::values)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
