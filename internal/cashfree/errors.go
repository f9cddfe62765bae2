package cashfree

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"refundctl/internal/refund"
)

// cleaner makes texts of the network fit to be shown and stored: no credential, one line, bounded.
type cleaner struct{ redact func(string) string }

const maxText = 300

func newCleaner(c Credentials) *cleaner {
	var values []string
	for _, f := range c.fields() {
		if f.value != "" {
			values = append(values, f.value)
		}
		if len(f.value) >= 8 { // also as it comes back in an address or in a header
			values = append(values, url.QueryEscape(f.value), base64.StdEncoding.EncodeToString([]byte(f.value)))
		}
	}
	// The longest first, so that one which begins another leaves no rest of it.
	slices.SortFunc(values, func(a, b string) int { return len(b) - len(a) })
	var pairs []string
	for _, v := range values {
		pairs = append(pairs, v, "[redacted]")
	}
	replacer := strings.NewReplacer(pairs...)
	return &cleaner{func(s string) string {
		// Hardly any text holds one, and the replacer would copy each.
		if slices.ContainsFunc(values, func(v string) bool { return strings.Contains(s, v) }) {
			return replacer.Replace(s)
		}
		return s
	}}
}

// text redacts before it cuts: half a secret is one too.
func (c *cleaner) text(s string) string {
	s = strings.ToValidUTF8(c.redact(s), "\uFFFD")
	s = strings.TrimSpace(strings.Map(visible, s))
	if runes := []rune(s); len(runes) > maxText {
		s = string(runes[:maxText-1]) + "…"
	}
	return s
}

// refund takes credentials out of what is only shown and kept of a refund. Its ids stay: they are
// compared with what was asked.
func (c *cleaner) refund(l *refund.Live) {
	status := string(l.Status)
	for _, s := range []*string{&status, &l.CfRefundID, &l.CfPaymentID, &l.Description, &l.Type, &l.Mode, &l.Note, &l.ARN,
		&l.Speed.Requested, &l.Speed.Accepted, &l.Speed.Processed, &l.Speed.Message} {
		*s = c.redact(*s)
	}
	l.Status = refund.Status(status)
}

// visible also replaces format characters: they turn text around or hide it.
func visible(r rune) rune {
	if unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp) {
		return ' '
	}
	return r
}

// problem is the API's error body: a flat object. Its help is left out.
type problem struct{ code, kind, message string }

func (c *Client) problem(body []byte) (problem, error) {
	o, err := decodeObject(body)
	if err != nil {
		return problem{}, err
	}
	return problem{
		code: c.clean.text(o.text("code")), kind: c.clean.text(o.text("type")),
		message: c.clean.text(o.text("message")),
	}, nil
}

// readError is the error of a read that was answered, but not with what was asked. Where bad is
// given, a 200 did not hold it.
func (c *Client) readError(r reply, bad error) *refund.ReadError {
	p, err := c.problem(r.body)
	e := &refund.ReadError{Class: readClass(r.status, p.code), HTTP: r.status, Code: p.code, Message: p.message}
	switch {
	case bad != nil:
		e.Message = c.clean.text(bad.Error())
	case r.status/100 == 3:
		e.Message = "answered with a redirect, which is not followed"
	case err != nil && e.Class == refund.NotFound:
		// A gateway's page is no word of the API about the parent.
		e.Class, e.Message = refund.Unreadable, c.clean.text(err.Error())
	case err != nil:
		e.Message = c.clean.text(err.Error())
	}
	return e
}

// readClass branches on the status first: 401 and 429 share a code with other refusals.
func readClass(status int, code string) refund.ReadClass {
	switch {
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return refund.Credentials
	case status == http.StatusTooManyRequests:
		return refund.Throttled
	case status == http.StatusNotFound, status == http.StatusBadRequest && strings.Contains(code, "not_found"):
		return refund.NotFound
	case status/100 == 4:
		return refund.Refusal
	case status >= 500:
		return refund.Unreachable
	}
	return refund.Unreadable
}
