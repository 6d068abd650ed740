-- Reports that others sent about our domains, each once. kind is 1 for DMARC aggregate, 2 for TLS, 3 for feedback; authenticated says
-- that the mail it came in proved its author. Times are Unix milliseconds.
create table received_reports (
    id bigint not null primary key,
    kind integer not null,
    domain text not null,
    organisation text not null,
    report_id text not null,
    sender text not null,
    authenticated boolean not null,
    policy text not null,
    begins bigint not null,
    ends bigint not null,
    received bigint not null,
    passed bigint not null,
    failed bigint not null,
    unique (kind, domain, organisation, report_id)
);
create index received_reports_by_time on received_reports (domain, ends);

-- What a report says, row by row: of DMARC each source with its outcome, of TLS each reason of failure, of feedback the message.
create table report_rows (
    report bigint not null,
    number bigint not null,
    source text not null,
    author text not null,
    messages bigint not null,
    disposition integer not null,
    dkim_aligned boolean not null,
    spf_aligned boolean not null,
    dkim text not null,
    spf text not null,
    reason text not null,
    primary key (report, number)
) /* clustered */;

-- What incoming mail came to by DMARC, for the reports we send: a row for each day (since 1970, UTC), policy domain and outcome.
create table dmarc_counts (
    day bigint not null,
    domain text not null,
    row_key bytea not null,
    content text not null,
    messages bigint not null,
    primary key (day, domain, row_key)
) /* clustered */;

-- The record each of those domains had last that day, and what became of its report: null while it is owed.
create table dmarc_reports (
    day bigint not null,
    domain text not null,
    record text not null,
    organisation text not null,
    outcome text,
    primary key (day, domain)
) /* clustered */;
