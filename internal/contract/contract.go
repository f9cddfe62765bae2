// Package contract contains only tests. They connect the client to the emulator, compare every request
// and answer between them with the vendor's OpenAPI files, and compare the emulator with the vendor's
// pages. Nothing imports it.
//
// The files are expected in ../shared/api/openapi next to the module's root, or in the folder whose
// absolute path is in REFUNDCTL_OPENAPI; the pages are in the folder pages next to it. Without the
// files these tests are skipped, or fail if CI is set.
package contract
