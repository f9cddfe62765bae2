package sandbox

// refusal is one error of the APIs. Its texts are those of the live API, including stray spaces.
type refusal struct {
	status              int
	code, kind, message string
}

const (
	invalidRequest = "invalid_request_error"
	apiError       = "api_error"
)

// reason identifies a refusal that the two APIs word differently, or that is used in several places.
type reason int

const (
	badCredentials reason = iota
	noVersion
	badVersion
	badURL
	badJSON
	throttled
	otherBody
	noOrder
	badOrderID
	notPaid
	voided
	tooOld
	badAmount
	overCap
	duplicateID
	badRefundID
	badSpeed
	badNote
	badSplits
	noRefund
	notCancellable
	noSubscription
	noPayment
	busy
	serverError
	readMissing
)

// cashfree lists the errors of Cashfree. Where the live text is unknown, the message is ours.
var cashfree = map[reason]refusal{
	badCredentials: {401, "request_failed", "authentication_error", "authentication Failed"},
	noVersion:      {400, "request_failed", invalidRequest, "version is missing in header"},
	badVersion:     {400, "version_invalid", invalidRequest, "version is not valid"},
	badURL:         {400, "request_failed", invalidRequest, "bad URL, please check API documentation"},
	badJSON:        {400, "request_invalid", invalidRequest, "request body is not readable"},
	throttled:      {429, "request_failed", "rate_limit_error", "Too many requests from IP. Check headers"},
	otherBody:      {422, "request_invalid", "idempotency_error", "the key was used with another request body"},
	noOrder:        {404, "order_not_found", invalidRequest, "Order Reference Id does not exist"},
	badOrderID:     {400, "order_id_invalid", invalidRequest, "order_id format not valid"},
	notPaid:        {400, "order_id_not_paid", invalidRequest, "transaction not found"},
	voided:         {400, "order_id_voided", invalidRequest, "transaction is voided"},
	tooOld:         {400, "refund_invalid", invalidRequest, "Refund cannot be initiated for payments older than six months"},
	badAmount:      {400, "refund_amount_invalid", invalidRequest, "refund_amount : Invalid amount entered "},
	overCap:        {400, "refund_post_failed", invalidRequest, "Total amount of Refunds cannot be greater than the transaction amount."},
	duplicateID:    {400, "refund_id_invalid", invalidRequest, "Duplicate Merchant Refund Id"},
	badRefundID:    {400, "refund_id_invalid", invalidRequest, "refund_id format not valid"},
	badSpeed:       {400, "refund_speed_invalid", invalidRequest, "refund_speed : is not accepted for this transaction "},
	badNote:        {400, "refund_note_invalid", invalidRequest, "refund_note : length should be between 3 and 100 "},
	badSplits:      {400, "refund_splits_invalid", invalidRequest, "refund_splits : vendor or amount is not valid "},
	noRefund:       {404, "refund_get_not_found", invalidRequest, "Refund does not exist"},
	notCancellable: {400, "refund_invalid", invalidRequest, "Refund cannot be cancelled in its status"},
	noSubscription: {404, "subscription_not_found", invalidRequest, "Subscription does not exist"},
	noPayment:      {404, "payment_not_found", invalidRequest, "Payment does not exist"},
	busy:           {409, "refund_post_failed", invalidRequest, "One refund request is already being processed"},
	serverError:    {500, "internal_error", apiError, "internal Server Error"},
	readMissing:    {404, "order_not_found", invalidRequest, "Order Reference Id does not exist"},
}

// flowwise lists the errors of Flowwise.
var flowwise = map[reason]refusal{
	badCredentials: {401, "unauthorized", "authentication_error", "Invalid API credentials provided"},
	badURL:         {404, "url_not_found", "resource_error", "Resource not found"},
	badJSON:        {400, "request_value_invalid", "validation_error", "Request is not readable"},
	throttled:      {429, "rate_limited", "server_error", "Too many requests"},
	noOrder:        {404, "order_not_found", "resource_error", "Order not found"},
	noPayment:      {404, "payment_not_found", "resource_error", "Payment not found or not eligible for refund"},
	notPaid:        {400, "payment_value_invalid", "validation_error", "Payment was not successful, refund cannot be created."},
	tooOld:         {400, "payment_value_invalid", "validation_error", "Refund cannot be initiated for payments older than six months"},
	badAmount:      {400, "invalid_refund", "validation_error", "Invalid refund amount or refund exceeds payment amount"},
	overCap:        {400, "invalid_refund", "validation_error", "Total refund amount cannot be greater than the payment amount"},
	duplicateID:    {400, "refund_id_already_exists", "validation_error", "Refund Entity already exists for the provided refund_id"},
	badRefundID:    {400, "refund_id_value_invalid", "validation_error", "Refund id is not valid"},
	noRefund:       {404, "refund_not_found", "resource_error", " payment refund not found"},
	busy:           {400, "refund_value_invalid", "validation_error", "One refund request is already being processed"},
	serverError:    {500, "refund_failed", "server_error", "Refund processing failed due to server error"},
	readMissing:    {404, "refund_not_found", "resource_error", " payment refund not found"},
}

// missing refuses a request without a field.
func (c *call) missing(field string) answer {
	if c.flowwise {
		return c.errorAnswer(refusal{400, field + "_missing", "validation_error", field + " is required"})
	}
	return c.errorAnswer(refusal{400, field + "_missing", invalidRequest, field + " : is missing in the request. Value received: "})
}

// invalid refuses the value of a field.
func (c *call) invalid(field string) answer {
	if c.flowwise {
		return c.errorAnswer(refusal{400, field + "_value_invalid", "validation_error", field + " is not valid"})
	}
	return c.errorAnswer(refusal{400, field + "_invalid", invalidRequest, field + " : is not valid "})
}

// refuse answers with the error that the called API has for a reason.
func (c *call) refuse(why reason) answer {
	if c.flowwise {
		return c.errorAnswer(flowwise[why])
	}
	return c.errorAnswer(cashfree[why])
}

const helpText = "Check latest errors resolution from the API reference of your version, section errors."

func (c *call) errorAnswer(r refusal) answer {
	body := struct {
		Message string `json:"message"`
		Code    string `json:"code"`
		Type    string `json:"type"`
		Help    string `json:"help,omitempty"`
	}{r.message, r.code, r.kind, ""}
	if c.since("2025-01-01") && !c.flowwise && r.status != 401 && r.status != 429 {
		body.Help = helpText
	}
	a := ok(body)
	a.status = r.status
	return a
}
