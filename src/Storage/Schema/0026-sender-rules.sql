-- What an account has said about senders: whose remote pictures it wants to see, who is blocked, and which lists it has left. The subject is an
-- address, a domain or the id of a list, in lower case.
create table sender_rules (
    id bigint primary key,
    account_id bigint not null,
    kind bigint not null,
    subject text not null,
    name text not null,
    created bigint not null,
    unique (account_id, kind, subject)
);
