package omietest_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/omie"
	"github.com/bateia/bateia/pipeline/omie/omietest"
)

// The page before comes under the number that was asked for, once.
func TestPreviousPage(t *testing.T) {
	t.Parallel()
	sim, c, k := careless(t, omietest.Options{}) // customers 4000001 to 4000003
	sim.Fail("ListarClientes", 2, omietest.PreviousPage)
	for _, tt := range []struct {
		size, page int
		want       []int64
	}{
		{1, 1, []int64{4_000_001}},
		{1, 2, []int64{4_000_001}}, // again
		{1, 3, []int64{4_000_003}},
		{2, 2, []int64{4_000_003}}, // the fault is used up
	} {
		p, err := c.Customers(t.Context(), k, omie.ListRequest{Page: tt.page, PageSize: tt.size})
		if err != nil || p.Number != tt.page || p.Total != 3 {
			t.Errorf("page %d: number %d, %d records in all (%v)", tt.page, p.Number, p.Total, err)
		}
		var ids []int64
		for _, r := range p.Rows {
			ids = append(ids, int64(r.ID))
		}
		if diff := cmp.Diff(tt.want, ids); diff != "" {
			t.Errorf("page %d mismatch (-want +got):\n%s", tt.page, diff)
		}
	}
	if calls := sim.Calls(); calls[1].Page != 2 || calls[1].Fault != "" {
		t.Errorf("noted as %+v", calls[1])
	}
}

// Refusals begin after some calls, and end by themselves or by Resume.
func TestSuspension(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name         string
		after, calls int
		resume       int // before which call, from 0; none when negative
		want         string
	}{
		{"from the next call on", 0, 0, -1, "xxxxxx"},
		{"in mid-run", 3, 0, -1, "...xxx"},
		{"in mid-run, and gone again", 2, 2, -1, "..xx.."},
		{"until it is over", 1, 0, 4, ".xxx.."},
		{"called off before it began", 3, 0, 1, "......"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			sim, c, k := careless(t, omietest.Options{})
			a := sim.App(appKey)
			sim.Suspend(a, tt.after, tt.calls)
			got := ""
			for n := range tt.want {
				if n == tt.resume {
					sim.Resume(a)
				}
				_, err := c.Customers(t.Context(), k, omie.ListRequest{Page: 1, PageSize: n + 1})
				switch {
				case err == nil:
					got += "."
				case pipeline.CodeOf(err) == "OMIE_AUTH":
					got += "x"
				default:
					t.Fatal(err)
				}
			}
			if got != tt.want {
				t.Errorf("calls went %s, want %s", got, tt.want)
			}
		})
	}
}

// Faults are for a method and a page, or for any, and are used up in turn.
func TestFaultsFindTheirCalls(t *testing.T) {
	t.Parallel()
	sim, c, k := careless(t, omietest.Options{})
	sim.Fail("", 2, omietest.HTML502)
	sim.Fail("ListarVendedores", 0, omietest.Broken, omietest.CutJSON)
	sim.Fail("", 0, omietest.NoAnswer)
	var errs []error
	for _, call := range []func() error{
		func() error { _, err := c.Sellers(t.Context(), k, 1, 50); return err },
		func() error {
			_, err := c.Customers(t.Context(), k, omie.ListRequest{Page: 2, PageSize: 1})
			return err
		},
		func() error { _, err := c.Sellers(t.Context(), k, 1, 51); return err },
		func() error {
			_, err := c.Briefs(t.Context(), k, omie.ListRequest{Page: 1, PageSize: 1})
			return err
		},
		func() error {
			_, err := c.Briefs(t.Context(), k, omie.ListRequest{Page: 1, PageSize: 2})
			return err
		},
	} {
		errs = append(errs, call())
	}
	var got []string
	for i, call := range sim.Calls() {
		if (call.Fault != "") != (errs[i] != nil) {
			t.Errorf("call %+v ended with %v", call, errs[i])
		}
		got = append(got, fmt.Sprintf("%s %d %s", call.Method, call.Page, call.Fault))
	}
	want := []string{"ListarVendedores 1 SOAP-ENV:Server", "ListarClientes 2 HTTP 502", "ListarVendedores 1 HTTP 200", "ListarClientesResumido 1 HTTP 504", "ListarClientesResumido 1 "}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("calls mismatch (-want +got):\n%s", diff)
	}
}

// Every answer takes as long as it is told to, and the call runs so long.
func TestLatency(t *testing.T) {
	t.Parallel()
	const latency, scale = time.Minute, 1000
	sim, c, k := careless(t, omietest.Options{Latency: latency, Scale: scale})
	ask := func(size int) error {
		_, err := c.Customers(context.Background(), k, omie.ListRequest{Page: 1, PageSize: size})
		return err
	}
	began := time.Now()
	if err := ask(1); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took < latency/scale {
		t.Errorf("answered after %v, want %v", took, latency/scale)
	}
	sim.Fail("", 0, omietest.Late(time.Hour)) // 3.6 s, more than a busy machine needs
	arrived, done := make(chan struct{}), make(chan error)
	sim.After(func(omietest.Call) { sim.After(nil); close(arrived) })
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		_, err := c.Customers(ctx, k, omie.ListRequest{Page: 1, PageSize: 2})
		done <- err
	}()
	<-arrived
	if err := ask(3); !errors.As(err, new(*omie.Fault)) {
		t.Errorf("two at once: %v", err)
	}
	cancel() // a client that goes away does not wait for the answer
	if err := <-done; err == nil {
		t.Error("a client that went away got an answer")
	}
	if broken := sim.Violations(); len(broken) != 1 {
		t.Errorf("noted %q", broken)
	}
}

// Ids that are given and ids that are drawn do not meet.
func TestIDs(t *testing.T) {
	t.Parallel()
	sim := omietest.New(omietest.Options{})
	a := sim.AddApp(appKey, secret)
	var ids []int64
	for _, given := range []any{nil, int64(4_000_002), nil, "5000000", nil, 12} {
		r := omietest.Record{"razao_social": "x"}
		if given != nil {
			r["codigo_cliente_omie"] = given
		}
		ids = append(ids, sim.Put(a, r))
	}
	if want := []int64{4_000_001, 4_000_002, 4_000_003, 5_000_000, 5_000_001, 12}; !slices.Equal(ids, want) {
		t.Errorf("ids %v, want %v", ids, want)
	}
	if sim.Delete(a, 13) || !sim.Delete(a, 12) || sim.Delete(a, 12) {
		t.Error("what Delete reports is wrong")
	}
}
