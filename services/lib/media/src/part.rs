//! Files within an event.

use kenh_proto::v1::{Envelope, Media, MediaKind, MediaState, envelope::Payload, part::Content};

use crate::{Chunks, File, stored::Record};

/// One of them.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    pub(crate) media: Media,
    pub(crate) sticker: bool,
}

impl Part {
    /// The file at a place: among the parts, or a call's recording.
    pub(crate) fn find(event: &Envelope, place: u32) -> Option<Self> {
        let place = usize::try_from(place).ok()?;
        #[expect(clippy::wildcard_enum_match_arm, reason = "payloads without parts, of which there will be more")]
        let parts = match event.payload.as_ref()? {
            Payload::Message(message) => &message.parts,
            Payload::MessageEdited(edited) => &edited.parts,
            Payload::Comment(comment) => &comment.parts,
            Payload::CallEvent(call) if place == 0 => {
                return Some(Self { media: call.recording.clone()?, sticker: false });
            }
            _ => return None,
        };
        #[expect(clippy::wildcard_enum_match_arm, reason = "what is no file, of which there will be more")]
        match parts.get(place)?.content.as_ref()? {
            Content::Media(media) => Some(Self { media: media.clone(), sticker: false }),
            Content::Sticker(sticker) => {
                let (url, provider_ref) = (sticker.url.clone(), sticker.id.clone());
                let media = Media { kind: MediaKind::Image.into(), url, provider_ref, ..Media::default() };
                Some(Self { media, sticker: true })
            }
            _ => None,
        }
    }

    /// Whether it lies in the event's own bytes.
    pub(crate) fn is_enclosed(&self) -> bool {
        self.media.state() == MediaState::Enclosed
    }

    /// Whether somebody may have sent a page, by what the event says of it.
    pub(crate) fn may_be_a_page(&self) -> bool {
        let named = |name: &str| [".html", ".htm"].iter().any(|ending| name.to_ascii_lowercase().ends_with(ending));
        self.media.mime_type.as_deref() == Some("text/html") || self.media.name.as_deref().is_some_and(named)
    }

    /// As it is given, with what the event says of it.
    pub(crate) fn file(self, record: Record, chunks: Chunks) -> File {
        let said = self.media.mime_type.filter(|mime| !mime.is_empty());
        let sha256 = record.digest();
        File { mime: said.or(record.mime), name: self.media.name, size: record.size, sha256, chunks }
    }
}
