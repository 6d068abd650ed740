-- Wrong passwords that were tried on several accounts, as keyed tags of 32 bits, with the names and from where: a slow spray is seen across a restart.
create table sprayed_passwords (
    tag bigint not null,
    name text not null,
    source text not null,
    at bigint not null,
    primary key (tag, name)
);
create index sprayed_passwords_at on sprayed_passwords (at);
