package app

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/versity/versitygw/auth"
	"github.com/versity/versitygw/backend/meta"
	"github.com/versity/versitygw/backend/posix"
	"github.com/versity/versitygw/debuglogger"
	"github.com/versity/versitygw/embedgw"

	"github.com/bateia/bateia/pipeline/objstore"
	"github.com/bateia/bateia/schemas"
)

// The server of the other tests keeps no versions, and a process can have but one:
// the one that does runs in a process of its own, which is this binary again.
const (
	versionedDir = "BATEIA_TEST_VERSIONED_DIR"
	versionedAt  = "BATEIA_TEST_VERSIONED_AT"
	versionedKey = "BATEIATEST"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(versionedDir); dir != "" {
		if err := serveVersions(dir, os.Getenv(versionedAt)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func serveVersions(dir, address string) error {
	for _, name := range []string{"objects", "versions", "meta"} {
		if err := os.MkdirAll(filepath.Join(dir, name), 0o700); err != nil {
			return err
		}
	}
	side, err := meta.NewSideCar(filepath.Join(dir, "meta"))
	if err != nil {
		return err
	}
	be, err := posix.New(filepath.Join(dir, "objects"), side, posix.PosixOpts{VersioningDir: filepath.Join(dir, "versions"), SideCarDir: filepath.Join(dir, "meta")})
	if err != nil {
		return err
	}
	return embedgw.RunVersityGW(context.Background(), be, &embedgw.Config{
		RootUserAccess: versionedKey, RootUserSecret: versionedKey, Region: "us-east-1", Ports: []string{address}, MaxConnections: 64, MaxRequests: 64, MultipartMaxParts: 100,
		IAMService: auth.NewIAMServiceSingle(auth.Account{Access: versionedKey, Secret: versionedKey, Role: auth.RoleAdmin}),
		Quiet:      true, LogLevel: debuglogger.LevelSilent,
	})
}

// versioned is a bucket that keeps versions.
func versioned(t *testing.T) *objstore.Store {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	server := exec.Command(os.Args[0])
	server.Env = append(os.Environ(), versionedDir+"="+t.TempDir(), versionedAt+"="+address)
	server.Stderr = t.Output()
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		server.Process.Kill()
		server.Wait() // killed
	})
	store, err := objstore.Open(t.Context(), objstore.Config{Endpoint: "http://" + address, Bucket: "versions", AccessKeyID: versionedKey, SecretAccessKey: versionedKey})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for err = store.EnsureBucket(ctx); err != nil; err = store.EnsureBucket(ctx) {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatal(err)
		}
	}
	client := s3.New(s3.Options{BaseEndpoint: aws.String("http://" + address), Region: "us-east-1", UsePathStyle: true,
		Credentials: credentials.NewStaticCredentialsProvider(versionedKey, versionedKey, "")})
	_, err = client.PutBucketVersioning(t.Context(), &s3.PutBucketVersioningInput{Bucket: aws.String("versions"),
		VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled}})
	if err != nil {
		t.Fatal(err)
	}
	return store
}

// Older versions of objects have the person too, whether an import read them or not.
func TestErasedFromOlderVersions(t *testing.T) {
	t.Parallel()
	store := versioned(t)
	c := newCompanyWith(t, omieScale, store)
	const (
		key   = "uploads/default/feira/lista.csv"
		hers  = "nome;telefone\nZuleide Plantada;51 98722-4321\nGabi;51 98111-0006\nHugo;51-9\n"
		other = "nome;telefone\nIara;51 98111-0008\n"
	)
	older := c.dropped(key, []byte(hers))
	newer := c.dropped(key, []byte(other))
	current := c.dropped("uploads/default/feira/so.csv", []byte(hers))
	gone := c.dropped("uploads/default/feira/gone.csv", []byte(hers))
	c.must(store.Delete(t.Context(), "uploads/default/feira/gone.csv"))
	for _, body := range []string{hers, other} { // overwritten before anybody looked
		_, err := store.Put(t.Context(), "uploads/default/feira/~$nobody.csv", strings.NewReader(body), objstore.PutOptions{})
		c.must(err)
	}
	if older.Object.VersionID == "" || older.Object.VersionID == newer.Object.VersionID {
		t.Fatalf("the bucket keeps no versions: %q, %q", older.Object.VersionID, newer.Object.VersionID)
	}
	got := c.erased(byPhone(plantedPhone))
	c.must(store.EachVersion(t.Context(), "", func(v objstore.Version) error {
		if v.Marker {
			return nil
		}
		path := filepath.Join(t.TempDir(), "x")
		if _, err := store.Download(t.Context(), v.Object, path, nil); err != nil {
			return err
		}
		body, err := os.ReadFile(path)
		if text := v.Key + string(body); strings.Contains(text, "Zuleide") || strings.Contains(text, "98722") {
			t.Errorf("version %s of %s has the person", v.ID, v.Key)
		}
		return err
	}))
	if got.Removed.Redacted != 3 {
		t.Errorf("removed %+v", got.Removed)
	}
	// What is current stays current, and every import reads its own file still.
	obj, err := store.Head(t.Context(), key, "")
	c.must(err)
	if obj.VersionID != newer.Object.VersionID {
		t.Errorf("version %s is current, was %s", obj.VersionID, newer.Object.VersionID)
	}
	for _, id := range []schemas.ImportID{older.ID, current.ID, gone.ID} {
		row, err := c.DB.ReadImport(t.Context(), c.account.ID, id)
		c.must(err)
		if raw := c.raw(row)[3]; raw != "Hugo;51-9" {
			t.Errorf("row 3 of %s reads %q", row.Object.Key, raw)
		}
	}
}
