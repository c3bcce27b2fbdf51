//! Message centres, over SMPP: who is bound, what is taken, what is missing.

mod keeper;
mod parts;

pub(crate) use keeper::Keeper;
