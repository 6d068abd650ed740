-- How a signing key is used: 1 signs, 0 waits to be seen in DNS, 2 signs no more, 3 is revoked (its private key is gone). used_since says
-- since when, seen since when its record has been in DNS, null while it is not. Times are Unix milliseconds.
alter table dkim_keys add column use integer not null default 1;
alter table dkim_keys add column used_since bigint not null default 0;
alter table dkim_keys add column seen bigint;
