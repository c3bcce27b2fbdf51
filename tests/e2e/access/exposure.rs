//! An api that others can reach.

use kenh_tests::{
    access::new_key,
    gateway::{Setup, kenh},
    ports,
    tools::complaint,
};

use super::*;

fn reachable(folder: &std::path::Path) -> (Setup, String) {
    let ports = [ports::free(), ports::free(), ports::free()];
    (Setup::embedded(folder).on(ports), format!("0.0.0.0:{}", ports[1]))
}

#[tokio::test(flavor = "multi_thread")]
async fn it_does_not_start_where_nobody_has_to_say_who_calls_unless_told_twice() {
    let folder = tempfile::tempdir().unwrap();
    let config = Setup::embedded(folder.path()).config();
    let config = config.to_str().unwrap();
    let yaml = std::fs::read_to_string(config).unwrap();
    let listening = yaml.replace("api:\n  listen: 127.0.0.1:", "api:\n  listen: 0.0.0.0:");
    let allowing = format!("access:\n  allow_unauthenticated: true\n{listening}");
    for (yaml, flag) in [(&listening, None), (&allowing, None), (&listening, Some("--allow-unauthenticated"))] {
        std::fs::write(config, yaml).unwrap();
        let checked = kenh(&["config", "check", "--config", config], b"").await;
        assert_eq!(checked.status.success(), yaml == &allowing, "{}", complaint(&checked));
        let arguments: Vec<_> = ["serve", "--config", config].into_iter().chain(flag).collect();
        let output = kenh(&arguments, b"").await;
        assert_eq!(output.status.code(), Some(2), "{}", complaint(&output));
        let said = complaint(&output);
        assert_eq!(said.trim().lines().count(), 1, "{said}");
        for way in ["clients or oidc", "access.allow_unauthenticated: true", "--allow-unauthenticated", "127.0.0.1"] {
            assert!(said.contains(way), "{way} in {said}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn told_twice_it_starts_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let (setup, listen) = reachable(folder.path());
    let setup = setup.with("access:\n  allow_unauthenticated: true\n").flag("--allow-unauthenticated");
    let gateway = setup.env("KENH_API__LISTEN", &listen).start().await;
    assert!(gateway.log().contains("open to everybody"), "{}", gateway.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn with_keys_it_starts_and_warns_of_a_network_that_can_read_them() {
    let (folder, key) = (tempfile::tempdir().unwrap(), new_key().await);
    let (setup, listen) = reachable(folder.path());
    let setup = setup.with(&access(&[client("crm", &key, "read")]));
    let gateway = setup.env("KENH_API__LISTEN", &listen).start().await;
    assert!(gateway.log().contains("cross the network readable"), "{}", gateway.log());
}
