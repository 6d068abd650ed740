-- The address book of each account: cards (RFC 9553) as they were given. A card that was deleted stays as a row without its content, so that
-- clients hear of it; the numbers rise with every change of the account's book.
create table contact_cards (
    id bigint primary key,
    account_id bigint not null,
    uid text not null,
    card text,
    created_seq bigint not null,
    changed_seq bigint not null
);
create index contact_cards_by_account on contact_cards (account_id, changed_seq);

-- Whom the cards are about, for the filter and for who completes addresses.
create table contact_addresses (
    account_id bigint not null,
    address text not null,
    card_id bigint not null,
    primary key (account_id, address, card_id)
) /* clustered */;
