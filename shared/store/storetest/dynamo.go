package storetest

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"seatmend/infra/peer"
)

// The server is a small one that runs from one file. Its npm package is installed once per
// user, into the cache folder.
const (
	serverPackage = "@dynoxide/linux-x64"
	serverVersion = "1.2.1"
)

// Dynamo gives a client of a running DynamoDB, which is empty but for the tables of other
// tests of this run: see [TableName]. The test is skipped where there is none, or fails if
// SEATMEND_MUST_NOT_SKIP is 1.
//
// SEATMEND_DYNAMODB_ENDPOINT names one that runs already: the URL of a local one such as Amazon's DynamoDB
// Local, or a region of AWS, with the credentials of the environment. SEATMEND_DYNAMODB_BIN names the server's
// program where it is not to be installed.
func Dynamo(t *testing.T) *dynamodb.Client {
	t.Helper()
	if where := os.Getenv("SEATMEND_DYNAMODB_ENDPOINT"); where != "" {
		if strings.Contains(where, "://") {
			return client(where)
		}
		cfg, err := config.LoadDefaultConfig(t.Context(), config.WithRegion(where))
		if err != nil {
			t.Fatal(err)
		}
		return dynamodb.NewFromConfig(cfg)
	}
	return client(running.use(t))
}

// Start starts a server of its own for a program that is no test.
func Start() (_ *dynamodb.Client, stop func(), _ error) {
	program, err := serverProgram()
	if err != nil {
		return nil, nil, err
	}
	endpoint, stop, err := startServer(program)
	if err != nil {
		return nil, nil, err
	}
	return client(endpoint), stop, nil
}

// client speaks to a server on this machine, which takes any credentials.
func client(endpoint string) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		Region:       "eu-north-1",
		BaseEndpoint: &endpoint,
		Credentials:  credentials.NewStaticCredentialsProvider("local", "local", ""),
		// Local servers differ in whether they send the checksum.
		DisableValidateResponseChecksum: true,
		// A connection that breaks is tried again, as on AWS; a write bears a token, and is made once.
		Retryer: retry.NewStandard(func(o *retry.StandardOptions) {
			o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 5 * time.Millisecond, nil })
		}),
	})
}

var tables atomic.Int64

// TableName is a name that no other test uses, and deletes the table of that name after the test.
func TableName(t *testing.T, client *dynamodb.Client) string {
	name := fmt.Sprintf("seatmend-test-%d-%d", os.Getpid(), tables.Add(1))
	t.Cleanup(func() {
		// What is left behind dies with a local server; on AWS a person sees it by its name.
		client.DeleteTable(context.Background(), &dynamodb.DeleteTableInput{TableName: &name})
	})
	return name
}

// A server runs while a test uses it, and starts again for the next: that takes a twentieth of
// a second, and nothing is left running whatever becomes of the tests.
type server struct {
	mu       sync.Mutex
	users    int
	endpoint string
	stop     func()
}

var running server

func (s *server) use(t *testing.T) (endpoint string) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.users == 0 {
		program, err := serverProgram()
		if err != nil {
			if os.Getenv("SEATMEND_MUST_NOT_SKIP") == "1" {
				t.Fatalf("no DynamoDB to test with: %v", err)
			}
			t.Skipf("no DynamoDB to test with: %v", err)
		}
		if s.endpoint, s.stop, err = startServer(program); err != nil {
			t.Fatal(err)
		}
	}
	s.users++
	t.Cleanup(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.users--; s.users == 0 {
			s.stop()
		}
	})
	return s.endpoint
}

// serverProgram finds the server's program, and installs it if need be.
func serverProgram() (string, error) {
	if program := os.Getenv("SEATMEND_DYNAMODB_BIN"); program != "" {
		_, err := os.Stat(program)
		return program, err
	}
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		return "", fmt.Errorf("%s runs on linux/amd64 only; set SEATMEND_DYNAMODB_ENDPOINT", serverPackage)
	}
	modules, err := peer.Npm(serverPackage, serverVersion)
	if err != nil {
		return "", fmt.Errorf("%w; set SEATMEND_DYNAMODB_BIN or _ENDPOINT", err)
	}
	return filepath.Join(modules, serverPackage, "dynoxide"), nil
}

// startServer starts the program on a free port. Another program may take the port in
// between: then it is tried again.
func startServer(program string) (endpoint string, stop func(), err error) {
	for range 3 {
		var port string
		if port, err = freePort(); err != nil {
			return "", nil, err
		}
		if stop, err = spawn(exec.Command(program, "--host", "127.0.0.1", "--port", port)); err != nil {
			return "", nil, err
		}
		endpoint = "http://127.0.0.1:" + port
		if err = answers(endpoint); err == nil {
			return endpoint, stop, nil
		}
		stop()
	}
	return "", nil, fmt.Errorf("%s: %w", program, err)
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, err
}

// answers waits until the server does.
func answers(endpoint string) (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	for ctx.Err() == nil {
		if _, err = client(endpoint).ListTables(ctx, &dynamodb.ListTablesInput{}); err == nil {
			return nil
		}
		time.Sleep(20 * time.Millisecond)
	}
	return err
}

// spawn starts a program that ends with this one, and stop ends it before.
func spawn(cmd *exec.Cmd) (stop func(), err error) {
	started := make(chan error)
	over := make(chan struct{})
	go func() {
		// The system ends the child when the thread ends that started it: this one must live.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		endWithParent(cmd)
		err := cmd.Start()
		started <- err
		if err == nil {
			cmd.Wait()
		}
		close(over)
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return func() {
		cmd.Process.Kill()
		<-over
	}, nil
}
