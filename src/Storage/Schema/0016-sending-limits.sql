-- What was sent, as running totals: a row says how much its scope had sent by the end of its five minutes, so that what lies between two
-- moments is the difference of two rows. A scope is a layer of the sender's identity: 'account:' and the id, 'domain:' and the name,
-- 'app-password:' and the id, 'source:' and the address, 'server'. fresh are recipients outside that were never written to before;
-- automatic are recipients of bounces and automatic replies, which count nowhere else.
create table sending_totals (
    scope text not null,
    bucket bigint not null,
    messages bigint not null,
    internal bigint not null,
    external bigint not null,
    fresh bigint not null,
    automatic bigint not null,
    primary key (scope, bucket)
) /* clustered */;
insert into sending_totals (scope, bucket, messages, internal, external, fresh, automatic)
    select scope, bucket, 0, 0, cast(sum(recipients) over (partition by scope order by bucket) as bigint), 0, 0 from sending_counts;
drop table sending_counts;

-- Whom an account has written to outside, by a hash of the address.
create table sending_contacts (
    account_id bigint not null,
    recipient bigint not null,
    first_sent bigint not null,
    primary key (account_id, recipient)
) /* clustered */;

-- Limits that differ from the configuration's. The subject is a scope, or 'accounts:' and a domain for each of its accounts. measure and
-- span are numbers of the program; 0 means no limit, a null leaves that bound as it is.
create table sending_limits (
    subject text not null,
    measure integer not null,
    span integer not null,
    soft bigint,
    hard bigint,
    primary key (subject, measure, span)
);

-- Messages that are kept back in the queue, and why: kind 1 for a soft limit, 2 for a budget. They go on by themselves at release_at.
-- told says that their sender knows.
create table sending_holds (
    message_id bigint not null primary key,
    account_id bigint not null,
    kind integer not null,
    reason text not null,
    since bigint not null,
    release_at bigint not null,
    told boolean not null
);
create index sending_holds_due on sending_holds (release_at);

-- Passwords for one program each. They are random and long, so a plain hash keeps them; ended is null while one is good.
create table app_passwords (
    id bigint not null primary key,
    account_id bigint not null,
    name text not null,
    verifier bytea not null,
    created bigint not null,
    used bigint,
    used_from text,
    ended bigint
);
create index app_passwords_of_account on app_passwords (account_id);

-- Addresses an account may send as beside its own: an address, '@' and a domain, or a pattern between slashes.
create table sender_grants (
    id bigint not null primary key,
    account_id bigint not null,
    pattern text not null,
    created bigint not null,
    unique (account_id, pattern)
);

-- Sessions that began before are over.
alter table accounts add column sessions_from bigint not null default 0;
