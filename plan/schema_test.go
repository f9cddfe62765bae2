package plan_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"refundctl/plan"
	"refundctl/schema"
	"refundctl/state"
)

// contract is a part of the plan's schema with the definitions of the whole.
type contract map[string]any

// written takes note of each field of the value, and fails for one that the contract does not name.
func written(t *testing.T, c, whole contract, value any, path string, seen map[string]bool) {
	if ref, ok := c["$ref"].(string); ok {
		c = whole["definitions"].(map[string]any)[strings.TrimPrefix(ref, "#/definitions/")].(map[string]any)
	}
	switch value := value.(type) {
	case map[string]any:
		fields, _ := c["properties"].(map[string]any)
		for name, v := range value {
			field, named := fields[name].(map[string]any)
			if !named {
				if field, named = c["additionalProperties"].(map[string]any); !named {
					t.Errorf("%s.%s is written, and the schema does not name it", path, name)
				}
			}
			seen[path+"."+name] = true
			written(t, field, whole, v, path+"."+name, seen)
		}
	case []any:
		items, _ := c["items"].(map[string]any)
		for _, v := range value {
			written(t, items, whole, v, path, seen)
		}
	}
}

// named calls with each field that a contract names.
func named(c, whole contract, path string, with func(path string)) {
	if ref, ok := c["$ref"].(string); ok {
		c = whole["definitions"].(map[string]any)[strings.TrimPrefix(ref, "#/definitions/")].(map[string]any)
	}
	fields, _ := c["properties"].(map[string]any)
	for name, field := range fields {
		with(path + "." + name)
		named(field.(map[string]any), whole, path+"."+name, with)
	}
	if items, ok := c["items"].(map[string]any); ok {
		named(items, whole, path, with)
	}
}

func TestASavedPlanMatchesItsSchemaAndHasEveryField(t *testing.T) {
	text, err := schema.JSON("plan")
	if err != nil {
		t.Fatal(err)
	}
	var whole contract
	if err := json.Unmarshal(text, &whole); err != nil {
		t.Fatal(err)
	}
	compiled := jsonschema.MustCompileString("plan", string(text))
	p := everything(t).plan()
	p.Lack = state.OlderLedger
	p.Hidden.Add(inr(t, "12.00"))
	seen := map[string]bool{}
	for name, expires := range map[string]time.Time{"printed": {}, "saved": noon.Add(time.Hour)} {
		doc, err := plan.Encode(p, expires)
		if err != nil {
			t.Fatal(err)
		}
		var value any
		dec := json.NewDecoder(bytes.NewReader(doc))
		dec.UseNumber()
		if err := dec.Decode(&value); err != nil {
			t.Fatal(err)
		}
		if err := compiled.Validate(value); err != nil {
			t.Errorf("%s: %#v", name, err)
		}
		written(t, whole, whole, value, "", seen)
	}
	named(whole, whole, "", func(path string) {
		if !seen[path] {
			t.Errorf("the schema names %s, and no plan has it", path)
		}
	})
}
