package plan_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"refundctl/internal/refund"
	"refundctl/plan"
)

func reading(parallelism int, progress plan.Progress) plan.Reading[int] {
	return plan.Reading[int]{Parallelism: parallelism, Account: func(i int) string { return []string{"even", "odd"}[i%2] }, Progress: progress}
}

func TestReadAllKeepsTheOrderAndTheParallelism(t *testing.T) {
	var mu sync.Mutex
	inFlight, most := 0, 0
	release := make(chan struct{})
	items := make([]int, 40)
	for i := range items {
		items[i] = i
	}
	got, err := plan.ReadAll(t.Context(), items, reading(3, nil), func(_ context.Context, i int) (int, error) {
		mu.Lock()
		if inFlight++; inFlight == 3 && most < 3 {
			close(release)
		}
		most = max(most, inFlight)
		mu.Unlock()
		<-release // until three reads have met
		mu.Lock()
		inFlight--
		mu.Unlock()
		return i * i, nil
	})
	if err != nil || most != 3 || len(got) != len(items) {
		t.Fatalf("%d results, %d at once, error %v", len(got), most, err)
	}
	for i, square := range got {
		if square != i*i {
			t.Errorf("result %d is %d", i, square)
		}
	}
}

func TestReadAllCountsEachAccountsReads(t *testing.T) {
	var calls [][3]any
	var last = map[string]int{}
	_, err := plan.ReadAll(t.Context(), []int{0, 1, 2}, reading(2, func(account string, done, all int) {
		calls = append(calls, [3]any{account, done, all})
		if want := map[string]int{"even": 2, "odd": 1}[account]; all != want {
			t.Errorf("%s: %d of %d", account, done, all)
		}
		last[account] = done
	}), func(context.Context, int) (int, error) { return 0, nil })
	if err != nil || len(calls) != 5 || last["even"] != 2 || last["odd"] != 1 {
		t.Errorf("%v, error %v", calls, err)
	}
	if first := []any{calls[0][1], calls[1][1]}; !slices.Equal(first, []any{0, 0}) {
		t.Errorf("the first calls do not announce the reads: %v", calls)
	}
}

func TestReadAllEndsWithTheFirstErrorAndKeepsWhatWasRead(t *testing.T) {
	refused := &refund.ReadError{Class: refund.Credentials, HTTP: 401}
	var reads atomic.Int32
	got, err := plan.ReadAll(t.Context(), []int{1, 2, 3, 4}, reading(1, nil), func(_ context.Context, i int) (int, error) {
		reads.Add(1)
		if i == 2 {
			return 0, plan.Fatal(refused)
		}
		return i, nil
	})
	if !errors.Is(err, refused) || reads.Load() != 2 || !slices.Equal(got, []int{1, 0, 0, 0}) {
		t.Errorf("%v after %d reads, error %v", got, reads.Load(), err)
	}
}

func TestReadAllCancelsTheReadsUnderWayOnAnError(t *testing.T) {
	refused := errors.New("refused")
	_, err := plan.ReadAll(t.Context(), []int{0, 1}, reading(2, nil), func(ctx context.Context, i int) (int, error) {
		if i == 0 {
			return 0, refused
		}
		<-ctx.Done()
		return 0, context.Cause(ctx)
	})
	if !errors.Is(err, refused) {
		t.Errorf("error %v", err)
	}
}

func TestR12_ReadAllReturnsTheCauseOfItsContextAndKeepsWhatItRead(t *testing.T) {
	interrupted := errors.New("interrupted")
	ctx, cancel := context.WithCancelCause(t.Context())
	got, err := plan.ReadAll(ctx, []int{1, 2, 3}, reading(1, nil), func(_ context.Context, i int) (int, error) {
		cancel(interrupted)
		return i, nil
	})
	if !errors.Is(err, interrupted) || !slices.Equal(got, []int{1, 0, 0}) {
		t.Errorf("%v, error %v", got, err)
	}
}

func TestOnlyRefusedCredentialsEndTheReadsOfAnAccount(t *testing.T) {
	for class, fatal := range map[refund.ReadClass]bool{refund.Credentials: true, refund.NotFound: false, refund.NoParent: false,
		refund.Refusal: false, refund.Throttled: false, refund.Unreachable: false, refund.Unreadable: false} {
		if got := plan.Fatal(&refund.ReadError{Class: class}); (got != nil) != fatal {
			t.Errorf("%s: %v", class, got)
		}
	}
	if plan.Fatal(nil) != nil || plan.Fatal(context.Canceled) != nil {
		t.Error("an error that is no refusal is fatal")
	}
}
