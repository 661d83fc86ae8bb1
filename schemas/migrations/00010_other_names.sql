-- +goose Up

-- Names that a value was said with by others than its owner, whom guards or people
-- keep apart from it. They count when a value is said with too many names, but lead
-- to nobody. Few values have any: null is none.
alter table bateia.identities add column other_names bigint[];

-- +goose Down
alter table bateia.identities drop column other_names;
