package contract

import (
	"cmp"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
)

// flowwise is used in place of a version, which Flowwise does not have.
const flowwise = "flowwise"

// fileOf is the file that a version is compared with: its own, or the nearest that is available.
var fileOf = map[string]string{
	"2022-01-01": "cashfree-pg-2022-09-01.yaml",
	"2022-09-01": "cashfree-pg-2022-09-01.yaml",
	"2023-08-01": "cashfree-pg-2025-01-01.json",
	"2025-01-01": "cashfree-pg-2025-01-01.json",
	"2026-01-01": "cashfree-pg-2025-01-01.json",
	flowwise:     "../pages/flowwise-create-refund.md",
}

// whole matches the schemas all of whose fields are required here. The files require hardly any field
// of an answer: without this, {} would be a refund.
var whole = regexp.MustCompile(`^(RefundEntity|RefundSpeed|SubscriptionPaymentRefundEntity|RefundResponse|ErrorResponse|BadRequestError|\w+Error|ApiError\d+)$`)

// vendor reads a file of the vendor. Without the file it skips the test, or fails it if CI is set.
func vendor(t *testing.T, name string) []byte {
	t.Helper()
	folder := cmp.Or(os.Getenv("REFUNDCTL_OPENAPI"), filepath.Join("..", "..", "..", "shared", "api", "openapi"))
	file, err := filepath.Abs(filepath.Join(folder, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	switch {
	case err == nil:
		return text
	case os.Getenv("CI") != "":
		t.Fatalf("CI is set and there is no %s: %v (REFUNDCTL_OPENAPI names the folder of the vendor's files)", file, err)
	default:
		t.Skipf("not checked: there is no %s (REFUNDCTL_OPENAPI names the folder of the vendor's files)", file)
	}
	return nil
}

// document is the file that one version is compared with.
type document struct {
	version string
	router  routers.Router
	absent  map[*openapi3.Operation]string // operations missing in the file, as the differences name them
}

// load reads the file of a version. It closes every object, so that a misspelt field is found, and adds
// the operations that are known to be missing.
func load(t *testing.T, version string) *document {
	t.Helper()
	text := vendor(t, fileOf[version])
	if strings.HasSuffix(fileOf[version], ".md") {
		text = slice(t, text)
	}
	spec, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		t.Fatalf("%s: %v", fileOf[version], err)
	}
	for _, key := range slices.Collect(maps.Keys(spec.Paths.Map())) {
		if !ours(key) { // some of the others contradict each other
			spec.Paths.Delete(key)
		}
	}
	for name, schema := range spec.Components.Schemas {
		if !strings.HasPrefix(name, "PaymentMethod") { // here the files contradict themselves
			tighten(schema.Value, whole.MatchString(name))
		}
	}
	d := &document{version: version, absent: map[*openapi3.Operation]string{}}
	d.addAbsent(spec)
	if d.router, err = legacy.NewRouter(spec, openapi3.DisableExamplesValidation()); err != nil {
		t.Fatalf("%s: %v", fileOf[version], err)
	}
	return d
}

// slice returns the OpenAPI part of a page.
func slice(t *testing.T, page []byte) []byte {
	t.Helper()
	_, rest, begun := strings.Cut(string(page), "````yaml")
	_, rest, lined := strings.Cut(rest, "\n")
	inside, _, ended := strings.Cut(rest, "````")
	if !begun || !lined || !ended {
		t.Fatal("the page has no OpenAPI part")
	}
	return []byte(inside)
}

// ours reports whether a path concerns refunds.
func ours(key string) bool {
	return strings.Contains(key, "refunds") || slices.Contains([]string{
		"/orders/{order_id}", "/orders/{order_id}/payments", "/subscriptions/{subscription_id}/payments", "/payments/{payment_id}"}, key)
}

// tighten closes an object and the objects in it. If all is true, it makes every field required.
func tighten(s *openapi3.Schema, all bool) {
	if len(s.Properties) == 0 {
		return
	}
	if s.AdditionalProperties.Schema == nil {
		s.AdditionalProperties.Has = new(false)
	}
	if all {
		s.Required = slices.Sorted(maps.Keys(s.Properties))
	}
	for _, property := range s.Properties {
		if property.Ref == "" {
			tighten(property.Value, all)
		}
	}
}

// absent are the operations that the API is known to have but a file lacks, each with the operation
// whose answers it shares. The differences list them too, so that a newer file is noticed.
var absent = []struct {
	versions               []string
	method, path           string
	likeMethod, answerLike string
	body                   openapi3.Schemas
	required               string
}{
	{[]string{"2025-01-01", "2026-01-01"}, "PUT", "/orders/{order_id}/refunds/{refund_id}", "GET", "/orders/{order_id}/refunds/{refund_id}", openapi3.Schemas{
		"refund_status": openapi3.NewSchemaRef("", openapi3.NewStringSchema().WithEnum("CANCELLED")),
		"remarks":       openapi3.NewSchemaRef("", openapi3.NewStringSchema().WithMaxLength(250))}, "refund_status"},
	{[]string{flowwise}, "GET", "/refunds/{refund_id}", "POST", "/payments/{payment_id}", nil, ""},
}

// addAbsent adds them unless the file has them.
func (d *document) addAbsent(spec *openapi3.T) {
	for _, a := range absent {
		item := cmp.Or(spec.Paths.Value(a.path), &openapi3.PathItem{})
		if !slices.Contains(a.versions, d.version) || item.GetOperation(a.method) != nil {
			continue
		}
		op := *spec.Paths.Value(a.answerLike).GetOperation(a.likeMethod)
		op.OperationID, op.RequestBody, op.Parameters = a.method+a.path, nil, nil
		for _, id := range regexp.MustCompile(`{(\w+)}`).FindAllStringSubmatch(a.path, -1) {
			op.Parameters = append(op.Parameters, &openapi3.ParameterRef{Value: openapi3.NewPathParameter(id[1]).WithSchema(openapi3.NewStringSchema())})
		}
		if a.body != nil {
			schema := openapi3.NewObjectSchema().WithRequired([]string{a.required}).WithoutAdditionalProperties()
			schema.Properties = a.body
			op.RequestBody = &openapi3.RequestBodyRef{Value: openapi3.NewRequestBody().WithJSONSchema(schema).WithRequired(true)}
		}
		item.SetOperation(a.method, &op)
		spec.Paths.Set(a.path, item)
		d.absent[&op] = a.method + " " + a.path + ": not in the file"
	}
}

// entity returns the name of a body's schema: the last part of the reference to it, its items or its
// parts.
func entity(media *openapi3.MediaType) string {
	if media == nil || media.Schema == nil {
		return "?"
	}
	refs := []string{media.Schema.Ref}
	if items := media.Schema.Value.Items; items != nil {
		refs = append(refs, items.Ref)
	}
	for _, part := range media.Schema.Value.AllOf {
		refs = append(refs, part.Ref)
	}
	return path.Base(strings.Join(refs, ""))
}
