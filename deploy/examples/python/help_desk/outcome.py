"""What a handler raises when it is not done with an event."""


class TryLater(Exception):
    """It may work later. `after`: in how many seconds; None leaves that to the subscription."""

    def __init__(self, why, after=None):
        super().__init__(why)
        self.after = after


class CannotHandle(Exception):
    """It will never work: somebody has to look at it."""
