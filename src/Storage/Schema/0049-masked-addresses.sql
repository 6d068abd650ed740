-- Addresses that an account made to give to one shop each, and which domains wrote to them: 1 is the shop as the first proved sender
-- taught it, 2 a sender the owner accepted, 3 somebody the address was never given to. The key is a registered domain, or the whole address
-- where the domain is a free-mail house.
create table masked_addresses (
    id bigint primary key,
    account_id bigint not null,
    address text not null unique,
    shop text not null,
    note text not null,
    enabled boolean not null,
    created bigint not null,
    messages bigint not null,
    last_sender text not null,
    last_at bigint
);
create index masked_addresses_by_account on masked_addresses (account_id);
create table masked_senders (
    masked_id bigint not null,
    sender text not null,
    kind bigint not null,
    first_seen bigint not null,
    messages bigint not null,
    primary key (masked_id, sender)
);
