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
)

// finding is a failure with all that its sentence needs.
type finding struct {
	failure
	document *document
	out      *sink
	rule     *contract // what the value should be; never nil
	owner    *contract // what the mapping or list that holds it should be
	holder   *node     // the mapping or list
	key      *node     // nil where the value is a list's item or the whole
	value    *node
	currency money.Currency // amounts are read in it
}

// explain turns what a contract refuses into one diagnostic for each problem, and at least one: nothing
// that a part s of doc refuses goes unreported. root is the node of the value that was checked.
func explain(out *sink, doc *document, s *contract, root *node, failures []failure, c money.Currency) {
	before := out.said
	for _, f := range failures {
		if out.full() {
			out.errors.hidden++
			out.said++
			continue
		}
		d := finding{failure: f, document: doc, out: out, rule: resolved(s), currency: c}
		for _, token := range f.pointer {
			d.owner = d.rule
			d.rule = cmp.Or(fieldContract(d.owner, token), itemContract(d.owner), d.owner)
		}
		d.key, d.value = find(root, f.pointer)
		if len(f.pointer) > 0 {
			_, d.holder = find(root, f.pointer[:len(f.pointer)-1])
		}
		d.explain()
	}
	if len(failures) > 0 && out.said == before {
		out.add(root, codeSchema, "the JSON Schema refuses this", schemaHint)
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
	case secretValue(d.value.Value):
		refuseSecret(d.out, d.value)
	case d.name() == "version":
		d.badVersion()
	case isNull(d.value):
		d.empty()
	case d.keyword == "uniqueItems" && d.repeated():
	case d.keyword == "not" && len(d.pointer) == 2 && d.pointer[0] == "manifests":
		refuseOutside(d.out, d.value)
	case d.name() == "base_url" && !isTruth(d.value) && d.badBaseURL():
	case d.name() == "env_prefix" && d.keyword == "not":
		refusePrefix(d.out, d.value)
	case d.unquoted():
		d.badNumber()
	case wantsAmount(d.rule) && d.badAmount():
	case wantsAmount(d.rule), d.schema != d.rule.Location:
		d.general() // a condition refuses it, not the field's own rule
	case d.keyword == "minLength" || d.keyword == "maxLength":
		d.badLength()
	case d.keyword == "type":
		d.badType()
	case d.keyword == "enum":
		d.badWord()
	case d.keyword == "pattern":
		d.badPattern()
	default:
		d.general()
	}
}

// repeated refuses each item that is in the list before it. It reports whether there is one.
func (d finding) repeated() bool {
	seen, found := map[string]bool{}, false
	for _, item := range d.value.Content {
		text := target(item).Value
		if seen[text] {
			d.out.add(item, codeDuplicateItem, shown(text)+" is already listed", "list it once")
			found = true
		}
		seen[text] = true
	}
	return found
}

// badBaseURL says what is wrong with an address. It reports whether there was something to say.
func (d finding) badBaseURL() bool {
	before := d.out.said
	judgeBaseURL(d.out, d.value, text(d.holder, "environment", ""))
	return d.out.said > before
}

func wantsAmount(s *contract) bool { return firstType(s) == "number" }

// unquoted reports whether the value is a number where a text other than an amount is wanted.
func (d finding) unquoted() bool {
	_, isNumber := scalar(d.value).(json.Number)
	return isNumber && d.value.Kind == scalarNode && firstType(d.rule) == "string"
}

// badNumber refuses a number as a text: for its characters where those would be wrong in quotes as well.
func (d finding) badNumber() {
	n := utf8.RuneCountInString(d.value.Value)
	switch {
	case d.rule.MinLength > n || d.rule.MaxLength >= 0 && n > d.rule.MaxLength:
		d.badLength()
	case d.rule.Pattern != nil && !d.rule.Pattern.MatchString(d.value.Value):
		d.badPattern()
	default:
		d.out.add(d.value, codeType, fmt.Sprintf("%s is the number %s, which is not %s", d.name(), shown(d.value.Value), d.what()), quoteHint)
	}
}

func (d finding) badKey() {
	if secretValue(d.key.Value) {
		refuseSecret(d.out, d.key)
		return
	}
	message, hint := shown(d.key.Value)+" is not a valid field name here", schemaHint
	if names := d.owner.PropertyNames; names != nil && names.Title != "" {
		message, hint = shown(d.key.Value)+" cannot be "+names.Title, names.Description
	}
	d.out.add(d.key, codeKey, message, hint)
}

// missing tells each required field that is not there, at the line where the mapping begins.
func (d finding) missing() {
	names, _ := d.document.limit(d.failure).([]any)
	if kindOf(d.value) == "" && len(names) == 1 && names[0] == "payment_id" {
		if d.misspelt("order_id") || d.misspelt("subscription_id") || d.misspelt("payment_id") {
			return
		}
		d.out.add(d.value, codeNoParent, "it is not said what is refunded", "add order_id, subscription_id or payment_id")
		return
	}
	for _, n := range names {
		name := fmt.Sprint(n)
		if _, there := child(d.value, name); there != nil || d.misspelt(name) {
			continue
		}
		hint := "add " + name
		field := fieldContract(d.rule, name)
		if isID(field) {
			hint = "add " + strings.TrimPrefix(idHint(name+": ", field, nil), "write ")
		} else if text := exampleOf(field); text != "" {
			hint = fmt.Sprintf("add %s, such as %s: %s", name, name, text)
		}
		d.out.add(d.value, codeRequired, name+" is missing", hint)
	}
}

// misspelt tells whether a required field is there under a name that unknown will correct.
func (d finding) misspelt(name string) bool {
	known := sortedFields(d.rule)
	for i := 0; i+1 < len(d.value.Content); i += 2 {
		key := d.value.Content[i].Value
		if fieldContract(d.rule, key) == nil && diag.Nearest(key, known) == name {
			return true
		}
	}
	return false
}

// unknown tells each field that the contract does not have.
func (d finding) unknown() {
	for i := 0; i+1 < len(d.value.Content); i += 2 {
		key := target(d.value.Content[i])
		if fieldContract(d.rule, key.Value) != nil || key.Tag == "!!merge" {
			continue
		}
		d.unknownField(key, target(d.value.Content[i+1]))
	}
}

func (d finding) unknownField(key, value *node) {
	var named *contract // where names are free within a form
	for _, named = range d.rule.PatternProperties {
		break
	}
	switch {
	case named != nil && judgeText(d.out, named.Title+"'s name", key): // what it holds is worse than its form
	case secretKey(key.Value) && secretValue(value.Value):
		refuseSecret(d.out, value)
	case secretKey(key.Value):
		refuseSecret(d.out, key)
	case named != nil:
		d.out.add(key, codeKey, shown(key.Value)+" cannot be the name of "+named.Title, named.Description)
	case d.out.full():
		d.out.errors.hidden++
	default:
		known := sortedFields(d.rule)
		hint := "the fields here are " + listed(known)
		if near := diag.Nearest(key.Value, known); near != "" {
			hint = "did you mean " + near + "?"
		}
		d.out.add(key, codeUnknownField, "unknown field "+shown(key.Value), hint)
	}
}

func sortedFields(s *contract) []string {
	var names []string
	for name := range s.Properties {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// badVersion tells a version that this program cannot read, once for all keywords that fail.
func (d finding) badVersion() {
	if n, err := strconv.Atoi(d.value.Value); err == nil && n > 1 && isPlain(d.value) && isNumber(d.value.Value) {
		d.out.add(d.value, codeNewerVersion, fmt.Sprintf("version %d was written for a newer refundctl", n), "update refundctl, or write version: 1")
		return
	}
	d.out.add(d.value, codeVersion, "version must be the number 1", "write version: 1")
}

func (d finding) empty() {
	message, hint := d.name()+" is empty", d.example()
	if isWord(d.value) {
		message += fmt.Sprintf(": an unquoted %s is no value", d.value.Value)
	}
	switch {
	case isNull(d.value) && wantsText(d.rule) && !wantsAmount(d.rule):
		hint += "; " + quoteHint
	case firstType(d.rule) == "array" && d.rule.MinItems <= 0:
		hint += ", or [] for none"
	}
	d.out.add(d.value, codeEmptyValue, message, hint)
}
