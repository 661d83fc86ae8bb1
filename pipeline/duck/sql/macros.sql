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
