package view

import (
	"io"
	"time"

	"refundctl/internal/refund"
	"refundctl/internal/report"
	"refundctl/plan"
)

// sumsJSON are refunds and their money, and the three parts that add up to them.
type sumsJSON struct {
	plan.TallyJSON
	Paid   plan.TallyJSON `json:"paid"`
	Open   plan.TallyJSON `json:"open"`
	Unpaid plan.TallyJSON `json:"unpaid"`
}

func sumsOf(s report.Sums) sumsJSON {
	return sumsJSON{plan.TallyOf(s.All), plan.TallyOf(s.Paid), plan.TallyOf(s.Open), plan.TallyOf(s.Unpaid)}
}

type groupingJSON struct {
	By     report.By   `json:"by"`
	Groups []groupJSON `json:"groups"`
}

type groupJSON struct {
	Word string `json:"word"`
	sumsJSON
}

type ageJSON struct {
	Age string `json:"age"`
	plan.TallyJSON
}

type doubtfulJSON struct {
	entryJSON
	Conflict string `json:"conflict"`
}

// detailJSON counts refunds with a value of a detail. An empty value stands for all further ones.
type detailJSON struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	Count int    `json:"count"`
}

type periodJSON struct {
	From string `json:"from"`
	To   string `json:"to"` // the last day that counts
}

// periodOf are the days of a period; an open end is empty.
func periodOf(p refund.Period) periodJSON {
	days := periodJSON{From: day(p.From)}
	if !p.Until.IsZero() {
		days.To = day(p.Until.Add(-1))
	}
	return days
}

type leftOutJSON struct {
	Undated      int            `json:"undated"`
	Environments map[string]int `json:"environments"`
}

// ReportJSON prints
// {"format_version","as_of","date","period":{"from","to"},"environment","total":{…},"refund_arns","groupings":[{"by","groups":[…]}],"waiting":[…],"doubtful":[…],"alarms":[…],"left_out":{…}}.
// Sums are {"count","amounts","paid","open","unpaid"}.
func ReportJSON(w io.Writer, f Report) error {
	document := struct {
		FormatVersion string         `json:"format_version"`
		AsOf          *time.Time     `json:"as_of"`
		Date          report.DateBy  `json:"date"`
		Period        periodJSON     `json:"period"`
		Environment   string         `json:"environment"`
		Total         sumsJSON       `json:"total"`
		References    int            `json:"refund_arns"` // of the paid ones
		Groupings     []groupingJSON `json:"groupings"`
		Waiting       []ageJSON      `json:"waiting"`
		Doubtful      []doubtfulJSON `json:"doubtful"`
		Alarms        []alarmJSON    `json:"alarms"`
		LeftOut       leftOutJSON    `json:"left_out"`
		Details       []detailJSON   `json:"details"`
	}{
		FormatVersion: FormatVersion, AsOf: moment(f.AsOf), Date: f.Date, Environment: f.Environment,
		Period: periodOf(f.Period), Total: sumsOf(f.Sums), References: f.References.Known,
		Groupings: make([]groupingJSON, 0, len(f.Groupings)), Waiting: []ageJSON{}, Doubtful: []doubtfulJSON{},
		Alarms: alarmsOf(f.Alarms), LeftOut: leftOutJSON{f.Undated, f.Elsewhere}, Details: []detailJSON{},
	}
	for _, d := range f.Details {
		for _, v := range d.Values {
			document.Details = append(document.Details, detailJSON{d.Name, v.Value, v.Refunds})
		}
		if d.Others > 0 {
			document.Details = append(document.Details, detailJSON{d.Name, "", d.Others})
		}
	}
	for _, g := range f.Groupings {
		groups := make([]groupJSON, 0, len(g.Groups))
		for _, one := range g.Groups {
			groups = append(groups, groupJSON{one.Word, sumsOf(one.Sums)})
		}
		document.Groupings = append(document.Groupings, groupingJSON{g.By, groups})
	}
	for _, age := range report.Ages(f.Waiting, f.AsOf) {
		document.Waiting = append(document.Waiting, ageJSON{age.Name, plan.TallyOf(age.Tally)})
	}
	for _, r := range f.Doubtful {
		document.Doubtful = append(document.Doubtful, doubtfulJSON{entryOf(r.Entry), r.Conflict})
	}
	return writeJSON(w, document)
}
