-- Makes an account ($1 slug, $2 country, $3 locale, $4 timezone, $5 settings;
-- empty text means the default) and returns its id. Fails when the slug exists.
insert into bateia.accounts (slug, country, locale, timezone, settings)
values ($1, coalesce(nullif($2, ''), 'BR'), coalesce(nullif($3, ''), 'pt-BR'),
        coalesce(nullif($4, ''), 'America/Sao_Paulo'), $5)
returning account_id
