-- What checks an app password by SCRAM: count, salt and keys; null for those made before this was kept, which are good for PLAIN and LOGIN only.
alter table app_passwords add column scram bytea;
