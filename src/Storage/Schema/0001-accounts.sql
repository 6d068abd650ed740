create table domains (
    id bigint primary key,
    name text not null unique,
    created bigint not null
);

-- The address is its key: lower case, A-labels, the local-part unquoted.
create table accounts (
    id bigint primary key,
    domain_id bigint not null references domains (id),
    address text not null unique,
    display_name text not null,
    status bigint not null,
    administrator boolean not null,
    quota_bytes bigint not null,
    used_bytes bigint not null,
    password_hash text not null,
    scram_salt bytea not null,
    scram_iterations bigint not null,
    scram_stored_key bytea not null,
    scram_server_key bytea not null,
    created bigint not null
);
create index accounts_by_domain on accounts (domain_id);

create table aliases (
    id bigint primary key,
    domain_id bigint not null references domains (id),
    pattern text not null,
    target text not null,
    created bigint not null,
    unique (pattern, target)
);
create index aliases_by_domain on aliases (domain_id);
create index aliases_by_target on aliases (target);

-- One row: raised by every change above, so that other processes know when to forget what they cached.
create table directory_version (
    id bigint primary key,
    version bigint not null
);
insert into directory_version (id, version) values (1, 1);

-- Random octets that all processes and restarts must share, such as the key behind the salts of accounts that do not exist.
create table directory_secrets (
    name text primary key,
    value bytea not null
);
