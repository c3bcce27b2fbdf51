//! The binary as shipped, from the outside: HTTP in, gRPC out, on both engines.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "tests fail by panicking"
)]

mod access;
mod accounting;
mod answering;
mod answers;
mod broker;
mod broker_loss;
mod chat;
mod clients;
mod command_line;
mod configuration;
mod connections;
mod connector;
mod credentials;
mod examples;
mod exchanges;
mod forgetful_broker;
mod instagram;
mod mail;
mod mailbox;
mod mailing;
mod main_job;
mod media;
mod observability;
mod queries;
mod readme;
mod reception;
mod redelivery;
mod smpp;
mod sms;
mod social;
mod streams;
mod subscriptions;
mod teams;
mod traces;
mod updates;
mod voice;
mod webhook;
mod whatsapp;
