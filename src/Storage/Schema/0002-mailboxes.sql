-- A message's octets as received, written once and shared by every copy; large ones are files named by their id.
create table blobs (
    id bigint primary key,
    sha256 bytea not null,
    size bigint not null,
    data bytea
);

create table mailboxes (
    id bigint primary key,
    account_id bigint not null references accounts (id),
    name text not null,
    special_use bigint not null,
    subscribed boolean not null,
    uid_validity bigint not null,
    uid_next bigint not null,
    highest_modseq bigint not null,
    total bigint not null,
    unseen bigint not null,
    deleted bigint not null,
    bytes bigint not null,
    unique (account_id, name)
);

-- What is one account's and never changes: the header lines added for it, and the facts lists are made of.
create table emails (
    id bigint primary key,
    account_id bigint not null references accounts (id),
    blob_id bigint not null references blobs (id),
    prefix bytea not null,
    size bigint not null,
    received bigint not null,
    structure bytea not null,
    copies bigint not null
);
create index emails_by_blob on emails (blob_id);
create index emails_by_account on emails (account_id);

create table entries (
    mailbox_id bigint not null references mailboxes (id),
    uid bigint not null,
    email_id bigint not null references emails (id),
    modseq bigint not null,
    flags bigint not null,
    keywords text not null,
    internal_date bigint not null,
    size bigint not null,
    primary key (mailbox_id, uid)
);
create index entries_by_modseq on entries (mailbox_id, modseq);
create index entries_by_email on entries (email_id);

-- Uids that are gone, so that a client can catch up from any modseq (RFC 7162).
create table tombstones (
    mailbox_id bigint not null,
    uid bigint not null,
    modseq bigint not null,
    primary key (mailbox_id, uid)
);
create index tombstones_by_modseq on tombstones (mailbox_id, modseq);
