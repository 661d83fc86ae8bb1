// Package config reads the program's settings: flags over BATEIA_* variables
// over a YAML file. Nothing below cmd reads flags or the environment.
package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// DefaultFile is read from the working directory when no file is named.
const DefaultFile = "bateia.yaml"

// DefaultDataDir holds the embedded stack when no other folder is named.
const DefaultDataDir = ".bateia"

// Config is everything the program can be told from outside. Zero means that
// nothing was said.
type Config struct {
	DatabaseURL        string // worker role
	AdminDatabaseURL   string // owner: migrations, logins of analysts
	AnalystDatabaseURL string // login of an analyst: queries
	S3Endpoint         string
	S3Region           string
	S3Bucket           string
	S3AccessKeyID      string
	S3SecretKey        string
	DataDir            string
	Account            string
	Locale             string
	Listen             string // host:port of /healthz, /readyz, /metrics and /webhooks
	ScanEvery          time.Duration
	NotifyURL          string
	SecretKey          string // key-encryption keys, the newest first
	OmieBaseURL        string // else Omie itself
	OmieTimeScale      string // seconds of a simulator's in one of ours
	ScratchDir         string
	MemoryLimit        int64 // bytes
	LogLevel           string

	// File is the settings file that was read, "" when there was none.
	File string
	// origins says where each value that is not a default came from.
	origins map[string]string
}

// setting is one entry of the table from which everything else follows: the
// name in the file, BATEIA_ and the same in capitals, and where it goes.
type setting struct {
	name   string
	target func(*Config) any // *string, *time.Duration or *int64 (bytes)
	mask   func(string) string
	about  string
}

var settings = []setting{
	{"database_url", func(c *Config) any { return &c.DatabaseURL }, maskURL, "Postgres, as the worker's role"},
	{"admin_database_url", func(c *Config) any { return &c.AdminDatabaseURL }, maskURL, "Postgres, as the owner: migrations, analysts"},
	{"analyst_database_url", func(c *Config) any { return &c.AnalystDatabaseURL }, maskURL, "Postgres, as an analyst: queries"},
	{"s3_endpoint", func(c *Config) any { return &c.S3Endpoint }, maskURL, "S3-compatible server; AWS when empty"},
	{"s3_region", func(c *Config) any { return &c.S3Region }, nil, ""},
	{"s3_bucket", func(c *Config) any { return &c.S3Bucket }, nil, ""},
	{"s3_access_key_id", func(c *Config) any { return &c.S3AccessKeyID }, nil, "else the AWS SDK's own chain"},
	{"s3_secret_access_key", func(c *Config) any { return &c.S3SecretKey }, maskAll, ""},
	{"data_dir", func(c *Config) any { return &c.DataDir }, nil, "embedded stack, used without a database URL"},
	{"account", func(c *Config) any { return &c.Account }, nil, ""},
	{"locale", func(c *Config) any { return &c.Locale }, nil, "en, pt-BR or es; else the account's"},
	{"listen", func(c *Config) any { return &c.Listen }, nil, "address of /healthz, /readyz, /metrics, /webhooks"},
	{"scan_every", func(c *Config) any { return &c.ScanEvery }, nil, "2s embedded, 60s otherwise"},
	{"notify_url", func(c *Config) any { return &c.NotifyURL }, maskPath, "gets a POST per finished or held import"},
	{"secret_key", func(c *Config) any { return &c.SecretKey }, maskAll, "seals stored secrets; else a key file in the data directory"},
	{"omie_base_url", func(c *Config) any { return &c.OmieBaseURL }, nil, "of Omie's API; else Omie itself"},
	{"omie_time_scale", func(c *Config) any { return &c.OmieTimeScale }, nil, "how much faster a simulator's time passes"},
	{"scratch_dir", func(c *Config) any { return &c.ScratchDir }, nil, ""},
	{"memory_limit", func(c *Config) any { return &c.MemoryLimit }, nil, "of the process"},
	{"log_level", func(c *Config) any { return &c.LogLevel }, nil, "debug, info, warn or error"},
}

// env is the environment variable of a setting.
func (s setting) env() string { return "BATEIA_" + strings.ToUpper(s.name) }

// set parses a value into the configuration.
func (s setting) set(c *Config, text, origin string) error {
	var err error
	switch p := s.target(c).(type) {
	case *string:
		*p = text
	case *time.Duration:
		if *p, err = time.ParseDuration(text); err == nil && *p <= 0 {
			err = errors.New("must be longer than nothing")
		}
	case *int64:
		*p, err = ParseSize(text)
	}
	if err != nil {
		return fmt.Errorf("%s from %s: %w", s.name, origin, sayless(err, s))
	}
	c.origins[s.name] = origin
	return nil
}

// sayless drops the error's own text where it would repeat a secret.
func sayless(err error, s setting) error {
	if s.mask != nil {
		return errors.New("not valid")
	}
	return err
}

// get writes a setting as text, "" when it is zero.
func (s setting) get(c *Config) string {
	switch p := s.target(c).(type) {
	case *string:
		return *p
	case *time.Duration:
		if *p != 0 {
			return p.String()
		}
	case *int64:
		if *p != 0 {
			return FormatSize(*p)
		}
	}
	return ""
}

// Load reads the settings. path names the file; "" means DefaultFile when it
// is there. flags maps names of settings to the values given as flags.
func Load(path string, getenv func(string) string, flags map[string]string) (Config, error) {
	c := Config{origins: map[string]string{}}
	if err := c.readFile(path); err != nil {
		return c, err
	}
	for _, s := range settings {
		if v := getenv(s.env()); v != "" {
			if err := s.set(&c, v, s.env()); err != nil {
				return c, err
			}
		}
		if v := flags[s.name]; v != "" {
			if err := s.set(&c, v, "flag --"+strings.ReplaceAll(s.name, "_", "-")); err != nil {
				return c, err
			}
		}
	}
	if c.DataDir == "" {
		c.DataDir = DefaultDataDir
	}
	return c, c.validate()
}

// Embedded reports whether the embedded stack in DataDir is meant.
func (c Config) Embedded() bool { return c.DatabaseURL == "" }

// TimeScale is how many seconds of Omie's pass in one of ours: 1, but with a
// simulator.
func (c Config) TimeScale() (float64, error) {
	if c.OmieTimeScale == "" {
		return 1, nil
	}
	scale, err := strconv.ParseFloat(c.OmieTimeScale, 64)
	switch {
	case err != nil || scale < 1 || scale > 1000:
		return 0, errors.New("omie_time_scale is a number from 1 to 1000")
	case scale > 1 && c.OmieBaseURL == "":
		return 0, errors.New("omie_time_scale is for simulators: set BATEIA_OMIE_BASE_URL too")
	}
	return scale, nil
}

func (c Config) validate() error {
	switch {
	case c.DatabaseURL != "" && c.S3Bucket == "":
		return errors.New("a database URL is given but no bucket: set BATEIA_S3_BUCKET too")
	case c.DatabaseURL == "" && c.AdminDatabaseURL != "":
		return errors.New("an owner's database URL is given but no worker's: set BATEIA_DATABASE_URL too")
	case c.DatabaseURL == "" && c.S3Bucket != "" && c.AnalystDatabaseURL == "":
		return errors.New("a bucket is given but no database: set BATEIA_DATABASE_URL too, or neither for the embedded stack")
	case (c.S3AccessKeyID == "") != (c.S3SecretKey == ""):
		return errors.New("give both BATEIA_S3_ACCESS_KEY_ID and BATEIA_S3_SECRET_ACCESS_KEY, or neither")
	}
	if _, err := c.TimeScale(); err != nil {
		return err
	}
	switch c.LogLevel {
	case "", "debug", "info", "warn", "error":
	default:
		return errors.New("log_level is debug, info, warn or error")
	}
	return nil
}

func (c *Config) readFile(path string) error {
	named := path != ""
	if !named {
		path = DefaultFile
	}
	raw, err := os.ReadFile(path)
	if !named && errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read settings: %w", err)
	}
	dec := yaml.NewDecoder(bytes.NewReader(raw))
	var tree map[string]any
	if err := dec.Decode(&tree); err != nil && !errors.Is(err, io.EOF) {
		// The parser quotes the text around a fault, which may hold a password.
		return fmt.Errorf("read settings %s: not valid YAML", path)
	}
	values := map[string]string{}
	if err := flatten("", tree, values); err != nil {
		return fmt.Errorf("read settings %s: %w", path, err)
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		i := slices.IndexFunc(settings, func(s setting) bool { return s.name == name })
		if i < 0 {
			return fmt.Errorf("read settings %s: there is no setting %q", path, name)
		}
		if values[name] == "" {
			continue
		}
		if err := settings[i].set(c, values[name], filepath.Base(path)); err != nil {
			return err
		}
	}
	c.File = path
	return nil
}

// flatten joins nested names, so that "s3: {bucket: b}" is "s3_bucket: b".
func flatten(prefix string, tree map[string]any, into map[string]string) error {
	for name, v := range tree {
		switch v := v.(type) {
		case map[string]any:
			if err := flatten(prefix+name+"_", v, into); err != nil {
				return err
			}
		case nil:
		case []any:
			return fmt.Errorf("setting %q takes one value", prefix+name)
		default:
			into[prefix+name] = fmt.Sprint(v)
		}
	}
	return nil
}
