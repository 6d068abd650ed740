-- Emails that were put aside and come back to the inbox at their time.
create table snoozed_emails (
    account_id bigint not null,
    email_id bigint not null,
    until bigint not null,
    primary key (account_id, email_id)
) /* clustered */;
create index snoozed_emails_by_time on snoozed_emails (until);
