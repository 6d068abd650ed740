-- Codes by time (RFC 6238) as a second factor: the secret that the owner's program has too, and the last time step of which a code was taken,
-- so that none is taken twice.
create table second_factors (
    account_id bigint not null primary key,
    secret bytea not null,
    last_step bigint not null,
    created bigint not null
);

-- Passkeys (WebAuthn). host is the relying party they were made for; counter the authenticator's, 0 for those that keep none.
create table passkeys (
    id bigint not null primary key,
    account_id bigint not null,
    credential bytea not null unique,
    public_key bytea not null,
    counter bigint not null,
    host text not null,
    name text not null,
    created bigint not null,
    used bigint
);
create index passkeys_by_account on passkeys (account_id);

-- Codes for the day the second factor is lost: random and long, so a plain hash keeps them; each is good once.
create table recovery_codes (
    account_id bigint not null,
    verifier bytea not null,
    used bigint,
    primary key (account_id, verifier)
);
