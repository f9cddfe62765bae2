package schema

import (
	"refundctl/schema/yamltree"
)

// Code is a stable code of diagnostics, and its meaning.
type Code struct {
	Name    string
	Meaning string
}

// The codes of the diagnostics about files. They never change.
const (
	CodeAccountAPI      = "account_api"
	CodeAliasBomb       = yamltree.CodeAliasBomb
	CodeAmount          = "amount"
	CodeBaseURL         = "base_url"
	CodeCharacters      = "characters"
	CodeControl         = yamltree.CodeControl
	CodeCurrency        = "currency"
	CodeCut             = "cut_by_comment"
	CodeDuplicateID     = "duplicate_refund_id"
	CodeDuplicateItem   = "duplicate_item"
	CodeDuplicateKey    = yamltree.CodeDuplicateKey
	CodeEmptyFile       = "empty_file"
	CodeEmptyDocument   = "empty_document"
	CodeEmptyValue      = "empty_value"
	CodeEncoding        = yamltree.CodeEncoding
	CodeEnvPrefix       = "env_prefix"
	CodeFieldKind       = "field_not_for_kind"
	CodeForeign         = "foreign_file"
	CodeFormat          = "format"
	CodeKey             = yamltree.CodeKey
	CodeLayout          = "layout"
	CodeLength          = "length"
	CodeLookAlike       = "look_alike"
	CodeMergeKey        = yamltree.CodeMergeKey
	CodeMore            = yamltree.CodeMore
	CodeNewerVersion    = "newer_version"
	CodeNoManifests     = "no_manifests"
	CodeNoParent        = "no_parent"
	CodeOneDocument     = "one_document"
	CodeOutside         = "outside_project"
	CodePassedOver      = "passed_over"
	CodePathMissing     = "path_missing"
	CodePaymentRequired = "payment_id_required"
	CodePersonalData    = "personal_data"
	CodeRange           = "range"
	CodeRequired        = "required"
	CodeSchema          = "schema"
	CodeSecret          = "secret"
	CodeSelfReference   = "self_reference"
	CodeSimulatorNote   = "simulator_note"
	CodeSplitSum        = "split_sum"
	CodeSymlink         = "symlink"
	CodeSyntax          = yamltree.CodeSyntax
	CodeTab             = yamltree.CodeTab
	CodeTag             = yamltree.CodeTag
	CodeTooDeep         = yamltree.CodeTooDeep
	CodeTooLarge        = yamltree.CodeTooLarge
	CodeTwoParents      = "two_parents"
	CodeType            = "type"
	CodeUnknownAccount  = "unknown_account"
	CodeUnknownField    = "unknown_field"
	CodeUnreadable      = "unreadable"
	CodeValue           = "value"
	CodeBlank           = yamltree.CodeBlank
	CodeConflict        = yamltree.CodeConflict
	CodeLFS             = yamltree.CodeLFS
	CodeMark            = yamltree.CodeMark
	CodeVersion         = "version"
	CodeAPIVersion      = "api_version"
)

// Codes returns every code that a diagnostic about a manifest, the configuration or the emulator's file can
// have, sorted by name.
func Codes() []Code { return append([]Code(nil), codeTable...) }

var codeTable = []Code{
	{CodeAccountAPI, "the account's API cannot refund this kind"},
	{CodeAliasBomb, "aliases repeat values without bound"},
	{CodeAmount, "an amount is not written as digits with at most the currency's decimals, or is not more than zero"},
	{CodeAPIVersion, "the account's API version cannot refund this kind"},
	{CodeBaseURL, "base_url is not a plain https address, or http to another computer"},
	{CodeBlank, "a character looks like a space or is invisible, but is not a space"},
	{CodeMark, "a byte order mark is within the file"},
	{CodeCharacters, "an id contains a character that ids must not have"},
	{CodeConflict, "a Git conflict is not resolved"},
	{CodeControl, "the text contains a control character or a direction mark"},
	{CodeCurrency, "a currency is not three capitals of ISO 4217"},
	{CodeCut, "a # cuts an unquoted text in two: YAML takes the rest as a comment (warning)"},
	{CodeDuplicateItem, "a list lists the same thing twice"},
	{CodeDuplicateKey, "a field is written twice"},
	{CodeDuplicateID, "a refund_id is used twice for one account"},
	{CodeEmptyDocument, "a YAML document is empty (warning)"},
	{CodeEmptyFile, "a file is empty (warning for manifests)"},
	{CodeEmptyValue, "a field has no value"},
	{CodeEncoding, "the file is not UTF-8"},
	{CodeEnvPrefix, "env_prefix names variables that this program may not read"},
	{CodeFieldKind, "the field does not exist for this kind of refund"},
	{CodeTooLarge, "the file is too large, or has too many values"},
	{CodeForeign, "the file is not a refundctl file"},
	{CodeFormat, "a text does not have the form that its field requires"},
	{CodeLFS, "the file is a Git LFS pointer"},
	{CodeKey, "a field's name does not have the required form"},
	{CodeLayout, "the file is written in a way that fmt does not support (warning)"},
	{CodeLength, "a text is too short or too long"},
	{CodeLookAlike, "an id contains a character that looks like another one or is invisible"},
	{CodeMergeKey, "a YAML merge key is used"},
	{CodeMore, "a file has more problems than are shown"},
	{CodeNewerVersion, "the file was written for a newer refundctl"},
	{CodeNoManifests, "a folder contains no manifests (warning)"},
	{CodeNoParent, "a refund does not say what it refunds"},
	{CodeOneDocument, "a file that must be one YAML document contains a second"},
	{CodeOutside, "an entry of manifests points outside the project"},
	{CodePassedOver, "a file in a folder of manifests is not read as one (warning)"},
	{CodePathMissing, "a file or folder does not exist"},
	{CodePaymentRequired, "the account's API version requires the payment of the subscription"},
	{CodePersonalData, "personal data that Git would keep forever (in ids a warning)"},
	{CodeRange, "a number or a count is too small or too large"},
	{CodeRequired, "a field is missing"},
	{CodeSchema, "the JSON Schema does not allow the value"},
	{CodeSecret, "a file contains a secret, or a field for one"},
	{CodeSelfReference, "a refund refers to itself"},
	{CodeSimulatorNote, "a note in production is a command for the sandbox's simulator"},
	{CodeSplitSum, "the shares of a refund add up to more than the refund"},
	{CodeSymlink, "a symbolic link is not followed"},
	{CodeSyntax, "the text is not YAML"},
	{CodeTab, "a tab is used as indentation"},
	{CodeTooDeep, "values are nested too deep"},
	{CodeTwoParents, "a refund names two things to refund that cannot be combined"},
	{CodeType, "a value does not have the type of its field"},
	{CodeUnknownAccount, "the account is not in the configuration"},
	{CodeUnknownField, "there is no field with this name"},
	{CodeUnreadable, "a file cannot be read"},
	{CodeValue, "a word is not one of those that the field accepts"},
	{CodeVersion, "the file does not name a version that can be read"},
	{CodeTag, "a YAML tag is used"},
}
