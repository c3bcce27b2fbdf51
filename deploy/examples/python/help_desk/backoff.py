"""How long to wait before the next try."""

import random

FIRST, LONGEST = 0.5, 30.0


class Backoff:
    """Doubles from try to try, with chance in it, so that not all clients of a gateway come back at once."""

    def __init__(self):
        self.reset()

    def reset(self):
        self.wait = FIRST

    def next(self):
        wait, self.wait = self.wait, min(self.wait * 2, LONGEST)
        return wait * random.uniform(0.5, 1)
