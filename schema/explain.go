package schema

import (
	"cmp"
	"errors"
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
	out      *sink
	rule     *contract // what the value should be; never nil
	owner    *contract // what the mapping or list that holds it should be
	holder   *node     // the mapping or list
	key      *node     // nil where the value is a list's item or the whole
	value    *node
	currency money.Currency // amounts are read in it
}

// explain turns what a contract says no to into one diagnostic for each problem. root is the node
// of the value that was checked.
func explain(out *sink, s *contract, root *node, failures []failure, c money.Currency) {
	for _, f := range failures {
		if out.full() {
			out.errors.hidden++
			continue
		}
		d := finding{failure: f, out: out, rule: resolved(s), currency: c}
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
}

func (d finding) explain() {
	switch {
	case slices.Contains(d.path, "propertyNames"):
		d.badKey()
	case d.keyword == "":
		d.forbidden()
	case d.keyword == "required":
		d.missing()
	case d.keyword == "additionalProperties":
		d.unknown()
	case secretValue(d.value.Value):
		refuseSecret(d.out, d.value)
	case d.keyword == "const" || d.name() == "version":
		d.badVersion()
	case isNull(d.value):
		d.empty()
	case d.keyword == "minLength" || d.keyword == "maxLength":
		d.badLength()
	case d.keyword == "minProperties":
		d.badRange()
	case wantsAmount(d.rule):
		d.badAmount()
	case d.keyword == "type":
		d.badType()
	case d.keyword == "enum":
		d.badWord()
	case d.keyword == "pattern":
		d.badPattern()
	default:
		d.badRange()
	}
}

func wantsAmount(s *contract) bool { return len(s.Types) > 0 && s.Types[0] == "number" }

func (d finding) badKey() {
	if secretValue(d.key.Value) {
		refuseSecret(d.out, d.key)
		return
	}
	d.out.add(d.key, codeKey, shown(d.key.Value)+" cannot be "+d.owner.PropertyNames.Title, d.owner.PropertyNames.Description)
}

// missing tells each required field that is not there, at the line where the mapping begins.
func (d finding) missing() {
	if slices.Contains(d.path, "else") {
		if d.misspelt("order_id") || d.misspelt("subscription_id") || d.misspelt("payment_id") {
			return
		}
		d.out.add(d.value, codeNoParent, "it is not said what is refunded", "add order_id, subscription_id or payment_id")
		return
	}
	for _, name := range d.rule.Required {
		if _, there := child(d.value, name); there != nil || d.misspelt(name) {
			continue
		}
		hint := "add " + name
		field := fieldContract(d.rule, name)
		if _, isID := wanted(field); isID {
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
	hint := d.example()
	if d.rule.Types[0] == "array" && d.rule.MinItems <= 0 {
		hint += ", or [] for none"
	}
	d.out.add(d.value, codeEmptyValue, d.name()+" is empty", hint)
}

func (d finding) badType() {
	hint := d.example()
	if d.rule.Types[0] == "array" && d.value.Kind == mappingNode {
		hint = "begin each entry of the list with a - and a blank"
	}
	d.out.add(d.value, codeType, fmt.Sprintf("%s must be %s, not %s", d.name(), d.what(), written(d.value)), hint)
}

func (d finding) badLength() {
	least, most, n := max(d.rule.MinLength, 0), d.rule.MaxLength, utf8.RuneCountInString(d.value.Value)
	if n == 0 {
		d.empty()
		return
	}
	hint := d.example()
	if n > most {
		hint = fmt.Sprintf("shorten it to at most %d characters", most)
	}
	d.out.add(d.value, codeLength, fmt.Sprintf("%s has %d characters, it must have %d to %d", d.name(), n, least, most), hint)
}

// badAmount lets the money package say what is wrong with the digits.
func (d finding) badAmount() {
	if d.key != nil { // an amount that stands under its currency
		if c, err := money.ParseCurrency(d.key.Value); err == nil {
			d.currency = c
		}
	}
	var p *money.ParseError
	_, err := money.Parse(d.value.Value, d.currency)
	switch {
	case d.value.Kind != scalarNode:
		d.out.add(d.value, codeAmount, fmt.Sprintf("%s must be an amount, not %s", d.name(), written(d.value)), d.example())
	case errors.As(err, &p):
		d.out.add(d.value, codeAmount, d.name()+" "+p.Problem, amountHint(d.prefix(), p, d.currency))
	}
}

// amountHint offers the spelling that was probably meant only where it would itself be read.
func amountHint(prefix string, p *money.ParseError, c money.Currency) string {
	if _, err := money.Parse(p.Instead, c); err == nil {
		return "write " + prefix + p.Instead
	}
	if c.Decimals() == 0 {
		return "write an amount such as 1150"
	}
	return "write an amount such as 1149.75"
}

func (d finding) badWord() {
	var words []string
	for _, w := range d.rule.Enum {
		words = append(words, fmt.Sprint(w))
	}
	hint := "write " + d.prefix() + listed(words)
	if near := diag.Nearest(d.value.Value, words); near != "" {
		hint = "did you mean " + near + "?"
	}
	d.out.add(d.value, codeValue, fmt.Sprintf("%s cannot be %s", d.name(), shown(d.value.Value)), hint)
}

func (d finding) badPattern() {
	if d.value.Value == "" && d.rule.MinLength > 0 {
		return // told by its length
	}
	if _, isID := wanted(d.rule); isID {
		badCharacters(d.out, d.name(), d.value)
		return
	}
	code, hint := codeFormat, ""
	if strings.HasSuffix(d.name(), "currency") {
		code, hint = codeCurrency, currencyHint(d.prefix(), d.value.Value)
	}
	message := d.name() + " is not " + d.what()
	if strings.TrimSpace(d.value.Value) == "" {
		message = d.name() + " is blank"
	}
	d.out.add(d.value, code, message, cmp.Or(hint, d.example()))
}

func (d finding) badRange() {
	bounds, hint := "", d.example()
	switch d.keyword {
	case "minimum", "maximum":
		bounds = fmt.Sprintf(" must be from %s to %s", d.rule.Minimum.RatString(), d.rule.Maximum.RatString())
	case "minItems", "minProperties":
		bounds = " needs at least one entry"
	case "maxItems":
		bounds, hint = fmt.Sprintf(" has more than %d entries", d.rule.MaxItems), "take some away"
	case "maxProperties":
		bounds, hint = fmt.Sprintf(" has more than %d entries", d.rule.MaxProperties), "take some away"
	}
	d.out.add(d.value, codeRange, d.name()+bounds, hint)
}
