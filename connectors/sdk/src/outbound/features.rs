//! Looking things up in what a channel can do.

use kenh_proto::v1::{
    Capabilities, Capability, Feature, LengthUnit, MediaKind, Message, Part, SupportLevel, outbound_action::What,
    part::Content,
};

/// What a channel can do, by feature.
#[derive(Debug, Clone, Copy)]
pub struct Features<'a>(pub &'a Capabilities);

impl<'a> Features<'a> {
    /// The feature, where the channel has a form of its own for it.
    pub fn native(&self, feature: Feature) -> Option<&'a Capability> {
        let own = |capability: &&Capability| {
            capability.feature() == feature
                && matches!(
                    capability.level(),
                    SupportLevel::Native | SupportLevel::Conditional | SupportLevel::Partial
                )
        };
        self.0.features.iter().find(own)
    }

    /// The same with what the gateway converts: what [`super::plan`] does for the features a channel lacks.
    #[must_use]
    pub fn completed(&self) -> Capabilities {
        let mut all = self.0.clone();
        if self.native(Feature::Text).is_some() {
            let convertible = CONVERTIBLE.iter().filter(|feature| self.native(**feature).is_none());
            all.features.extend(convertible.map(|feature| Capability {
                feature: (*feature).into(),
                level: SupportLevel::Converted.into(),
                ..Capability::default()
            }));
        }
        all.features.sort_by_key(|capability| capability.feature);
        all
    }
}

/// What can be put into words or a link.
const CONVERTIBLE: &[Feature] = &[
    Feature::Image,
    Feature::Gif,
    Feature::Video,
    Feature::Audio,
    Feature::File,
    Feature::Sticker,
    Feature::Location,
    Feature::ContactCard,
    Feature::Card,
    Feature::Carousel,
    Feature::List,
    Feature::Choices,
    Feature::Link,
    Feature::Poll,
];

/// Length in what the capability counts.
pub(super) fn length(text: &str, unit: LengthUnit) -> usize {
    match unit {
        LengthUnit::Unspecified | LengthUnit::Characters => text.chars().count(),
        LengthUnit::Bytes => text.len(),
        LengthUnit::Utf16 => text.encode_utf16().count(),
    }
}

/// Whether all of it is a template.
pub(super) fn is_template(message: &Message) -> bool {
    message.parts.iter().any(|part| matches!(part.content, Some(Content::Template(_))))
}

/// The feature a part needs; `None` for what cannot be sent in any form of its own.
pub fn feature_of(part: &Part) -> Option<Feature> {
    Some(match part.content.as_ref()? {
        Content::Media(media) => match media.kind() {
            MediaKind::Image => Feature::Image,
            MediaKind::Gif => Feature::Gif,
            MediaKind::Video => Feature::Video,
            MediaKind::Audio => Feature::Audio,
            MediaKind::File | MediaKind::Unspecified => Feature::File,
        },
        Content::Location(_) => Feature::Location,
        Content::ContactCard(_) => Feature::ContactCard,
        Content::Card(_) => Feature::Card,
        Content::Carousel(_) => Feature::Carousel,
        Content::List(_) => Feature::List,
        Content::Choices(_) => Feature::Choices,
        Content::Template(_) => Feature::Template,
        Content::Poll(_) => Feature::Poll,
        Content::Link(_) => Feature::Link,
        Content::Sticker(_) => Feature::Sticker,
        Content::Order(_) | Content::Product(_) | Content::Story(_) | Content::Appointment(_) | Content::Unknown(_) => {
            return None;
        }
    })
}

/// The feature an action other than a message needs.
pub(super) fn feature_of_action(what: &What) -> Option<Feature> {
    use kenh_proto::v1::delete;
    match what {
        What::Message(_) => None,
        What::Edit(_) => Some(Feature::Edit),
        What::Delete(deletion) => match deletion.what {
            Some(delete::What::ProviderCommentId(_)) => Some(Feature::CommentDelete),
            Some(delete::What::ProviderMessageId(_)) | None => Some(Feature::Delete),
        },
        What::React(_) => Some(Feature::React),
        What::Typing(_) => Some(Feature::Typing),
        What::MarkRead(_) => Some(Feature::MarkRead),
        What::CommentReply(_) => Some(Feature::CommentReply),
        What::HideComment(_) => Some(Feature::CommentHide),
    }
}
