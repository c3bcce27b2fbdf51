CREATE TABLE kenh_exchange (
    -- The order in which they were written down.
    seq {serial},
    id {uuid} NOT NULL UNIQUE,
    began_at {int} NOT NULL,
    channel {text} NOT NULL,
    endpoint {text} NOT NULL,
    -- The empty text where no account is known.
    account {text} NOT NULL,
    direction {int} NOT NULL,
    outcome {int} NOT NULL,
    reason {int} NOT NULL,
    failed {int} NOT NULL,
    message {uuid},
    record {bytes} NOT NULL
) {strict};
CREATE INDEX kenh_exchange_account ON kenh_exchange (channel, endpoint, account, seq);
CREATE INDEX kenh_exchange_message ON kenh_exchange (message, seq) WHERE message IS NOT NULL;
CREATE INDEX kenh_exchange_failed ON kenh_exchange (seq) WHERE failed = 1;
CREATE INDEX kenh_exchange_began ON kenh_exchange (began_at);

-- 0: while it is not due it holds up nobody. 1: once tried it holds up what comes after it. 2: the channel has some of it
-- and not all, nothing comes in between.
ALTER TABLE kenh_outbound ADD COLUMN hold {int} NOT NULL DEFAULT 1;
DROP INDEX kenh_outbound_order;
CREATE INDEX kenh_outbound_order ON kenh_outbound (conversation, phase DESC, hold DESC, seq) WHERE phase < 2;
