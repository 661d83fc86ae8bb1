package objstoretest_test

import (
	"testing"

	"github.com/bateia/bateia/pipeline/objstore"
	"github.com/bateia/bateia/pipeline/objstoretest"
)

func TestLocalServerConforms(t *testing.T) {
	t.Parallel()
	objstoretest.Conformance(t, func(t *testing.T) *objstore.Store { return objstoretest.New(t) })
}
