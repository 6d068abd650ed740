-- Accounts that were contained: what was found and what was done, so that it can be shown and taken back. state is 1 while it holds, 2 when
-- everything was put back, 3 when the account was given back and what the thief had done was not.
create table containments (
    id bigint not null primary key,
    account_id bigint not null,
    address text not null,
    since bigint not null,
    automatic boolean not null,
    reason text not null,
    state integer not null,
    ended bigint,
    facts text not null,
    notice text not null
);
create index containments_of_account on containments (account_id, id);

-- Mail taken out of the queue: the message with its recipients as JSON. Its content stays where it was, and its hold on it with it.
create table contained_mail (
    containment_id bigint not null,
    message_id bigint not null,
    message text not null,
    prefix bytea not null,
    primary key (containment_id, message_id)
);

-- Copies taken out of mailboxes here: where they lay, and where they lie now; moved is null while that is still to be done.
create table contained_copies (
    containment_id bigint not null,
    email_id bigint not null,
    account_id bigint not null,
    from_mailbox bigint not null,
    mailbox_id bigint not null,
    uid bigint not null,
    moved bigint,
    primary key (containment_id, email_id, account_id)
);
