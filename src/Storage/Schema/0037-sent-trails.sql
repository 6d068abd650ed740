-- Whose mail a trail is of, where an account here sent it, so that its owner can be told where it is. Those of earlier releases are nobody's.
alter table trails add column account_id bigint;
create index trails_by_account on trails (account_id, id);
