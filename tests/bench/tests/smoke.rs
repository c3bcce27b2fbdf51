//! The bench runs to its end and fills its table. What the figures are is not looked at: this build is not optimised.

#![allow(clippy::expect_used, reason = "tests fail by panicking")]

use std::{fs, process::Command};

use serde_json::Value;

#[test]
fn a_quick_run_gives_every_figure() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("figures.json");
    let mut bench = Command::new(env!("CARGO_BIN_EXE_kenh-bench"));
    let output = bench.arg("--quick").arg("--json").arg(&file).output().expect("the bench can be run");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    let rows: Vec<Value> = serde_json::from_slice(&fs::read(&file).expect("it was written")).expect("JSON");
    let table = String::from_utf8(output.stdout).expect("text");
    assert_eq!(table.lines().count(), rows.len() + 2, "{table}");
    for row in &rows {
        assert!(row["figure"].as_f64().is_some_and(|figure| figure >= 0.0), "{row}");
        assert_eq!(row["target"].is_null(), row["verdict"].is_null(), "{row}");
        assert!(table.contains(row["what"].as_str().expect("text")), "{row}");
    }
    let targets = rows.iter().filter(|row| !row["target"].is_null()).count();
    assert_eq!(targets, 9, "rows that have a target");
}
