-- Labels of accounts: what a keyword of the mail is called and which colour it has. Ids 1 to 5 are those that every account has from the start; a row of
-- one of these says what the owner changed, or that it is gone.
create table labels (
    account_id bigint not null,
    id bigint not null,
    keyword text not null,
    name text not null,
    color text not null,
    is_gone boolean not null,
    primary key (account_id, id)
) /* clustered */;
create unique index labels_by_keyword on labels (account_id, keyword);
