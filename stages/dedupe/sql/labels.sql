-- Contracts the graph of rows and keys before it is closed: each row that touches
-- another one is represented by the lowest name among its keys. What is left are
-- the edges between names that one row brings together.
-- Promises: edges a < b, distinct; row_labels one row for each row that touches
-- another one.
create or replace temp table row_names as
select k.row, t.label from keys k join touching t using (k1, k2)
  anti join (select row from rows where bateia_id is not null) named on named.row = k.row;

create or replace table row_labels as
select row, min(label) as label from row_names group by row;

create or replace table edges as
select distinct m.label as a, n.label as b
  from row_names n join row_labels m using (row)
 where n.label <> m.label;

drop table row_names;
