-- Messages that come in parts, and what of them has come. A message that has been told stays for a while, so that a part that
-- is sent once more is known.
CREATE TABLE kenh_assembly (
    source {text} NOT NULL,
    message {text} NOT NULL,
    total {int} NOT NULL,
    parts {int} NOT NULL,
    began_at {int} NOT NULL,
    -- 0 before it was told.
    told_at {int} NOT NULL,
    PRIMARY KEY (source, message)
) {strict};
CREATE INDEX kenh_assembly_began ON kenh_assembly (source, told_at, began_at);
CREATE INDEX kenh_assembly_told ON kenh_assembly (told_at) WHERE told_at > 0;

CREATE TABLE kenh_part (
    source {text} NOT NULL,
    message {text} NOT NULL,
    number {int} NOT NULL,
    body {bytes} NOT NULL,
    PRIMARY KEY (source, message, number)
) {strict};
