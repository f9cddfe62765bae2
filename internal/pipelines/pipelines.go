// Package pipelines contains only tests: they run the pipelines in examples/ as GitHub and GitLab do, with
// the program, a Git origin and the emulator, and check what a reviewed plan sends and what nothing sends.
// Nothing imports it.
package pipelines
