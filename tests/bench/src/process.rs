//! What the system says about a process, and where the bench keeps its files.

use std::{env, fs};

use tempfile::TempDir;

/// Ticks a second of the times in `/proc/<pid>/stat`; the same on every Linux that Rust has a name for.
const TICKS: f64 = 100.0;

/// Microseconds of processor time a process has used, all threads, in user and kernel.
pub(crate) fn cpu(pid: u32) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).expect("the process runs");
    // Behind the name, which may hold anything: state is field 3, utime 14, stime 15.
    let (_, fields) = stat.rsplit_once(')').expect("the name is in brackets");
    let ticks = fields.split_whitespace().skip(11).take(2).map(|ticks| ticks.parse::<f64>().expect("a number"));
    ticks.sum::<f64>() * 1e6 / TICKS
}

/// Megabytes of memory a process holds.
pub(crate) fn rss(pid: u32) -> f64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("the process runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a line for the memory held");
    let kilobytes = line.split_whitespace().next().and_then(|number| number.parse::<f64>().ok()).expect("a number");
    kilobytes / 1024.0
}

/// A folder on the disk that builds are on: `/tmp` may be memory, where syncing costs nothing.
pub(crate) fn scratch() -> TempDir {
    let binary = env::current_exe().expect("the bench's own path");
    let target = binary.ancestors().nth(2).expect("target/<profile>/kenh-bench");
    fs::create_dir_all(target.join("bench")).expect("a writable target folder");
    tempfile::tempdir_in(target.join("bench")).expect("a temporary folder")
}
