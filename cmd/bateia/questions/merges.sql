-- name: merges
-- title.en: Prospects that became one
-- title.pt-BR: Prospects que se tornaram um só
-- title.es: Prospectos que pasaron a ser uno
-- answers: one row per merge, newest first, with the name that the survivor has today

select m.account, m.survivor_id, p.name, m.merged_id, m.import_id, m.reason, m.merged_at, m.undone_at
from report.merges m
left join report.prospects p on p.account = m.account and p.prospect_id = m.survivor_id
order by m.merged_at desc, m.survivor_id, m.merged_id
