package state_test

import (
	"errors"
	"testing"

	"refundctl/state"
	"refundctl/state/statetest"
)

func TestR15_AnAccountCannotBecomeAnotherMerchant(t *testing.T) {
	disk := &statetest.Disk{}
	s := statetest.Open(t, disk.Backend())
	defer s.Close()
	bind := func(account, environment, fingerprint, reason string) error {
		return s.Bind(ctx, state.Binding{Account: account, API: "cashfree", Environment: environment, Fingerprint: fingerprint, Reason: reason})
	}
	must(t, bind("default", "sandbox", "f1", ""))
	must(t, bind("default", "production", "f2", ""))
	size := len(disk.Bytes())
	must(t, bind("default", "sandbox", "f1", ""))
	if len(disk.Bytes()) != size {
		t.Error("what is known was recorded again")
	}
	var wrong *state.BindingError
	if err := bind("default", "sandbox", "f3", ""); !errors.As(err, &wrong) || wrong.Have.Fingerprint != "f1" {
		t.Errorf("another merchant under the name gave %v", err)
	}
	if err := bind("other", "sandbox", "f1", ""); !errors.As(err, &wrong) || wrong.Have.Account != "default" {
		t.Errorf("another name of the merchant gave %v", err)
	}
	must(t, bind("default", "sandbox", "f3", "new keys"))
	if got := s.State().Bindings(); len(got) != 2 || got[0].Fingerprint != "f2" || got[1].Fingerprint != "f3" {
		t.Errorf("the bindings are %+v", got)
	}
	must(t, bind("default", "sandbox", "f3", ""))
}
