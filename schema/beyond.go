package schema

// Rule is one that a JSON Schema of draft-07 cannot state, and that this package adds to it.
type Rule struct {
	Name    string
	Meaning string
}

// Beyond lists every such rule. Whatever else a manifest, a configuration or an emulator's file must keep to,
// its schema says; a test holds both against another program that reads JSON Schemas.
func Beyond() []Rule { return append([]Rule(nil), beyond...) }

var beyond = []Rule{
	{"account", "`account` is in the configuration, and its API, API version and environment allow the refund; in production no note commands the sandbox's simulator."},
	{"base_url", "An address can be parsed, and plain http leads to this computer."},
	{"calendar", "A time of the emulator's file is a day that exists."},
	{"duplicate_refund_id", "A refund_id is used once in the project for each account."},
	{"duration", "A duration is at most 24h, and settle_after at least read_delay."},
	{"id_twice", "An id stands once in a list of the emulator's file."},
	{"largest_amount", "An amount fits in 64 bits of its smallest unit: at most 92233720368547758.06 for INR."},
	{"name_of_word", "An unquoted null, ~, true or false is no name of a label, an account or a field."},
	{"number_spelling", "An unquoted number counts by its characters as well: 010.50, 1e3 and 1.100 are no amounts, +100 and 100.0 are no ids, 0x10 is no count, .inf is nothing; 123 and \"123\" are one id."},
	{"outside_project", "An entry of `manifests` does not lead out of the project by .. within it or through a link."},
	{"personal_data", "Notes and labels hold no e-mail address, UPI address, phone number, PAN or card number. In ids they are a warning."},
	{"self_reference", "A refund does not supersede itself, and is no duplicate of itself."},
	{"split_sum", "The shares add up to at most the refund."},
	{"vendor_twice", "A vendor has one share of a refund."},
	{"yaml", "The text is UTF-8 and YAML without tabs as indentation, tags, merge keys, fields written twice, endless aliases, control characters or a second document in the configuration; it is not too large or nested too deep."},
}
