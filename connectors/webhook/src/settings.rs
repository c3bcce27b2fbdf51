//! Everything a channel is, read from a configuration.

use connector_sdk::{Section, interned};

use crate::{body::Format, examples, inbound::Mapping, jq::Program, outbound::Sender, proof::Proof};

/// One endpoint.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) proof: Proof,
    pub(crate) mapping: Mapping,
    /// What is kept of a call beside its body, so that it can be proven and read again.
    pub(crate) kept_headers: Vec<&'static str>,
    pub(crate) by_get: bool,
    pub(crate) sender: Option<Sender>,
}

/// Headers a program may see at most.
const MOST_HEADERS: usize = 32;

impl Settings {
    /// Reads them, and runs the examples. What is wrong is noted, and nothing is made of it.
    pub(crate) fn read(settings: &mut Section<'_>) -> Option<Self> {
        let proof = settings.section("verify", Proof::read);
        let account = settings.required_text("account");
        let format = [("json", Format::Json), ("form", Format::Form), ("text", Format::Text)];
        let format = settings.choice("body", &format, Format::Json);
        let headers = headers(settings);
        let items = settings.text("items").map(|code| program(settings, "items", &code, Mapping::VARIABLES));
        let code = settings.required_text("events");
        let events = if code.is_empty() { None } else { program(settings, "events", &code, Mapping::VARIABLES) };
        let by_get = settings.boolean("get", false);
        let sender = Sender::read(settings);
        let items = match items {
            Some(None) => return examples::skip(settings),
            Some(compiled) => compiled,
            None => None,
        };
        let (Some(proof), Some(events)) = (proof, events) else { return examples::skip(settings) };
        let mapping = Mapping { account, format, headers, items, events };
        examples::run(settings, &mapping);
        let mut kept_headers = proof.headers();
        kept_headers.extend(mapping.headers.iter().copied());
        kept_headers.sort_unstable();
        kept_headers.dedup();
        Some(Self { proof, mapping, kept_headers, by_get, sender })
    }
}

/// Compiles a program; what is wrong with it is noted with its place.
pub(crate) fn program(
    settings: &mut Section<'_>,
    key: &'static str,
    code: &str,
    variables: &[&'static str],
) -> Option<Program> {
    match Program::compile(code, variables) {
        Ok(program) => Some(program),
        Err(faults) => {
            for fault in faults {
                settings.fault(key, fault.to_string());
            }
            None
        }
    }
}

/// A header's name, for as long as the process lives.
pub(crate) fn header(settings: &mut Section<'_>, key: &'static str, name: &str) -> &'static str {
    let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    if let Some(name) = interned(name).filter(|name| !name.is_empty() && name.chars().all(is_token)) {
        name
    } else {
        settings.fault(key, "expected the name of a header, of at most 64 letters, digits and dashes");
        "x-unnamed"
    }
}

fn headers(settings: &mut Section<'_>) -> Vec<&'static str> {
    let names = settings.texts("headers");
    if names.len() > MOST_HEADERS {
        settings.fault("headers", format!("expected at most {MOST_HEADERS} headers"));
    }
    names.iter().take(MOST_HEADERS).map(|name| header(settings, "headers", name)).collect()
}
