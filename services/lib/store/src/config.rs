//! Settings of the store.

use std::{path::PathBuf, str::FromStr as _, time::Duration};

use connector_sdk::{ExposeSecret as _, Secret, Section};
use sqlx::postgres::PgConnectOptions;

/// How long a call waits for an answer where nothing else is said.
const TIMEOUT: Duration = Duration::from_secs(5);

/// How the state is kept.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where.
    pub engine: Engine,
    /// Longest wait for an answer.
    pub timeout: Duration,
}

/// Where the state is kept.
#[derive(Debug, Clone)]
pub enum Engine {
    /// In a file of a folder; for one process.
    Sqlite {
        /// The folder; made when it is missing.
        folder: PathBuf,
    },
    /// In a database; for any number of processes.
    Postgres(Postgres),
}

/// Where the database is.
#[derive(Debug, Clone)]
pub struct Postgres {
    /// Address with user and password.
    pub url: Secret,
    /// Schema of the tables; the user's default without one.
    pub schema: Option<String>,
    /// Connections that work; one more looks after them.
    pub max_connections: u32,
    /// What is done about tables that are not as this program needs them.
    pub migrate: Migrate,
}

/// What a program does about tables that are not as it needs them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Migrate {
    /// It makes them so.
    Apply,
    /// It refuses to start.
    Check,
}

#[derive(Clone, Copy)]
enum Kind {
    Sqlite,
    Postgres,
}

impl Config {
    /// Whether other processes may use the same state.
    pub const fn is_shared(&self) -> bool {
        matches!(self.engine, Engine::Postgres(_))
    }

    /// Reads `store`; a file lies in `data_dir`.
    pub fn read(section: &mut Section<'_>, data_dir: PathBuf) -> Self {
        match section.choice("engine", &[("sqlite", Kind::Sqlite), ("postgres", Kind::Postgres)], Kind::Sqlite) {
            Kind::Sqlite => {
                // What is said of a database that is not used is nobody's fault.
                section.ignore("postgres");
                Self { engine: Engine::Sqlite { folder: data_dir }, timeout: TIMEOUT }
            }
            Kind::Postgres => section.section("postgres", |postgres| Self {
                timeout: timeout(postgres),
                engine: Engine::Postgres(Postgres::read(postgres)),
            }),
        }
    }
}

impl Postgres {
    fn read(section: &mut Section<'_>) -> Self {
        let url = section.required_secret("url");
        let text = url.expose_secret();
        let known = text.starts_with("postgres://") || text.starts_with("postgresql://");
        if !text.is_empty() && (!known || PgConnectOptions::from_str(text).is_err()) {
            section.fault("url", "expected postgres://user:password@host:5432/database, ?sslmode=verify-full for TLS");
        }
        let schema = section.text("schema");
        if schema.as_deref().is_some_and(|schema| !is_schema(schema)) {
            section
                .fault("schema", "expected up to 63 lower-case letters, digits and _, with no digit and no pg_ first");
        }
        Self {
            url,
            schema,
            max_connections: u32::try_from(section.number("max_connections", 1..=1000, 8)).unwrap_or(8),
            migrate: section.choice("migrate", &[("apply", Migrate::Apply), ("check", Migrate::Check)], Migrate::Apply),
        }
    }
}

fn timeout(section: &mut Section<'_>) -> Duration {
    let timeout = section.duration("timeout", TIMEOUT);
    if timeout < Duration::from_millis(100) || timeout > Duration::from_secs(60) {
        section.fault("timeout", "expected 100ms to 60s");
    }
    timeout
}

/// Such a name means the same with and without quotes.
fn is_schema(name: &str) -> bool {
    let first = name.starts_with(|first: char| first.is_ascii_lowercase() || first == '_');
    let rest = name.chars().all(|char| char.is_ascii_lowercase() || char.is_ascii_digit() || char == '_');
    first && rest && name.len() <= 63 && !name.starts_with("pg_")
}

#[cfg(test)]
mod tests {
    use connector_sdk::settings::{Faults, parse};

    use super::*;

    fn read(yaml: &str) -> (Config, Vec<String>) {
        let mut faults = Faults::default();
        let node = parse(yaml, &mut faults);
        let mut section = Section::new(&node, "store", &mut faults);
        let config = Config::read(&mut section, "data".into());
        section.finish();
        (config, faults.sorted().iter().map(ToString::to_string).collect())
    }

    #[test]
    fn without_settings_it_is_a_file_in_the_data_folder() {
        for yaml in ["", "engine: sqlite\npostgres: { url: not looked at }"] {
            let (config, faults) = read(yaml);
            assert!(faults.is_empty(), "{faults:?}");
            assert!(matches!(config.engine, Engine::Sqlite { folder } if folder == std::path::Path::new("data")));
        }
    }

    #[test]
    fn a_database_has_its_settings_and_hides_its_password() {
        let (config, faults) = read(
            "engine: postgres\npostgres:\n  url: postgres://me:hush@db:5432/kenh?sslmode=verify-full\n  schema: kenh_1\n  \
             max_connections: 3\n  timeout: 2s\n  migrate: check\n",
        );
        assert!(faults.is_empty(), "{faults:?}");
        assert_eq!(config.timeout, Duration::from_secs(2));
        assert!(!format!("{config:?}").contains("hush"));
        let Engine::Postgres(postgres) = config.engine else { panic!("another engine") };
        assert_eq!((postgres.schema.as_deref(), postgres.max_connections), (Some("kenh_1"), 3));
        assert_eq!(postgres.migrate, Migrate::Check);
    }

    #[test]
    fn every_fault_is_found_and_none_repeats_the_address() {
        let (_, faults) = read(
            "engine: postgres\npostgres:\n  url: mysql://me:hush@db/kenh\n  schema: My-Schema\n  max_connections: 0\n  \
             timeout: 1ms\n  migrate: perhaps\n  pool: 7\n",
        );
        let all = faults.join("\n");
        for key in
            ["url: expected postgres://", "schema: ", "max_connections: ", "timeout: ", "migrate: ", "pool: unknown"]
        {
            assert!(all.contains(&format!("store.postgres.{key}")), "{key} in {all}");
        }
        assert_eq!(faults.len(), 6, "{all}");
        assert!(!all.contains("hush"), "{all}");
        assert_eq!(read("engine: postgres").1, ["store.postgres.url: is required"]);
        for schema in ["pg_kenh", "1a", "a b", "\"; drop", &"a".repeat(64)] {
            let yaml = format!("engine: postgres\npostgres: {{ url: 'postgres://db/kenh', schema: '{schema}' }}");
            assert_eq!(read(&yaml).1.len(), 1, "{schema}");
        }
    }
}
