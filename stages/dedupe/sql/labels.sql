-- Contracts the graph of rows and keys before it is closed: only keys that more
-- than one row carries matter, each is named by its lowest row, and each row is
-- represented by the lowest name among its keys. What is left are the edges
-- between names that one row brings together.
-- A row that names its prospect by id is identified by that, and joins nobody
-- through its identities.
-- Promises: edges a < b, distinct; row_labels one row for each row that touches
-- another one.
create or replace temp view joining_keys as
select * from keys anti join (select row from rows where bateia_id is not null) named using (row);

create or replace table touching as
select k1, k2, min(row) as label from joining_keys group by k1, k2 having max(row) > min(row);

create or replace temp table row_names as
select k.row, t.label from joining_keys k join touching t using (k1, k2);

create or replace table row_labels as
select row, min(label) as label from row_names group by row;

create or replace table edges as
select distinct m.label as a, n.label as b
  from row_names n join row_labels m using (row)
 where n.label <> m.label;

drop table row_names;
