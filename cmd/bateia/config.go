package main

import (
	"github.com/bateia/bateia/cmd/internal/config"
	"github.com/bateia/bateia/cmd/internal/embedded"
)

type configCommand struct {
	ShowSecrets bool `help:"Print passwords and keys too."`
}

func (configCommand) Help() string {
	return `Flags win over BATEIA_* variables, those over bateia.yaml. When the embedded stack runs, its addresses are shown.

Examples:

  bateia config
  bateia config --show-secrets --json`
}

// Run prints every setting and where it came from.
func (c configCommand) Run(s *session) error {
	cfg, err := withStack(s.config)
	if err != nil {
		return err
	}
	values := cfg.Values(c.ShowSecrets)
	if s.out.JSON {
		doc, origins := map[string]any{}, map[string]string{}
		for _, v := range values {
			doc[v.Name], origins[v.Name] = v.Value, v.Origin
		}
		doc["origins"] = origins
		return s.out.Document(doc)
	}
	rows := make([][]string, len(values))
	for i, v := range values {
		rows[i] = []string{v.Env, v.Value, v.Origin, v.About}
	}
	s.out.Table([]string{s.words.Say("th_setting"), s.words.Say("th_value"), s.words.Say("th_origin"), ""}, rows)
	return nil
}

// withStack fills in the addresses of the embedded stack when it runs.
func withStack(cfg config.Config) (config.Config, error) {
	if !cfg.Embedded() {
		return cfg, nil
	}
	state, err := embedded.Look(cfg.DataDir)
	if state == nil || err != nil {
		return cfg, err
	}
	for _, v := range [][2]string{
		{"database_url", state.WorkerURL}, {"admin_database_url", state.AdminURL},
		{"s3_endpoint", state.S3Endpoint}, {"s3_region", state.S3Region}, {"s3_bucket", state.S3Bucket},
		{"s3_access_key_id", state.S3AccessKey}, {"s3_secret_access_key", state.S3SecretKey},
	} {
		cfg = cfg.Fill(v[0], v[1])
	}
	return cfg, nil
}
