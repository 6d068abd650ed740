-- Whom an account has to do with: who wrote to it, whom it wrote to, what it sent. A contact is a hash of its kind and name.
-- Times are Unix milliseconds.
create table contacts (
    account_id bigint not null,
    contact bigint not null,
    first_seen bigint not null,
    last_seen bigint not null,
    messages bigint not null,
    primary key (account_id, contact)
) /* clustered */;
create index contacts_by_time on contacts (last_seen);

-- How mail of an address, network, authenticated domain or link domain came out. The key is a hash of kind and name; counts are in
-- thousandths and have decayed to the day as_of (since 1970). The masks have a bit for each account that said so, by a hash of it.
create table reputation (
    reputation_key bigint not null primary key,
    wanted bigint not null,
    unwanted bigint not null,
    wanted_by bigint not null,
    unwanted_by bigint not null,
    as_of bigint not null,
    changed bigint not null
);
create index reputation_by_change on reputation (changed);

-- Unknown clients that were asked to come back, by a hash of network and sender's domain. passed is null until they did.
create table greylist (
    greylist_key bigint not null primary key,
    first_seen bigint not null,
    last_seen bigint not null,
    passed bigint
);
create index greylist_by_time on greylist (last_seen);
