//! The contract: types, client and server stubs made from the `.proto` files, and their JSON form. No logic.

mod closed;
mod json;
mod kind;

pub use closed::unknown_value;
pub use json::{JsonError, envelope_from_json, envelope_to_json, from_json, to_json};
pub use kind::{kind_of_slug, kind_slug};

/// The contract as written in `kenh/v1/*.proto`, with the client.
pub mod v1 {
    #![allow(
        missing_docs,
        clippy::pedantic,
        clippy::disallowed_methods,
        rustdoc::all,
        clippy::allow_attributes_without_reason,
        clippy::large_enum_variant,
        unreachable_pub,
        reason = "generated; documented in the .proto files"
    )]
    tonic::include_proto!("kenh.v1");
}

/// The contract as the api serves it: the same on the wire, with `Delivery.envelope` as encoded bytes.
pub mod server {
    #![allow(
        missing_docs,
        clippy::pedantic,
        clippy::disallowed_methods,
        rustdoc::all,
        clippy::allow_attributes_without_reason,
        clippy::large_enum_variant,
        unreachable_pub,
        reason = "generated; documented in the .proto files"
    )]
    include!(concat!(env!("OUT_DIR"), "/server/kenh.v1.rs"));
}

/// The compiled `.proto` files with their comments, for server reflection and for clients that read descriptors.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/kenh.bin"));
