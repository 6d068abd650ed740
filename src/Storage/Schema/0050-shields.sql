-- What protects an account for a while: the mail-bomb shield, as the filter raised it and its owner ended it, and the minutes in which the
-- owner expects a code. Times are Unix milliseconds; 0 is never.
create table account_shields (
    account_id bigint primary key,
    bomb_began bigint not null,
    bomb_until bigint not null,
    bomb_messages bigint not null,
    bomb_senders bigint not null,
    bomb_set_aside bigint not null,
    bomb_ignored_until bigint not null,
    code_until bigint not null,
    code_email bigint not null
);
