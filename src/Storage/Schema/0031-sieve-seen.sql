-- What the scripts of an account have seen: ids of messages (duplicate) and who was answered (vacation), as digests, until when.
create table sieve_seen (
    account_id bigint not null,
    digest bytea not null,
    until bigint not null,
    primary key (account_id, digest)
);
create index sieve_seen_by_until on sieve_seen (until);
