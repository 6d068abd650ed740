-- What is usual for each account that sends: sums by day (since 1970, UTC), odd being recipients written to from networks that are not its
-- own, which count nowhere else; and traits of its mail by a hash. Kind 1 is a network it came
-- from or signed in from, 2 the program, 3 a link's domain, 4 a script of writing, 5 an hour of the day.
create table sender_days (
    account_id bigint not null,
    day bigint not null,
    messages bigint not null,
    external bigint not null,
    fresh bigint not null,
    odd bigint not null,
    bounced bigint not null,
    complaints bigint not null,
    primary key (account_id, day)
) /* clustered */;

create table sender_traits (
    account_id bigint not null,
    kind integer not null,
    trait bigint not null,
    first_seen bigint not null,
    last_seen bigint not null,
    primary key (account_id, kind, trait)
) /* clustered */;

-- What is left of an account's trust, in thousandths, at a time; and the content score its mail usually has, in thousandths of a log-odds.
create table sender_trust (
    account_id bigint not null primary key,
    remaining bigint not null,
    as_of bigint not null,
    usual_score bigint not null,
    scored bigint not null
);

-- What was sent lately, for containment and for matching complaints; the id is the message's. odd says that it was unusual for its sender.
create table sent_messages (
    id bigint not null primary key,
    account_id bigint not null,
    source text not null,
    credential bigint,
    odd boolean not null,
    cost bigint not null,
    message_key bigint not null,
    session_key bigint not null
);
create index sent_messages_of_account on sent_messages (account_id, id);
create index sent_messages_by_key on sent_messages (message_key);
create index sent_messages_by_session on sent_messages (session_key);

-- Each copy of those: an address outside, or where a copy lies here.
create table sent_copies (
    message_id bigint not null,
    number bigint not null,
    address text not null,
    account_id bigint,
    email_id bigint,
    mailbox_id bigint,
    uid bigint,
    primary key (message_id, number)
) /* clustered */;

-- Signs that somebody else may use an account. handled says that what follows has been done.
create table sender_signs (
    id bigint not null primary key,
    account_id bigint not null,
    kind integer not null,
    what text not null,
    certain boolean not null,
    handled boolean not null
);
create index sender_signs_of_account on sender_signs (account_id, id);
create index sender_signs_open on sender_signs (id) where not handled;

-- Addresses that nobody writes to but who stole an address book, and names that nobody signs in as but who guesses.
create table canaries (
    address text not null primary key,
    account_id bigint,
    planted bigint not null
);
create table decoys (
    name text not null primary key,
    created bigint not null
);
-- Networks from which nobody may sign in for a while.
create table barred_networks (
    network text not null primary key,
    until bigint not null,
    reason text not null
);

-- What the administrator is to be told; sent is null while a way of telling him is still owed.
create table alerts (
    id bigint not null primary key,
    kind text not null,
    subject text not null,
    body text not null,
    attempts integer not null,
    next_attempt bigint not null,
    done text not null,
    sent bigint
);
create index alerts_owed on alerts (next_attempt) where sent is null;
