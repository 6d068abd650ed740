-- What this server signs its domains' mail with. The private key is PKCS #8; the public one is what DNS publishes in p=.
create table dkim_keys (
    id bigint not null primary key,
    domain text not null,
    selector text not null,
    algorithm text not null,
    public_key text not null,
    private_key bytea not null,
    created bigint not null,
    unique (domain, selector)
);
