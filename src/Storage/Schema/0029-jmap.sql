-- Octets that a client has uploaded and not used yet (RFC 8620 section 6.1).
create table jmap_uploads (
    id bigint primary key,
    account_id bigint not null,
    blob_id bigint not null,
    type text not null,
    size bigint not null
);
create index jmap_uploads_by_account on jmap_uploads (account_id, id);

-- What happened to objects that are neither mail nor mailboxes; a kind's state is its last number.
create table jmap_changes (
    account_id bigint not null,
    kind bigint not null,
    seq bigint not null,
    object_id bigint not null,
    what bigint not null,
    primary key (account_id, kind, seq)
) /* clustered */;

create table jmap_identities (
    id bigint primary key,
    account_id bigint not null,
    name text not null,
    email text not null,
    reply_to text,
    bcc text,
    text_signature text not null,
    html_signature text not null,
    may_delete boolean not null
);
create index jmap_identities_by_account on jmap_identities (account_id);

-- Mail handed over by JMAP: what waits for its time, and what became of the rest. The delivery status is what was answered per recipient.
create table jmap_submissions (
    id bigint primary key,
    account_id bigint not null,
    identity_id bigint not null,
    email_id bigint not null,
    thread_id bigint not null,
    envelope text not null,
    send_at bigint not null,
    undo_status bigint not null,
    delivery_status text,
    queue_id text,
    blob_id bigint
);
create index jmap_submissions_by_account on jmap_submissions (account_id, id);
create index jmap_submissions_waiting on jmap_submissions (send_at) where undo_status = 0;

create table jmap_push_subscriptions (
    id bigint primary key,
    account_id bigint not null,
    credential text not null,
    device text not null,
    url text not null,
    p256dh text,
    auth text,
    verification text not null,
    is_verified boolean not null,
    expires bigint not null,
    types text
);
create index jmap_push_subscriptions_by_account on jmap_push_subscriptions (account_id);

-- One row for an account that has ever set it (RFC 8621 section 8). The version rises with every change.
create table vacation_responses (
    account_id bigint primary key,
    is_enabled boolean not null,
    from_date bigint,
    to_date bigint,
    subject text,
    text_body text,
    html_body text,
    version bigint not null
);

-- Who was answered when, so that nobody is answered again soon (RFC 3834 section 2).
create table vacation_answers (
    account_id bigint not null,
    sender text not null,
    answered bigint not null,
    primary key (account_id, sender)
) /* clustered */;

-- Sign-ins of browsers; the token itself is known to its holder only.
create table web_sessions (
    id bigint primary key,
    account_id bigint not null,
    token_hash bytea not null unique,
    password_hash bytea not null,
    agent text not null,
    client text not null,
    last_used bigint not null,
    expires bigint not null
);
create index web_sessions_by_account on web_sessions (account_id);
