package plan

import "sync"

// Progress hears how many of an account's reads are done, of how many. Its calls come one at a time,
// from several goroutines; nil hears nothing.
type Progress func(account string, done, all int)

// Reading counts a series of reads for a Progress.
type Reading struct {
	tell Progress

	mu   sync.Mutex
	done map[string]int
	all  map[string]int
}

// Begin tells of a series with as many reads of each account as it is named.
func (p Progress) Begin(accounts []string) *Reading {
	r := &Reading{tell: p, done: map[string]int{}, all: map[string]int{}}
	for _, name := range accounts {
		r.all[name]++
	}
	for name, all := range r.all {
		r.told(name, 0, all)
	}
	return r
}

// Done tells that one more read of an account is done.
func (r *Reading) Done(account string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.done[account]++
	r.told(account, r.done[account], r.all[account])
}

func (r *Reading) told(account string, done, all int) {
	if r.tell != nil {
		r.tell(account, done, all)
	}
}
