package duck_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"pgregory.net/rapid"

	"github.com/bateia/bateia/pipeline"
	"github.com/bateia/bateia/pipeline/duck"
)

var edgeSchema = arrow.NewSchema([]arrow.Field{
	{Name: "a", Type: arrow.PrimitiveTypes.Int64}, {Name: "b", Type: arrow.PrimitiveTypes.Int64}}, nil)

// writeEdges replaces the table edges, each with its lower end first.
func writeEdges(ctx context.Context, w *duck.Workset, edges [][2]int64) error {
	if err := w.Exec(ctx, "drop table if exists edges"); err != nil {
		return err
	}
	_, err := w.Write(ctx, "edges", edgeSchema, pipeline.Batches(func(yield func(arrow.RecordBatch, error) bool) {
		b := array.NewRecordBuilder(memory.DefaultAllocator, edgeSchema)
		defer b.Release()
		for _, e := range edges {
			b.Field(0).(*array.Int64Builder).Append(min(e[0], e[1]))
			b.Field(1).(*array.Int64Builder).Append(max(e[0], e[1]))
		}
		batch := b.NewRecordBatch()
		defer batch.Release()
		yield(batch, nil)
	}))
	return err
}

// components returns node → lowest node of its component, for nodes in edges.
func components(ctx context.Context, w *duck.Workset, edges [][2]int64) (map[int64]int64, error) {
	if err := writeEdges(ctx, w, edges); err != nil {
		return nil, err
	}
	if err := duck.CloseComponents(ctx, w); err != nil {
		return nil, err
	}
	out := map[int64]int64{}
	for b, err := range w.Read(ctx, "select a, b from edges") {
		if err != nil {
			return nil, err
		}
		for i := range int(b.NumRows()) {
			lo, node := b.Column(0).(*array.Int64).Value(i), b.Column(1).(*array.Int64).Value(i)
			if _, twice := out[node]; twice {
				return nil, fmt.Errorf("node %d stands twice", node)
			}
			out[node], out[lo] = lo, lo
		}
	}
	return out, nil
}

// union is the model: union-find in memory.
func union(edges [][2]int64) map[int64]int64 {
	parent := map[int64]int64{}
	var find func(n int64) int64
	find = func(n int64) int64 {
		if p, ok := parent[n]; ok && p != n {
			root := find(p)
			parent[n] = root
			return root
		}
		parent[n] = n
		return n
	}
	for _, e := range edges {
		a, b := find(e[0]), find(e[1])
		parent[max(a, b)] = min(a, b)
	}
	for n := range parent {
		find(n)
	}
	return parent
}

func TestComponentsAgreeWithUnionFind(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := open(t)
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(2, 40).Draw(t, "nodes")
		edges := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) [2]int64 {
			a := rapid.Int64Range(0, n-1).Draw(t, "a")
			return [2]int64{a, (a + rapid.Int64Range(1, n-1).Draw(t, "step")) % n}
		}), 1, 60).Draw(t, "edges")
		got, err := components(ctx, w, edges)
		if err != nil {
			t.Fatal(err)
		}
		want := union(edges)
		for node, lowest := range want {
			if got[node] != lowest {
				t.Fatalf("node %d belongs to %d, want %d", node, got[node], lowest)
			}
		}
	})
}

// TestLongPathClosesInFewRounds holds the reason for contraction: a path through
// all nodes would need as many rounds of label propagation as it has steps.
func TestLongPathClosesInFewRounds(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := open(t)
	const n = 200_000
	edges := make([][2]int64, 0, n)
	for i := range int64(n) {
		// Node numbers far apart, so that order along the path tells nothing.
		edges = append(edges, [2]int64{i * 7919 % n, (i + 1) % n * 7919 % n})
	}
	got, err := components(ctx, w, edges[:n-1])
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != n {
		t.Fatalf("%d nodes, want %d", len(got), n)
	}
	for node, lowest := range got {
		if lowest != 0 {
			t.Fatalf("node %d belongs to %d, want 0", node, lowest)
		}
	}
}
