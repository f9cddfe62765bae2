package reconcile

import "slices"

// Verdict is what comes of holding the sources of one refund against each other.
type Verdict string

// The verdicts. A refund gets the first one that fits, in this order: what may have cost money first.
const (
	LiveTwice     Verdict = "live_twice"       // two refunds of the API under one refund_id
	BankTwice     Verdict = "bank_twice"       // two lines of the bank file for one refund, or one line for two refunds
	AmountDiffers Verdict = "amount_differs"   // manifest, ledger and live do not hold one amount
	DetailsDiffer Verdict = "details_differ"   // another parent, payment or other splits
	InDoubt       Verdict = "in_doubt"         // it may have been sent, and nothing is live
	BankDiffers   Verdict = "bank_differs"     // the bank file has another amount, or what should not be there
	StatusDiffers Verdict = "status_differs"   // the ledger knew an end that live does not confirm
	MissingLive   Verdict = "missing_live"     // the ledger holds it as sent, the API does not have it
	Rogue         Verdict = "rogue"            // live, and neither a manifest nor the ledger explains it
	Unrecorded    Verdict = "unrecorded"       // live, and the ledger does not hold it as sent
	Unexplained   Verdict = "bank_unexplained" // a line of the bank file that is of no refund
	Unread        Verdict = "unread"           // its parent could not be read
	Failed        Verdict = "failed"           // CANCELLED or FAILED, and a manifest still asks for it
	Orphaned      Verdict = "orphaned"         // sent, and no manifest asks for it any more
	NotSent       Verdict = "not_sent"         // wanted, and never sent
	MissingBank   Verdict = "missing_bank"     // paid as the API says, and not in the bank file
	Pending       Verdict = "pending"          // under way
	Held          Verdict = "held"             // hold: true, and never sent
	Automatic     Verdict = "automatic"        // the API made it by itself
	Void          Verdict = "void"             // no money moved, and nobody waits for it
	Matched       Verdict = "matched"          // all sources agree: paid
)

// Verdicts are all of them, in their order.
var Verdicts = []Verdict{LiveTwice, BankTwice, AmountDiffers, DetailsDiffer, InDoubt, BankDiffers, StatusDiffers, MissingLive, Rogue,
	Unrecorded, Unexplained, Unread, Failed, Orphaned, NotSent, MissingBank, Pending, Held, Automatic, Void, Matched}

// Differs tells whether somebody has to look at it: pending and what comes after it needs nobody.
func (v Verdict) Differs() bool { return v.rank() < Pending.rank() }

func (v Verdict) rank() int { return slices.Index(Verdicts, v) }
