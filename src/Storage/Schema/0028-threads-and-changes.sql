-- Which thread a message belongs to (RFC 8621 section 3); found again from the message ids it names. 0 on mail of an earlier release
-- until the server's next start has looked at it.
alter table entries add column thread_id bigint not null default 0;
-- All places of a message: ids rise with time, so new ones are added at the end.
create index entries_by_email on entries (email_id);

-- Empty once the mail of an earlier release has been looked at.
create index entries_without_thread on entries (email_id) where thread_id = 0;

-- What a message must name to belong to a thread: a digest of a message id and the base subject. Rows outlive their thread until swept.
create table thread_references (
    account_id bigint not null,
    reference bigint not null,
    thread_id bigint not null,
    primary key (account_id, reference)
) /* clustered */;

-- What happened to the messages and mailboxes of an account, in order, so that a client can catch up (RFC 8620 section 5.2).
-- A row is one message in one mailbox, or a mailbox alone (email_id 0).
create table account_changes (
    account_id bigint not null,
    seq bigint not null,
    mailbox_id bigint not null,
    email_id bigint not null,
    thread_id bigint not null,
    what bigint not null,
    primary key (account_id, seq)
) /* clustered */;

alter table mailboxes add column sort_order bigint not null default 0;
