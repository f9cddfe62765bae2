package money

import (
	"slices"
	"strings"
	"testing"
)

func TestParseCurrencyTakesOnlyActiveCodes(t *testing.T) {
	for _, text := range []string{"INR", "JPY", "BHD", "AED", "ZWG", "VED", "XCG"} {
		if c, err := ParseCurrency(text); err != nil || string(c) != text {
			t.Errorf("ParseCurrency(%q) = %q, %v", text, c, err)
		}
	}
	for _, text := range []string{"", "inr", "Inr", "IN", "INRS", "XXX", "XTS", "XAU", "ZWL", "ABC", " IN", "R A", "   ", "₹", "ІNR"} {
		if c, err := ParseCurrency(text); err == nil || c != "" {
			t.Errorf("ParseCurrency(%q) = %q, %v; want an error", text, c, err)
		}
	}
}

func TestCurrencyTableIsSortedWithoutDuplicates(t *testing.T) {
	codes := strings.Fields(iso4217)
	if !slices.IsSorted(codes) || len(slices.Compact(slices.Clone(codes))) != len(codes) {
		t.Error("iso4217 is not sorted, or holds a code twice")
	}
	for _, c := range codes {
		if len(c) != 3 || strings.Trim(c, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
			t.Errorf("%q is no code", c)
		}
	}
	for _, c := range strings.Fields(noDecimals + threeDecimals) {
		if !slices.Contains(codes, c) {
			t.Errorf("%s has decimals of its own and is no currency", c)
		}
	}
}

func TestDecimals(t *testing.T) {
	for c, want := range map[Currency]int{INR: 2, "USD": 2, "JPY": 0, "KRW": 0, "VND": 0, "XPF": 0, "BHD": 3, "KWD": 3, "TND": 3, "": 2} {
		if got := c.Decimals(); got != want {
			t.Errorf("%q has %d decimals, want %d", c, got, want)
		}
	}
}
