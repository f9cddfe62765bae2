package plan

import (
	"context"
	"sync"

	"refundctl/internal/refund"
	"refundctl/internal/task"
)

// Progress is called with the number of an account's reads that are done and the number of all its reads. Calls
// come from several goroutines, one at a time. A nil Progress is not called.
type Progress func(account string, done, all int)

// ReadAll calls read for every item, at most parallelism calls at a time, in the items' order. It
// returns the results in that order.
//
// If read returns an error, ReadAll starts no more reads, cancels those in progress and returns the first
// error. A failure that concerns only its own item belongs in the result instead; Fatal separates the two. If
// ctx ends, ReadAll returns its cause. Either way it also returns the results so far; the others are zero.
func ReadAll[T, R any](ctx context.Context, items []T, in Reading[T], read func(context.Context, T) (R, error)) ([]R, error) {
	results := make([]R, len(items))
	progress := in.begin(items)
	next := make(chan int)
	eg, reading := task.WithContext(ctx)
	// A few long-lived goroutines are cheaper than one for each read, which would grow its stack each time.
	for range min(max(in.Parallelism, 1), len(items)) {
		eg.Go(func() (err error) {
			for i := range next {
				if reading.Err() != nil {
					return nil
				}
				results[i], err = read(reading, items[i])
				progress.add(in.Account(items[i]))
				if err != nil {
					return err
				}
			}
			return nil
		})
	}
	for i := range items {
		select {
		case next <- i:
		case <-reading.Done():
		}
	}
	close(next)
	if err := eg.Wait(); err != nil {
		return results, err
	}
	return results, context.Cause(ctx)
}

// Reading configures ReadAll.
type Reading[T any] struct {
	Parallelism int // less than 1 counts as 1
	Account     func(T) string
	Progress    Progress
}

// Fatal returns err if it ends every read of its account: the API refused the credentials. Other
// errors concern one parent; for them it returns nil.
func Fatal(err error) error {
	if refund.ReadClassOf(err) == refund.Credentials {
		return err
	}
	return nil
}

// counter counts a series of reads for a Progress.
type counter struct {
	report Progress

	mu   sync.Mutex
	done map[string]int
	all  map[string]int
}

func (in Reading[T]) begin(items []T) *counter {
	c := &counter{report: in.Progress, done: map[string]int{}, all: map[string]int{}}
	for _, item := range items {
		c.all[in.Account(item)]++
	}
	if c.report != nil {
		for name, all := range c.all {
			c.report(name, 0, all)
		}
	}
	return c
}

func (c *counter) add(account string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.done[account]++
	if c.report != nil {
		c.report(account, c.done[account], c.all[account])
	}
}

// Turns interleaves the accounts of a list sorted by account, so that an account waiting for its rate limit
// does not delay the others.
func Turns[T any](list []T, account func(T) string) []T {
	var accounts [][]T
	for i, one := range list {
		if i == 0 || account(one) != account(list[i-1]) {
			accounts = append(accounts, nil)
		}
		last := len(accounts) - 1
		accounts[last] = append(accounts[last], one)
	}
	order := make([]T, 0, len(list))
	for n := 0; len(order) < len(list); n++ {
		for _, own := range accounts {
			if n < len(own) {
				order = append(order, own[n])
			}
		}
	}
	return order
}
