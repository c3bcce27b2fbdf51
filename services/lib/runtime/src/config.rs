//! Loading the configuration: one YAML file, environment overrides, secrets from elsewhere.

use std::{fs, path::Path};

use connector_sdk::settings::{self, Fault, Faults, Node, Origin};

/// Prefix of environment variables that override the file.
const PREFIX: &str = "KENH_";

/// Environment variables of that prefix which are no overrides: they name secrets that the file asks for.
fn is_override(name: &str) -> bool {
    name.starts_with(PREFIX) && name.contains("__")
}

/// A file that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read the configuration {path}: {reason}")]
pub struct Unreadable {
    path: String,
    reason: std::io::Error,
}

/// Reads the file (nothing when there is none), puts the environment's overrides over it and fills in secrets.
///
/// `KENH_API__LISTEN=0.0.0.0:50051` overrides `api.listen`; two underscores go one level down. `${env:NAME}` and
/// `${file:/path}` stand for the variable's value and the file's content without its last line break.
pub fn load(path: Option<&Path>, faults: &mut Faults) -> Result<Node, Unreadable> {
    let text = match path {
        None => String::new(),
        Some(path) => {
            fs::read_to_string(path).map_err(|reason| Unreadable { path: path.display().to_string(), reason })?
        }
    };
    let mut root = settings::parse(&text, faults);
    for (name, value) in environment().filter(|(name, _)| is_override(name)) {
        let path = name.trim_start_matches(PREFIX).to_lowercase();
        let path: Vec<_> = path.split("__").collect();
        root.set(&path, &value, &Origin::Environment(name.clone()));
    }
    root.visit_text("", &mut |path, origin, text| match expand(text) {
        Ok(expanded) => *text = expanded,
        Err(reason) => faults.push(origin, path, reason),
    });
    Ok(root)
}

/// All faults of a configuration, a line each, for people.
pub fn describe(path: Option<&Path>, faults: &[Fault]) -> String {
    let file = path.map_or_else(String::new, |path| format!("{}: ", path.display()));
    faults.iter().map(|fault| [file.as_str(), fault.to_string().as_str(), "\n"].concat()).collect()
}

#[allow(clippy::disallowed_methods, reason = "the config loader is the one reader of the environment")]
fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

/// A variable of the environment; a reason for people when it is not set.
#[allow(clippy::disallowed_methods, reason = "the config loader is the one reader of the environment")]
pub fn variable(name: &str) -> Result<String, String> {
    std::env::var(name).map_err(|_| format!("the environment variable {name} is not set"))
}

/// Replaces every `${…}` of a text.
fn expand(text: &str) -> Result<String, String> {
    let mut expanded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, reference)) = rest.split_once("${") {
        expanded.push_str(before);
        let (reference, after) = reference.split_once('}').ok_or("`${` without its `}`")?;
        expanded.push_str(&match reference.split_once(':') {
            Some(("env", name)) => variable(name)?,
            Some(("file", path)) => {
                let content = fs::read_to_string(path).map_err(|reason| format!("cannot read {path}: {reason}"))?;
                content.strip_suffix('\n').map_or_else(|| content.clone(), |line| line.trim_end_matches('\r').into())
            }
            _ => return Err("only `${env:NAME}` and `${file:/path}` can be filled in".into()),
        });
        rest = after;
    }
    expanded.push_str(rest);
    Ok(expanded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_filled_in_and_broken_ones_named() {
        let file = std::env::temp_dir().join(format!("kenh-config-{}", std::process::id()));
        fs::write(&file, "from file\r\n").unwrap();
        assert_eq!(expand(&format!("a ${{file:{}}} z", file.display())), Ok("a from file z".into()));
        fs::remove_file(&file).unwrap();
        assert_eq!(expand("plain $ {env:X}"), Ok("plain $ {env:X}".into()));
        assert!(expand("${env:KENH_TEST_SURELY_UNSET}").unwrap_err().contains("KENH_TEST_SURELY_UNSET is not set"));
        assert!(expand("${file:/nowhere/at/all}").unwrap_err().starts_with("cannot read /nowhere/at/all"));
        assert!(expand("${vault:x}").is_err() && expand("${env:HOME").is_err());
    }
}
