-- The way of each message: a trail with its steps, and the terms it is found by. A trail's id is the message's, or for what was refused one of
-- its own; its time is when the message came. terms holds the trail's terms, so that they can be forgotten with it.
create table trails (
    id bigint not null primary key,
    session text not null,
    message_id text not null,
    subject text not null,
    sender text not null,
    terms bytea not null
);

-- The id's time is when.
create table trail_steps (
    id bigint not null primary key,
    trail_id bigint not null,
    kind integer not null,
    recipient text not null,
    what text not null,
    advice text not null
);
create index trail_steps_by_trail on trail_steps (trail_id);

create table trail_terms (
    term bigint not null,
    trail_id bigint not null,
    primary key (term, trail_id)
) /* clustered */;
