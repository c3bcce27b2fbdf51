"""What the channel lets a program answer."""

from datetime import datetime, timezone


def forbidden(event):
    """Why nobody may answer this event, or None. What is absent forbids nothing: many channels have no such rules."""
    policy = event.reply_policy
    if policy.observer_only:
        return "another application has the conversation"
    if policy.template_required:
        return "only a template may be sent"
    if policy.HasField("open_until"):
        # A person may have longer (`human_agent_until`); this program is none and must not say that it is.
        if policy.open_until.ToDatetime(timezone.utc) <= datetime.now(timezone.utc):
            return "the time for answering is over"
    return None
