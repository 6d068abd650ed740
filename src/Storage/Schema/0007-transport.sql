-- MTA-STS policies of destinations, as they were fetched. Times are Unix milliseconds.
create table sts_policies (
    domain text not null primary key,
    policy_id text not null,
    policy text not null,
    fetched bigint not null,
    expires bigint not null
);

-- What TLS came to with other servers, counted for the daily reports: the day is the number of days since 1970 (UTC), the policy
-- and the details of a failure are JSON as they go into the report.
create table tls_results (
    day bigint not null,
    domain text not null,
    policy text not null,
    failure text not null,
    sessions bigint not null,
    primary key (day, domain, policy, failure)
);

-- What a message's sender wants of TLS on its way: 0 nothing, 1 REQUIRETLS, 2 "TLS-Required: No".
alter table queue_messages add column tls integer not null default 0;

-- What decided on the protection of the last attempt, and the certificate that was seen.
alter table queue_recipients add column last_protection text;

-- Reverse-paths of forwarded mail that are too long to be written into the address that stands for them (SRS).
create table long_return_paths (
    id bigint not null primary key,
    address text not null unique,
    used bigint not null
);
