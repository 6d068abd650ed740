-- Mail that went through this gateway to mailboxes it learns from, so that a message found in a Junk folder there is known for one of ours.
-- session is the id in our Received field; junk what the message was marked as.
create table passed_mail (
    id bigint not null primary key,
    session text not null,
    message_id text not null,
    junk boolean not null,
    passed bigint not null
);
create index passed_mail_by_session on passed_mail (session);
create index passed_mail_by_message_id on passed_mail (message_id);
create index passed_mail_by_time on passed_mail (passed);

-- Mailboxes behind the gateway. What their users teach is kept under account -id. uid_validity and next_uid say how far Junk was read; 0 for not at all.
create table watched_mailboxes (
    id bigint not null primary key,
    address text not null unique,
    uid_validity bigint not null,
    next_uid bigint not null,
    looked bigint,
    problem text not null
);

-- Messages of ours that lie in a Junk folder. uid is 0 where the folder was renumbered and the message not seen again yet.
create table watched_junk (
    mailbox_id bigint not null,
    passed_id bigint not null,
    uid bigint not null,
    seen bigint not null,
    primary key (mailbox_id, passed_id)
) /* clustered */;
