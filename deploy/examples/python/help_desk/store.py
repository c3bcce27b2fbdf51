"""Tickets, in a file: what makes an event that comes twice do nothing the second time."""

import sqlite3
from dataclasses import dataclass

SCHEMA = """
CREATE TABLE IF NOT EXISTS tickets (
    number INTEGER PRIMARY KEY,
    event_id TEXT NOT NULL UNIQUE,   -- a redelivered event has the id it had
    answer_key TEXT NOT NULL UNIQUE, -- idempotency key of the answer
    question TEXT NOT NULL,
    answer TEXT NOT NULL,
    state TEXT NOT NULL              -- 'open', then what became of the answer
)
"""


@dataclass
class Ticket:
    number: int
    answer_key: str
    answer: str
    state: str


class Store:
    def __init__(self, path):
        self.file = sqlite3.connect(path, isolation_level=None)
        # FULL: what is committed is on disk. An acknowledgement says so to the gateway.
        self.file.execute("PRAGMA journal_mode = WAL")
        self.file.execute("PRAGMA synchronous = FULL")
        self.file.execute(SCHEMA)

    def close(self):
        self.file.close()

    def ticket(self, event_id, question, answer):
        """The ticket of an event: the one there is, or a new one. `answer` makes the text for a new ticket's number."""
        with self.file:
            self.file.execute("BEGIN IMMEDIATE")
            row = self.file.execute("SELECT coalesce(max(number), 0) + 1 FROM tickets").fetchone()
            # The text is kept before it is sent: a second try has to send the same under the same key.
            new = (row[0], event_id, f"answer-{event_id}", question, answer(row[0]), "open")
            self.file.execute("INSERT INTO tickets VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (event_id) DO NOTHING", new)
        found = "SELECT number, answer_key, answer, state FROM tickets WHERE event_id = ?"
        return Ticket(*self.file.execute(found, (event_id,)).fetchone())

    def settle(self, answer_key, state):
        """Notes what became of an answer. Returns its ticket's number; None for an answer that is not from here."""
        query = "UPDATE tickets SET state = ? WHERE answer_key = ? RETURNING number"
        rows = self.file.execute(query, (state, answer_key)).fetchall()
        return rows[0][0] if rows else None
