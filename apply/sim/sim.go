// Package sim checks the promises about money on whole histories: several runs of several processes against a
// model of the API and a model of the disk, in virtual time, all decided by one seed. It has only tests, which
// `make sim` and `go test` run.
//
// The code of plan, apply, state and state/local is the real one; what they depend on is modelled. The models
// keep their own books and share no code with what they judge.
//
// There are two sorts of worlds:
//
//   - Guarded: the API refuses a refund_id that it has seen, and amounts above what was captured. Reads lag by
//     up to ten seconds, keys may expire, ledgers may be copied, used at once and merged, and others make
//     refunds at any time, also under our ids.
//   - Bare: the API checks neither. Only the key, the proofs by reading and the ledger keep money from moving
//     twice. Reads lag less than the read delay, keys do not expire, a ledger is not used in two copies at once
//     and is lost or rolled back only when nothing is under way, and others make refunds only between runs.
//
// In both, a request arrives within two minutes or never. A clock jumps forward only if reads lag less than the
// read delay and requests do not arrive late; otherwise no program could know that settle_after has not passed.
// A refund that the API accepted stays what it is. What a later fsync confirmed is on the disk, even after an
// fsync that failed.
package sim
