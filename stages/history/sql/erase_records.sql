-- What connections know of the person's records. $1 account.
delete from source_records r
 using (select (i.request -> 'sync' ->> 'connection_id')::int as connection_id, l.source_ref::bigint as record_id
          from erased_leads e
          join leads l on l.account_id = $1 and l.import_id = e.import_id and l.row = e.row
          join imports i on i.account_id = $1 and i.import_id = e.import_id
         where i.request ? 'sync' and l.source_ref ~ '^[0-9]{1,18}$') k
 where r.account_id = $1 and r.connection_id = k.connection_id and r.record_id = k.record_id
