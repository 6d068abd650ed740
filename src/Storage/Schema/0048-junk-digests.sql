-- Accounts that want to be told by mail what lies in Junk and in the quarantine, every so many days; sent: when it was last.
create table junk_digests (
    account_id bigint primary key,
    days integer not null,
    sent bigint not null
);
create index junk_digests_by_time on junk_digests (sent);
