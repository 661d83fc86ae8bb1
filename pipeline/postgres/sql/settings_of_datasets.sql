-- How the statements of dataset_*.sql are planned: rows come in the order of a key,
-- and what is joined to them is small, whatever the planner thinks of an import that
-- it knows nothing of yet. A merge join sorts a million wide rows twice. $1 memory of
-- a sort or hash.
select set_config('work_mem', $1, true), set_config('jit', 'off', true), set_config('enable_mergejoin', 'off', true),
       set_config('random_page_cost', '1.1', true)
