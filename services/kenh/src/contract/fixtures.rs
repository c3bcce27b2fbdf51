//! Calls of a channel in a folder: `message.json` is a body (any ending will do), `message.headers` what it comes with, a
//! `Name: value` each line, and `message.events.json` what is to become of it, as proto3 JSON.

use std::{
    fs,
    path::{Path, PathBuf},
};

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::failure::Failure;

const HEADERS: &str = "headers";
const EVENTS: &str = ".events.json";

/// One of them.
#[derive(Debug)]
pub(crate) struct Fixture {
    pub(crate) name: String,
    pub(crate) body: Vec<u8>,
    pub(crate) headers: HeaderMap,
    /// Where its events are, or are to be.
    pub(crate) golden: PathBuf,
}

impl Fixture {
    /// All of a folder, by name.
    pub(crate) fn all(folder: &Path) -> Result<Vec<Self>, Failure> {
        let unreadable = |error| Failure::usage(format!("cannot read {}: {error}", folder.display()));
        let mut found = Vec::new();
        for entry in fs::read_dir(folder).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let is_beside = file.ends_with(EVENTS) || file.starts_with('.') || !path.is_file();
            if !is_beside && path.extension().is_some_and(|ending| ending != HEADERS && ending != "md") {
                found.push(Self::read(&path)?);
            }
        }
        found.sort_by(|a, b| a.name.cmp(&b.name));
        if found.is_empty() {
            return Err(Failure::usage(format!("{} has no fixtures: put a body of a call there", folder.display())));
        }
        Ok(found)
    }

    fn read(path: &Path) -> Result<Self, Failure> {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let unreadable = |path: &Path, error| Failure::usage(format!("cannot read {}: {error}", path.display()));
        let body = fs::read(path).map_err(|error| unreadable(path, error))?;
        let beside = path.with_extension(HEADERS);
        let lines = if beside.exists() {
            fs::read_to_string(&beside).map_err(|error| unreadable(&beside, error))?
        } else {
            String::new()
        };
        let mut headers = HeaderMap::new();
        for line in lines.lines().filter(|line| !line.trim().is_empty()) {
            let (name, value) = header(line)
                .ok_or_else(|| Failure::usage(format!("{}: expected `Name: value` in each line", beside.display())))?;
            headers.append(name, value);
        }
        Ok(Self { golden: path.with_file_name(format!("{name}{EVENTS}")), name, body, headers })
    }
}

fn header(line: &str) -> Option<(HeaderName, HeaderValue)> {
    let (name, value) = line.split_once(':')?;
    Some((name.trim().parse().ok()?, HeaderValue::from_str(value.trim()).ok()?))
}
