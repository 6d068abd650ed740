-- What the server sees of itself from outside and is not as it should be; a row goes when it is over. level as in CheckLevel.
create table watch_problems (
    check_name text not null,
    subject text not null,
    level bigint not null,
    finding text not null,
    advice text not null,
    since bigint not null,
    primary key (check_name, subject)
);

-- When each check was last made.
create table watch_checks (
    check_name text not null primary key,
    checked bigint not null
);
