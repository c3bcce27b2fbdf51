//! What may be fetched from.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::address::is_public;

/// What may be fetched from. The default: public addresses, over https.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// Networks that may be reached although they are not public.
    pub allow: Vec<IpNet>,
    /// Plain http may be spoken; not after https.
    pub plain_http: bool,
}

impl Rules {
    /// Everything, over http too: for addresses of an operator's own network and of tests.
    pub fn everything() -> Self {
        Self { allow: networks(&["0.0.0.0/0", "::/0"]).unwrap_or_default(), plain_http: true }
    }

    /// Whether an address may be connected to.
    pub fn admits(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        is_public(address) || self.allow.iter().any(|network| network.contains(&address))
    }
}

/// Networks as they are written: `10.0.0.0/8`, `fd00::/8`, or a single address. `Err` is the first that is none.
pub fn networks<T: AsRef<str>>(texts: &[T]) -> Result<Vec<IpNet>, String> {
    let network = |text: &T| {
        let text = text.as_ref();
        let single = || text.parse::<IpAddr>().map(IpNet::from);
        text.parse::<IpNet>().or_else(|_| single()).map_err(|_| text.to_owned())
    };
    texts.iter().map(network).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_allowed_is_reached_and_its_neighbours_are_not() {
        let allow = networks(&["10.1.0.0/16", "127.0.0.1", "fd00:1::/32"]).unwrap();
        let rules = Rules { allow, plain_http: false };
        for allowed in ["10.1.2.3", "127.0.0.1", "::ffff:10.1.2.3", "fd00:1::5", "8.8.8.8"] {
            assert!(rules.admits(allowed.parse().unwrap()), "{allowed}");
        }
        for other in ["10.2.0.1", "127.0.0.2", "fd00:2::5", "169.254.169.254"] {
            assert!(!rules.admits(other.parse().unwrap()), "{other}");
        }
        assert_eq!(networks(&["10.0.0.0/8", "10.0.0.0/64"]), Err("10.0.0.0/64".into()));
        assert!(Rules::everything().admits("fe80::1".parse().unwrap()));
    }
}
