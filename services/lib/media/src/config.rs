//! Settings of the media store.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use connector_sdk::{Secret, Section};
use kenh_fetch::{Rules, networks};

/// Settings of the media store, and of fetching what is to be in it.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where files are kept.
    pub place: Place,
    /// Bytes of one file at most.
    pub max_file_bytes: u64,
    /// Bytes of all of them; the oldest are removed for newer ones.
    pub max_total_bytes: u64,
    /// How long a file is kept.
    pub keep: Duration,
    /// How long fetching one file may take, in all.
    pub timeout: Duration,
    /// How long its server may be silent.
    pub idle_timeout: Duration,
    /// Answers being read at the same time.
    pub max_fetches: usize,
    /// What may be fetched from.
    pub rules: Rules,
}

/// Where files are kept.
#[derive(Debug, Clone)]
pub enum Place {
    /// A local directory, or one that several machines share.
    Directory(PathBuf),
    /// A bucket.
    S3(S3),
}

/// A bucket of S3, or of something that speaks like it.
#[derive(Debug, Clone)]
pub struct S3 {
    /// Its name.
    pub bucket: String,
    /// What the names of all objects begin with; may be empty.
    pub prefix: String,
    /// Its region.
    pub region: String,
    /// Where it is, when that is not AWS.
    pub endpoint: Option<String>,
    /// The bucket's name stands in the path, not in the host's name.
    pub path_style: bool,
    /// Access key id and secret; those of the platform when absent.
    pub keys: Option<(String, Secret)>,
    /// How long connecting may take; a whole call six times as long.
    pub timeout: Duration,
}

/// What a bucket copies in one call: files are put under their digest once they are whole.
const LARGEST_FILE: u64 = 5 << 30;

#[derive(Clone, Copy)]
enum Kind {
    Directory,
    S3,
}

impl Config {
    /// Reads `media`.
    pub fn read(section: &mut Section<'_>, data_dir: &Path) -> Self {
        let kind = section.choice("store", &[("directory", Kind::Directory), ("s3", Kind::S3)], Kind::Directory);
        let directory = section.text("directory").map_or_else(|| data_dir.join("media"), PathBuf::from);
        let place = match kind {
            Kind::Directory => {
                // What is said of a bucket that is not used is nobody's fault.
                section.ignore("s3");
                Place::Directory(directory)
            }
            Kind::S3 => Place::S3(section.section("s3", S3::read)),
        };
        let max_file_bytes = section.bytes("max_file_bytes", 100 << 20);
        let max_total_bytes = section.bytes("max_total_bytes", 10 << 30);
        if !(1..=LARGEST_FILE).contains(&max_file_bytes) {
            section.fault("max_file_bytes", "expected 1B to 5GiB");
        }
        if max_total_bytes < max_file_bytes {
            section.fault(
                "max_total_bytes",
                "expected at least as much as media.max_file_bytes, which is 100MiB when left out",
            );
        }
        let keep = section.duration("keep", Duration::from_secs(30 * 86_400));
        if keep < Duration::from_secs(60) {
            section.fault("keep", "expected 1m or more");
        }
        let timeout = section.duration("timeout", Duration::from_secs(120));
        if !(Duration::from_millis(100)..=Duration::from_secs(3600)).contains(&timeout) {
            section.fault("timeout", "expected 100ms to 1h");
        }
        let idle_timeout = section.duration("idle_timeout", Duration::from_secs(15));
        if idle_timeout < Duration::from_millis(100) {
            section.fault("idle_timeout", "expected 100ms or more");
        }
        let allow = networks(&section.texts("allow_addresses")).unwrap_or_else(|other| {
            section.fault("allow_addresses", format!("expected networks such as 10.0.0.0/8, not {other:?}"));
            Vec::new()
        });
        Self {
            place,
            max_file_bytes,
            max_total_bytes,
            keep,
            timeout,
            idle_timeout,
            max_fetches: usize::try_from(section.number("max_fetches", 1..=1000, 16)).unwrap_or(16),
            rules: Rules { allow, plain_http: section.boolean("allow_http", false) },
        }
    }
}

impl S3 {
    fn read(section: &mut Section<'_>) -> Self {
        let endpoint = section.text("endpoint");
        if endpoint.as_ref().is_some_and(|url| !connector_sdk::address::is_web(url)) {
            section.fault("endpoint", "expected an address such as https://minio.example.test:9000");
        }
        let (id, secret) = (section.text("access_key_id"), section.secret("secret_access_key"));
        if id.is_some() != secret.is_some() {
            let missing = if id.is_some() { "secret_access_key" } else { "access_key_id" };
            section.fault(
                missing,
                "expected both access_key_id and secret_access_key, or neither: then the platform gives them",
            );
        }
        Self {
            bucket: section.required_text("bucket"),
            prefix: section.text("prefix").unwrap_or_default(),
            region: section.text("region").unwrap_or_else(|| "us-east-1".into()),
            path_style: section.boolean("path_style", endpoint.is_some()),
            endpoint,
            keys: id.zip(secret),
            timeout: section.duration("timeout", Duration::from_secs(5)),
        }
    }
}
