-- Adds to a decision who fell apart of one of its sides. $1 account, $2 decision, $3
-- prospects, $4 lead → raw id that it was written with; what the decision says of a lead
-- itself stays.
update decisions d
   set subject = d.subject || jsonb_build_object('beside', coalesce(d.subject -> 'beside', '[]') || to_jsonb($3::text[]),
                                                 'from', $4::jsonb || coalesce(d.subject -> 'from', '{}'))
 where d.account_id = $1 and d.decision_id = $2
