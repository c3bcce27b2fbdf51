CREATE TABLE kenh_claim (
    id {uuid} NOT NULL PRIMARY KEY,
    -- Who publishes it, and until when, neither when it is published.
    process {uuid},
    lapses_at {int},
    first_at {int} NOT NULL,
    -- How often it was taken over.
    taken {int} NOT NULL
) {strict};
CREATE INDEX kenh_claim_first_at ON kenh_claim (first_at);

CREATE TABLE kenh_subscription (
    name {text} NOT NULL PRIMARY KEY,
    spec {bytes} NOT NULL,
    -- Rises with every seek.
    generation {int} NOT NULL,
    created_at {int} NOT NULL
) {strict};

-- A window's holder need not be there any more.
CREATE TABLE kenh_window (
    subscription {text} NOT NULL REFERENCES kenh_subscription (name) ON DELETE CASCADE,
    partition {int} NOT NULL,
    position {int} NOT NULL,
    state {bytes} NOT NULL,
    epoch {int} NOT NULL,
    session {uuid},
    PRIMARY KEY (subscription, partition)
) {strict};
CREATE INDEX kenh_window_session ON kenh_window (session) WHERE session IS NOT NULL;

CREATE TABLE kenh_member (
    session {uuid} NOT NULL PRIMARY KEY,
    subscription {text} NOT NULL REFERENCES kenh_subscription (name) ON DELETE CASCADE,
    consumer {text} NOT NULL,
    process {uuid} NOT NULL,
    lease_until {int} NOT NULL,
    UNIQUE (subscription, consumer)
) {strict};
CREATE INDEX kenh_member_process ON kenh_member (process);
CREATE INDEX kenh_member_lease ON kenh_member (subscription, lease_until);

CREATE TABLE kenh_parked (
    seq {serial},
    id {uuid} NOT NULL UNIQUE,
    subscription {text},
    partition {int} NOT NULL,
    log_offset {int} NOT NULL,
    event {uuid} NOT NULL,
    channel {text} NOT NULL,
    kind {text} NOT NULL,
    reason {text} NOT NULL,
    attempts {int} NOT NULL,
    parked_at {int} NOT NULL,
    redrive {int} NOT NULL,
    envelope {bytes} NOT NULL
) {strict};
CREATE INDEX kenh_parked_subscription ON kenh_parked (subscription, seq);
CREATE INDEX kenh_parked_channel ON kenh_parked (channel, seq);
CREATE INDEX kenh_parked_redrive ON kenh_parked (subscription, partition, seq) WHERE redrive = 1;
CREATE INDEX kenh_parked_at ON kenh_parked (parked_at);
