package plan

// SumOf counts rows and adds up their money.
func SumOf(rows []Change) Tally {
	var t Tally
	for i := range rows {
		t.Add(rows[i].Amount)
	}
	return t
}

// Total counts all rows and adds up their money, each refund once: superseded rows are left out, and
// counted in superseded.
func (p *Plan) Total() (all Tally, superseded int) {
	for i := range p.Changes {
		if p.Changes[i].Superseded {
			superseded++
		} else {
			all.Add(p.Changes[i].Amount)
		}
	}
	return all, superseded
}

// CreatesByAccount adds up what apply would send, by fingerprint.
func (p *Plan) CreatesByAccount() map[string]Tally {
	sums := map[string]Tally{}
	for _, c := range p.Rows(Create) {
		t := sums[c.ID.Account]
		t.Add(c.Amount)
		sums[c.ID.Account] = t
	}
	return sums
}

// Payers returns the accounts whose money apply would send, in the order of Accounts.
func (p *Plan) Payers() []Account {
	sums := p.CreatesByAccount()
	var payers []Account
	for _, a := range p.Accounts {
		if sums[a.Fingerprint].Count > 0 {
			payers = append(payers, a)
		}
	}
	return payers
}

// Pressing reports whether a row must be seen before the others: it needs a person or recover, or could not be
// sent for an outside reason.
func (c Change) Pressing() bool { return c.NeedsPerson() || c.Outside() || c.Action == InDoubt }

// Open counts the rows that need a person and the rows in doubt. A row in doubt is not counted twice.
func (p *Plan) Open() (persons, doubts int) {
	for i := range p.Changes {
		switch c := p.Changes[i]; {
		case c.Doubtful():
			doubts++
		case c.NeedsPerson():
			persons++
		}
	}
	return persons, doubts
}

// NothingToDo reports whether no row asks for a request or for a person. totals is the plan's Summary.
func NothingToDo(totals map[Action]Tally) bool {
	for _, a := range []Action{Create, Conflict, Failed, InDoubt, Blocked} {
		if totals[a].Count > 0 {
			return false
		}
	}
	return true
}

// LiveMoney adds up the live refunds whose money moved or still may.
func (p ParentRead) LiveMoney() Tally {
	var t Tally
	for _, l := range p.Live {
		if !l.Status.Dead() {
			t.Add(l.Amount)
		}
	}
	return t
}
