-- What the scripts of several stages share.

-- The kind of a canonical document (schemas/identity): Brazilian ones are told by
-- their length, others by country and length; identity cards of one country may
-- have one digit more or less.
create or replace macro document_kind(document) as
  case when not contains(document, ':') then 'BR:' || length(document)
       when length(document) <= 11 then split_part(document, ':', 1) || ':short'
       else split_part(document, ':', 1) || ':' || length(document) end;

-- A JSON object is the same in any order of its keys.
create or replace macro entries(object) as list_sort(map_entries(object::json::map(varchar, json)));

-- Ranks of values above the lowest, of a list of {k, v}, as a JSON object; null
-- without any.
create or replace macro rank_object(ranks) as
  case when len(list_filter(ranks, x -> x.v > 1)) > 0 then to_json(map_from_entries(list_filter(ranks, x -> x.v > 1)))::varchar end;
