-- Sieve scripts of accounts; of each account at most one is active. The content comes last, so that listing does not read it.
create table sieve_scripts (
    id bigint primary key,
    account_id bigint not null,
    name text not null,
    size bigint not null,
    is_active boolean not null,
    created bigint not null,
    changed bigint not null,
    content bytea not null
);
create unique index sieve_scripts_by_name on sieve_scripts (account_id, name);
create unique index sieve_scripts_active on sieve_scripts (account_id) where is_active;

-- When the scripts of an account changed last, in the count of all changes: what a process remembers of them is good until then.
create table sieve_changes (
    account_id bigint primary key,
    version bigint not null
);
create index sieve_changes_by_version on sieve_changes (version);

create table sieve_version (
    id bigint primary key,
    version bigint not null
);
insert into sieve_version (id, version) values (1, 0);
