package cli

import (
	"encoding/base64"
	"io"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"refundctl/internal/diag"
	"refundctl/internal/refund"
)

// secrets are the secret credentials in the environment, in every form in which they may appear in a text. The
// longest come first, so that a secret that begins another leaves none of it behind.
type secrets []string

// shortest is the length below which a value is treated as a plain word: redacting it would make texts
// unreadable and hide nothing.
const shortest = 8

// findSecrets finds the secrets of every account: the names end the same way, whatever the env_prefix.
func (a *app) findSecrets() (found secrets) {
	for _, entry := range a.environ() {
		name, value, _ := strings.Cut(entry, "=")
		if len(value) < shortest || !secretName(name) {
			continue
		}
		found = append(found, value, url.QueryEscape(value), url.PathEscape(value), base64.StdEncoding.EncodeToString([]byte(value)),
			strings.TrimRight(base64.URLEncoding.EncodeToString([]byte(value)), "="))
	}
	slices.SortFunc(found, func(a, b string) int { return len(b) - len(a) })
	return slices.Compact(found)
}

func secretName(name string) bool {
	return slices.ContainsFunc([]string{"_CLIENT_SECRET", "_PARTNER_API_KEY", "_CLIENT_SIGNATURE"}, func(end string) bool {
		return strings.HasSuffix(name, end)
	})
}

func (s secrets) in(text string) bool {
	return slices.ContainsFunc(s, func(one string) bool { return strings.Contains(text, one) })
}

// redact returns the text with the secrets redacted.
func (s secrets) redact(text string) string {
	for _, one := range s {
		text = strings.ReplaceAll(text, one, "[redacted]")
	}
	return text
}

// redactFlags redacts secrets in what a command records about itself, and refuses them in what it would send or
// write into a manifest.
func (a *app) redactFlags(c *cobra.Command) error {
	for _, name := range []string{"reason", "actor"} {
		if f := c.Flags().Lookup(name); f != nil && a.secrets.in(f.Value.String()) {
			if err := c.Flags().Set(name, a.secrets.redact(f.Value.String())); err != nil {
				return err
			}
		}
	}
	for _, name := range []string{"remarks", "note", "label", "refund-id"} {
		if f := c.Flags().Lookup(name); f != nil && a.secrets.in(f.Value.String()) {
			return fail(ExitInvalid, "remove it", "--%s contains a secret from the environment", name)
		}
	}
	return nil
}

// findIn reports the refunds whose texts contain a secret: they would be sent and kept as they are.
func (s secrets) findIn(specs []refund.Spec) (found []diag.Diagnostic) {
	if len(s) == 0 {
		return nil
	}
	for _, one := range specs {
		texts := []string{one.ParentID, one.PaymentID, one.RefundID, one.Note, one.Supersedes}
		texts = append(texts, one.NotDuplicateOf...)
		for name, value := range one.Labels {
			texts = append(texts, name, value)
		}
		for _, split := range one.Splits {
			texts = append(texts, split.VendorID)
		}
		if slices.ContainsFunc(texts, s.in) {
			found = append(found, diag.Diagnostic{Severity: diag.Error, Code: "secret", Message: "this refund contains a secret from the environment",
				Hint: "remove it; if the file was shared, have Cashfree replace the secret", Place: one.Source})
		}
	}
	return found
}

// redactor is a writer that redacts secrets. It holds back the end of a write that may begin a secret until the
// next write.
type redactor struct {
	io.Writer
	secrets secrets
	held    *tail
}

type tail struct {
	sync.Mutex
	text string
}

func (s secrets) redactor(w io.Writer) redactor { return redactor{w, s, &tail{}} }

// Write never splits a secret.
func (r redactor) Write(p []byte) (int, error) {
	r.held.Lock()
	defer r.held.Unlock()
	text := r.secrets.redact(r.held.text + string(p))
	keep := r.secrets.partialLength(text)
	r.held.text = text[len(text)-keep:]
	if _, err := io.WriteString(r.Writer, text[:len(text)-keep]); err != nil {
		return 0, err
	}
	return len(p), nil
}

// flush writes what was held.
func (r redactor) flush() {
	r.held.Lock()
	defer r.held.Unlock()
	_, _ = io.WriteString(r.Writer, r.held.text) // nobody is left to report an error to
	r.held.text = ""
}

// partialLength returns how many bytes at the end of a text may begin a secret.
func (s secrets) partialLength(text string) (most int) {
	for _, one := range s {
		for n := min(len(one)-1, len(text)); n > most; n-- {
			if strings.HasSuffix(text, one[:n]) {
				most = n
			}
		}
	}
	return most
}
