package locals3

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/versity/versitygw/auth"
	"github.com/versity/versitygw/debuglogger"
	"github.com/versity/versitygw/embedgw"
	"github.com/versity/versitygw/s3api"
)

// ErrRunning is returned by Start while another server of this process runs.
var ErrRunning = errors.New("a local object store runs in this process already")

// Options say where the server keeps its data and how it is reached.
type Options struct {
	// Root holds one directory per bucket. Made when absent.
	Root string
	// SidecarDir holds what files cannot: ETags, content types, metadata. It must
	// not lie below Root. Made when absent. Without its contents the objects of
	// Root are still there, as if copied in by hand.
	SidecarDir string
	// Host to listen on, default 127.0.0.1.
	Host string
	// Port to listen on; 0 takes a free one.
	Port int
	// AccessKey and SecretKey of the only account. Required.
	AccessKey, SecretKey string
	// Region that clients must name, default us-east-1.
	Region string
	// Buckets are made when absent.
	Buckets []string
	// OnEvent is told of every object put, copied or removed through the server,
	// with S3's event names ("s3:ObjectCreated:Put"). It is called on one
	// goroutine, in order, after the client can see the change. Requests never wait
	// for it: when it lags 4,096 events behind, further ones are dropped, so it can
	// hasten a scan but not replace it.
	OnEvent func(bucket, key, event string)
	// Logger gets unexpected failures; default slog.Default.
	Logger *slog.Logger
}

func (o Options) withDefaults() (Options, error) {
	if o.AccessKey == "" || o.SecretKey == "" {
		return o, errors.New("no access key or secret key given")
	}
	if o.Root == "" || o.SidecarDir == "" {
		return o, errors.New("no root or sidecar folder given")
	}
	if o.Host == "" {
		o.Host = "127.0.0.1"
	}
	if o.Region == "" {
		o.Region = "us-east-1"
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	var err error
	if o.Root, err = filepath.Abs(o.Root); err != nil {
		return o, err
	}
	if o.SidecarDir, err = filepath.Abs(o.SidecarDir); err != nil {
		return o, err
	}
	if o.SidecarDir == o.Root || strings.HasPrefix(o.SidecarDir, o.Root+string(filepath.Separator)) {
		return o, errors.New("the sidecar folder lies below the root")
	}
	return o, nil
}

// Server is a running server.
type Server struct {
	endpoint string
	cancel   context.CancelFunc
	ended    chan struct{} // closed when versitygw has returned
	err      error         // what it returned; valid after ended
	done     chan struct{} // closed when another server may start
}

// running guards versitygw's package-level state.
var running atomic.Bool

// Start serves until Stop is called; it returns when requests are accepted. ctx
// bounds only the start. Errors: ErrRunning, syscall.EADDRINUSE for a given port
// that is taken.
//
// versitygw prints one thing of its own: a line on standard error when a client
// goes away in the middle of an upload.
func Start(ctx context.Context, opts Options) (*Server, error) {
	opts, err := opts.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("start local object store: %w", err)
	}
	for _, dir := range append([]string{"", opts.SidecarDir}, opts.Buckets...) {
		if !filepath.IsAbs(dir) {
			dir = filepath.Join(opts.Root, dir)
		}
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("start local object store: %w", err)
		}
	}
	if !running.CompareAndSwap(false, true) {
		return nil, fmt.Errorf("start local object store: %w", ErrRunning)
	}
	// A free port can be taken by somebody else before versitygw binds it.
	const tries = 5
	for try := 1; ; try++ {
		s, err := start(ctx, opts)
		if err == nil {
			go func() {
				<-s.ended
				running.Store(false)
				close(s.done)
			}()
			return s, nil
		}
		if opts.Port != 0 || try == tries || !errors.Is(err, syscall.EADDRINUSE) {
			running.Store(false)
			return nil, fmt.Errorf("start local object store: %w", err)
		}
	}
}

func start(ctx context.Context, opts Options) (*Server, error) {
	port := opts.Port
	if port == 0 {
		var err error
		if port, err = freePort(opts.Host); err != nil {
			return nil, err
		}
	}
	address := net.JoinHostPort(opts.Host, strconv.Itoa(port))
	events := newEvents(opts.OnEvent, opts.Logger)
	be := &folder{root: opts.Root, sidecar: opts.SidecarDir, owner: opts.AccessKey, log: opts.Logger, emit: events.emit}
	if err := be.sweep(time.Now()); err != nil {
		events.stop()
		return nil, err
	}
	serving, cancel := context.WithCancel(context.Background())
	ready := make(chan struct{})
	s := &Server{endpoint: "http://" + address, cancel: cancel, ended: make(chan struct{}), done: make(chan struct{})}
	go func() {
		defer close(s.ended)
		s.err = embedgw.RunVersityGW(serving, be, &embedgw.Config{
			RootUserAccess: opts.AccessKey,
			RootUserSecret: opts.SecretKey,
			IAMService: oneAccount{auth.NewIAMServiceSingle(auth.Account{
				Access: opts.AccessKey, Secret: opts.SecretKey, Role: auth.RoleAdmin,
			})},
			Region:            opts.Region,
			Ports:             []string{address},
			MaxConnections:    4096,
			MaxRequests:       1024,
			MultipartMaxParts: 10_000,
			KeepAlive:         true,
			Quiet:             true,
			LogLevel:          debuglogger.LevelSilent,
			S3Options:         []s3api.Option{s3api.WithOnListen(sync.OnceFunc(func() { close(ready) }))},
		})
		events.stop()
	}()
	select {
	case <-ready:
		return s, nil
	case <-s.ended:
		cancel()
		if s.err == nil {
			s.err = errors.New("the server ended at once")
		}
		return nil, s.err
	case <-ctx.Done():
		cancel()
		<-s.ended
		return nil, ctx.Err()
	}
}

// Endpoint is the base URL: "http://127.0.0.1:41234".
func (s *Server) Endpoint() string { return s.endpoint }

// Done is closed when the server has ended, by Stop or by itself.
func (s *Server) Done() <-chan struct{} { return s.done }

// Stop ends the server: requests under way get up to ten seconds. It waits, can be
// called more than once, and returns what made the server end early, if it did.
func (s *Server) Stop() error {
	s.cancel()
	<-s.done
	return s.err
}

// oneAccount knows the root account alone. versitygw's own service for that says of
// any other access key that it was not found, with status 404, where S3 clients
// expect a refusal; and making it the usual way writes to standard output.
type oneAccount struct{ auth.IAMService }

func (a oneAccount) GetUserAccount(access string) (auth.Account, error) {
	account, err := a.IAMService.GetUserAccount(access)
	if err != nil {
		err = auth.ErrNoSuchUser // the front end compares it with ==
	}
	return account, err
}

func freePort(host string) (int, error) {
	l, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// RandomKeys gives an access key and a secret key.
func RandomKeys() (accessKey, secretKey string) {
	return "BATEIA" + rand.Text()[:14], rand.Text() + rand.Text()
}
