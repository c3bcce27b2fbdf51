CREATE TABLE kenh_outbound (
    -- The order of submission.
    seq {serial},
    id {uuid} NOT NULL UNIQUE,
    client {text} NOT NULL,
    idempotency_key {text} NOT NULL,
    -- 1 while the key stands for this message, 0 when it is free again.
    key_held {int} NOT NULL,
    digest {bytes} NOT NULL,
    channel {text} NOT NULL,
    account {text} NOT NULL,
    conversation {uuid} NOT NULL,
    -- 0: waiting, 1: sending, 2: ended.
    phase {int} NOT NULL,
    state {int} NOT NULL,
    turn {int} NOT NULL,
    -- 1: its turn was taken over from a dispatcher that never ended it.
    taken {int} NOT NULL,
    due_at {int} NOT NULL,
    lease_until {int} NOT NULL,
    -- What it is given an id for now was not given to the channel before.
    began_at {int} NOT NULL,
    expires_at {int} NOT NULL,
    created_at {int} NOT NULL,
    updated_at {int} NOT NULL,
    record {bytes} NOT NULL
) {strict};
CREATE UNIQUE INDEX kenh_outbound_key ON kenh_outbound (client, idempotency_key) WHERE key_held = 1;
CREATE INDEX kenh_outbound_client ON kenh_outbound (client, seq);
CREATE INDEX kenh_outbound_conversation ON kenh_outbound (conversation, seq);
CREATE INDEX kenh_outbound_state ON kenh_outbound (state, seq);
CREATE INDEX kenh_outbound_order ON kenh_outbound (conversation, phase DESC, seq) WHERE phase < 2;
CREATE INDEX kenh_outbound_due ON kenh_outbound (channel, due_at, account) WHERE phase = 0;
CREATE INDEX kenh_outbound_lease ON kenh_outbound (channel, lease_until, account) WHERE phase = 1;
CREATE INDEX kenh_outbound_ended ON kenh_outbound (updated_at) WHERE phase = 2;

CREATE TABLE kenh_given (
    channel {text} NOT NULL,
    account {text} NOT NULL,
    provider_id {text} NOT NULL,
    -- Neither while only the channel's word is remembered.
    outbound {uuid},
    conversation {uuid},
    piece {int} NOT NULL,
    given_at {int} NOT NULL,
    status {int} NOT NULL,
    status_at {int} NOT NULL,
    code {text},
    -- The last status that subscribers were told of.
    told {int} NOT NULL,
    noted_at {int} NOT NULL,
    PRIMARY KEY (channel, account, provider_id)
) {strict};
CREATE INDEX kenh_given_outbound ON kenh_given (outbound, piece) WHERE outbound IS NOT NULL;
CREATE INDEX kenh_given_conversation ON kenh_given (conversation, given_at) WHERE conversation IS NOT NULL;
CREATE INDEX kenh_given_untold ON kenh_given (noted_at) WHERE outbound IS NOT NULL AND told < status;
CREATE INDEX kenh_given_early ON kenh_given (noted_at) WHERE outbound IS NULL;

CREATE TABLE kenh_paused (
    channel {text} NOT NULL,
    account {text} NOT NULL,
    paused_at {int} NOT NULL,
    PRIMARY KEY (channel, account)
) {strict};

CREATE TABLE kenh_conversation (
    id {uuid} NOT NULL PRIMARY KEY,
    channel {text} NOT NULL,
    account {text} NOT NULL,
    heard_at {int} NOT NULL,
    record {bytes} NOT NULL
) {strict};
CREATE INDEX kenh_conversation_heard ON kenh_conversation (heard_at);

CREATE TABLE kenh_credential (
    account {text} NOT NULL PRIMARY KEY,
    version {int} NOT NULL,
    sealed {bytes} NOT NULL
) {strict};

CREATE TABLE kenh_lease (
    name {text} NOT NULL PRIMARY KEY,
    owner {uuid} NOT NULL,
    lease_until {int} NOT NULL
) {strict};
