//! Which conversation a channel id means.

use connector_sdk::Event;
use kenh_proto::v1::ConversationKind;

/// Puts an event into its conversation. Not every event says what kind of channel it is in, and a conversation of two
/// kinds would be two: the letter the id begins with tells, always.
pub(super) fn placed(event: Event, channel: Option<&str>) -> Event {
    let Some(channel) = channel else { return event };
    let direct = channel.starts_with('D');
    event.conversation(if direct { ConversationKind::Direct } else { ConversationKind::Group }, channel)
}
