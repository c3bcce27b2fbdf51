-- Events that the broker has not confirmed, of all processes, in the order in which they were accepted.
CREATE TABLE kenh_spool (
    partition {int} NOT NULL,
    -- Its place in its partition.
    number {int} NOT NULL,
    id {uuid} NOT NULL,
    received_at {int} NOT NULL,
    size {int} NOT NULL,
    event {bytes} NOT NULL,
    PRIMARY KEY (partition, number)
) {strict};
CREATE INDEX kenh_spool_id ON kenh_spool (id);

-- Which way the events of a partition go. A row for each partition that was ever spooled.
CREATE TABLE kenh_spool_way (
    partition {int} NOT NULL PRIMARY KEY,
    -- 0: to the broker, 1: into the spool, 2: nowhere while the last of the spool is published.
    way {int} NOT NULL,
    -- The number of the next event.
    next {int} NOT NULL,
    events {int} NOT NULL,
    bytes {int} NOT NULL
) {strict};
