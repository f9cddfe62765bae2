package schema

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"refundctl/internal/diag"
	"refundctl/schema/yamltree"
)

// one is a manifest of one refund of an order with these further fields.
func one(fields ...string) string {
	return "version: 1\nrefunds:\n  - order_id: order_1\n    refund_id: refund_1\n    refund_amount: 10\n    " + strings.Join(fields, "\n    ") + "\n"
}

func clean(t *testing.T, r Result) {
	t.Helper()
	for _, d := range r.Diagnostics {
		t.Errorf("%v %s: %s", d.Place, d.Code, d.Message)
	}
}

func TestIDsKeepTheirCharacters(t *testing.T) {
	for _, id := range []string{"012345", "1e3", "1234567890123456789012345678901234567890", "yes", "off", "OFF", "2026-01-15", "1_000", "1-2", "a-b_c", "0b101",
		"123", "-ab", "99999999999999999999", "'007'", "'0x1F'", "'true'", `"null"`, "'-17'", "!!str 012"} {
		r := loadOne(t, "version: 1\nrefunds:\n  - order_id: "+id+"\n    refund_id: "+id+"\n    refund_amount: 10\n    supersedes: xyz\n    not_duplicate_of: [y_y, 0700]\n")
		want := strings.Trim(strings.TrimPrefix(id, "!!str "), `'"`)
		if !diag.HasError(r.Diagnostics) && len(r.Specs) == 1 && r.Specs[0].RefundID == want && r.Specs[0].ParentID == want && r.Specs[0].NotDuplicateOf[1] == "0700" {
			continue
		}
		t.Errorf("%s: %+v %v", id, r.Specs, r.Diagnostics)
	}
}

// words are those that YAML does not read as text, and a missing value.
var words = []string{"null", "Null", "NULL", "~", "true", "True", "TRUE", "false", "False", "FALSE", ""}

func TestAnUnquotedNonStringIsRefusedInEveryTextField(t *testing.T) {
	row := "order_id: order_1, refund_id: ref_1, refund_amount: 10"
	for place, text := range map[string]string{
		"order_id": "{order_id: @, refund_id: ref_1, refund_amount: 10}", "refund_id": "{order_id: order_1, refund_id: @, refund_amount: 10}",
		"subscription_id": "{subscription_id: @, refund_id: ref_1, refund_amount: 10}", "payment_id": "{payment_id: @, refund_id: ref_1, refund_amount: 10}",
		"refund_note": "{" + row + ", refund_note: @}", "refund_currency": "{" + row + ", refund_currency: @}", "refund_speed": "{" + row + ", refund_speed: @}",
		"supersedes": "{" + row + ", supersedes: @}", "not_duplicate_of": "{" + row + ", not_duplicate_of: [@ , ref_3]}", "labels": "{" + row + ", labels: {ticket: @}}",
		"vendor_id": "{" + row + ", refund_splits: [{vendor_id: @, amount: 1}]}", "label's name": "{" + row + ", labels: {@: abc}}",
		"refund_type": "{payment_id: pay_1, refund_id: ref_1, refund_amount: 10, refund_type: @}",
	} {
		for _, word := range words {
			refusedAsWord(t, place, word, "version: 1\nrefunds:\n  - "+text+"\n")
		}
	}
	for place, text := range map[string]string{
		"account": "version: 1\naccount: @\nrefunds: []\n", "default note": "version: 1\ndefaults: {refund_note: @}\nrefunds: []\n",
		"default label": "version: 1\ndefaults: {labels: {ticket: @}}\nrefunds: []\n", "default speed": "version: 1\ndefaults: {refund_speed: @}\nrefunds: []\n",
	} {
		for _, word := range words {
			refusedAsWord(t, place, word, text)
		}
	}
}

// refusedAsWord fails if a manifest with this word is valid, or if the hint does not ask for quotes. The word in quotes
// may be refused for another reason.
func refusedAsWord(t *testing.T, place, word, text string) {
	t.Helper()
	if word == "" && (place == "label's name" || place == "not_duplicate_of") {
		return // there is no name, and no entry
	}
	r := loadOne(t, strings.Replace(text, "@", word, 1))
	if len(r.Specs) > 0 || len(r.Diagnostics) == 0 || !strings.Contains(r.Diagnostics[0].Hint, yamltree.QuoteHint) && !strings.HasPrefix(r.Diagnostics[0].Hint, "write "+strings.TrimPrefix(place, "default ")) {
		t.Errorf("%s: %s: %d specs, %+v", place, word, len(r.Specs), r.Diagnostics)
	}
	for _, d := range loadOne(t, strings.Replace(text, "@", `"`+word+`"`, 1)).Diagnostics {
		if strings.Contains(d.Hint, yamltree.QuoteHint) {
			t.Errorf("%s: %q is refused as if it had no quotes: %+v", place, word, d)
		}
	}
}

func TestANullInJSONIsRefused(t *testing.T) {
	for _, text := range []string{
		`{"version": 1, "refunds": [{"order_id": "order_1", "refund_id": null, "refund_amount": 11}]}`,
		`{"version": 1, "refunds": [{"order_id": true, "refund_id": "ref_1", "refund_amount": 11}]}`,
		`{"version": 1, "account": null, "refunds": [{"order_id": "order_1", "refund_id": "ref_1", "refund_amount": 11}]}`,
		`{"version": 1, "refunds": [{"order_id": "order_1", "refund_id": "ref_1", "refund_amount": 11, "labels": {"ticket": null}}]}`,
	} {
		r := loadOne(t, text)
		if len(r.Specs) > 0 || len(r.Diagnostics) != 1 || !strings.Contains(r.Diagnostics[0].Hint, yamltree.QuoteHint) {
			t.Errorf("%s: %+v", text, r)
		}
	}
}

func TestANumberThatOtherProgramsReadAsAShorterTextIsRefused(t *testing.T) {
	for _, id := range []string{"007", "0x1F", "0o17", "-17", "12", "1.5", "1e-3", ".inf", "1e400", "+100", "100.0", "1e999999999999"} {
		r := loadOne(t, strings.Replace(one(), "refund_1", id, 1))
		if len(r.Specs) > 0 || len(r.Diagnostics) != 1 {
			t.Errorf("%s: %+v", id, r)
		}
	}
}

func TestAmountsKeepTheirDigits(t *testing.T) {
	for text, minor := range map[string]int64{
		"1149.75": 114975, `"1149.75"`: 114975, "'299'": 29900, "299": 29900, "0.01": 1, "0.1": 10, "1.10": 110, "131072.01": 13107201,
		"90071992547409.93": 9007199254740993, "92233720368547758.06": 9223372036854775806, "!!str 5.5": 550,
	} {
		r := loadOne(t, strings.Replace(one(), "refund_amount: 10", "refund_amount: "+text, 1))
		clean(t, r)
		if len(r.Specs) != 1 || r.Specs[0].Amount != inr(minor) {
			t.Errorf("%s is read as %+v", text, r.Specs)
		}
	}
}

func TestTheCurrencyDecidesTheDecimals(t *testing.T) {
	for currency, text := range map[string]string{"JPY": "1150", "BHD": "1.234", "USD": "1.23", "INR": "1.20"} {
		r := loadOne(t, strings.Replace(one("refund_currency: "+currency), "refund_amount: 10", "refund_amount: "+text, 1))
		clean(t, r)
		if len(r.Specs) != 1 || r.Specs[0].Amount.String() != text || string(r.Specs[0].Amount.Currency) != currency {
			t.Errorf("%s %s is read as %+v", currency, text, r.Specs)
		}
	}
}

func TestOrdinaryTextsAreNotTakenForPersonalData(t *testing.T) {
	for _, note := range []string{
		"order 20260115000123", "CS-4411", "refund of 1149.75 on 2026-01-15", "2026-01-15 12:30:45", "ORD-9876543210 partly", "order_9876543210",
		"INV/2026/9876543210", "100@Rs50 each", "ARN 74332746123456789012345", "UTR 612345678901", "ticket 1788174655651", "size 7 to 8", "see you @ the desk", "size \uFF17\uFF18 to \uFF19", "order \uFF12\uFF10\uFF12\uFF16\uFF10\uFF11\uFF11\uFF15", "2026\u201301\u201315",
		"SKU 4111-11", "batch 4000000000000001", "GST 27AAPFU0939F1ZV", "\u0906\u0915\u093e\u0930 \u092c\u0926\u0932\u093e", "caf\u00e9 \u2013 20% off", "\U0001F600 sorry", "a \u200d joiner",
	} {
		clean(t, loadOne(t, one(`refund_note: "`+note+`"`, `labels: {why: "`+note+`"}`)))
	}
}

func TestPersonalDataIsNeverShownWhole(t *testing.T) {
	for _, private := range []string{"asha.kumar@example.com", "asha.kumar@okaxis", "9876543210", "98765 43210", "\uFF19\uFF18\uFF17\uFF16\uFF15\uFF14\uFF13\uFF12\uFF11\uFF10", "+14155552671", "ABCDE1234F", "4111 1111 1111 1111", "cfsk_ma_test_notarealsecret"} {
		for _, text := range []string{
			one(`refund_note: "x ` + private + `"`), one(`labels: {a: "` + private + `"}`), one(`labels: {"` + private + `": abc}`), one(`refund_speed: "` + private + `"`),
			one(`"` + private + `": 1`), one(`refund_currency: "` + private + `"`), one(`hold: "` + private + `"`), one(`supersedes: "` + private + ` "`),
			"version: 1\naccount: \"" + private + "\"\nrefunds: []\n", "version: \"" + private + "\"\n", one(`labels: {a: *` + private + `}`), one(`"`+private+`": 1`, `"`+private+`": 1`),
			strings.Replace(one("hold: 1"), "10", `"`+private+`"`, 1),
		} {
			r := load(t, Options{Accounts: map[string]Account{"default": {API: "cashfree"}}}, map[string]string{"a.yaml": text})
			if !diag.HasError(r.Diagnostics) {
				t.Errorf("accepted:\n%s", text)
			}
			for _, d := range r.Diagnostics {
				if strings.Contains(d.Message+d.Hint, private) {
					t.Errorf("%s: %q %q", d.Code, d.Message, d.Hint)
				}
			}
		}
	}
}

func TestLookAlikesAreNamed(t *testing.T) {
	for in, want := range map[string]string{
		"ord\u0435r_1": "order_id contains U+0435 as character 4, which looks like e",
		"order_\uFF11": "order_id contains U+FF11 as character 7, which looks like 1",
		"o\u200brder":  "order_id contains U+200B as character 2, which is invisible",
		"order\u20131": "order_id contains U+2013 as character 6, which looks like -",
		"\u039Frder":   "order_id contains U+039F as character 1, which looks like O",
		"order\u00a01": "order_id contains U+00A0 as character 6, a kind of space",
		"order_\u0905": "order_id contains U+0905 as character 7",
	} {
		r := loadOne(t, strings.Replace(one(), "order_1", `"`+in+`"`, 1))
		if len(r.Diagnostics) != 1 || r.Diagnostics[0].Message != want {
			t.Errorf("want %q, got %+v", want, r.Diagnostics)
		}
	}
}

func TestABadAmountIsReportedWithTheRightSpelling(t *testing.T) {
	for in, want := range map[string][2]string{
		"010.50":     {"refund_amount must not begin with a zero", "write refund_amount: 10.50"},
		`"1,149.75"`: {"refund_amount must have no thousands separators", "write refund_amount: 1149.75"},
		".5":         {"refund_amount must have a digit before the point", "write refund_amount: 0.5"},
		"1_000":      {"refund_amount must have no underscores", "write refund_amount: 1000"},
		"1e3":        {"refund_amount must be written without an exponent", "write an amount such as 1149.75"},
		"1.234":      {"refund_amount has 3 decimals, but INR has 2", "write an amount such as 1149.75"},
		"0":          {"refund_amount must be more than zero", "write an amount such as 1149.75"},
	} {
		r := loadOne(t, strings.Replace(one(), "refund_amount: 10", "refund_amount: "+in, 1))
		if len(r.Diagnostics) != 1 || r.Diagnostics[0].Message != want[0] || r.Diagnostics[0].Hint != want[1] {
			t.Errorf("%s: %+v", in, r.Diagnostics)
		}
	}
}

func TestHintsSuggestTheIntendedName(t *testing.T) {
	for text, want := range map[string]string{
		one("refund_notes: sorry"):                              "did you mean refund_note?",
		one("refund_sped: STANDARD"):                            "did you mean refund_speed?",
		one("suprsedes: refund_2"):                              "did you mean supersedes?",
		one("refund_speed: INSTNAT"):                            "did you mean INSTANT?",
		one("refund_speed: instead"):                            "write refund_speed: STANDARD or INSTANT",
		"version: 1\ndefaults: {refund_id: r_1}\nrefunds: []\n": "the fields here are hold, labels",
		one("refund_speed: fast"):                               "write refund_speed: STANDARD or INSTANT",
		"version: 1\nrefund: []\n":                              "did you mean refunds?",
		"version: 1\n":                                          "add refunds",
		"refunds: []\n":                                         "add version, such as version: 1",
		one("defaults: {}"):                                     "the fields here are",
		one("refund_note: 'tel: 98'", "hold: yes"):              "write hold: true or hold: false",
	} {
		r := loadOne(t, text)
		if len(r.Diagnostics) != 1 || !strings.HasPrefix(r.Diagnostics[0].Hint, want) {
			t.Errorf("%s: want %q, got %+v", text, want, r.Diagnostics)
		}
	}
}

func TestABadTypeIsReportedWithTheRightOne(t *testing.T) {
	const refund = "{order_id: order_summer_fashion_001, refund_amount: 1149.75, refund_id: refund_summer_fashion_001_size}"
	for text, want := range map[string][2]string{
		"- order_1\n":                                  {"a refundctl manifest must be a mapping, not a list", "begin it with version: 1"},
		"just words":                                   {"a refundctl manifest must be a mapping, not text", "begin it with version: 1"},
		"version: 1\nrefunds: [order_1]\n":             {"a refund must be a mapping, not order_1", "write " + refund},
		"version: 1\nrefunds:\n":                       {"refunds is empty", "write refunds: [" + refund + "], or [] for none"},
		"version: 1\nrefunds: {order_id: a}\n":         {"refunds must be a list of refunds, not a mapping", "begin each entry of the list with - and a space"},
		one("labels: [a]"):                             {"labels must be a mapping, not a list", "write labels: {ticket: CS-4411}"},
		one("hold: 'true'"):                            {"hold must be true or false, not quoted text", "write hold: true or hold: false"},
		one("refund_splits: []"):                       {"refund_splits needs at least one entry", "write refund_splits: [{amount: 100.12, vendor_id: Vendor01}]"},
		one("refund_splits: [v]"):                      {"an entry of refund_splits must be a mapping, not v", "write {amount: 100.12, vendor_id: Vendor01}"},
		one("refund_note: ab"):                         {"refund_note has 2 characters; it must have 3 to 100", "write refund_note: Size exchange"},
		one("refund_note: a"):                          {"refund_note has 1 character; it must have 3 to 100", "write refund_note: Size exchange"},
		one("supersedes: a" + strings.Repeat("b", 40)): {"supersedes has 41 characters; it must have 3 to 40", "shorten it to at most 40 characters"},
		strings.Replace(one(), " 10", " [10]", 1):      {"refund_amount must be an amount, not a list", "write refund_amount: 1149.75"},
	} {
		r := loadOne(t, text)
		if len(r.Diagnostics) != 1 || r.Diagnostics[0].Message != want[0] || r.Diagnostics[0].Hint != want[1] {
			t.Errorf("%s: %+v", text, r.Diagnostics)
		}
	}
}

func TestAnAliasBombIsReportedOnceOnAnyNumberOfCores(t *testing.T) {
	var b strings.Builder
	b.WriteString("version: 1\nrefunds:\n  - &a [" + strings.Repeat("x,", 1000) + "x]\n")
	for range 3 * chunkRows {
		b.WriteString("  - [" + strings.Repeat("*a,", 100) + "*a]\n")
	}
	bombs := 0
	for _, d := range loadOne(t, b.String()).Diagnostics {
		if d.Code == CodeAliasBomb {
			bombs++
		}
	}
	if bombs != 1 {
		t.Errorf("the alias bomb is reported %d times", bombs)
	}
}

func TestRefundsAreCheckedAgainstTheirAccount(t *testing.T) {
	accounts := map[string]Account{
		"default": {API: "cashfree", Environment: "production", APIVersion: "2023-08-01"},
		"old":     {API: "cashfree", Environment: "sandbox", APIVersion: "2022-09-01"},
		"new":     {API: "cashfree", Environment: "sandbox", APIVersion: "2026-01-01"},
		"flow":    {API: "flowwise", Environment: "sandbox"},
	}
	order, sub, pay := "order_id: order_1", "subscription_id: sub_1", "payment_id: pay_1"
	for _, c := range []struct{ account, fields, want string }{
		{"default", order, ""}, {"old", order, ""}, {"flow", pay, ""}, {"default", sub, ""}, {"new", sub + ", " + pay, ""},
		{"flow", order, "4:5 account_api\n"}, {"default", pay, "4:5 account_api\n"}, {"flow", sub, "4:5 account_api\n"},
		{"old", sub, "4:5 api_version\n"}, {"new", sub, "4:5 payment_id_required\n"},
		{"defualt", order, "2:10 unknown_account\n"}, {"other", order, "2:10 unknown_account\n"},
		{"default", order + ", refund_note: FAILED", "4:38 simulator_note\n"}, {"new", order + ", refund_note: FAILED", ""},
		{"default", order + ", refund_note: FAILED twice", ""}, {"default", order + ", refund_note: failed", ""},
	} {
		text := "version: 1\naccount: " + c.account + "\nrefunds:\n  - {" + c.fields + ", refund_id: refund_1, refund_amount: 10}\n"
		r := load(t, Options{Accounts: accounts}, map[string]string{"a.yaml": text})
		if got := brief(r.Diagnostics); got != c.want {
			t.Errorf("%s %s: want %q, got %q", c.account, c.fields, c.want, got)
		}
	}
	r := load(t, Options{Accounts: accounts}, map[string]string{"a.yaml": "version: 1\naccount: defualt\nrefunds: []\n"})
	if r.Diagnostics[0].Hint != "did you mean default?" {
		t.Errorf("hint %q", r.Diagnostics[0].Hint)
	}
}

func TestASimulatorNoteInTheDefaultsIsReportedInProduction(t *testing.T) {
	accounts := map[string]Account{"default": {API: "cashfree", Environment: "production", APIVersion: "2023-08-01"}}
	r := load(t, Options{Accounts: accounts}, map[string]string{"a.yaml": "version: 1\ndefaults: {refund_note: SUCCESS}\nrefunds:\n  - {order_id: order_1, refund_id: refund_1, refund_amount: 10}\n"})
	if got := brief(r.Diagnostics); got != "4:5 simulator_note\n" {
		t.Error(got)
	}
}

func TestADuplicateIDIsReportedAtTheSecondUseAndNamesTheFirst(t *testing.T) {
	r := load(t, Options{}, map[string]string{"b.yaml": one(), "a/z.yaml": one(), "c.yaml": strings.Replace(one(), "version: 1", "version: 1\naccount: other", 1)})
	if len(r.Diagnostics) != 1 || r.Diagnostics[0].String() != "b.yaml:4:16" || !strings.Contains(r.Diagnostics[0].Message, "a/z.yaml:4:16") {
		t.Errorf("%+v", r.Diagnostics)
	}
}

func TestADuplicateIDIsReportedForRowsWithOtherErrors(t *testing.T) {
	r := loadOne(t, one("hold: yes")+"  - {order_id: order_2, refund_id: refund_1, refund_amount: 0}\n")
	if got := brief(r.Diagnostics); got != "6:11 type\n7:36 duplicate_refund_id\n7:61 amount\n" {
		t.Error(got)
	}
}

func TestTheOrderOfPathsNeverMatters(t *testing.T) {
	files, names := map[string]string{}, []string{}
	for i := range 12 {
		name := fmt.Sprintf("%c/%d.yaml", 'a'+i%3, i)
		names = append(names, name)
		files[name] = strings.ReplaceAll(one("refund_speed: X"[:15-i%2]), "refund_1", fmt.Sprintf("refund_%d", i/2))
	}
	root := t.TempDir()
	write(t, root, files)
	var first Result
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 20 {
		r, err := Load(context.Background(), append(names, "a", "./b", "."), Options{Root: root})
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			first = r
		}
		if diff := cmp.Diff(first, r); diff != "" {
			t.Fatal(diff)
		}
		random.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	}
	if len(first.Files) != 12 || !slices.IsSorted(first.Files) || len(first.Diagnostics) < 12 {
		t.Errorf("%v, %d diagnostics", first.Files, len(first.Diagnostics))
	}
}

func TestOnlyTheFirstHundredProblemsAreKept(t *testing.T) {
	var b strings.Builder
	b.WriteString("version: 1\nrefunds:\n")
	for i := range 150 {
		_, _ = fmt.Fprintf(&b, "  - {order_id: order_%d, refund_id: 98765%05d, refund_amount: 0}\n", i, i)
	}
	r := loadOne(t, b.String())
	count := map[diag.Severity]int{}
	for _, d := range r.Diagnostics {
		count[d.Severity]++
		if d.Code == CodeMore && (d.Message != "and at least 50 more "+string(d.Severity)+"s in this file" || d.Line != 102) {
			t.Errorf("%v %s", d.Place, d.Message)
		}
	}
	if count[diag.Error] != 101 || count[diag.Warning] != 101 {
		t.Errorf("%v", count)
	}
}

func TestAHundredThousandRefundsInOneFile(t *testing.T) {
	const n = 100_000
	var b strings.Builder
	b.WriteString("version: 1\nrefunds:\n")
	for i := range n {
		_, _ = fmt.Fprintf(&b, "  - {order_id: order_%d, refund_id: refund_%d, refund_amount: %d.05}\n", i, i, i+1)
	}
	r := loadOne(t, b.String())
	if len(r.Diagnostics) > 0 || len(r.Specs) != n || r.Specs[n-1].Amount != inr(n*100+5) || r.Specs[n-1].Source.Line != n+2 {
		t.Errorf("%d specs, %v", len(r.Specs), r.Diagnostics)
	}
}
