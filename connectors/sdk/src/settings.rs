//! Settings: a YAML tree that knows its lines, read so that every fault is found at once.

mod fault;
mod node;
mod section;
mod units;

pub use fault::{Fault, Faults};
pub use node::{Node, Origin, Value, parse};
pub use section::Section;
pub use units::{parse_bytes, parse_duration};
