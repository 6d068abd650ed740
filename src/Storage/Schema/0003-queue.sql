-- The outbound queue: a message once, a row for each recipient still owed. A recipient's row goes when its fate is settled,
-- the message with the last of them. Times are Unix milliseconds.
create table queue_messages (
    id bigint not null primary key,
    origin integer not null,
    account_id bigint,
    reverse_path text,
    body integer not null,
    smtp_utf8 boolean not null,
    dsn_return integer not null,
    envelope_id text,
    prefix bytea not null,
    blob_id bigint not null,
    size bigint not null,
    created bigint not null,
    expires bigint not null
);

create table queue_recipients (
    id bigint not null primary key,
    message_id bigint not null,
    address text not null,
    domain text not null,
    notify integer not null,
    original_recipient text,
    attempts integer not null,
    next_attempt bigint not null,
    last_reply text,
    held boolean not null,
    warned boolean not null
);

-- A message's recipients of one domain go in one transaction, whoever else it has.
create index queue_recipients_message on queue_recipients (message_id, domain);
-- What is due is found by walking this index alone.
create index queue_recipients_due on queue_recipients (held, domain, next_attempt, id);
