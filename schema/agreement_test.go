package schema

import (
	"encoding/json"
	"strings"
	"testing"

	"refundctl/internal/diag"
)

// edited returns the manifest's schema with one keyword changed or added.
func edited(t *testing.T, path, says string) *JSONSchema {
	t.Helper()
	text, err := JSON("manifest")
	if err != nil {
		t.Fatal(err)
	}
	var whole, value any
	if err := json.Unmarshal(text, &whole); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(says), &value); err != nil {
		t.Fatal(err)
	}
	tokens := strings.Split(path, "/")
	at := whole.(map[string]any)
	for _, token := range tokens[:len(tokens)-1] {
		at = at[token].(map[string]any)
	}
	at[tokens[len(tokens)-1]] = value
	changed, err := json.Marshal(whole)
	if err != nil {
		t.Fatal(err)
	}
	return CompileJSON("manifest", changed)
}

// Whatever is added to the schema, wherever it is and whether or not the program has a message for it: a refund that the
// schema refuses is reported at its place and never planned.
func TestTheProgramRefusesWhatItsSchemaRefuses(t *testing.T) {
	const row = "version: 1\nrefunds:\n  - {order_id: order_1, refund_id: ref_1, refund_amount: 12345.00, refund_splits: [{vendor_id: v1, amount: 500}], refund_speed: STANDARD}\n"
	const amount, share, refund = "definitions/refund/properties/refund_amount/", "definitions/refund/properties/refund_splits/items/properties/amount/", "definitions/refund/"
	for _, c := range []struct{ path, says, want string }{
		{amount + "pattern", `"^(0|[1-9][0-9]{0,3})(\\.[0-9]{1,2})?$"`, "3:58 format\n"},
		{amount + "maximum", "100", "3:58 range\n"},
		{amount + "exclusiveMinimum", "20000", "3:58 range\n"},
		{amount + "minimum", "20000", "3:58 range\n"},
		{amount + "exclusiveMaximum", "100", "3:58 range\n"},
		{amount + "enum", "[10, 20.5]", "3:58 value\n"},
		{amount + "const", "10", "3:58 value\n"},
		{amount + "multipleOf", "100", "3:58 range\n"},
		{amount + "type", `"string"`, "3:58 type\n"},
		{amount + "not", `{"minimum": 10}`, "3:58 format\n"},
		{amount + "oneOf", `[{"maximum": 1}, {"maximum": 2}]`, "3:58 schema\n"},
		{share + "maximum", "100", "3:108 range\n"},
		{share + "pattern", `"^[0-9]$"`, "3:108 format\n"},
		{"definitions/refund/properties/refund_splits/minItems", "2", "3:83 range\n"},
		{"definitions/refund/properties/refund_splits/contains", `{"required": ["percentage"]}`, "3:84 required\n"},
		{"definitions/kind/then", `{"required": ["refund_note"]}`, "3:5 required\n"},
		{"definitions/kind/then", `{"properties": {"refund_speed": false}}`, "3:115 field_not_for_kind\n"},
		{"definitions/kind/then", `{"properties": {"refund_speed": {"const": "INSTANT"}}}`, "3:129 value\n"},
		{refund + "oneOf", `[{"required": ["hold"]}, {"required": ["labels"]}]`, "3:5 schema\n"},
		{refund + "anyOf", `[false]`, "3:5 schema\n"},
		{refund + "not", `{"required": ["refund_speed"]}`, "3:5 format\n"},
		{refund + "maxProperties", "2", "3:5 range\n"},
		{refund + "minProperties", "9", "3:5 range\n"},
		{refund + "dependencies", `{"refund_speed": ["refund_note"]}`, "3:5 schema\n"},
		{refund + "propertyNames", `{"maxLength": 13}`, ""},
		{refund + "propertyNames", `{"not": {"const": "refund_speed"}}`, "3:115 key\n"},
		{"properties/refunds/minItems", "2", "3:3 range\n"},
		{"properties/refunds/maxItems", "0", "3:3 range\n"},
		{"properties/refunds/items/allOf", `[{"$ref": "#/definitions/refund"}, false]`, "3:5 schema\n"},
		{"not", `{"properties": {"refunds": {"items": {"required": ["hold"]}}}, "required": ["account"]}`, ""},
		{"maxProperties", "1", "1:1 range\n"},
		{amount + "maximum", "12345", ""},
		{amount + "enum", "[12345]", ""},
	} {
		m := newManifest("a.yaml", nil)
		m.schema = edited(t, c.path, c.says)
		m.read([]byte(row))
		checkDiagnostics(t, m.out.All(), []byte(row))
		if got := brief(m.out.All()); got != c.want || (len(m.specs) > 0) != (c.want == "") {
			t.Errorf("%s: %s: want %q, got %q, %d specs: %+v", c.path, c.says, c.want, got, len(m.specs), m.out.All())
		}
	}
}

func TestARefundOfADocumentWithAWrongHeadIsNotPlanned(t *testing.T) {
	for _, head := range []string{"version: 2\n", "version: 1\naccount: null\n", "version: 1\ndefaults: {hold: no}\n", "version: 1\nrefund: []\n", ""} {
		r := loadOne(t, head+"refunds:\n  - {order_id: order_1, refund_id: ref_1, refund_amount: 10}\n")
		if len(r.Specs) > 0 || !diag.HasError(r.Diagnostics) {
			t.Errorf("%s: %+v", head, r)
		}
	}
}

// A keyword above the list may refuse a document because of one refund, without saying which.
func TestARefusalOfTheWholeDocumentStopsItsRefund(t *testing.T) {
	m := newManifest("a.yaml", nil)
	m.schema = edited(t, "not", `{"properties": {"refunds": {"contains": {"type": "object", "required": ["refund_speed"]}}}}`)
	m.read([]byte("version: 1\nrefunds:\n" +
		"  - {order_id: order_1, refund_id: ref_1, refund_amount: 10}\n" +
		"  - {order_id: order_1, refund_id: ref_2, refund_amount: 11, refund_speed: INSTANT}\n"))
	if len(m.specs) != 1 || m.specs[0].RefundID != "ref_1" || len(m.out.All()) != 1 {
		t.Errorf("specs %+v, diagnostics %+v", m.specs, m.out.All())
	}
}
