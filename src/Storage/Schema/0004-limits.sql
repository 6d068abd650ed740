-- Recipients written to, in buckets of five minutes. The scope is 'account:' and the id, or 'domain:' and the name.
create table sending_counts (
    scope text not null,
    bucket bigint not null,
    recipients bigint not null,
    primary key (scope, bucket)
);
