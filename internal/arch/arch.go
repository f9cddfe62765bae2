// Package arch contains no code. Its test checks the design of the module: which package may import
// which, which packages may use a library or a reserved name, and what a package may keep in
// variables. The tables at the top of arch_test.go are the rules. The length of functions and files
// is left to reviewers.
package arch
