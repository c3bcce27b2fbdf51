-- How far sources that are read, such as mailboxes, have been read. What a position holds is its reader's business.
CREATE TABLE kenh_position (
    name {text} NOT NULL PRIMARY KEY,
    version {int} NOT NULL,
    position {bytes} NOT NULL
) {strict};
