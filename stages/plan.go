package stages

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/duck"
	"github.com/bateia/bateia/schemas"
	"github.com/bateia/bateia/stages/resolve"
)

// PlanFormat names the layout of a plan's files. A plan of another format is
// made again.
const PlanFormat = "bateia-plan-8"

// planTables are the tables of the workset that make a plan: what apply writes,
// and what resolve needs when the base has moved.
var planTables = []string{
	"rows", "identities", "account_shared", "account_joining", "found_shared", "touching", "frequent", "keys", "row_groups", "apart", "group_keys", "moved_keys", "disputed_keys", "silent", "issues", "base_nodes", "targets", "members",
	"heads", "incoming", "plan_updates", "plan_changes", "plan_identities", "plan_leads", "plan_seen", "plan_ranks", "plan_merges", "plan_tags", "tag_names", "plan_outcomes", "plan_names", "answers", "edited",
}

// planViews are written for people and programs that look at a plan. Apply does
// not read them.
var planViews = []string{"plan_rows", "plan_prospects"}

// keptTables are those that people look at once a plan is applied. The others would be
// most of its bytes.
var keptTables = []string{"rows", "issues", "plan_changes"}

// Manifest vouches for the files of a plan. Its own hash stands in Postgres.
type Manifest struct {
	Format      string            `json:"format"`
	Program     string            `json:"program"`
	ImportID    string            `json:"import_id"`
	BaseVersion int64             `json:"base_version"`
	Files       map[string]string `json:"files"` // name → SHA-256, hexadecimal
	Facts       schemas.Facts     `json:"facts"`
}

// PlanStore is where the files of plans are kept.
type PlanStore interface {
	// PutFile writes a local file to a key.
	PutFile(ctx context.Context, key, path string) error
	// GetFile writes an object to a local file; fs.ErrNotExist when there is none.
	GetFile(ctx context.Context, key, path string) error
}

// PlanPrefix is where the plan of one attempt lies: plans/<import>/<epoch>/.
func PlanPrefix(id schemas.ImportID, epoch int64) string {
	return fmt.Sprintf("plans/%s/%d/", id, epoch)
}

// SavePlan writes the plan of a run as Parquet with its manifest. It returns
// where it lies and the SHA-256 of the manifest, hexadecimal.
func SavePlan(ctx context.Context, store PlanStore, run *pipeline.Run, program string) (prefix, sum string, err error) {
	return savePlan(ctx, store, run, program, slices.Concat(planTables, planViews))
}

// KeepPlan writes of the plan of a run that is applied what people look at, as SavePlan
// does. It cannot be loaded to be applied.
func KeepPlan(ctx context.Context, store PlanStore, run *pipeline.Run, program string) (prefix, sum string, err error) {
	return savePlan(ctx, store, run, program, slices.Concat(keptTables, planViews))
}

func savePlan(ctx context.Context, store PlanStore, run *pipeline.Run, program string, tables []string) (prefix, sum string, err error) {
	w, ok := run.Workset.(*duck.Workset)
	if !ok {
		return "", "", fmt.Errorf("save plan: the workset is no DuckDB file")
	}
	prefix = PlanPrefix(run.ImportID, run.Epoch)
	m := Manifest{Format: PlanFormat, Program: program, ImportID: run.ImportID.String(), BaseVersion: run.BaseVersion, Files: map[string]string{}, Facts: run.Facts}
	for _, table := range tables {
		name := table + ".parquet"
		from := table
		if table == "issues" {
			from = "told_issues"
		}
		path, err := w.Export(ctx, `select * from "`+from+`"`, name)
		if err != nil {
			return "", "", err
		}
		if m.Files[name], err = fileSum(path); err != nil {
			return "", "", fmt.Errorf("save plan: %w", err)
		}
		if err := errors.Join(store.PutFile(ctx, prefix+name, path), os.Remove(path)); err != nil {
			return "", "", fmt.Errorf("save plan: %w", err)
		}
	}
	text, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		return "", "", fmt.Errorf("save plan: %w", err)
	}
	path := filepath.Join(run.Dir, "manifest.json")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		return "", "", fmt.Errorf("save plan: %w", err)
	}
	// The manifest is written last: a plan without one does not exist.
	if err := store.PutFile(ctx, prefix+"manifest.json", path); err != nil {
		return "", "", fmt.Errorf("save plan: %w", err)
	}
	hash := sha256.Sum256(text)
	return prefix, hex.EncodeToString(hash[:]), nil
}

// LoadPlan fills the run's empty workset and facts from the plan at prefix,
// whose manifest has the hash sum. It returns an error of kind stale when the
// plan is not what Postgres says, is missing, or has another format: then the
// import is planned again.
func LoadPlan(ctx context.Context, store PlanStore, run *pipeline.Run, prefix, sum string) error {
	m, err := ReadManifest(ctx, store, run.Dir, prefix, sum)
	if err != nil {
		return err
	}
	for _, table := range planTables {
		if err := loadTable(ctx, store, run, m, prefix, table); err != nil {
			return err
		}
	}
	run.Facts, run.BaseVersion = m.Facts, m.BaseVersion
	return resolve.Restore(ctx, run)
}

// LoadPlanTables fills the run's workset with some tables of a plan, for people
// who look at it.
func LoadPlanTables(ctx context.Context, store PlanStore, run *pipeline.Run, prefix, sum string, tables ...string) error {
	m, err := ReadManifest(ctx, store, run.Dir, prefix, sum)
	if err != nil {
		return err
	}
	run.Facts, run.BaseVersion = m.Facts, m.BaseVersion
	for _, table := range tables {
		if err := loadTable(ctx, store, run, m, prefix, table); err != nil {
			return err
		}
	}
	return nil
}

// ReadManifest reads and checks the manifest of a plan.
func ReadManifest(ctx context.Context, store PlanStore, dir, prefix, sum string) (Manifest, error) {
	var m Manifest
	path := filepath.Join(dir, "manifest.json")
	if err := store.GetFile(ctx, prefix+"manifest.json", path); err != nil {
		return m, missing(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return m, fmt.Errorf("load plan: %w", err)
	}
	if hash := sha256.Sum256(text); hex.EncodeToString(hash[:]) != sum {
		return m, stale("the manifest is not the one that was made")
	}
	if err := json.Unmarshal(text, &m); err != nil || m.Format != PlanFormat {
		return m, stale("the plan has another format")
	}
	return m, nil
}

func loadTable(ctx context.Context, store PlanStore, run *pipeline.Run, m Manifest, prefix, table string) error {
	w, ok := run.Workset.(*duck.Workset)
	if !ok {
		return fmt.Errorf("load plan: the workset is no DuckDB file")
	}
	name := table + ".parquet"
	path := filepath.Join(run.Dir, name)
	if err := store.GetFile(ctx, prefix+name, path); err != nil {
		return missing(err)
	}
	sum, err := fileSum(path)
	if err != nil {
		return fmt.Errorf("load plan: %w", err)
	}
	if sum != m.Files[name] {
		return stale("a file of the plan is not the one that was made")
	}
	return errors.Join(w.Import(ctx, table, name), os.Remove(path))
}

// missing makes an absent file a stale plan; other failures stay what they are.
func missing(err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return stale("a file of the plan is missing")
	}
	return fmt.Errorf("load plan: %w", err)
}

func stale(why string) error {
	return &pipeline.Error{Op: "load plan", Kind: pipeline.KindStale, Err: errors.New(why)}
}
