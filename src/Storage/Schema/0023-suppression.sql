-- Addresses elsewhere that do not exist any more, as their servers said: suppressed_until 0 is one that has bounced but not often
-- enough yet. Times are Unix milliseconds.
create table suppressed_addresses (
    address_key text not null primary key,
    address text not null,
    bounces integer not null,
    last_reply text not null,
    first_at bigint not null,
    last_at bigint not null,
    suppressed_until bigint not null,
    by_hand boolean not null
);
