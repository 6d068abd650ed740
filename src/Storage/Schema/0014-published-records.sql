-- The records that 'dns publish' and the rotation of keys have put into zones: what is here is ours to change and to remove, everything else in a
-- zone is somebody else's.
create table published_records (
    domain text not null,
    name text not null,
    type integer not null,
    data bytea not null,
    published bigint not null,
    primary key (domain, name, type, data)
);

-- The rule that decided on the protection of the last attempt, TLS and the certificate that was seen, as values (JSON); last_protection says the same in words.
alter table queue_recipients add column last_protection_facts text;
