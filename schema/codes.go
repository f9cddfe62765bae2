package schema

// Code is one of the stable codes of this package's diagnostics, and what it stands for.
type Code struct {
	Name    string
	Meaning string
}

const (
	codeAccountAPI      = "account_api"
	codeAliasBomb       = "alias_bomb"
	codeAmount          = "amount"
	codeBaseURL         = "base_url"
	codeCharacters      = "characters"
	codeControl         = "control_character"
	codeCurrency        = "currency"
	codeDuplicateID     = "duplicate_refund_id"
	codeDuplicateItem   = "duplicate_item"
	codeDuplicateKey    = "duplicate_key"
	codeEmptyFile       = "empty_file"
	codeEmptyDocument   = "empty_document"
	codeEmptyValue      = "empty_value"
	codeEncoding        = "encoding"
	codeEnvPrefix       = "env_prefix"
	codeFieldKind       = "field_not_for_kind"
	codeForeign         = "foreign_file"
	codeFormat          = "format"
	codeKey             = "key"
	codeLayout          = "layout"
	codeLength          = "length"
	codeLookAlike       = "look_alike"
	codeMergeKey        = "merge_key"
	codeMore            = "more"
	codeNewerVersion    = "newer_version"
	codeNoManifests     = "no_manifests"
	codeNoParent        = "no_parent"
	codeOneDocument     = "one_document"
	codeOutside         = "outside_project"
	codePathMissing     = "path_missing"
	codePaymentRequired = "payment_id_required"
	codePersonalData    = "personal_data"
	codeRange           = "range"
	codeRequired        = "required"
	codeSchema          = "schema"
	codeSecret          = "secret"
	codeSelfReference   = "self_reference"
	codeSimulatorNote   = "simulator_note"
	codeSplitSum        = "split_sum"
	codeSymlink         = "symlink"
	codeSyntax          = "syntax"
	codeTab             = "tab"
	codeTag             = "yaml_tag"
	codeTooDeep         = "too_deep"
	codeTooLarge        = "file_too_large"
	codeTwoParents      = "two_parents"
	codeType            = "type"
	codeUnknownAccount  = "unknown_account"
	codeUnknownField    = "unknown_field"
	codeUnreadable      = "unreadable"
	codeValue           = "value"
	codeVersion         = "version"
	codeAPIVersion      = "api_version"
)

// Codes lists every code that a diagnostic of this package can carry, sorted by name.
func Codes() []Code { return append([]Code(nil), codes...) }

var codes = []Code{
	{codeAccountAPI, "the account's API cannot refund this kind of parent"},
	{codeAliasBomb, "aliases repeat values without bound"},
	{codeAmount, "an amount is not written as digits with at most the currency's decimals, or is not more than zero"},
	{codeAPIVersion, "the account's API version cannot refund this kind of parent"},
	{codeBaseURL, "base_url is not a plain https address, or http to another computer"},
	{codeCharacters, "an id holds a character that ids do not have"},
	{codeControl, "a control character or a direction mark stands in the text"},
	{codeCurrency, "a currency is not three capitals of ISO 4217"},
	{codeDuplicateItem, "a list lists the same thing twice"},
	{codeDuplicateKey, "a field is written twice"},
	{codeDuplicateID, "a refund_id is used twice for one account"},
	{codeEmptyDocument, "a YAML document holds nothing (warning)"},
	{codeEmptyFile, "a file holds nothing (warning for manifests)"},
	{codeEmptyValue, "a field has no value"},
	{codeEncoding, "the file is not UTF-8"},
	{codeEnvPrefix, "env_prefix names variables that this program may not read"},
	{codeFieldKind, "the field does not exist for this kind of refund"},
	{codeTooLarge, "the file is larger, or holds more values, than is read"},
	{codeForeign, "the file is not a refundctl file"},
	{codeFormat, "a text is not of the form that its field wants"},
	{codeKey, "a field's name is not of the form that is wanted"},
	{codeLayout, "the file is written in a way that fmt has no layout for (warning)"},
	{codeLength, "a text is too short or too long"},
	{codeLookAlike, "an id holds a character that looks like another one or like none"},
	{codeMergeKey, "a YAML merge key is used"},
	{codeMore, "a file has more problems than are shown"},
	{codeNewerVersion, "the file was written for a newer refundctl"},
	{codeNoManifests, "a folder holds no manifests (warning)"},
	{codeNoParent, "a refund does not say what it refunds"},
	{codeOneDocument, "a second YAML document in a file that has one"},
	{codeOutside, "an entry of manifests leads out of the project"},
	{codePathMissing, "a file or folder does not exist"},
	{codePaymentRequired, "the account's API version wants the payment of the subscription"},
	{codePersonalData, "personal data that Git would keep for ever (in ids a warning)"},
	{codeRange, "a number or a count is too small or too large"},
	{codeRequired, "a field is missing"},
	{codeSchema, "the JSON Schema refuses the value"},
	{codeSecret, "a secret, or a field for one, stands in a file"},
	{codeSelfReference, "a refund refers to itself"},
	{codeSimulatorNote, "a note that commands the sandbox's simulator, for a production account"},
	{codeSplitSum, "the shares of a refund add up to more than the refund"},
	{codeSymlink, "a symbolic link that is not followed"},
	{codeSyntax, "the text is not YAML"},
	{codeTab, "a tab is used as indentation"},
	{codeTooDeep, "values are nested too deep"},
	{codeTwoParents, "a refund names two parents that do not fit together"},
	{codeType, "a value is of another type than its field"},
	{codeUnknownAccount, "the account is not in the configuration"},
	{codeUnknownField, "there is no field of this name"},
	{codeUnreadable, "a file cannot be read"},
	{codeValue, "a word is not one of those that the field knows"},
	{codeVersion, "the file does not say a version that can be read"},
	{codeTag, "a YAML tag is used"},
}
