//! Looks through the logs of all tests for secrets and for people's words; the last step of `make test`.

use std::process::ExitCode;

use kenh_tests::leaks;

fn main() -> ExitCode {
    let found = leaks::look(&leaks::folder());
    for (log, line, text) in &found.leaks {
        eprintln!("{}:{line} has {text:?}", log.display());
    }
    println!(
        "leaks: {} in {} lines of {} logs, looked for {} texts",
        found.leaks.len(),
        found.lines,
        found.logs,
        found.texts
    );
    if found.logs == 0 {
        eprintln!("there is no log to look through: run the tests first");
    }
    if found.leaks.is_empty() && found.logs > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
