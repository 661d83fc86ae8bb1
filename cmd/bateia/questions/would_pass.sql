-- name: would_pass
-- title.en: Refused rows that pass today
-- title.pt-BR: Linhas recusadas que hoje passariam
-- title.es: Filas rechazadas que hoy pasarían
-- answers: one row per import and code, newest first: rows that are refused to this day, and how many of them today's rules and settings would load
-- program: yes

-- The files are read once more, and a replay of each import is planned; nothing is
-- written.
