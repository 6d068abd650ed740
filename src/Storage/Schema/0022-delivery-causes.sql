-- Why mail waits, in the words of the table of causes; and why it came back, counted by day (days since 1970 UTC).
alter table queue_recipients add column last_cause text;

create table delivery_failures (
    day bigint not null,
    cause text not null,
    recipients bigint not null,
    last_at bigint not null,
    last_domain text not null,
    last_reply text not null,
    primary key (day, cause)
) /* clustered */;

-- What the queue has found out about itself, for commands to ask: whether the way out is open, and the like.
create table queue_facts (
    name text not null primary key,
    value text not null,
    changed bigint not null
);
