package edit

import "fmt"

// Refusal is an edit that was not made: the files are unchanged.
type Refusal struct {
	Why     Why
	Subject string // what the hint names: a file, an account, a refund_id; see Why
	message string
}

// Error says why the edit was refused.
func (r *Refusal) Error() string { return r.message }

func refuse(why Why, subject, format string, args ...any) *Refusal {
	return &Refusal{why, subject, fmt.Sprintf(format, args...)}
}

// Why is the rule that refused an edit.
type Why int

// The rules, with the Subject of each.
const (
	NoManifest          Why = iota // the account that a new manifest would be of, or a placeholder
	SeveralManifests               // their names, the first few
	NotInManifests                 // the configuration: a new file would not be found as a manifest
	NotAManifest                   // the configuration: a file is not one of the project's manifests
	UnreadableManifest             // none
	NoRoomForRow                   // none: the manifest's layout has no safe place for a row
	IDInManifest                   // none
	IDInLedger                     // the refund_id
	InvalidRow                     // the hint of the first diagnostic; may be empty
	OtherAccount                   // the account that the row is for
	OtherMeaning                   // none: the row would say something else in that manifest
	NotReadBack                    // none: what would be written cannot be read back; a defect of the program
	UnknownRefund                  // the refund_id, which is not in the ledger
	AccountAmbiguous               // none: several accounts know the refund_id
	RefundAmbiguous                // the refund_id: the ledger has two refunds under it
	AlreadyReissued                // the refund_id of the reissue, which a manifest has
	AlreadyReissuedLost            // the refund_id of the reissue, which only the ledger knows
	Paid                           // the refund_id
	InDoubt                        // the refund_id
	FoundSent                      // the refund_id, which a person resolved as sent
	MayBePaid                      // the refund_id
	NeverAccepted                  // the refund_id
	RowChanged                     // the refund_id
	TargetNotYAML                  // none
	TargetLink                     // none
	UnusableTarget                 // none
	TargetTooLarge                 // none
	NoRoomInTarget                 // none: its end has no safe place for rows
	TargetOfOtherSheet             // none
	TargetNotLive                  // none
	SheetNotReadBack               // none: a row cannot be read back; a defect of the program
	numWhys
)

// Whys returns every rule.
func Whys() (all []Why) {
	for w := range numWhys {
		all = append(all, w)
	}
	return all
}
