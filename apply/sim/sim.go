// Package sim proves the promises about money on whole histories: several runs of several
// processes against a model of the API and a model of the disk, in virtual time, all of it decided
// by one seed. It holds tests only and is called by `make sim` and `go test`.
//
// What runs is the real code of plan, apply, state and state/local; what is modelled is what they
// stand on. The models keep their own books and share no code with what they judge.
//
// A world is of one of two sorts:
//
//   - Guarded: the API refuses a refund_id that it has seen, and more than was captured. Reads lag
//     up to ten seconds, keys may expire, ledgers may be copied, used at once and merged, others
//     make refunds at any moment, under our ids as well.
//   - Bare: the API checks neither. What then keeps money from moving twice is the key, the proofs
//     by reading and the ledger alone. Reads lag less than the read delay, keys do not expire, one
//     ledger is not used in two copies at once, a ledger that is lost or rolled back is so only
//     when nothing is under way, and others make refunds between runs only.
//
// In both: a request arrives, if ever, within two minutes; a clock that jumps forward does so only
// where reads lag less than the read delay and requests do not arrive late, since nobody could then
// tell that the time to settle has not passed; a refund that the API accepted stays what it is; and
// what a later fsync confirmed is on the disk, also after one that failed.
package sim
