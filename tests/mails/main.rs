//! Mails nobody here wrote: the corpora of other projects, as they are (`tests/tools/mail.sh`). Every one goes through the
//! connector; what their authors expect of bounces and quotes is what it is scored by.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

mod bounces;
mod corpora;
mod replies;
