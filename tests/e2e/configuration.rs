//! What is wrong with a configuration, and what cannot be started.

use std::{fs, net::TcpListener, process::Output};

use kenh_tests::{
    gateway::{Setup, kenh},
    ports, repository,
};

async fn check(folder: &tempfile::TempDir, yaml: &str) -> (Option<i32>, String) {
    let path = folder.path().join("kenh.yaml");
    fs::write(&path, yaml).unwrap();
    said(&kenh(&["config", "check", "--config", path.to_str().unwrap()], b"").await)
}

fn said(output: &Output) -> (Option<i32>, String) {
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_is_named_at_once_with_its_line_and_the_nearest_key() {
    let folder = tempfile::tempdir().unwrap();
    let yaml = "tenent: acme\n\
                log:\n  engine: sqlite\n  partitions: 0\n  retention: {max_age: 7 weeks}\n\
                ingress:\n  listen: nowhere\n  max_bodi: 4MiB\n\
                telemetry:\n  sample_ratio: 2\n\
                channels:\n  zalo:\n    main:\n      oa_secret_keys: []\n      app_ide: \"1\"\n\
                \x20 messenger:\n    a b:\n      app_secrets: ${env:KENH_TESTS_SURELY_UNSET}\n      verify_token: x\n\
                \x20 whatsap: {}\n\
                tenent: twice\n";
    let (code, said) = check(&folder, yaml).await;
    assert_eq!(code, Some(2), "{said}");
    let wanted = [
        "line 1, column 1: tenent: unknown, did you mean `tenant`?",
        "line 3, column 11: log.engine: expected one of: embedded, rabbitmq",
        "line 4, column 15: log.partitions: expected a whole number from 1 to 256",
        "line 5, column 24: log.retention.max_age: expected a duration such as 250ms, 15s, 2m, 8h or 7d",
        "line 7, column 11: ingress.listen: expected an address such as 127.0.0.1:8080",
        "line 8, column 3: ingress.max_bodi: unknown, did you mean `max_body`?",
        "line 10, column 17: telemetry.sample_ratio: expected a number from 0 to 1",
        "channels.zalo.main.app_id: is required",
        "channels.zalo.main.oa_secret_keys: is required",
        "line 15, column 7: channels.zalo.main.app_ide: unknown, did you mean `app_id`?",
        "channels.messenger.a b: an endpoint's name is made of letters, digits, - and _",
        "the environment variable KENH_TESTS_SURELY_UNSET is not set",
        "line 20, column 3: channels.whatsap: unknown",
        "line 21, column 1: tenent: stands here a second time, first on line 1",
    ];
    for line in wanted {
        assert!(said.contains(line), "missing: {line}\n{said}");
    }
    assert!(said.lines().all(|line| line.starts_with("kenh: ") && line.contains("kenh.yaml: ")), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_no_yaml_or_not_there_is_one_clear_line() {
    let folder = tempfile::tempdir().unwrap();
    let (code, said) = check(&folder, "log: [unclosed\n").await;
    assert_eq!(code, Some(2));
    assert!(said.contains("not YAML"), "{said}");
    let (code, said) = self::said(&kenh(&["config", "check", "--config", "/nowhere/kenh.yaml"], b"").await);
    assert_eq!((code, said.lines().count()), (Some(2), 1), "{said}");
    assert!(said.starts_with("kenh: cannot read the configuration /nowhere/kenh.yaml"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_address_that_is_wrong_is_not_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let (code, said) =
        check(&folder, "log:\n  engine: rabbitmq\n  rabbitmq:\n    url: http://me:my-password@host\n").await;
    assert_eq!(code, Some(2));
    assert!(said.contains("log.rabbitmq.url: expected amqp://") && !said.contains("my-password"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_environment_overrides_the_file_and_its_faults_name_the_variable() {
    let folder = tempfile::tempdir().unwrap();
    let admin = ports::free();
    let setup = Setup::embedded(folder.path()).env("KENH_ADMIN__LISTEN", &format!("127.0.0.1:{admin}"));
    let gateway = setup.spawn();
    kenh_tests::until("it listens where the environment says", || async {
        let url = format!("http://127.0.0.1:{admin}/healthz");
        kenh_tests::webhook::client().get(url).send().await.is_ok()
    })
    .await;
    drop(gateway);

    let mut command = std::process::Command::new(kenh_tests::gateway::binary());
    let output = command.args(["config", "check"]).env("KENH_API__HEARTBEET", "1s").output().unwrap();
    let (code, said) = self::said(&output);
    assert_eq!(code, Some(2));
    let wanted = "environment variable KENH_API__HEARTBEET: api.heartbeet: unknown, did you mean `heartbeat`?";
    assert!(said.contains(wanted), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_example_configuration_is_right() {
    let folder = tempfile::tempdir().unwrap();
    let example = kenh(&["config", "example"], b"").await;
    let mut files = vec![("kenh config example".to_owned(), String::from_utf8(example.stdout).unwrap())];
    let folders = ["deploy/config", "deploy/examples"].map(|folder| fs::read_dir(repository().join(folder)).unwrap());
    for entry in folders.into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "yaml") {
            continue;
        }
        files.push((path.display().to_string(), fs::read_to_string(&path).unwrap()));
    }
    assert!(files.len() > 3);
    let mut hashes = 0;
    for (name, yaml) in files {
        let yaml = yaml.split("${env:").enumerate().map(|(n, piece)| match (n, piece.split_once('}')) {
            (0, _) | (_, None) => piece.to_owned(),
            (_, Some((name, rest))) if name.contains("POSTGRES") => format!("postgres://user:password@host/kenh{rest}"),
            (_, Some((name, rest))) if name.contains("SHA256") => {
                hashes += 1;
                format!("{hashes:064}{rest}")
            }
            (_, Some((name, rest))) if name.contains("URL") => format!("amqp://user:password@host/%2f{rest}"),
            (_, Some((name, rest))) if name.contains("CREDENTIALS_KEY") => format!("{}{rest}", crate::credentials::KEY),
            (_, Some((name, rest))) if name.ends_with("PUBLIC_KEY") => format!("test:words{rest}"),
            // As long as a token that nobody guesses has to be.
            (_, Some((_, rest))) => format!("secret-of-more-than-20-characters{rest}"),
        });
        let (code, said) = check(&folder, &yaml.collect::<String>()).await;
        assert_eq!(code, Some(0), "{name}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_started_says_so_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let mut setup = Setup::embedded(folder.path());
    setup = setup.env("KENH_INGRESS__LISTEN", &taken.local_addr().unwrap().to_string());
    let mut gateway = setup.spawn();
    assert_eq!(gateway.ended().await.code(), Some(1));
    let line = gateway.log();
    assert!(line.contains("kenh: ingress.listen: cannot listen on 127.0.0.1:") && line.contains("in use"), "{line}");

    let file = folder.path().join("a-file");
    fs::write(&file, "").unwrap();
    let setup = Setup::embedded(&folder.path().join("two"));
    let config = setup.config();
    let yaml = fs::read_to_string(&config)
        .unwrap()
        .replace(&folder.path().join("two/data").display().to_string(), &file.display().to_string());
    fs::write(&config, yaml).unwrap();
    let output = kenh(&["serve", "--config", config.to_str().unwrap()], b"").await;
    let (code, said) = self::said(&output);
    assert_eq!(code, Some(1));
    assert!(said.lines().any(|line| line.starts_with("kenh: cannot write to ")), "{said}");
}
