package edit

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"refundctl/internal/durable"
	"refundctl/internal/refund"
	"refundctl/state"
)

func TestAFreshIDNamesItsParentAndIsNotInUse(t *testing.T) {
	form := regexp.MustCompile(`^[A-Za-z0-9_-]{3,40}$`)
	used := map[string]bool{}
	for range 500 {
		id := freshID("order_17", used)
		if !strings.HasPrefix(id, "order_17_") || !form.MatchString(id) || used[id] {
			t.Fatalf("%q", id)
		}
		used[id] = true
	}
	for _, parent := range []string{strings.Repeat("_", 60), strings.Repeat("order-", 20), "ä ö", ""} {
		if id := freshID(parent, nil); !form.MatchString(strings.TrimLeft(id, "_")) || len(id) > 40 {
			t.Errorf("%q gives %q", parent, id)
		}
	}
}

func TestAnIDThatWasUsedIsNotUsedAgain(t *testing.T) {
	p := project(t, map[string]string{"refunds/june.yaml": june})
	e := editor(t, p, outcome{"order_9", "old", state.Settled, "SUCCESS"})
	_, err := e.New(context.Background(), row("order_2", "refund_1", 5), "")
	refusedFor(t, err, IDInManifest)
	_, err = e.New(context.Background(), row("order_2", "old", 5), "")
	refusedFor(t, err, IDInLedger)
	e.Accounts[0].Environment = "production" // what the sandbox knows says nothing of production
	if _, err = e.New(context.Background(), row("order_2", "old", 5), ""); err != nil {
		t.Error(err)
	}
}

// plan blocks both rows of what looks like one refund twice.
func TestARowOfTheSameOrderAndAmountIsReportedAsADuplicate(t *testing.T) {
	p := project(t, map[string]string{"refunds/june.yaml": june})
	cleared := row("order_1", "two", 10)
	cleared.NotDuplicateOf = []string{"refund_1"}
	for name, c := range map[string]struct {
		known []outcome
		add   refund.Spec
		want  bool
	}{
		"same":              {nil, row("order_1", "two", 10), true},
		"another amount":    {nil, row("order_1", "two", 11), false},
		"another order":     {nil, row("order_2", "two", 10), false},
		"cleared":           {nil, cleared, false},
		"the other failed":  {[]outcome{{"order_1", "refund_1", state.Failed, "FAILED"}}, row("order_1", "two", 10), false},
		"the other is paid": {[]outcome{{"order_1", "refund_1", state.Settled, "SUCCESS"}}, row("order_1", "two", 10), true},
	} {
		d, err := editor(t, p, c.known...).New(context.Background(), c.add, "")
		must(t, err)
		if got := d.Duplicate != nil && d.Duplicate.RefundID == "refund_1"; got != c.want {
			t.Errorf("%s: reported %t, want %t", name, got, c.want)
		}
	}
}

// A manifest's account and defaults apply to a new row too; they must not change what it asks for.
func TestARowKeepsItsMeaningInEveryManifest(t *testing.T) {
	const possible Why = -1
	for name, c := range map[string]struct {
		manifest string
		want     Why
	}{
		"another currency": {"version: 1\ndefaults: {refund_currency: USD}\nrefunds: []\n", OtherMeaning},
		"another account":  {"version: 1\naccount: other\nrefunds: []\n", OtherAccount},
		"brackets":         {"version: 1\nrefunds: [{order_id: o_1, refund_id: r_1, refund_amount: 1}]\n", NoRoomForRow},
		"a further label":  {"version: 1\ndefaults: {labels: {team: returns}}\nrefunds: []\n", possible},
	} {
		t.Run(name, func(t *testing.T) {
			p := project(t, map[string]string{"refunds/june.yaml": c.manifest})
			other := account
			other.Name = "other"
			p.Accounts = append(p.Accounts, other)
			e := editor(t, p)
			e.Account = "default"
			_, err := e.New(context.Background(), row("order_2", "two", 5), filepath.Join(p.Root, "refunds", "june.yaml"))
			if c.want == possible {
				must(t, err)
				return
			}
			refusedFor(t, err, c.want)
		})
	}
}

// A row that plan does not see would not be sent, and nobody would notice.
func TestANewManifestIsWherePlanFindsIt(t *testing.T) {
	p := project(t, map[string]string{"refunds/june.yaml": june, "refunds/deep/x.yaml": "version: 1\nrefunds: []\n", "away/.keep": ""})
	must(t, os.Symlink(filepath.Join(p.Root, "away"), filepath.Join(p.Root, "refunds", "link")))
	for name, want := range map[string]bool{
		"refunds/july.yaml": true, "refunds/july.yml": true, "refunds/deep/july.yaml": true,
		"july.yaml": false, "refunds/july.txt": false, "refunds/.july.yaml": false, "refunds/refundctl.yaml": false,
		"refunds/none/july.yaml": false, "refunds/link/july.yaml": false, "away/july.yaml": false,
	} {
		if got := p.becomesManifest(filepath.Join(p.Root, filepath.FromSlash(name))); got != want {
			t.Errorf("%s: %t, want %t", name, got, want)
		}
	}
}

func TestAManifestThatChangedMeanwhileIsNotWritten(t *testing.T) {
	p := project(t, map[string]string{"refunds/june.yaml": june})
	d, err := editor(t, p).New(context.Background(), row("order_2", "two", 5), "")
	must(t, err)
	edited := june + "# an edit\n"
	must(t, os.WriteFile(filepath.Join(p.Root, "refunds", "june.yaml"), []byte(edited), 0o644))
	if err := d.Write(); !errors.Is(err, durable.ErrChanged) {
		t.Errorf("%v", err)
	}
	if got := read(t, p, "refunds/june.yaml"); got != edited {
		t.Errorf("the manifest is now\n%s", got)
	}
}
