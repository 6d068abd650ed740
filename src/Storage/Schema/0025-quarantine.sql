-- Messages held for somebody to look at. The id's time is when they came.
create table quarantine (
    id bigint not null primary key,
    blob_id bigint not null,
    size bigint not null,
    sender text,
    author text not null,
    subject text not null,
    preview text not null,
    reason text not null,
    reference text not null,
    malware boolean not null,
    trace bytea not null,
    body integer not null,
    smtp_utf8 boolean not null,
    expires bigint not null
);
create index quarantine_by_expiry on quarantine (expires);

-- Who was to get it; a release is one recipient's affair. account_id is null for a recipient elsewhere; told is when a digest named it. state: 0 held,
-- 1 to be released, 2 to be released and learned as wanted.
create table quarantine_recipients (
    quarantine_id bigint not null,
    recipient text not null,
    account_id bigint,
    told bigint,
    state integer not null,
    primary key (quarantine_id, recipient)
) /* clustered */;
create index quarantine_recipients_going on quarantine_recipients (quarantine_id) where state > 0;
create index quarantine_recipients_by_account on quarantine_recipients (account_id, quarantine_id);

-- The key that links of digests are signed with.
create table quarantine_key (
    id bigint not null primary key,
    secret bytea not null
);
