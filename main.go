// Command refundctl brings the refunds of a repository's manifests to Cashfree Payments, once each.
package main

import (
	"os"

	"refundctl/internal/cli"
)

func main() { os.Exit(cli.Main(os.Args[1:], cli.System())) }
