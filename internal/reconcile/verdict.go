package reconcile

import "slices"

// Verdict is the result of comparing the sources of one refund.
type Verdict string

// The verdicts. A refund gets the first that fits: those that may have cost money come first.
const (
	LiveTwice     Verdict = "live_twice"       // two live refunds under one refund_id
	BankTwice     Verdict = "bank_twice"       // two lines of the bank file for one refund, or one line for two refunds
	AmountDiffers Verdict = "amount_differs"   // manifest, ledger and API differ in the amount
	DetailsDiffer Verdict = "details_differ"   // they differ in the parent, the payment or the splits
	InDoubt       Verdict = "in_doubt"         // it may have been sent, and it is not live
	BankDiffers   Verdict = "bank_differs"     // the bank file has another amount, or a refund that should not be there
	StatusDiffers Verdict = "status_differs"   // the ledger has a final status that the API does not confirm
	MissingLive   Verdict = "missing_live"     // the ledger records it as sent, the API does not have it
	Unmanaged     Verdict = "unmanaged"        // live, in no manifest and not in the ledger
	Unrecorded    Verdict = "unrecorded"       // live, and the ledger does not have it as sent
	Unexplained   Verdict = "bank_unexplained" // a line of the bank file that belongs to no refund
	UnknownParent Verdict = "parent_unknown"   // the API does not know its parent
	Unread        Verdict = "unread"           // its parent could not be read
	Failed        Verdict = "failed"           // CANCELLED or FAILED, and a manifest still asks for it
	Orphaned      Verdict = "orphaned"         // sent, and no manifest asks for it now
	NotSent       Verdict = "not_sent"         // desired, and never sent
	MissingBank   Verdict = "missing_bank"     // paid at the API, and not in the bank file
	Pending       Verdict = "pending"          // accepted, not yet settled
	Held          Verdict = "held"             // hold: true, and never sent
	Automatic     Verdict = "automatic"        // the API made it by itself
	Void          Verdict = "void"             // no money moved, and nobody waits for it
	Matched       Verdict = "matched"          // all sources agree: paid
)

// Verdicts lists the verdicts in their order.
var Verdicts = []Verdict{LiveTwice, BankTwice, AmountDiffers, DetailsDiffer, InDoubt, BankDiffers, StatusDiffers, MissingLive, Unmanaged,
	Unrecorded, Unexplained, UnknownParent, Unread, Failed, Orphaned, NotSent, MissingBank, Pending, Held, Automatic, Void, Matched}

// Differs reports whether a person has to look at the row. Pending and the verdicts after it need no action.
func (v Verdict) Differs() bool { return v.rank() < Pending.rank() }

func (v Verdict) rank() int { return slices.Index(Verdicts, v) }
