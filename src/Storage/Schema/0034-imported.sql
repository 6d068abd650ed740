-- Messages brought from elsewhere, so that none is brought twice: source is a digest of where it was there.
create table imported (
    account_id bigint not null,
    source bytea not null,
    primary key (account_id, source)
) /* clustered */;
