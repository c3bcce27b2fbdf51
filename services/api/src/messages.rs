//! The calls of `kenh.v1.MessageService`.

mod asks;
mod existing;
mod refusals;

use async_trait::async_trait;
use kenh_access::{Caller, Right};
use kenh_outbound::{Ask, Desk, Teller};
use kenh_proto::v1::{self, message_service_server::MessageService};
use tonic::{Request, Response, Status};

use refusals::refusal;

/// Takes what is to be sent.
#[derive(Debug, Clone)]
pub(crate) struct MessageCalls {
    desk: Desk,
    teller: Teller,
}

impl MessageCalls {
    pub(crate) fn new(desk: Desk, teller: Teller) -> Self {
        Self { desk, teller }
    }

    async fn submit(&self, caller: &Caller, ask: Ask) -> Result<(v1::OutboundMessage, bool), Status> {
        let resolved = self.desk.resolve(&ask.destination, ask.account_only).await.map_err(refusal)?;
        caller.may(Right::Send, resolved.endpoint.channel, Some(&resolved.account))?;
        let submission = self.desk.submit(&resolved, &ask).await.map_err(refusal)?;
        Ok((self.shown(&submission.outbound).await?, submission.repeated))
    }

    async fn plan(&self, caller: &Caller, ask: &Ask) -> Result<v1::PlanSendResponse, Status> {
        let resolved = match self.desk.resolve(&ask.destination, ask.account_only).await {
            Ok(resolved) => resolved,
            Err(problem) => return refusals::unsendable(problem),
        };
        caller.may(Right::Send, resolved.endpoint.channel, Some(&resolved.account))?;
        match self.desk.plan(&resolved, ask).await {
            Ok((planned, verdict)) => Ok(v1::PlanSendResponse {
                sendable: verdict.allowed,
                failure: verdict
                    .reason
                    .and_then(|reason| v1::SendReason::try_from(reason).ok())
                    .map(refusals::forbidden),
                plan: Some(v1::SendPlan {
                    provider_messages: u32::try_from(planned.pieces.len()).unwrap_or(u32::MAX),
                    parts: planned.parts,
                    policy: Some(verdict),
                    segmentation: planned.segmentation,
                }),
            }),
            Err(problem) => refusals::unsendable(problem),
        }
    }
}

#[async_trait]
impl MessageService for MessageCalls {
    async fn send_message(
        &self,
        request: Request<v1::SendMessageRequest>,
    ) -> Result<Response<v1::SendMessageResponse>, Status> {
        let caller = Caller::of(&request)?;
        let (message, repeated_call) = self.submit(&caller, asks::message(request)?).await?;
        Ok(Response::new(v1::SendMessageResponse { message: Some(message), repeated_call }))
    }

    async fn plan_send(&self, request: Request<v1::PlanSendRequest>) -> Result<Response<v1::PlanSendResponse>, Status> {
        let caller = Caller::of(&request)?;
        let (metadata, extensions, request) = request.into_parts();
        let request = request.request.ok_or_else(|| crate::status::invalid("request", "must be set"))?;
        let ask = asks::message(Request::from_parts(metadata, extensions, request))?;
        Ok(Response::new(self.plan(&caller, &ask).await?))
    }

    async fn get_message(
        &self,
        request: Request<v1::GetMessageRequest>,
    ) -> Result<Response<v1::GetMessageResponse>, Status> {
        let caller = Caller::of(&request)?;
        let found = self.find(&caller, request.into_inner()).await?;
        Ok(Response::new(v1::GetMessageResponse { message: Some(self.shown(&found).await?) }))
    }

    async fn list_messages(
        &self,
        request: Request<v1::ListMessagesRequest>,
    ) -> Result<Response<v1::ListMessagesResponse>, Status> {
        let caller = Caller::of(&request)?;
        Ok(Response::new(self.list(&caller, request.into_inner()).await?))
    }

    async fn cancel_message(
        &self,
        request: Request<v1::CancelMessageRequest>,
    ) -> Result<Response<v1::CancelMessageResponse>, Status> {
        let caller = Caller::of(&request)?;
        let message = self.cancel(&caller, &request.into_inner().id).await?;
        Ok(Response::new(v1::CancelMessageResponse { message: Some(message) }))
    }

    async fn retry_message(
        &self,
        request: Request<v1::RetryMessageRequest>,
    ) -> Result<Response<v1::RetryMessageResponse>, Status> {
        let caller = Caller::of(&request)?;
        let message = self.retry(&caller, request.into_inner()).await?;
        Ok(Response::new(v1::RetryMessageResponse { message: Some(message) }))
    }

    async fn edit_message(
        &self,
        request: Request<v1::EditMessageRequest>,
    ) -> Result<Response<v1::EditMessageResponse>, Status> {
        let caller = Caller::of(&request)?;
        let (message, _) = self.submit(&caller, asks::edit(request)?).await?;
        Ok(Response::new(v1::EditMessageResponse { message: Some(message) }))
    }

    async fn delete_message(
        &self,
        request: Request<v1::DeleteMessageRequest>,
    ) -> Result<Response<v1::DeleteMessageResponse>, Status> {
        let caller = Caller::of(&request)?;
        let (message, _) = self.submit(&caller, asks::delete(request)?).await?;
        Ok(Response::new(v1::DeleteMessageResponse { message: Some(message) }))
    }

    async fn react(&self, request: Request<v1::ReactRequest>) -> Result<Response<v1::ReactResponse>, Status> {
        let caller = Caller::of(&request)?;
        let (message, _) = self.submit(&caller, asks::react(request)?).await?;
        Ok(Response::new(v1::ReactResponse { message: Some(message) }))
    }

    async fn send_typing(
        &self,
        request: Request<v1::SendTypingRequest>,
    ) -> Result<Response<v1::SendTypingResponse>, Status> {
        let caller = Caller::of(&request)?;
        let (message, _) = self.submit(&caller, asks::typing(request)?).await?;
        Ok(Response::new(v1::SendTypingResponse { message: Some(message) }))
    }

    async fn mark_read(&self, request: Request<v1::MarkReadRequest>) -> Result<Response<v1::MarkReadResponse>, Status> {
        let caller = Caller::of(&request)?;
        let (message, _) = self.submit(&caller, asks::mark_read(request)?).await?;
        Ok(Response::new(v1::MarkReadResponse { message: Some(message) }))
    }

    async fn reply_to_comment(
        &self,
        request: Request<v1::ReplyToCommentRequest>,
    ) -> Result<Response<v1::ReplyToCommentResponse>, Status> {
        let caller = Caller::of(&request)?;
        let (message, _) = self.submit(&caller, asks::comment_reply(request)?).await?;
        Ok(Response::new(v1::ReplyToCommentResponse { message: Some(message) }))
    }

    async fn hide_comment(
        &self,
        request: Request<v1::HideCommentRequest>,
    ) -> Result<Response<v1::HideCommentResponse>, Status> {
        let caller = Caller::of(&request)?;
        let (message, _) = self.submit(&caller, asks::hide_comment(request)?).await?;
        Ok(Response::new(v1::HideCommentResponse { message: Some(message) }))
    }
}
