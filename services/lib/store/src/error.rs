//! Why something could not be remembered or recalled.

/// The store does not answer, or not now. Nothing is known of what was asked of it: it may have happened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the state store cannot be used now: {0}")]
pub struct StoreError(pub String);
