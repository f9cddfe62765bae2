package state

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestVerifyCounts(t *testing.T) {
	ledger := oneOfEach(t)
	got, err := Verify(context.Background(), strings.NewReader(string(ledger)+`{"v"`), start.Add(2*time.Hour))
	want := VerifyResult{Runs: 2, Events: 6, Refunds: 1, Heads: []string{headOf(ledger)}, Notices: []Notice{{Kind: TornTail, Bytes: 4}}}
	if err != nil || !cmp.Equal(got, want) {
		t.Errorf("%+v, %v, want %+v", got, err, want)
	}
	if _, err := Verify(context.Background(), strings.NewReader("x\n"), start); err == nil {
		t.Error("garbage was verified")
	}
}
