-- Copies moved to Junk after delivery, because evidence turned; the id's time is when. mailbox and uid are where the copy lies now,
-- from_mailbox where it lay. undone is when that was taken back, or null.
create table later_moves (
    id bigint not null primary key,
    judged_id bigint not null,
    account_id bigint not null,
    email_id bigint not null,
    from_mailbox bigint not null,
    mailbox_id bigint not null,
    uid bigint not null,
    reason text not null,
    undone bigint
);
create index later_moves_by_email on later_moves (email_id);
