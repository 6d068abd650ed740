-- Which group of source addresses a message leaves by: 0 the usual one, 1 that of risky mail.
alter table queue_messages add column pool integer not null default 0;

-- How mail that aliases pass on fares at each target, in a day that began at begun (Unix milliseconds).
create table forward_targets (
    target_key text not null primary key,
    target text not null,
    begun bigint not null,
    passed integer not null,
    refused integer not null,
    rests_until bigint not null,
    last_reply text not null
);
