-- What is known of each certificate that is ordered by ACME: 'host', or the domain whose policy and settings hosts it is for. Times in milliseconds.
create table acme_certificates (
    name text not null primary key,
    -- When it is renewed, and the authority's word on that (RFC 9773): asked again at info_at.
    renew_at bigint,
    info_start bigint,
    info_end bigint,
    info_at bigint not null,
    -- Not tried before, unless somebody asks; not before whoever asks, by the authority's word.
    next_attempt bigint not null,
    blocked_until bigint not null,
    -- How often it failed in a row, why, what to do, and since when.
    failures bigint not null,
    problem text not null,
    advice text not null,
    problem_since bigint,
    -- Names that are not in it, with the reason of each (JSON).
    left_out text not null,
    -- Somebody asked for it now.
    asked bigint not null
);

-- Records that prove names in DNS, while they are there: what a crash left is taken out later.
create table acme_dns_records (
    name text not null,
    text text not null,
    primary key (name, text)
);

-- Warnings of certificates that were raised, so that each is raised once: how far it had come with which certificate.
create table certificate_warnings (
    certificate text not null primary key,
    stage bigint not null
);
