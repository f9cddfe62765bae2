package cli

import (
	"testing"
	"time"

	"refundctl/internal/cashfree"
	"refundctl/schema"
)

// What the merchant's other systems need is left to them: as much as the configuration says, or the flag.
func TestTheFlagOverridesTheConfiguredHeadroom(t *testing.T) {
	for _, tc := range []struct {
		configured int
		flag       string
		want       int
	}{{20, "", 80}, {0, "", 100}, {50, "", 50}, {20, "0", 100}, {0, "25", 75}} {
		p := &project{Config: schema.Config{Headroom: tc.configured}}
		if err := p.override(settings{headroom: tc.flag}, ""); err != nil {
			t.Fatal(err)
		}
		one := account{baseURL: "https://h/pg", documented: cashfree.Rates{Create: 100}, credentials: cashfree.Credentials{ClientID: "id", ClientSecret: "s"}}
		one.APIVersion = "2023-08-01"
		client, err := cashfree.New((&app{Streams: Streams{Clock: time.Now}}).clientOptions(p, one, nil))
		if err != nil {
			t.Fatal(err)
		}
		if got := client.Allowed().Create; got != tc.want {
			t.Errorf("headroom %d, flag %q: %d of 100 a minute may be used, not %d", tc.configured, tc.flag, got, tc.want)
		}
	}
}
