-- What somebody complained of at abuse or postmaster. kind: 1 ARF, 2 X-ARF, 3 free text. trail_id is our message's, where it was found; account the
-- address that it was sent by. closed is null while the case is open.
create table complaints (
    id bigint not null primary key,
    received bigint not null,
    kind bigint not null,
    reporter text not null,
    proved boolean not null,
    category text not null,
    subject text not null,
    message_id text not null,
    trail_id bigint,
    account text not null,
    excerpt text not null,
    closed bigint,
    note text not null
);
create index complaints_open on complaints (closed, id);
