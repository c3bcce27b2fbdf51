//! Every event name Zalo is known to send.

use kenh_proto::v1::{ConversationAction as Change, SubscriptionAction};

use super::account;

/// Whose side the sender is on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    User,
    Oa,
}

/// Where a message is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Room {
    Direct,
    Anonymous,
    Group,
}

/// Who writes where.
#[derive(Clone, Copy)]
pub(super) struct Chat {
    pub(super) side: Side,
    pub(super) room: Room,
}

/// What happens to a label.
#[derive(Clone, Copy)]
pub(super) enum Labelled {
    On,
    Off,
}

/// A change of a group, and whether the people named in it made it themselves.
#[derive(Clone, Copy)]
pub(super) struct GroupRow {
    pub(super) change: Change,
    pub(super) by_members: bool,
}

/// Events that are read alike.
#[derive(Clone, Copy)]
pub(super) enum Family<'a> {
    Message { chat: Chat, suffix: &'a str },
    Received,
    Seen,
    Reaction(Side),
    Follow(SubscriptionAction),
    OpenChat,
    SubmitInfo,
    UpdateInfo,
    Withdraw,
    Widget(Side),
    Order,
    Tag(Labelled),
    Call(Side),
    Consent(Side),
    Group(GroupRow),
    Feedback,
    Button,
    Account(&'static account::Row),
}

const fn chat(side: Side, room: Room) -> Chat {
    Chat { side, room }
}

/// Done by the people named.
const fn theirs(change: Change) -> Family<'static> {
    Family::Group(GroupRow { change, by_members: true })
}

/// Done to the people named, or to the group.
const fn done(change: Change) -> Family<'static> {
    Family::Group(GroupRow { change, by_members: false })
}

/// Names as a whole. Those of groups differ between sources: all spellings are here. `account::ROWS` has the rest.
const EVENTS: &[(&str, Family<'static>)] = &[
    ("user_received_message", Family::Received),
    ("user_seen_message", Family::Seen),
    ("user_reacted_message", Family::Reaction(Side::User)),
    ("oa_reacted_message", Family::Reaction(Side::Oa)),
    ("user_click_chatnow", Family::OpenChat),
    ("follow", Family::Follow(SubscriptionAction::Followed)),
    ("unfollow", Family::Follow(SubscriptionAction::Unfollowed)),
    ("user_submit_info", Family::SubmitInfo),
    ("update_user_info", Family::UpdateInfo),
    ("user_withdraw", Family::Withdraw),
    ("add_user_to_tag", Family::Tag(Labelled::On)),
    ("remove_user_from_tag", Family::Tag(Labelled::Off)),
    ("remove_tag", Family::Tag(Labelled::Off)),
    ("widget_interaction_accepted", Family::Widget(Side::User)),
    ("widget_failed_to_sync_user_external_id", Family::Widget(Side::Oa)),
    ("user_asking_product", Family::Message { chat: chat(Side::User, Room::Direct), suffix: "product" }),
    ("shop_has_order", Family::Order),
    ("oa_send_consent", Family::Consent(Side::Oa)),
    ("user_reply_consent", Family::Consent(Side::User)),
    ("user_call_oa", Family::Call(Side::User)),
    ("oa_call_user", Family::Call(Side::Oa)),
    ("create_group", done(Change::Started)),
    ("user_join_group", theirs(Change::MembersAdded)),
    ("user_request_join_group", theirs(Change::JoinRequested)),
    ("accept_request_join_group", done(Change::JoinAccepted)),
    ("react_request_join_group", done(Change::JoinAccepted)),
    ("react_request_join_group_accept", done(Change::JoinAccepted)),
    ("reject_request_join_group", done(Change::JoinRejected)),
    ("react_request_join_group_reject", done(Change::JoinRejected)),
    ("add_group_admin", done(Change::AdminsAdded)),
    ("remove_group_admin", done(Change::AdminsRemoved)),
    ("update_group_info", done(Change::SettingsChanged)),
    ("user_out_group", theirs(Change::MembersRemoved)),
    ("user_leave_group", theirs(Change::MembersRemoved)),
    ("delete_group", done(Change::Ended)),
    ("disperse_group", done(Change::Ended)),
    ("user_feedback", Family::Feedback),
    ("user_click_response_button", Family::Button),
];

/// What messages' names begin with. The first that fits counts, so longer ones come before those they begin with.
const MESSAGES: &[(&str, Chat)] = &[
    ("user_send_group_", chat(Side::User, Room::Group)),
    ("user_send_", chat(Side::User, Room::Direct)),
    ("oa_send_group_", chat(Side::Oa, Room::Group)),
    ("oa_send_anonymous_", chat(Side::Oa, Room::Anonymous)),
    ("oa_send_", chat(Side::Oa, Room::Direct)),
    ("anonymous_send_", chat(Side::User, Room::Anonymous)),
];

/// How the names of documented messages go on. Others are read from their attachments.
const SUFFIXES: &[&str] = &[
    "text",
    "image",
    "gif",
    "link",
    "audio",
    "video",
    "sticker",
    "location",
    "file",
    "business_card",
    "list",
    "template",
    "product",
];

impl<'a> Family<'a> {
    pub(super) fn of(name: &'a str) -> Option<Self> {
        let whole = EVENTS.iter().find(|(event, _)| *event == name).map(|(_, family)| *family);
        let account = || account::ROWS.iter().find(|row| row.event == name).map(Family::Account);
        let message = || {
            let (chat, suffix) =
                MESSAGES.iter().find_map(|(prefix, chat)| Some((*chat, name.strip_prefix(prefix)?)))?;
            (!suffix.is_empty()).then_some(Family::Message { chat, suffix })
        };
        whole.or_else(account).or_else(message)
    }

    /// Whether the name is known, and not only what it begins with.
    pub(super) fn is_documented(&self) -> bool {
        !matches!(self, Family::Message { suffix, .. } if !SUFFIXES.contains(suffix))
    }

    /// Whose side the sender is on, where the account has to be found among sender and recipient. Receipts are the
    /// other way round than their names suggest. A group message names its account apart, as its recipient is the
    /// group.
    pub(super) fn side(&self) -> Option<Side> {
        match self {
            Family::Message { chat, .. } if chat.side == Side::Oa || chat.room != Room::Group => Some(chat.side),
            Family::Reaction(side) => Some(*side),
            Family::Received | Family::Seen => Some(Side::Oa),
            Family::SubmitInfo => Some(Side::User),
            Family::Message { .. }
            | Family::Follow(_)
            | Family::OpenChat
            | Family::UpdateInfo
            | Family::Withdraw
            | Family::Widget(_)
            | Family::Order
            | Family::Tag(_)
            | Family::Call(_)
            | Family::Consent(_)
            | Family::Group(_)
            | Family::Feedback
            | Family::Button
            | Family::Account(_) => None,
        }
    }
}
