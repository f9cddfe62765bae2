package cashfree

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"refundctl/internal/refund"
)

// cleaner makes texts from the network safe to print and store: without credentials, on one line,
// of bounded length.
type cleaner struct{ redact func(string) string }

const maxText = 300

func newCleaner(c Credentials) *cleaner {
	var values []string
	for _, f := range c.fields() {
		if f.value != "" {
			values = append(values, f.value)
		}
		if len(f.value) >= 8 { // also as an address or a header would contain it
			values = append(values, url.QueryEscape(f.value), base64.StdEncoding.EncodeToString([]byte(f.value)))
		}
	}
	// The longest first, so that a value that is the prefix of another does not leave its rest.
	slices.SortFunc(values, func(a, b string) int { return len(b) - len(a) })
	var pairs []string
	for _, v := range values {
		pairs = append(pairs, v, "[redacted]")
	}
	replacer := strings.NewReplacer(pairs...)
	return &cleaner{func(s string) string {
		// Few texts contain one, and the replacer copies every text.
		if slices.ContainsFunc(values, func(v string) bool { return strings.Contains(s, v) }) {
			return replacer.Replace(s)
		}
		return s
	}}
}

// text redacts before it cuts: half a secret is still a secret.
func (c *cleaner) text(s string) string {
	s = strings.ToValidUTF8(c.redact(s), "\uFFFD")
	return cut(strings.TrimSpace(strings.Map(visible, s)))
}

// cut bounds the length of a text.
func cut(s string) string {
	if len(s) <= maxText { // nearly always
		return s
	}
	if runes := []rune(s); len(runes) > maxText {
		return string(runes[:maxText-1]) + "…"
	}
	return s
}

// longestID is far beyond any id that the API is known to send.
const longestID = 100

// requestID returns an x-request-id of an answer: only its printable characters, and the first longestID of
// these.
func (c *cleaner) requestID(h http.Header) string {
	id := strings.Map(func(r rune) rune {
		if r <= ' ' || r > '~' {
			return -1
		}
		return r
	}, c.redact(h.Get("X-Request-Id")))
	return id[:min(len(id), longestID)]
}

// refund redacts the fields of a refund that are only printed and stored. The ids stay as they are,
// since they are compared with the request's.
func (c *cleaner) refund(l *refund.Live) {
	status := string(l.Status)
	for _, s := range []*string{&status, &l.CfRefundID, &l.CfPaymentID, &l.Type, &l.Mode, &l.Note, &l.ARN} {
		*s = c.redact(*s)
	}
	l.Status = refund.Status(status)
	for _, d := range l.Details.List() {
		if *d.Value != "" {
			*d.Value = c.detail(d)
		}
	}
}

// detail bounds a detail. The metadata is bounded pair by pair, so that it stays a JSON object.
func (c *cleaner) detail(d refund.Detail) string {
	if d.Name == "metadata" && strings.HasPrefix(*d.Value, "{") {
		return c.redact(*d.Value)
	}
	return c.text(*d.Value)
}

// visible replaces control characters, and format characters, which can reverse or hide text.
func visible(r rune) rune {
	if unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp) {
		return ' '
	}
	return r
}

// problem is the API's error body, a flat object, without its help field.
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

// readError returns the error of a read whose answer is not the one that was asked for. If bad is not
// nil, it is what is wrong with the body of a 200. An answer that is not the API's means that the API was
// not reached, and says nothing about the parent.
func (c *Client) readError(r reply, bad error) *refund.ReadError {
	p, err := c.problem(r.body)
	foreign := c.foreign(r, bad)
	e := &refund.ReadError{Class: readClass(r.status, p.code), HTTP: r.status, Code: p.code, Message: p.message, RequestID: c.requestID(r)}
	switch {
	case foreign != "" && e.Class != refund.Credentials && e.Class != refund.Throttled:
		e.Class, e.Message = refund.Unreachable, foreign
	case foreign != "":
		e.Message = foreign
	case bad != nil:
		e.Message = c.clean.text(bad.Error())
	case err != nil:
		e.Message = c.clean.text(err.Error())
	}
	return e
}

const htmlPage = "an HTML page instead of JSON: a proxy or a sign-in page answered"

// foreign says what came back if an answer is not the API's, but for example that of a proxy, of a network's
// sign-in page or of another service. It returns "" for an answer of the API. If bad is not nil, it is what is
// wrong with the body of a 200.
func (c *Client) foreign(r reply, bad error) string {
	body := bytes.TrimSpace(r.body)
	switch {
	case r.status/100 == 3:
		return "a redirect" + c.target(r) + ", which is not followed: a proxy or a sign-in page answered"
	case r.status == http.StatusProxyAuthRequired:
		return "a proxy requires a sign-in (407)"
	case r.status == http.StatusNetworkAuthenticationRequired:
		return "the network requires a sign-in (511)"
	case len(body) == 0:
		return "an empty answer instead of JSON"
	case body[0] == '<':
		return htmlPage
	case !json.Valid(body):
		return "an answer that is not JSON"
	case bad == errNotList, bad == errNotObject, bad == errForeign:
		return "JSON that is not the API's: another service answered (" + bad.Error() + ")"
	}
	return ""
}

// target returns the host to which an answer redirects, after a space and "to". The rest of the address may
// contain anything.
func (c *Client) target(r reply) string {
	to, err := url.Parse(r.header.Get("Location"))
	if err != nil || to.Host == "" {
		return ""
	}
	return " to " + c.clean.text(to.Host)
}

// requestID returns the x-request-id to quote to the API's support: that of the answer, or if none came,
// that of the request.
func (c *Client) requestID(r reply) string { return cmp.Or(c.clean.requestID(r.header), r.sentID) }

// readClass looks at the status first, because 401 and 429 share their code with other refusals.
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
