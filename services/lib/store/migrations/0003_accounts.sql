CREATE TABLE kenh_account (
    channel {text} NOT NULL,
    account {text} NOT NULL,
    -- How sending goes. Here and below 0 and the empty text stand for what was never said.
    state {int} NOT NULL DEFAULT 0,
    last_success_at {int} NOT NULL DEFAULT 0,
    last_error_at {int} NOT NULL DEFAULT 0,
    last_error_code {text} NOT NULL DEFAULT '',
    -- The template (or none) whose allowance the channel said is used up, and until when.
    spent_on {text} NOT NULL DEFAULT '',
    spent_until {int} NOT NULL DEFAULT 0,
    -- How renewing its token goes.
    token_expires_at {int} NOT NULL DEFAULT 0,
    renewed_at {int} NOT NULL DEFAULT 0,
    refused_at {int} NOT NULL DEFAULT 0,
    refused_code {text} NOT NULL DEFAULT '',
    -- The last change that subscribers are told of. In telling 1 until they surely were.
    told {int} NOT NULL DEFAULT 0,
    told_state {int} NOT NULL DEFAULT 0,
    told_before {int} NOT NULL DEFAULT 0,
    told_at {int} NOT NULL DEFAULT 0,
    telling {int} NOT NULL DEFAULT 0,
    PRIMARY KEY (channel, account)
) {strict};
