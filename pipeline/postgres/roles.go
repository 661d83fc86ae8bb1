package postgres

import (
	"context"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/bateia/bateia/pipeline"
)

// Roles of the cluster. The owner has no login; analysts are members of the
// third with a login of their own.
const (
	RoleOwner   = "bateia_owner"
	RoleWorker  = "bateia_worker"
	RoleAnalyst = "bateia_analyst"
)

//go:embed sql/roles.sql
var rolesSQL string

//go:embed sql/role_check.sql
var roleCheckSQL string

// ensureRoles makes the roles that are missing and lets the current user act as
// the owner. Roles belong to the cluster, so two databases may be migrated at
// once and meet here: what the other one did in between is tried again.
func ensureRoles(ctx context.Context, conn *pgx.Conn, workerPassword string) error {
	var err error
	for range 10 {
		err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
			if _, err := tx.Exec(ctx, rolesSQL); err != nil {
				return fmt.Errorf("make roles: %w", err)
			}
			return setPassword(ctx, tx, RoleWorker, workerPassword)
		})
		switch SQLState(err) {
		case "42710", "23505", "XX000", "40001", "40P01": // exists by now, or "tuple concurrently updated"
			continue
		}
		break
	}
	if err != nil {
		return err
	}
	return checkWorker(ctx, conn)
}

// checkWorker refuses a worker role that row-level security does not hold.
func checkWorker(ctx context.Context, conn *pgx.Conn) error {
	var unsafe bool
	if err := conn.QueryRow(ctx, roleCheckSQL).Scan(&unsafe); err != nil {
		return fmt.Errorf("check roles: %w", err)
	}
	if unsafe {
		return &pipeline.Error{Op: "check roles", Kind: pipeline.KindPermanent,
			Err:  errors.New("role " + RoleWorker + " can bypass row-level security or act as " + RoleOwner),
			Hint: "Run: alter role bateia_worker nosuperuser nobypassrls; revoke bateia_owner from bateia_worker."}
	}
	return nil
}

// setPassword stores the SCRAM verifier, so that the password itself never
// stands in a statement, where the server's log might keep it.
func setPassword(ctx context.Context, tx pgx.Tx, role, password string) error {
	if password == "" {
		return nil
	}
	verifier, err := scramVerifier(password)
	if err != nil {
		return fmt.Errorf("hash password of %s: %w", role, err)
	}
	// A verifier has no quotes, and role names here are constants.
	if _, err := tx.Exec(ctx, "alter role "+role+" password '"+verifier+"'"); err != nil {
		return fmt.Errorf("set password of %s: %w", role, err)
	}
	return nil
}

// scramVerifier returns what Postgres stores for a SCRAM-SHA-256 password
// (RFC 5802). SASLprep leaves printable ASCII alone, so nothing else is taken.
func scramVerifier(password string) (string, error) {
	if strings.ContainsFunc(password, func(r rune) bool { return r < ' ' || r > '~' }) {
		return "", errors.New("only printable ASCII is allowed")
	}
	const iterations = 4096
	salt := make([]byte, 16)
	rand.Read(salt) // never fails
	salted, err := pbkdf2.Key(sha256.New, password, salt, iterations, sha256.Size)
	if err != nil {
		return "", err
	}
	stored := sha256.Sum256(sign(salted, "Client Key"))
	encode := base64.StdEncoding.EncodeToString
	return fmt.Sprintf("SCRAM-SHA-256$%d:%s$%s:%s", iterations, encode(salt), encode(stored[:]), encode(sign(salted, "Server Key"))), nil
}

func sign(key []byte, text string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}
