use connector_sdk::settings::{self, Faults};

use super::*;
use crate::Key;

fn read(yaml: &str) -> (Config, Vec<String>) {
    let mut faults = Faults::default();
    let root = settings::parse(yaml, &mut faults);
    let mut section = Section::new(&root, "access", &mut faults);
    let config = Config::read(&mut section);
    section.finish();
    (config, faults.sorted().iter().map(ToString::to_string).collect())
}

fn hash() -> String {
    Key::new().unwrap().hash().to_string()
}

#[test]
fn every_setting_is_read() {
    let yaml = format!(
        "clients:\n  crm:\n    api_key_sha256: [{}, {}]\n    certificate:\n      common_name: crm\n      uri: spiffe://example.org/crm\n    \
         rights: [read, 'send:zalo']\n    quotas: {{requests_per_second: 5, burst: 9, streams: 2}}\n\
         oidc:\n  issuer: https://id.example.org\n  audience: kenh\n  roles:\n    agent: {{rights: read}}\n\
         tls:\n  certificate: a\n  key: b\n  client_ca: c\n  require_client_certificate: true\n",
        hash(),
        hash()
    );
    let (config, faults) = read(&yaml);
    assert_eq!(faults, Vec::<String>::new());
    assert!(config.authenticates() && config.reflection);
    assert_eq!((config.clients[0].keys.len(), config.clients[0].quota.burst.get()), (2, 9));
}

#[test]
fn what_is_wrong_is_said_and_no_key_is_repeated() {
    let key = Key::new().unwrap();
    let yaml = format!(
        "clients:\n  one:\n    api_key_sha256: {}\n    rights: [read, write]\n  two:\n    rights: read\n  three:\n    \
         certificate: {{common_name: x}}\noidc:\n  audience: kenh\ntls:\n  key: b\n",
        key.reveal()
    );
    let (_, faults) = read(&yaml);
    let all = faults.join("\n");
    for expected in [
        "access.clients.one.api_key_sha256: that is a key itself",
        "access.clients.one.rights: expected a right such as",
        "access.clients.two: nothing would prove who it is",
        "access.clients.three.rights: is required",
        "access.clients: certificates are not asked for",
        "access.oidc.issuer: is required",
        "access.tls.certificate: is required",
    ] {
        assert!(all.contains(expected), "{expected} in {all}");
    }
    assert!(!all.contains(key.reveal()));
}

#[test]
fn a_client_cannot_be_taken_for_another() {
    let hash = hash();
    let yaml = format!(
        "clients:\n  a: {{api_key_sha256: {hash}, rights: read}}\n  b: {{api_key_sha256: {hash}, rights: send}}\n"
    );
    let (_, faults) = read(&yaml);
    assert!(faults.len() == 1 && faults[0].contains("client a too"), "{faults:?}");
}

#[test]
fn an_issuer_is_asked_over_tls_or_on_this_machine_only() {
    let faults = |issuer: &str| read(&format!("oidc:\n  issuer: {issuer}\n  audience: kenh\n")).1;
    for good in ["https://id.example.org/realm", "http://127.0.0.1:8000", "http://localhost:1", "'http://[::1]:80'"] {
        assert_eq!(faults(good), Vec::<String>::new(), "{good}");
    }
    for bad in ["http://id.example.org", "id.example.org", "ftp://127.0.0.1", "http://127.0.0.1.example.org"] {
        assert!(faults(bad).iter().any(|fault| fault.contains("oidc.issuer: expected an https")), "{bad}");
    }
    let (_, faults) = read("oidc:\n  issuer: https://x\n  audience: kenh\n  algorithms: [RS256, HS256]\n");
    assert!(faults.len() == 1 && faults[0].contains("oidc.algorithms"), "{faults:?}");
}

#[test]
fn an_address_that_others_can_reach_has_to_be_allowed_twice() {
    let usual = read("").0;
    let open = read("allow_unauthenticated: true\n").0;
    let guarded = read(&format!("clients:\n  a: {{api_key_sha256: {}, rights: read}}\n", hash())).0;
    for reachable in ["0.0.0.0:1", "[::]:1", "192.0.2.7:1", "[::ffff:127.0.0.1]:1"] {
        let address = reachable.parse().unwrap();
        assert!(usual.check(address, false).is_err() && usual.check(address, true).is_err());
        assert!(open.check(address, false).is_err() && open.check(address, true).is_ok(), "{reachable}");
        assert!(guarded.check(address, false).is_ok());
    }
    for own in ["127.0.0.1:1", "127.9.9.9:1", "[::1]:1"] {
        assert!(usual.check(own.parse().unwrap(), false).is_ok(), "{own}");
    }
}
