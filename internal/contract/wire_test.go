package contract

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
)

// findings are the differences that occurred, by version and place, each with an example.
type findings map[string]map[string]string

// wire connects a client to the emulator and compares everything that passes with a document.
type wire struct {
	t     *testing.T
	doc   *document
	next  http.RoundTripper
	found findings
	sign  signIn
	loose bool // the next request is wrong on purpose: only its answer is compared
}

// RoundTrip passes a request to the emulator.
func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	var sent []byte
	if r.Body != nil {
		var err error
		if sent, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		r.Body = io.NopCloser(bytes.NewReader(sent))
	}
	resp, err := w.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	got, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(got))
	again := r.Clone(context.WithoutCancel(r.Context()))
	again.Body = io.NopCloser(bytes.NewReader(sent))
	w.compare(again, resp, got)
	return resp, nil
}

// compare compares one exchange with the document.
func (w *wire) compare(r *http.Request, resp *http.Response, body []byte) {
	route, ids, err := w.doc.router.FindRoute(r)
	if err != nil {
		w.report(r.Method+" "+r.URL.Path+" not in the file", err.Error())
		return
	}
	if place, lacking := w.doc.absent[route.Operation]; lacking {
		w.report(place, r.URL.Path)
	}
	in := &openapi3filter.RequestValidationInput{Request: r, PathParams: ids, Route: route, Options: options(nil)}
	if !w.loose {
		w.compareRequest(in)
	}
	w.loose = false
	w.compareAnswer(in, resp, body)
}

func options(change func(*openapi3filter.Options)) *openapi3filter.Options {
	o := &openapi3filter.Options{MultiError: true, IncludeResponseStatus: true, RejectWhenRequestBodyNotSpecified: true, SkipSettingDefaults: true,
		AuthenticationFunc: authenticated,
		SchemaValidationOptions: []openapi3.SchemaValidationOption{
			openapi3.WithStringFormatValidator("UUID", openapi3.NewRegexpFormatValidator(openapi3.FormatOfStringForUUIDOfRFC4122))}}
	if change != nil {
		change(o)
	}
	return o
}

// authenticated checks that the header of a security scheme is present.
func authenticated(_ context.Context, in *openapi3filter.AuthenticationInput) error {
	if in.RequestValidationInput.Request.Header.Get(in.SecurityScheme.Name) == "" {
		return errors.New("no " + in.SecurityScheme.Name)
	}
	return nil
}

func (w *wire) compareRequest(in *openapi3filter.RequestValidationInput) {
	err := openapi3filter.ValidateRequest(context.Background(), in)
	name := "request"
	if b := in.Route.Operation.RequestBody; b != nil {
		name = entity(b.Value.Content.Get("application/json"))
	}
	w.reportAll(name, err)
}

// compareAnswer compares the status, each header on its own, because the validator stops at the first,
// and the body.
func (w *wire) compareAnswer(in *openapi3filter.RequestValidationInput, resp *http.Response, body []byte) {
	declared := in.Route.Operation.Responses.Status(resp.StatusCode)
	if declared == nil {
		w.report(fmt.Sprintf("%s %s answers %d", in.Route.Method, in.Route.Path, resp.StatusCode), string(body))
		return
	}
	for name, values := range resp.Header {
		out := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: resp.StatusCode,
			Header:  http.Header{name: values},
			Options: options(func(o *openapi3filter.Options) { o.ExcludeResponseBody = true })}
		w.reportAll("header "+name, openapi3filter.ValidateResponse(context.Background(), out))
	}
	out := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: resp.StatusCode,
		Header: http.Header{"Content-Type": resp.Header["Content-Type"]}, Options: options(nil)}
	out.SetBodyBytes(body)
	w.reportAll(entity(declared.Value.Content.Get("application/json")), openapi3filter.ValidateResponse(context.Background(), out))
}

// reportAll reports each error in err under its field.
func (w *wire) reportAll(where string, err error) {
	w.t.Helper()
	switch e := err.(type) {
	case nil:
	case openapi3.MultiError:
		for _, one := range e {
			w.reportAll(where, one)
		}
	case *openapi3.SchemaError:
		if e.SchemaField == "allOf" && e.Origin != nil { // around one schema
			w.reportAll(where, e.Origin)
			return
		}
		w.report(where+place(e), fmt.Sprint(e.Value))
	case *openapi3filter.RequestError:
		if e.Parameter != nil {
			where = "request header " + e.Parameter.Name
		}
		w.reportAll(where, cmp.Or(e.Err, errors.New(e.Reason)))
	case *openapi3filter.ResponseError:
		w.reportAll(where, cmp.Or(e.Err, errors.New(e.Reason)))
	default:
		if inner := errors.Unwrap(err); inner != nil {
			w.reportAll(where, inner)
			return
		}
		w.report(where+": "+err.Error(), "")
	}
}

var noSuchField = regexp.MustCompile(`property "([^"]+)" is unsupported`)

// place returns the field and the rule. The rows of a list count as one.
func place(e *openapi3.SchemaError) string {
	fields := slices.DeleteFunc(e.JSONPointer(), func(s string) bool { return strings.Trim(s, "0123456789") == "" })
	rule := e.SchemaField
	if m := noSuchField.FindStringSubmatch(e.Reason); m != nil {
		fields, rule = append(fields, m[1]), "unknown"
	}
	return strings.TrimSuffix("."+strings.Join(fields, "."), ".") + ": " + rule
}

func (w *wire) report(place, example string) {
	w.t.Helper()
	if w.found[w.doc.version] == nil {
		w.found[w.doc.version] = map[string]string{}
	}
	if w.found[w.doc.version][place] == "" {
		w.found[w.doc.version][place] = example
		if !listed(w.doc.version, place) {
			w.t.Errorf("%s: differs from the vendor's file and is not in the list of differences: %s (%.300s)", w.doc.version, place, example)
		}
	}
}

// base returns the base address of a version. Nothing is sent there: the emulator is in this process.
func base(version string) string {
	if version == flowwise {
		return "https://sandbox.flowwise.com/router"
	}
	return "https://sandbox.cashfree.com/pg"
}

// reply is the answer to a request made without the client.
type reply struct {
	status int
	fields map[string]json.RawMessage
}

// want checks the status and, for a refusal, its code.
func (w *wire) want(r reply, status int, code string) {
	w.t.Helper()
	if got := strings.Trim(string(r.fields["code"]), `"`); r.status != status || got != code {
		w.t.Errorf("answered %d %s, not %d %s", r.status, got, status, code)
	}
}

// stranger are headers with wrong credentials.
var stranger = []string{"X-Client-Id", "nobody", "X-Client-Secret", "wrong", "X-Partner-Merchantid", "nobody", "X-Partner-Apikey", "wrong", "X-Client-Signature", "wrong"}

// ask makes a request without the client.
func (w *wire) ask(method, path, body string, headers ...string) reply {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), method, base(w.doc.version)+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header = w.sign.headers.Clone()
	if w.doc.version != flowwise {
		r.Header.Set("X-Api-Version", w.doc.version)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	resp, err := w.RoundTrip(r)
	if err != nil {
		w.t.Fatal(err)
	}
	fields := map[string]json.RawMessage{}
	_ = json.NewDecoder(resp.Body).Decode(&fields) // a list has none
	return reply{resp.StatusCode, fields}
}

// askWrongly is ask for a request that the file forbids.
func (w *wire) askWrongly(method, path, body string, headers ...string) reply {
	w.t.Helper()
	w.loose = true
	return w.ask(method, path, body, headers...)
}
