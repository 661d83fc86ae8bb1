package embedded

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/bateia/bateia/pipeline/objstore"
)

// State is where a running stack is found. It holds credentials.
type State struct {
	Start       string    `json:"start"` // random: one start of one owner
	PID         int       `json:"pid"`
	Role        string    `json:"role"` // command of the owner: "up", "import" …
	AdminURL    string    `json:"admin_database_url"`
	WorkerURL   string    `json:"database_url"`
	S3Endpoint  string    `json:"s3_endpoint"`
	S3Region    string    `json:"s3_region"`
	S3Bucket    string    `json:"s3_bucket"`
	S3AccessKey string    `json:"s3_access_key_id"`
	S3SecretKey string    `json:"s3_secret_access_key"`
	StartedAt   time.Time `json:"started_at"`
}

// S3 is the store's configuration.
func (s State) S3() objstore.Config {
	return objstore.Config{
		Endpoint: s.S3Endpoint, Region: s.S3Region, Bucket: s.S3Bucket,
		AccessKeyID: s.S3AccessKey, SecretAccessKey: s.S3SecretKey,
	}
}

// answers reports whether both servers take connections.
func (s State) answers() bool {
	for _, address := range []string{s.WorkerURL, s.S3Endpoint} {
		u, err := url.Parse(address)
		if err != nil {
			return false
		}
		conn, err := net.DialTimeout("tcp", u.Host, 2*time.Second)
		if err != nil {
			return false
		}
		conn.Close()
	}
	return true
}

// keys are the credentials that are made once and kept, and the port that is
// taken again when it is free, so that a client's settings stay good.
type keys struct {
	S3AccessKey string `json:"s3_access_key_id"`
	S3SecretKey string `json:"s3_secret_access_key"`
	S3Port      int    `json:"s3_port,omitempty"`
}

// readJSON reads a file of the data directory; false when it is not there.
func readJSON(path string, v any) (bool, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read %s: %w", filepath.Base(path), err)
	}
	if err := json.Unmarshal(b, v); err != nil {
		return false, fmt.Errorf("read %s: not valid JSON", filepath.Base(path)) // its text may quote a secret
	}
	return true, nil
}

// writeJSON replaces a file of the data directory at once, 0600.
func writeJSON(path string, v any) error {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)) // CreateTemp makes it 0600
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	defer os.Remove(f.Name()) // gone already when all went well
	_, err = f.Write(append(b, '\n'))
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	return nil
}
