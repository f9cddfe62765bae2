package state

import "slices"

func (h *Header) wire(c codec) {
	c.word("lineage", &h.Lineage)
	c.texts("heads", &h.Heads)
	c.word("actor", &h.Actor)
	c.word("command", &h.Command)
	c.word("program", &h.Program)
	c.word("commit", &h.Commit)
	c.word("plan_digest", &h.PlanDigest)
	c.texts("approvers", &h.Approvers)
	c.word("ci_run", &h.CIRun)
	c.flag("without_manifests", &h.WithoutManifests)
	c.word("accepts", (*string)(&h.Accepts))
	c.text("reason", &h.Reason)
	places(c, &h.Places)
}

func (h *Header) problem() string {
	switch {
	case !slices.Contains([]Lack{"", NoLedger, OtherLineage, OlderLedger}, h.Accepts):
		return "the run accepts \"" + string(h.Accepts) + "\", which is unknown"
	case h.Accepts == "" && h.Reason != "":
		return "there is a reason, but nothing that it is for"
	}
	return ""
}

// newer reports whether the header has a field that format 3 brought.
func (h *Header) newer() bool { return h.WithoutManifests || h.Accepts != "" || len(h.Places) > 0 }
