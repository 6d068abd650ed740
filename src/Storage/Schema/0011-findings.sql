-- What the filter found in each message it judged lately; the id's time is when. score is in thousandths of a log-odds, findings are
-- symbol numbers with weights, sketch tells near-duplicates, keys are those that reputation is kept by. campaign is the id of the
-- first message that had nearly this text, or 0.
create table judged_messages (
    id bigint not null primary key,
    reference text not null,
    message_id text not null,
    message_key bigint not null,
    sender text not null,
    facts integer not null,
    disposition integer not null,
    score bigint not null,
    findings bytea not null,
    sketch bytea not null,
    keys bytea not null,
    campaign bigint not null
);
create index judged_messages_by_key on judged_messages (message_key);
create index judged_messages_by_campaign on judged_messages (campaign) where campaign <> 0;

-- Where each account's copy went: mailbox and uid as they were then. shift is what the account's own evidence added, in thousandths.
-- label is what is known since: 0 nothing, 1 spam, 2 wanted, 3 answered, 4 read and kept.
create table judged_copies (
    judged_id bigint not null,
    account_id bigint not null,
    email_id bigint not null,
    mailbox_id bigint not null,
    uid bigint not null,
    disposition integer not null,
    shift bigint not null,
    known boolean not null,
    label integer not null,
    labelled bigint not null,
    primary key (judged_id, account_id)
) /* clustered */;
create index judged_copies_by_email on judged_copies (email_id);

-- The names behind the numbers in findings.
create table finding_symbols (
    number bigint not null primary key,
    name text not null unique
);

-- What the nightly refit proposes; the id's time is when. Applied by the administrator alone.
create table filter_proposals (
    id bigint not null primary key,
    content text not null
);
