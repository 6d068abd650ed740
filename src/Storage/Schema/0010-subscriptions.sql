-- Names an account is subscribed to that have no mailbox now.
create table lost_subscriptions (
    account_id bigint not null,
    name text not null,
    primary key (account_id, name)
);
