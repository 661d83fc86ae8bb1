-- Whose turns ended, by distribution, in the order in which they were drawn.
select folded, array_agg(owner order by turn) from history_ended group by folded order by folded
