-- A message's octets as received, written once and shared by every copy and by the queue. Large ones have no data here:
-- they are files named by their id (see Blobs). references_held counts the emails and queued messages that need the octets.
create table blobs (
    id bigint primary key,
    references_held bigint not null,
    size bigint not null,
    sha256 bytea not null,
    data bytea
);

-- What the store itself knows of an account. The row is made together with the standard mailboxes; uid_validity is the
-- last one given out, so that no mailbox ever gets one that an earlier mailbox of its name had.
create table mailbox_accounts (
    account_id bigint primary key,
    uid_validity bigint not null
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
    forgotten_modseq bigint not null,
    total bigint not null,
    unseen bigint not null,
    deleted bigint not null,
    bytes bigint not null,
    unique (account_id, name)
);
create unique index mailboxes_by_use on mailboxes (account_id, special_use) where special_use <> 0;

-- What is one account's and never changes: the header lines added for it, and the facts lists are made of.
-- The tables below name others without "references": the store keeps them in step itself and its invariants are tested,
-- while a checked reference would cost every message a look-up and every deletion an index.
create table emails (
    id bigint primary key,
    account_id bigint not null,
    blob_id bigint not null,
    copies bigint not null,
    size bigint not null,
    received bigint not null,
    prefix bytea not null,
    structure bytea not null
);

-- added_modseq rises with the uid, so what is new since a modseq is found from the end. Only what was changed after it was added
-- stands in the index: a delivery then writes one page less.
create table entries (
    mailbox_id bigint not null,
    uid bigint not null,
    email_id bigint not null,
    added_modseq bigint not null,
    modseq bigint not null,
    flags bigint not null,
    keywords text not null,
    internal_date bigint not null,
    size bigint not null,
    primary key (mailbox_id, uid)
) /* clustered */;
create index entries_changed on entries (mailbox_id, modseq) where modseq <> added_modseq;

-- Uids that are gone, so that a client can catch up from any modseq (RFC 7162).
create table tombstones (
    mailbox_id bigint not null,
    modseq bigint not null,
    uid bigint not null,
    primary key (mailbox_id, modseq, uid)
) /* clustered */;
