package cli

import (
	"crypto/sha256"
	"fmt"
	"os"
	"regexp"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// cmdForge adds to the last run of a ledger that a refund was paid: forge LEDGER ORDER_ID REFUND_ID AMOUNT. The
// chain of hashes has no key, so anybody can do that.
func cmdForge(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 4 || neg {
		ts.Fatalf("usage: forge LEDGER ORDER_ID REFUND_ID AMOUNT")
	}
	text := ts.ReadFile(args[0])
	last := func(field string) string {
		found := regexp.MustCompile(`"`+field+`":"?([^",}]+)`).FindAllStringSubmatch(text, -1)
		if found == nil {
			ts.Fatalf("%s names no %s", args[0], field)
		}
		return found[len(found)-1][1]
	}
	line := fmt.Sprintf(`{"v":1,"run":"%s","seq":%d,"at":"%s","type":"outcome","account":"default","fingerprint":"%s","kind":"order","parent_id":"%s",`+
		`"refund_id":"%s","phase":"settled","amount":"%s","currency":"INR","status":"SUCCESS","cf_refund_id":"777","refund_arn":"205907000077","how":"adopted","prev":"%s"`,
		last("run"), strings.Count(text, `"run":"`+last("run"))+1, last("at"), last("fingerprint"), args[1], args[2], args[3], last("hash"))
	line = fmt.Sprintf(`%s,"hash":"%x"}`, line, sha256.Sum256([]byte(line)))
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text+line+"\n"), 0o600))
}
