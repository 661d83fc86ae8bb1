package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func env(pairs map[string]string) func(string) string {
	return func(name string) string { return pairs[name] }
}

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "bateia.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestFlagsOverVariablesOverFile(t *testing.T) {
	t.Parallel()
	path := write(t, "locale: es\naccount: from-file\nscan_every: 5s\nmemory_limit: 2GiB\n")
	c, err := Load(path, env(map[string]string{"BATEIA_LOCALE": "en", "BATEIA_ACCOUNT": "from-env"}),
		map[string]string{"account": "from-flag"})
	if err != nil {
		t.Fatal(err)
	}
	got := []any{c.Account, c.Locale, c.ScanEvery, c.MemoryLimit, c.DataDir}
	want := []any{"from-flag", "en", 5 * time.Second, int64(2 << 30), ".bateia"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("settings mismatch (-want +got):\n%s", diff)
	}
	origins := map[string]string{}
	for _, v := range c.Values(false) {
		origins[v.Name] = v.Origin
	}
	for name, want := range map[string]string{
		"account": "flag --account", "locale": "BATEIA_LOCALE", "scan_every": "bateia.yaml", "listen": "default",
	} {
		if origins[name] != want {
			t.Errorf("origin of %s = %q, want %q", name, origins[name], want)
		}
	}
}

func TestNestedNamesAreJoined(t *testing.T) {
	t.Parallel()
	c, err := Load(write(t, "database_url: postgres://h/d\ns3: {bucket: b, endpoint: 'http://x:1'}\n"), env(nil), nil)
	if err != nil || c.S3Bucket != "b" || c.S3Endpoint != "http://x:1" {
		t.Errorf("Load = %+v, %v", c, err)
	}
}

func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, file string
		env        map[string]string
		want       string
	}{
		{"unknown name", "databse_url: x\n", nil, "databse_url"},
		{"list for one value", "account: [a, b]\n", nil, "one value"},
		{"no YAML", "a: b: c\n", nil, "not valid YAML"},
		{"bucket without database", "", map[string]string{"BATEIA_S3_BUCKET": "b"}, "BATEIA_DATABASE_URL"},
		{"database without bucket", "", map[string]string{"BATEIA_DATABASE_URL": "postgres://h/d"}, "BATEIA_S3_BUCKET"},
		{"half a key", "", map[string]string{"BATEIA_S3_ACCESS_KEY_ID": "k"}, "both"},
		{"no duration", "", map[string]string{"BATEIA_SCAN_EVERY": "often"}, "scan_every from BATEIA_SCAN_EVERY"},
		{"backwards", "", map[string]string{"BATEIA_SCAN_EVERY": "-1s"}, "longer"},
		{"no size", "", map[string]string{"BATEIA_MEMORY_LIMIT": "much"}, "a size is"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := Load(write(t, tt.file), env(tt.env), nil)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Load: error %v, want one with %q", err, tt.want)
			}
		})
	}
	if _, err := Load(filepath.Join(t.TempDir(), "no.yaml"), env(nil), nil); err == nil {
		t.Error("a named file that is not there was accepted")
	}
}

func TestSecretsAreMasked(t *testing.T) {
	t.Parallel()
	const secret = "s3cr3t/+canary"
	c, err := Load(write(t, ""), env(map[string]string{
		"BATEIA_DATABASE_URL":         "postgres://worker:s3cr3t%2F+canary@db:5432/bateia?sslmode=disable",
		"BATEIA_ADMIN_DATABASE_URL":   "host=db user=owner password='" + secret + "' dbname=bateia",
		"BATEIA_S3_BUCKET":            "b",
		"BATEIA_S3_ENDPOINT":          "https://user:" + "s3cr3t@s3.example",
		"BATEIA_S3_ACCESS_KEY_ID":     "AKID",
		"BATEIA_S3_SECRET_ACCESS_KEY": secret,
		"BATEIA_NOTIFY_URL":           "https://hooks.example/s3cr3t?token=s3cr3t",
	}), nil)
	if err != nil {
		t.Fatal(err)
	}
	shown := 0
	for _, v := range c.Values(false) {
		if strings.Contains(v.Value, "s3cr3t") {
			t.Errorf("%s shows its secret: %s", v.Name, v.Value)
		}
		if strings.Contains(v.Value, masked) {
			shown++
		}
	}
	if shown != 5 {
		t.Errorf("%d settings are masked, want 5", shown)
	}
	for _, v := range c.Values(true) {
		if v.Name == "s3_secret_access_key" && v.Value != secret {
			t.Errorf("shown secret = %q", v.Value)
		}
	}
}

func TestSizes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{"3GB": 3e9, "75 MiB": 75 << 20, "1.5k": 1500, "12": 12, "1B": 1} {
		if got, err := ParseSize(text); err != nil || got != want {
			t.Errorf("ParseSize(%q) = %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "GB", "-1", "0", "1e30", "NaN", "12 parsecs"} {
		if got, err := ParseSize(text); err == nil {
			t.Errorf("ParseSize(%q) = %d, want an error", text, got)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(1, 1<<52).Draw(t, "n")
		if got, err := ParseSize(FormatSize(n)); err != nil || got != n {
			t.Errorf("ParseSize(FormatSize(%d)) = %d, %v", n, got, err)
		}
	})
}
