//! What can be sent. See <https://business-api.tiktok.com/portal/docs?id=1832184403754242>.

use connector_sdk::outbound::native;
use kenh_proto::v1::{
    Capabilities, Capability,
    Feature::{Echoes, Image, Quote, ReadReceipts, Text},
};

/// Characters of a text, and bytes of a picture, at most.
const LONGEST_TEXT: u32 = 6000;
pub(super) const LARGEST_PICTURE: u64 = 3 << 20;

/// Everything. Other files go as an address.
pub(super) fn all() -> Capabilities {
    let types = ["image/jpeg", "image/png"].map(Into::into).to_vec();
    let mut features = vec![
        Capability { max_length: LONGEST_TEXT, ..native(Text) },
        Capability { mime_types: types, max_bytes: LARGEST_PICTURE, ..native(Image) },
    ];
    features.extend([Quote, ReadReceipts, Echoes].map(native));
    Capabilities { features, options: Vec::new(), repeatable: false }
}
