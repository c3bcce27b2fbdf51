//! What happens in public below a Page's posts, and lead forms, field for field. Every member is optional: any of them
//! has been seen missing.

mod change;

pub(crate) use change::{Change, Feed, Lead, Rating};
