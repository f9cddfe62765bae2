package schema

import (
	"testing"
)

func TestR15_OtherPrefixesAreReadOnlyIfAllowed(t *testing.T) {
	for prefix, own := range map[string]bool{
		"CASHFREE": true, "FLOWWISE": true, "CASHFREE_INDIA": true, "FLOWWISE_2": true, "CASHFREE__": true, "CASHFREE_A_B": true,
		"": false, "CASHFREEX": false, "CASHFREE_": false, "XCASHFREE": false, "AZURE": false, "AZURE_CASHFREE": false,
		"cashfree": false, "CASHFREE-1": false, "CASH_FREE": false, "REFUNDCTL": false,
	} {
		if OwnPrefix(prefix) != own {
			t.Errorf("%q is own: %v", prefix, !own)
		}
		config := Config{Accounts: []ConfigAccount{{Name: "default", EnvPrefix: prefix}}}
		if found := config.ForeignPrefixes([]string{"SHOP", prefix + "X", "X" + prefix}); len(found) == 0 != own {
			t.Errorf("%q: %v", prefix, found)
		}
		if found := config.ForeignPrefixes([]string{"SHOP", prefix}); len(found) > 0 {
			t.Errorf("%q is allowed: %v", prefix, found)
		}
	}
}
