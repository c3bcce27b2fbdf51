//! What no outside surface shows soon enough.

mod flight;
mod settings;
mod store;
