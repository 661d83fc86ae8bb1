-- +goose Up

-- What files of prospects gave out, so that only the cells that were edited count when
-- one comes back. The object exports/<id>.parquet has a keyed hash of every cell; a row
-- stands here before the object does, so that none is ever left behind unknown.
create table bateia.exports (
  account_id int not null references bateia.accounts,
  export_id  bigint not null, -- of the same kind as imports have
  salt       text not null,   -- without it the hashes tell nothing
  created_at timestamptz not null default now(),
  primary key (account_id, export_id)
);
comment on table bateia.exports is 'files of prospects to edit, kept for 90 days';
alter table bateia.exports enable row level security;
alter table bateia.exports force row level security;
create policy account on bateia.exports using (account_id = bateia.current_account()) with check (account_id = bateia.current_account());
grant select, insert, update, delete on bateia.exports to bateia_worker;

-- +goose Down
drop table bateia.exports;
