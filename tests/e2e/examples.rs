//! The example clients of `deploy/examples`, as their READMEs start them, before a real gateway and a channel's API.

mod answers;
mod connector;
mod desk;
mod failing;
mod guide;
mod keys;
mod parlor;

use std::path::Path;

use kenh_tests::{gateway::Setup, provider::Provider};

use desk::Example;

/// What the desk answers to its first ticket.
const FIRST: &str = "Thank you! We have your message, it is ticket 1.";

fn setup(folder: &Path, provider: &Provider) -> Setup {
    crate::answering::setup(folder, provider)
}

/// Runs a test for each of the examples.
macro_rules! for_each_example {
    ($($test:ident),+ $(,)?) => {
        mod python {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                super::$test(super::Example::python().await).await;
            })+
        }
        mod node {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                super::$test(super::Example::node()).await;
            })+
        }
    };
}
use for_each_example;
