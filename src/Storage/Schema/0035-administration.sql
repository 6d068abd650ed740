-- What administrators did on their page. The id's time is when; the subject is what it was done to, as it was named there.
create table administration_log (
    id bigint not null primary key,
    administrator text not null,
    action text not null,
    subject text not null,
    client text not null
);
