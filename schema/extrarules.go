package schema

// Rule is a rule that a JSON Schema of draft-07 cannot express.
type Rule struct {
	Name    string
	Meaning string
}

// ExtraRules returns every such rule. The schemas express all the other rules of manifests, the configuration and
// the emulator's file; a test compares the program with another validator of JSON Schemas.
func ExtraRules() []Rule { return append([]Rule(nil), extraRules...) }

var extraRules = []Rule{
	{"account", "`account` is in the configuration, and its API, API version and environment allow the refund; in production, no note is a command for the sandbox's simulator."},
	{"base_url", "An address can be parsed, and plain http is only for this computer."},
	{"calendar", "The dates in the emulator's file exist."},
	{"duplicate_refund_id", "A refund_id is used once per account in the project."},
	{"duration", "A duration is at most 24h, and settle_after at least read_delay."},
	{"id_twice", "A list in the emulator's file contains each id once."},
	{"largest_amount", "An amount in its smallest unit fits in 64 bits: at most 92233720368547758.06 for INR."},
	{"name_of_word", "An unquoted null, ~, true or false is not the name of a label, an account or a field."},
	{"number_spelling", "The characters of an unquoted number matter too: 010.50, 1e3 and 1.100 are not amounts, +100 and 100.0 are not ids, 0x10 is not a count, .inf is not a value; 123 and \"123\" are the same id."},
	{"outside_project", "An entry of `manifests` stays in the project: neither .. nor a link points outside it."},
	{"personal_data", "Notes and labels contain no e-mail address, UPI address, phone number, PAN or card number. In ids, a number like that is a warning."},
	{"self_reference", "A refund does not supersede itself, and is not listed as a duplicate of itself."},
	{"split_sum", "The shares add up to at most the refund."},
	{"vendor_twice", "A vendor has one share of a refund."},
	{"yaml", "The text is UTF-8 and YAML, without tabs as indentation, tags, merge keys, fields written twice, endless aliases, control characters, or a second document in the configuration; it is not too large or nested too deep."},
}
