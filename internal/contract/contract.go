// Package contract holds tests alone: they let the real client meet the emulator and hold every
// request and answer between them to the vendor's own OpenAPI files, and the emulator to the
// vendor's pages. Nothing imports it.
//
// The files are looked for in ../shared/api/openapi beside the module's root, or in the folder that
// REFUNDCTL_OPENAPI names by its whole path, and the pages in the folder pages next to that one.
// Without them these tests are skipped; where CI is set they fail.
package contract
