//! Every target over its seeds, everything that once went wrong, their beginnings, and mutations of them.
//!
//! `KENH_FUZZ_MUTATIONS` says how many of each target, `KENH_FUZZ_EACH` how many of each seed of each target; the same number
//! gives the same bytes.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::string_slice, reason = "tests fail by panicking")]

use std::{
    env,
    num::NonZero,
    panic::{AssertUnwindSafe, catch_unwind},
    thread,
};

use connector_testkit::{Chance, mutate};
use kenh_fuzz::{Target, regressions};

/// What does not hold is shown up to so many times by each processor.
const MOST_SHOWN: usize = 5;

fn mutations(usual: usize, seeds: usize) -> usize {
    let asked = |name| env::var_os(name).map(|number| number.to_string_lossy().parse::<usize>().expect("a number"));
    let each = asked("KENH_FUZZ_EACH").map(|number| number * seeds);
    each.or_else(|| asked("KENH_FUZZ_MUTATIONS")).unwrap_or(usual)
}

fn holds(target: &Target, bytes: &[u8]) -> Result<(), String> {
    let run = catch_unwind(AssertUnwindSafe(|| (target.run)(bytes)));
    run.map_err(|_| format!("{} does not hold for \"{}\"", target.name, bytes.escape_ascii()))
}

/// Of the numbers below `end`, those that do not hold. Every processor takes a share of them.
fn failing(end: usize, tried: impl Fn(usize) -> Result<(), String> + Sync) -> Vec<String> {
    let workers = thread::available_parallelism().map_or(1, NonZero::get);
    let share = |worker| (worker..end).step_by(workers).filter_map(|number| tried(number).err()).take(MOST_SHOWN);
    thread::scope(|scope| {
        let workers: Vec<_> =
            (0..workers).map(|worker| scope.spawn(move || share(worker).collect::<Vec<_>>())).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("a panic is caught")).collect()
    })
}

/// `step` thins out the beginnings; the contract of connectors tries every one for panics.
fn bounded(name: &str, step: usize, usual: usize) {
    let target = kenh_fuzz::find(name).expect("a target");
    for (path, bytes) in regressions(name) {
        assert!(catch_unwind(|| (target.run)(&bytes)).is_ok(), "{} is back", path.display());
    }
    let seeds: Vec<_> =
        (target.seeds)().into_iter().chain(regressions(name).into_iter().map(|(_, seed)| seed)).collect();
    assert!(seeds.len() > 5, "{name} has hardly a seed");
    let mut found = failing(seeds.len(), |number| {
        let seed = &seeds[number];
        holds(target, seed)?;
        (number % step..seed.len()).step_by(step).try_for_each(|end| holds(target, &seed[..end]))
    });
    found.extend(failing(mutations(usual, seeds.len()), |number| {
        let mut chance = Chance::new(u64::try_from(number).expect("a small number"));
        let other = chance.pick(&seeds).expect("a seed");
        holds(target, &mutate(&seeds[number % seeds.len()], other, &mut chance))
    }));
    assert!(found.is_empty(), "{}", found.join("\n\n"));
}

#[test]
fn only_the_channel_is_believed() {
    bounded("verify", 97, 1_500);
}

#[test]
fn set_up_calls_answer_those_who_know_the_token() {
    bounded("handshake", 1, 2_000);
}

#[test]
fn what_a_call_becomes_is_well_formed_and_comes_back() {
    bounded("normalize", 23, 2_500);
}

#[test]
fn no_item_costs_another_its_event() {
    bounded("neighbours", 97, 2_500);
}

#[test]
fn what_could_not_be_read_can_be_made_whole() {
    bounded("whole", 97, 2_000);
}

#[test]
fn any_text_can_be_a_configuration() {
    bounded("settings", 31, 800);
}

#[test]
fn any_text_can_be_a_cursor() {
    bounded("cursors", 1, 5_000);
}

#[test]
fn any_bytes_can_be_the_state_of_a_window() {
    bounded("window", 1, 4_000);
}

#[test]
fn any_bytes_can_be_a_message() {
    bounded("message", 3, 6_000);
}

#[test]
fn whatever_a_mail_server_says_it_is_answered() {
    bounded("session", 1, 6_000);
}

/// A target that no test here runs would be one that `make fuzz` alone runs.
#[test]
fn every_target_is_run_and_has_its_program() {
    let tests = include_str!("bounded.rs");
    let programs = include_str!("../libfuzzer/Cargo.toml");
    for target in kenh_fuzz::TARGETS {
        assert!(tests.contains(&format!("bounded(\"{}\",", target.name)), "no test runs {}", target.name);
        assert!(programs.contains(&format!("name = \"{}\"", target.name)), "libFuzzer has no {}", target.name);
    }
}
