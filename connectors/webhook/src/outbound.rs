//! Messages out: one call each, made by a template and a program of the configuration.

mod address;
mod answer;
mod call;
mod read;

use std::{collections::BTreeMap, time::Duration};

use connector_sdk::{
    Section,
    outbound::{Accounts, Answer, Counted, Effect, Failure, Limit, Method, Outbound, Scope, Sending, Step, native},
};
use kenh_proto::v1::{Capabilities, Capability, Feature, LengthUnit, SendReason, delete, outbound_action::What};

use crate::jq::Program;
use address::Template;

/// The sending half of an endpoint.
#[derive(Debug)]
pub(crate) struct Sender {
    accounts: Accounts,
    /// The calls there are, by what they do.
    calls: BTreeMap<Does, Call>,
    /// What a message may be made of.
    takes: Vec<Feature>,
    /// Characters of a text at most; 0 is no bound.
    longest: u32,
    /// Of every call.
    headers: Vec<(&'static str, Template)>,
    /// Whether the channel took it, asked of an answer with 2xx.
    success: Option<Program>,
    /// Its ids of what it took.
    message_id: Option<Program>,
    /// Its code of an error.
    error_code: Option<Program>,
    /// What codes and statuses mean.
    errors: BTreeMap<String, SendReason>,
    requests_per_minute: u64,
}

/// What a call does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Does {
    Message,
    Edit,
    Delete,
    DeleteComment,
    React,
    Typing,
    MarkRead,
    CommentReply,
    HideComment,
}

/// One of the calls.
#[derive(Debug)]
struct Call {
    method: Method,
    url: Template,
    headers: Vec<(&'static str, Template)>,
    /// Makes the body; without it there is none.
    body: Option<Program>,
    /// The channel knows a repeat by the reference.
    is_keyed: bool,
    /// Whether the channel took it, where this call is answered in a way of its own.
    success: Option<Program>,
}

impl Does {
    /// All of them, by the words of the configuration, with the feature each gives.
    pub(crate) const ALL: &'static [(Self, &'static str, Feature)] = &[
        (Self::Message, "message", Feature::Text),
        (Self::Edit, "edit", Feature::Edit),
        (Self::Delete, "delete", Feature::Delete),
        (Self::DeleteComment, "delete_comment", Feature::CommentDelete),
        (Self::React, "react", Feature::React),
        (Self::Typing, "typing", Feature::Typing),
        (Self::MarkRead, "mark_read", Feature::MarkRead),
        (Self::CommentReply, "comment_reply", Feature::CommentReply),
        (Self::HideComment, "hide_comment", Feature::CommentHide),
    ];

    fn of(what: &What) -> Self {
        match what {
            What::Message(_) => Self::Message,
            What::Edit(_) => Self::Edit,
            What::Delete(deletion) => match deletion.what {
                Some(delete::What::ProviderCommentId(_)) => Self::DeleteComment,
                Some(delete::What::ProviderMessageId(_)) | None => Self::Delete,
            },
            What::React(_) => Self::React,
            What::Typing(_) => Self::Typing,
            What::MarkRead(_) => Self::MarkRead,
            What::CommentReply(_) => Self::CommentReply,
            What::HideComment(_) => Self::HideComment,
        }
    }

    fn word(self) -> &'static str {
        Self::ALL.iter().find(|(does, ..)| *does == self).map_or("", |(_, word, _)| word)
    }

    /// What a missing answer means.
    fn effect(self, is_keyed: bool) -> Effect {
        match self {
            Self::Typing | Self::MarkRead => Effect::Repeatable,
            Self::Message
            | Self::Edit
            | Self::Delete
            | Self::DeleteComment
            | Self::React
            | Self::CommentReply
            | Self::HideComment => {
                if is_keyed {
                    Effect::Keyed
                } else {
                    Effect::Visible
                }
            }
        }
    }
}

impl Sender {
    /// Reads `accounts` and `send`; nothing where there is neither.
    pub(crate) fn read(settings: &mut Section<'_>) -> Option<Self> {
        read::read(settings)
    }
}

impl Outbound for Sender {
    fn accounts(&self) -> &Accounts {
        &self.accounts
    }

    fn capabilities(&self) -> Capabilities {
        let called = Does::ALL.iter().filter(|(does, ..)| self.calls.contains_key(does));
        let features = called.map(|(.., feature)| *feature).chain(self.takes.iter().copied());
        let capable = |feature: Feature| {
            let is_text = feature == Feature::Text;
            let files = [Feature::Image, Feature::Gif, Feature::Video, Feature::Audio, Feature::File];
            Capability {
                max_length: if is_text { self.longest } else { 0 },
                length_unit: if is_text { LengthUnit::Characters.into() } else { LengthUnit::Unspecified.into() },
                caption: files.contains(&feature),
                ..native(feature)
            }
        };
        let features = features.map(capable);
        let repeatable = self.calls.get(&Does::Message).is_some_and(|call| call.is_keyed);
        Capabilities { features: features.collect(), repeatable, ..Capabilities::default() }
    }

    fn step(&self, sending: &Sending<'_>, answers: &[Answer]) -> Step {
        let does = Does::of(sending.what);
        let Some(call) = self.calls.get(&does) else {
            return Step::Done(Failure::permanent(SendReason::ContentUnsupported, None));
        };
        match answers.first() {
            Some(answer) => Step::Done(self.ended(call, answer, does.effect(call.is_keyed))),
            None => match self.called(call, does, sending) {
                Ok(call) => Step::Call(call),
                Err(outcome) => Step::Done(outcome),
            },
        }
    }

    fn limits(&self) -> Vec<Limit> {
        let requests = self.requests_per_minute;
        if requests == 0 {
            return Vec::new();
        }
        let burst = (requests / 10).max(1);
        let every = Duration::from_secs(60) / u32::try_from((requests - burst).max(1)).unwrap_or(u32::MAX);
        let burst = u32::try_from(burst).unwrap_or(u32::MAX);
        vec![Limit { scope: Scope::Endpoint, what: Counted::All, burst, every }]
    }
}
