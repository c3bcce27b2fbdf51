//! The section `media`.

use std::{path::Path, time::Duration};

use connector_sdk::{
    Section,
    settings::{Faults, parse},
};

use crate::{Config, Place};

fn read(yaml: &str) -> (Config, Vec<String>) {
    let mut faults = Faults::default();
    let root = parse(yaml, &mut faults);
    let mut section = Section::new(&root, "media", &mut faults);
    let config = Config::read(&mut section, Path::new("data"));
    section.finish();
    (config, faults.sorted().iter().map(ToString::to_string).collect())
}

#[test]
fn nothing_has_to_be_said() {
    let (config, faults) = read("");
    assert_eq!(faults, Vec::<String>::new());
    assert!(matches!(&config.place, Place::Directory(path) if path == Path::new("data/media")));
    assert_eq!((config.max_file_bytes, config.max_total_bytes), (100 << 20, 10 << 30));
    assert!(config.rules.allow.is_empty() && !config.rules.plain_http);
}

#[test]
fn a_bucket_has_a_name_and_both_keys_or_none() {
    let (config, faults) = read(
        "store: s3\ns3: {bucket: files, endpoint: 'http://127.0.0.1:9000', access_key_id: a, secret_access_key: b}",
    );
    assert_eq!(faults, Vec::<String>::new());
    let Place::S3(bucket) = &config.place else { panic!("{config:?}") };
    assert!(bucket.path_style && bucket.keys.is_some() && !format!("{bucket:?}").contains("\"b\""), "{bucket:?}");
    let (_, faults) = read("store: s3\ns3: {access_key_id: a, endpoint: nowhere}");
    for told in ["media.s3.bucket", "media.s3.endpoint", "media.s3.secret_access_key"] {
        assert!(faults.iter().any(|fault| fault.contains(told)), "{told}: {faults:?}");
    }
}

#[test]
fn a_file_has_a_size_that_every_store_takes() {
    for size in ["0B", "6GiB"] {
        let (_, faults) = read(&format!("max_file_bytes: {size}\nmax_total_bytes: 100GiB"));
        assert!(faults.len() == 1 && faults[0].contains("1B to 5GiB"), "{size}: {faults:?}");
    }
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    let (config, faults) = read(
        "max_file_bytes: 2GiB\nmax_total_bytes: 1GiB\nkeep: 1s\ntimeout: 2h\nidle_timeout: 1ms\nmax_fetches: 0\n\
         allow_addresses: [10.0.0.0/8, everything]\nmax_files: 3\n",
    );
    for told in ["max_total_bytes", "keep", "timeout", "idle_timeout", "max_fetches", "everything", "max_file_bytes`"] {
        assert!(faults.iter().any(|fault| fault.contains(told)), "{told}: {faults:?}");
    }
    assert_eq!(faults.len(), 7, "{faults:?}");
    assert_eq!(config.keep, Duration::from_secs(1));
}
