package yamltree

// The codes of the diagnostics that this package reports. Package schema lists what they mean.
const (
	CodeAliasBomb    = "alias_bomb"
	CodeBlank        = "blank_character"
	CodeConflict     = "conflict_marker"
	CodeControl      = "control_character"
	CodeDuplicateKey = "duplicate_key"
	CodeEncoding     = "encoding"
	CodeKey          = "key"
	CodeLFS          = "git_lfs"
	CodeMark         = "byte_order_mark"
	CodeMergeKey     = "merge_key"
	CodeMore         = "more"
	CodeSyntax       = "syntax"
	CodeTab          = "tab"
	CodeTag          = "yaml_tag"
	CodeTooDeep      = "too_deep"
	CodeTooLarge     = "file_too_large"
)
