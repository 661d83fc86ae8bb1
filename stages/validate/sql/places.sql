-- Records of a sync were read under the numbers of their places. They get the rows
-- that they become, with what the source calls them; what was read and does not
-- count has no place. Issues of a row keep their order.
create or replace table rows as
select r.* replace (p.row as row, p.row as line, p.row as sheet_row, p.source_ref as source_ref)
  from rows r
  join record_places p on p.place = r.row
 order by p.row;
create or replace table identities as
select i.* replace (p.row as row)
  from identities i
  join record_places p on p.place = i.row
 order by p.row, i.seq, i.rowid;
create or replace table issues as
select i.* replace (p.row as row)
  from issues i
  join record_places p on p.place = i.row
 order by p.row, i.rowid;
