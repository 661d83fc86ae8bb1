-- How many values each field has in the rows that are loaded. Values are counted by
-- their hashes, in half the time: two of a million share one in a case out of
-- forty million. /*counts*/ is one such count for each.
select /*counts*/ from rows where status = ''
