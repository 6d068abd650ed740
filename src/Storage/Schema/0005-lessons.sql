-- What an account taught its own filter: the sum of its lessons as sparse weights, and each lesson's step so that it can be undone.
-- as_of is the day (since 1970) that the weights have faded to; steps are millionths of a log-odds.
create table filter_accounts (
    account_id bigint not null primary key,
    version bigint not null,
    as_of bigint not null,
    weights bytea not null
);

create table filter_lessons (
    account_id bigint not null,
    message_key bytea not null,
    junk boolean not null,
    step bigint not null,
    as_of bigint not null,
    taught bigint not null,
    primary key (account_id, message_key)
);
create index filter_lessons_by_time on filter_lessons (account_id, taught);
