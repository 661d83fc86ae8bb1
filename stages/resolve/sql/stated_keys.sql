-- Every key that a row states, and the one that its value has together with the
-- row's name, as schemas/identity.SharedKey makes it: who is to be forgotten may
-- have had the value under either.
select i.row, i.k1, i.k2,
       (('0x' || left(sha256(i.kind || ':' || i.value || chr(31) || r.name_key), 16))::ubigint::bit)::bigint
  from identities i join rows r using (row)
