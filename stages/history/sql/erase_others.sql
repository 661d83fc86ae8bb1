-- What is computed again is what people kept apart from the person: a value of both
-- is theirs alone now.
delete from history_touched where prospect_id in (select prospect_id from erased_ids)
