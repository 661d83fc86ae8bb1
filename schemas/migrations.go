package schemas

import "embed"

// Migrations are the numbered goose migrations of the database. They run as
// role bateia_owner; see pipeline/postgres.
//
//go:embed migrations/*.sql
var Migrations embed.FS
