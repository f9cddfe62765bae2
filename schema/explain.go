package schema

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"refundctl/internal/diag"
	"refundctl/internal/money"
	"refundctl/schema/sensitive"
	"refundctl/schema/yamltree"
)

// finding is a failure with everything that its message needs.
type finding struct {
	failure
	whole    *JSONSchema
	out      *yamltree.Diagnostics
	rule     *subschema // the schema of the value; never nil
	owner    *subschema // the schema of the mapping or list around it
	holder   *node      // that mapping or list
	key      *node      // nil if the value is a list's item or the whole
	value    *node
	currency money.Currency // of amounts
}

// explain reports one diagnostic for each problem that failures are about, and at least one: nothing that the
// part s of whole refuses goes unreported. root is the node of the value that was checked.
func explain(out *yamltree.Diagnostics, whole *JSONSchema, s *subschema, root *node, failures []failure, c money.Currency) {
	before := out.Reported()
	for _, f := range failures {
		if out.Full() {
			out.CountError()
			continue
		}
		d := finding{failure: f, whole: whole, out: out, rule: resolved(s), currency: c}
		for _, token := range f.pointer {
			d.owner = d.rule
			d.rule = cmp.Or(fieldSchema(d.owner, token), itemSchema(d.owner), d.owner)
		}
		d.key, d.value = yamltree.Find(root, f.pointer)
		if len(f.pointer) > 0 {
			_, d.holder = yamltree.Find(root, f.pointer[:len(f.pointer)-1])
		}
		d.explain()
	}
	if len(failures) > 0 && out.Reported() == before {
		out.Error(root, CodeSchema, "the JSON Schema does not allow this", schemaHint)
	}
}

const schemaHint = "run refundctl schema to see what is allowed here"

func (d finding) explain() {
	switch {
	case slices.Contains(d.path, "propertyNames"):
		d.badKey()
	case d.keyword == "" && d.key != nil:
		d.forbidden()
	case d.keyword == "required":
		d.missing()
	case d.keyword == "additionalProperties":
		d.unknown()
	case sensitive.ContainsSecret(d.value.Value):
		refuseSecret(d.out, d.value)
	case d.key != nil && yamltree.ReportBlank(d.out, d.key), d.badBlank():
	case d.name() == "version":
		d.badVersion()
	case yamltree.IsNull(d.value):
		d.empty()
	case d.keyword == "uniqueItems" && d.repeated():
	case d.keyword == "not" && len(d.pointer) == 2 && d.pointer[0] == "manifests":
		refuseOutside(d.out, d.value)
	case d.name() == "base_url" && !yamltree.IsBool(d.value) && d.badBaseURL():
	case d.name() == "env_prefix" && d.keyword == "not":
		refusePrefix(d.out, d.value)
	case d.isUnquotedNumber():
		d.badNumber()
	case isAmount(d.rule) && d.badAmount():
	case isAmount(d.rule), d.schema != d.rule.Location:
		d.general() // a condition refuses it, not the field's own rule
	case d.keyword == "minLength" || d.keyword == "maxLength":
		d.badLength()
	case d.keyword == "type":
		d.badType()
	case d.keyword == "enum":
		d.badEnum()
	case d.keyword == "pattern":
		d.badPattern()
	default:
		d.general()
	}
}

// badBlank reports a character in a refused value that looks like a space or like nothing, since nobody sees it. Ids
// have their own sentence. The result says whether there is one.
func (d finding) badBlank() bool {
	if d.value.Kind != yamltree.ScalarNode || isID(d.rule) || d.isFreeText() {
		return false
	}
	if t := firstType(d.rule); t == "object" || t == "array" || t == "" {
		return yamltree.ReportBlank(d.out, d.value)
	}
	r, position := yamltree.FindBlank(d.value.Value)
	name := yamltree.NameBlank(r)
	if tab := strings.IndexByte(d.value.Value, '\t'); r < 0 && tab >= 0 {
		r, position, name = '\t', utf8.RuneCountInString(d.value.Value[:tab])+1, "a tab (U+0009)"
	}
	if r < 0 {
		return false
	}
	code := CodeBlank
	if isAmount(d.rule) {
		code = CodeAmount
	}
	d.out.Error(d.value, code, fmt.Sprintf("%s contains %s, as character %d", d.name(), name, position), "remove it")
	return true
}

// isFreeText reports whether the value may contain any character that can be seen.
func (d finding) isFreeText() bool {
	return d.name() == "refund_note" || d.name() == "freeze" || len(d.pointer) > 1 && d.pointer[len(d.pointer)-2] == "labels"
}

// repeated reports each item that is earlier in its list as well. The result says whether there is one.
func (d finding) repeated() bool {
	seen, found := map[string]bool{}, false
	for _, item := range d.value.Content {
		text := yamltree.Resolve(item).Value
		if seen[text] {
			d.out.Error(item, CodeDuplicateItem, yamltree.Printable(text)+" is already listed", "list it once")
			found = true
		}
		seen[text] = true
	}
	return found
}

// badBaseURL reports what is wrong with an address. The result says whether anything is.
func (d finding) badBaseURL() bool {
	before := d.out.Reported()
	validateBaseURL(d.out, d.value, yamltree.Text(d.holder, "environment", ""))
	return d.out.Reported() > before
}

func isAmount(s *subschema) bool { return firstType(s) == "number" }

// isUnquotedNumber reports whether the value is a number although the field needs a text.
func (d finding) isUnquotedNumber() bool {
	_, isNumber := yamltree.ScalarValue(d.value).(json.Number)
	return isNumber && d.value.Kind == yamltree.ScalarNode && firstType(d.rule) == "string"
}

// badNumber reports a number that should be a text, and its characters if they would be wrong in quotes too.
func (d finding) badNumber() {
	n := utf8.RuneCountInString(d.value.Value)
	switch {
	case d.rule.MinLength > n || d.rule.MaxLength >= 0 && n > d.rule.MaxLength:
		d.badLength()
	case d.rule.Pattern != nil && !d.rule.Pattern.MatchString(d.value.Value):
		d.badPattern()
	default:
		d.out.Error(d.value, CodeType, fmt.Sprintf("%s is the number %s, not %s", d.name(), yamltree.Printable(d.value.Value), d.expected()), yamltree.QuoteHint)
	}
}

func (d finding) badKey() {
	if sensitive.ContainsSecret(d.key.Value) {
		refuseSecret(d.out, d.key)
		return
	}
	if yamltree.ReportBlank(d.out, d.key) {
		return
	}
	message, hint := yamltree.Printable(d.key.Value)+" is not a valid field name here", schemaHint
	if names := d.owner.PropertyNames; names != nil && names.Title != "" {
		message, hint = yamltree.Printable(d.key.Value)+" cannot be "+names.Title, names.Description
	}
	d.out.Error(d.key, CodeKey, message, hint)
}

// missing reports each required field that is missing, at the line where the mapping begins.
func (d finding) missing() {
	names, _ := d.whole.limit(d.failure).([]any)
	if kindOf(d.value) == "" && len(names) == 1 && names[0] == "payment_id" {
		if d.isMisspelled("order_id") || d.isMisspelled("subscription_id") || d.isMisspelled("payment_id") {
			return
		}
		d.out.Error(d.value, CodeNoParent, "the refund does not say what it refunds", "add order_id, subscription_id or payment_id")
		return
	}
	for _, n := range names {
		name := fmt.Sprint(n)
		if _, there := yamltree.Child(d.value, name); there != nil || d.isMisspelled(name) {
			continue
		}
		hint := "add " + name
		field := fieldSchema(d.rule, name)
		if isID(field) {
			hint = "add " + strings.TrimPrefix(idHint(name+": ", field, nil), "write ")
		} else if text := exampleOf(field); text != "" {
			hint = fmt.Sprintf("add %s, such as %s: %s", name, name, text)
		}
		d.out.Error(d.value, CodeRequired, name+" is missing", hint)
	}
}

// isMisspelled reports whether a required field is there under a name that unknown will correct.
func (d finding) isMisspelled(name string) bool {
	known := sortedFields(d.rule)
	for i := 0; i+1 < len(d.value.Content); i += 2 {
		key := d.value.Content[i].Value
		if fieldSchema(d.rule, key) == nil && diag.Nearest(key, known) == name {
			return true
		}
	}
	return false
}

// unknown reports each field that the schema does not have.
func (d finding) unknown() {
	for i := 0; i+1 < len(d.value.Content); i += 2 {
		key := yamltree.Resolve(d.value.Content[i])
		if fieldSchema(d.rule, key.Value) != nil || yamltree.IsMerge(key) {
			continue
		}
		d.unknownField(key, yamltree.Resolve(d.value.Content[i+1]))
	}
}

func (d finding) unknownField(key, value *node) {
	var named *subschema // if names are free, their common schema
	for _, named = range d.rule.PatternProperties {
		break
	}
	switch {
	case named != nil && validateText(d.out, named.Title+"'s name", key): // a secret or personal data matters more than the form
	case sensitive.NamesSecret(key.Value) && sensitive.ContainsSecret(value.Value):
		refuseSecret(d.out, value)
	case sensitive.NamesSecret(key.Value):
		refuseSecret(d.out, key)
	case yamltree.ReportBlank(d.out, key):
	case named != nil:
		d.out.Error(key, CodeKey, yamltree.Printable(key.Value)+" is not a valid name for "+named.Title, named.Description)
	case d.out.Full():
		d.out.CountError()
	default:
		known := sortedFields(d.rule)
		hint := "the fields here are " + orList(known)
		if near := diag.Nearest(key.Value, known); near != "" {
			hint = "did you mean " + near + "?"
		}
		d.out.Error(key, CodeUnknownField, "unknown field "+yamltree.Printable(key.Value), hint)
	}
}

func sortedFields(s *subschema) []string {
	var names []string
	for name := range s.Properties {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// badVersion reports a version that this program cannot read, once for all the keywords that fail.
func (d finding) badVersion() {
	if n, err := strconv.Atoi(d.value.Value); err == nil && n > 1 && yamltree.IsPlain(d.value) && yamltree.IsPlainNumber(d.value.Value) {
		d.out.Error(d.value, CodeNewerVersion, fmt.Sprintf("version %d was written for a newer refundctl", n), "update refundctl, or write version: 1")
		return
	}
	d.out.Error(d.value, CodeVersion, "version must be the number 1", "write version: 1")
}

func (d finding) empty() {
	message, hint := d.name()+" is empty", d.example()
	if yamltree.IsKeyword(d.value) {
		message += fmt.Sprintf(": an unquoted %s is not a value", d.value.Value)
	}
	switch {
	case yamltree.IsNull(d.value) && acceptsText(d.rule) && !isAmount(d.rule):
		hint += "; " + yamltree.QuoteHint
	case firstType(d.rule) == "array" && d.rule.MinItems <= 0:
		hint += ", or [] for none"
	}
	if d.key != nil && yamltree.IsCut(d.key) && mayBeCut(d.rule) {
		message, hint = message+", because the # begins a comment", yamltree.CutHint
	}
	d.out.Error(d.value, CodeEmptyValue, message, hint)
}
