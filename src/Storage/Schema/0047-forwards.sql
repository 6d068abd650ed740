-- Addresses elsewhere that an account may send its mail on to, once whoever reads them has given back the code that was sent there. code is a keyed digest;
-- null when there is none, or no try is left.
create table forward_addresses (
    account_id bigint not null,
    address_key text not null,
    address text not null,
    created bigint not null,
    confirmed bigint,
    code bytea,
    expires bigint not null,
    tries integer not null,
    primary key (account_id, address_key)
) /* clustered */;

-- Codes that were sent, so that nobody is pestered with them: kept for a day.
create table forward_codes (
    id bigint primary key,
    account_id bigint not null,
    address_key text not null
);
create index forward_codes_by_account on forward_codes (account_id);
create index forward_codes_by_address on forward_codes (address_key);

-- Where an account's mail goes on to; keeps: a copy stays here.
create table forwards (
    account_id bigint primary key,
    address text not null,
    keeps boolean not null,
    changed bigint not null
);
