//! `kenh message`

use kenh_proto::{
    to_json,
    v1::{
        CancelMessageRequest, GetMessageRequest, ListMessagesRequest, OutboundMessage, RetryMessageRequest, SendState,
        get_message_request::By,
    },
};

use super::send::connect;
use crate::{
    cli::{ListMessages, MessageCommand, State},
    client,
    failure::Failure,
};

pub(crate) async fn run(command: MessageCommand) -> Result<(), Failure> {
    let message = match command {
        MessageCommand::List(arguments) => return list(&arguments).await,
        MessageCommand::Show(one) => {
            let request = GetMessageRequest { by: Some(By::Id(one.id)) };
            connect(&one.api).await?.get_message(request).await.map_err(client::refused)?.into_inner().message
        }
        MessageCommand::Cancel(one) => {
            let request = CancelMessageRequest { id: one.id };
            connect(&one.api).await?.cancel_message(request).await.map_err(client::refused)?.into_inner().message
        }
        MessageCommand::Retry(one) => {
            let request = RetryMessageRequest { id: one.id, ..RetryMessageRequest::default() };
            connect(&one.api).await?.retry_message(request).await.map_err(client::refused)?.into_inner().message
        }
    };
    show(&message.unwrap_or_default())
}

fn show(message: &OutboundMessage) -> Result<(), Failure> {
    client::print(&to_json("OutboundMessage", message).map_err(Failure::runtime)?)
}

async fn list(arguments: &ListMessages) -> Result<(), Failure> {
    let mut client = connect(&arguments.api).await?;
    let mut request = ListMessagesRequest {
        states: arguments.state.iter().map(|state| SendState::from(*state).into()).collect(),
        channel: arguments.channel.clone().unwrap_or_default(),
        conversation_id: arguments.conversation.clone().unwrap_or_default(),
        ..ListMessagesRequest::default()
    };
    let mut left = arguments.count;
    loop {
        let page = client.list_messages(request.clone()).await.map_err(client::refused)?.into_inner();
        for message in page.messages.iter().take(left) {
            show(message)?;
        }
        left = left.saturating_sub(page.messages.len());
        if left == 0 || page.next_page_token.is_empty() {
            return Ok(());
        }
        request.page_token = page.next_page_token;
    }
}

impl From<State> for SendState {
    fn from(state: State) -> Self {
        match state {
            State::Scheduled => Self::Scheduled,
            State::Queued => Self::Queued,
            State::Sending => Self::Sending,
            State::Retrying => Self::Retrying,
            State::Accepted => Self::Accepted,
            State::Failed => Self::Failed,
            State::Unknown => Self::Unknown,
            State::Expired => Self::Expired,
            State::Cancelled => Self::Cancelled,
        }
    }
}
