//! What Messenger can do.

use connector_meta::send::{
    button::{LONGEST_TITLE, MOST_BUTTONS, MOST_QUICK_REPLIES},
    template::MOST_CARDS,
};
use kenh_proto::v1::{
    Capabilities, Capability, ChannelOption, Feature,
    Feature::{
        Audio, Card, Carousel, Choices, CommentDelete, CommentHide, CommentPrivateReply, CommentReply,
        DeliveryReceipts, Echoes, File, Gif, Image, MarkRead, Quote, React, ReadReceipts, RequestContact, Template,
        Text, Typing, Video,
    },
    LengthUnit, SupportLevel,
};

/// Characters of a text at most: Meta says 2000, and some of the last are known to be refused.
const LONGEST_TEXT: u32 = 1994;
/// Bytes of a file, and of a picture, at most: 25 MB and 8 MB.
const LARGEST_FILE: u64 = 25_000_000;
const LARGEST_PICTURE: u64 = 8_000_000;

/// Options and what they do.
pub(super) const PERSONA_ID: &str = "persona_id";
pub(super) const NOTIFICATION_TYPE: &str = "notification_type";
pub(super) const REUSABLE: &str = "reusable";
const OPTIONS: &[(&str, &str)] = &[
    (PERSONA_ID, "Name and picture the message is shown with: the id of one of the Page's personas."),
    (NOTIFICATION_TYPE, "REGULAR, SILENT_PUSH (no sound) or NO_PUSH (no notification)."),
    (REUSABLE, "\"true\": Meta keeps a file sent by url; the note attachment_id is the provider_ref to send it again."),
];

/// Everything.
pub(super) fn all() -> Capabilities {
    let file = |feature, max_bytes| Capability { max_bytes, ..native(feature) };
    let items = |feature, max_items| Capability { max_items, max_title: LONGEST_TITLE, ..native(feature) };
    let text = Capability { max_length: LONGEST_TEXT, length_unit: LengthUnit::Characters.into(), ..native(Text) };
    let plain = [Quote, Typing, MarkRead, CommentReply, CommentPrivateReply, CommentHide];
    let heard = [DeliveryReceipts, ReadReceipts, Echoes];
    // Not confirmed in all details, or after a review by Meta only.
    let unsure = [Template, React, CommentDelete, RequestContact];
    let mut features = vec![
        text,
        file(Image, LARGEST_PICTURE),
        file(Gif, LARGEST_PICTURE),
        file(Video, LARGEST_FILE),
        file(Audio, LARGEST_FILE),
        file(File, LARGEST_FILE),
        items(Card, MOST_BUTTONS),
        items(Carousel, MOST_CARDS),
        items(Choices, MOST_QUICK_REPLIES),
    ];
    features.extend(plain.into_iter().chain(heard).map(native));
    features.extend(unsure.map(|feature| Capability { level: SupportLevel::Conditional.into(), ..native(feature) }));
    let option = |(name, description): &(&str, &str)| ChannelOption {
        name: (*name).to_owned(),
        description: (*description).to_owned(),
    };
    Capabilities { features, options: OPTIONS.iter().map(option).collect(), repeatable: false }
}

/// What stands below a post: text. No bound of its length is known, and options are of private messages.
pub(super) fn public() -> Capabilities {
    let features = [Text, CommentReply].map(native);
    Capabilities { features: features.into(), ..Capabilities::default() }
}

fn native(feature: Feature) -> Capability {
    Capability { feature: feature.into(), level: SupportLevel::Native.into(), ..Capability::default() }
}
