package schema

// Rule is one that a JSON Schema of draft-07 cannot state, and that this package adds to it.
type Rule struct {
	Name    string
	Meaning string
}

// Beyond lists every such rule. Whatever else a manifest, a configuration or an emulator's file must keep to,
// its schema says; a test compares both with another program that reads JSON Schemas.
func Beyond() []Rule { return append([]Rule(nil), beyond...) }

var beyond = []Rule{
	{"account", "`account` is in the configuration, and its API, API version and environment allow the refund; in production, no note is a command for the sandbox's simulator."},
	{"base_url", "An address can be parsed, and plain http is used for this computer only."},
	{"calendar", "The dates in the emulator's file exist."},
	{"duplicate_refund_id", "A refund_id is used once per account in the project."},
	{"duration", "A duration is at most 24h, and settle_after at least read_delay."},
	{"id_twice", "A list in the emulator's file holds each id once."},
	{"largest_amount", "An amount fits in 64 bits of its smallest unit: at most 92233720368547758.06 for INR."},
	{"name_of_word", "An unquoted null, ~, true or false is not the name of a label, an account or a field."},
	{"number_spelling", "The characters of an unquoted number count too: 010.50, 1e3 and 1.100 are not amounts, +100 and 100.0 are not ids, 0x10 is not a count, .inf is no value; 123 and \"123\" are the same id."},
	{"outside_project", "An entry of `manifests` does not lead out of the project through .. within it or through a link."},
	{"personal_data", "Notes and labels hold no e-mail address, UPI address, phone number, PAN or card number. In ids they are a warning."},
	{"self_reference", "A refund does not supersede itself, and is no duplicate of itself."},
	{"split_sum", "The shares add up to at most the refund."},
	{"vendor_twice", "A vendor has one share of a refund."},
	{"yaml", "The text is UTF-8 and YAML without tabs as indentation, tags, merge keys, fields written twice, endless aliases, control characters or a second document in the configuration; it is not too large or nested too deep."},
}
