-- Web sites: an account that only sends, with what it may. user_name and folder say which programs of this computer are the site's, empty for
-- none; replies_to is where mail for its address goes, empty for the administrators. new_scripts: 1 let go, 2 limited, 3 held.
create table sites (
    account_id bigint not null primary key,
    user_name text not null,
    folder text not null,
    replies_to text not null,
    new_scripts bigint not null,
    blind_copies bigint not null,
    per_hour bigint not null,
    per_day bigint not null
);

-- Addresses beside its own that a site may send as: an address, or '@' and a domain.
create table site_addresses (
    account_id bigint not null,
    pattern text not null,
    primary key (account_id, pattern)
);

-- The scripts a site's mail came from. state: 1 new, 2 allowed, 3 blocked.
create table site_scripts (
    id bigint not null primary key,
    account_id bigint not null,
    script text not null,
    state bigint not null,
    first_seen bigint not null,
    last_seen bigint not null,
    messages bigint not null,
    unique (account_id, script)
);

-- Recipients outside by script, in buckets of five minutes.
create table site_counts (
    script_id bigint not null,
    bucket bigint not null,
    recipients bigint not null,
    primary key (script_id, bucket)
) /* clustered */;

-- Messages that wait until their script is allowed.
create table site_holds (
    message_id bigint not null primary key,
    script_id bigint not null
);

-- Keys under which programs hand over a message, so that one handed over twice is kept once. The account is 0 for programs of no site.
create table submission_keys (
    account_id bigint not null,
    once_key text not null,
    name text not null,
    created bigint not null,
    primary key (account_id, once_key)
) /* clustered */;
create index submission_keys_by_time on submission_keys (created);
