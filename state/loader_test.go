package state

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestR13_ALastLineCutAtAnyByteIsSkipped(t *testing.T) {
	whole := oneOfEach(t)
	all := lines(whole)
	last := all[len(all)-1]
	kept := len(whole) - len(last)
	for cut := range len(last) {
		s, end, err := foldAll(context.Background(), bytes.NewReader(whole[:kept+cut]))
		if err != nil {
			t.Fatalf("cut after byte %d of the last line: %v", cut, err)
		}
		wantEvents, want := len(all)-1, tail{size: int64(kept), torn: int64(cut)}
		if cut == len(last)-1 { // only the line end is missing
			wantEvents, want = len(all), tail{size: int64(len(whole) - 1), unended: true}
		}
		if end != want || s.events != wantEvents {
			t.Errorf("cut after byte %d: %+v and %d events, want %+v and %d", cut, end, s.events, want, wantEvents)
		}
	}
}

func TestR13_ZerosAtTheEndAreSkipped(t *testing.T) {
	whole := oneOfEach(t)
	for _, zeros := range []int{1, 4096, 3 * maxLine} {
		_, end, err := foldAll(context.Background(), bytes.NewReader(join(whole, make([]byte, zeros))))
		if want := (tail{size: int64(len(whole)), torn: int64(zeros)}); err != nil || end != want {
			t.Errorf("%d zeros: %+v, %v, want %+v", zeros, end, err, want)
		}
	}
}

func TestR13_AFlippedBitAnywhereIsFound(t *testing.T) {
	whole := oneOfEach(t)
	for i := range whole[:len(whole)-1] {
		for _, bit := range []byte{1, 0x20, 0x80} {
			spoilt := bytes.Clone(whole)
			spoilt[i] ^= bit
			_, _, err := foldAll(context.Background(), bytes.NewReader(spoilt))
			if err == nil {
				t.Fatalf("byte %d with bit %#x flipped was not found", i, bit)
			}
		}
	}
}

func TestR13_AMissingLineIsFound(t *testing.T) {
	all := lines(oneOfEach(t))
	for i := range all[:len(all)-1] {
		rest := strings.Join(all[:i], "") + strings.Join(all[i+1:], "")
		want := Gap
		if i == 1 { // only a cited head shows that a run's last line is missing
			want = MissingHead
		}
		if d := damage(t, []byte(rest)); d.Kind != want {
			t.Errorf("without line %d: %v (%s), want %s", i+1, &d, d.Kind, want)
		}
	}
}

func TestALedgerOfManyChunksIsReadAsOne(t *testing.T) {
	ledger := ledgerOf(t, 3000)
	want := folded(t, ledger)
	for name, r := range map[string]io.Reader{
		"in halves": iotest.HalfReader(bytes.NewReader(ledger)), "with the end": iotest.DataErrReader(bytes.NewReader(ledger)),
	} {
		s, end, err := foldAll(context.Background(), r)
		if err != nil || end != (tail{size: int64(len(ledger))}) || s.events != want.events || s.Heads()[0] != want.Heads()[0] || s.refunds != 3000 {
			t.Errorf("%s: %+v, %v", name, end, err)
		}
	}
	all := lines(ledger)
	for _, n := range []int{2, 1000, 5000, len(all)} {
		spoilt := strings.Join(all[:n-1], "") + "x\n" + strings.Join(all[n:], "")
		if d := damage(t, []byte(spoilt)); d.Line != n || d.Kind != Garbage {
			t.Errorf("line %d is spoilt: %v", n, &d)
		}
	}
}

func TestARepeatedLineCountsOnce(t *testing.T) {
	whole := oneOfEach(t)
	all := lines(whole)
	twice := strings.Join(all[:4], "") + strings.Join(all[1:], "")
	got, want := folded(t, []byte(twice)), folded(t, whole)
	if got.events != want.events || len(got.Heads()) != 1 || got.Heads()[0] != want.Heads()[0] {
		t.Errorf("%d events, heads %v, want %d and %v", got.events, got.Heads(), want.events, want.Heads())
	}
}

func TestWindowsLineEndsAreRead(t *testing.T) {
	whole := oneOfEach(t)
	s, end, err := foldAll(context.Background(), strings.NewReader(strings.ReplaceAll(string(whole), "\n", "\r\n")))
	if want := int64(len(whole) + len(lines(whole))); err != nil || s.events != len(lines(whole)) || end != (tail{size: want}) {
		t.Errorf("%+v, %v, want all events and size %d", end, err, want)
	}
}

// No input makes the decoder panic or lose its place, and what it accepts is encoded to the same bytes again.
func FuzzLedger(f *testing.F) {
	whole := oneOfEach(f)
	f.Add(whole)
	for _, line := range lines(whole) {
		f.Add([]byte(line))
		f.Add([]byte(line[:len(line)-hashSuffix-1]))
	}
	f.Fuzz(func(t *testing.T, input []byte) {
		if _, end, err := foldAll(context.Background(), bytes.NewReader(input)); err == nil && end.size+end.torn != int64(len(input)) {
			t.Errorf("%+v does not cover %d bytes", end, len(input))
		}
		line := seal(bytes.Clone(input)) // so that the fuzzer gets past the hash
		var e event
		_, problem := (&decoder{interner: interner{}}).decode(line, &e)
		if problem != nil {
			return
		}
		if again, err := encode(&e); err != nil || !bytes.Equal(again, line) {
			t.Errorf("%s\nis written again as\n%s\n%v", line, again, err)
		}
	})
}

// What comes after the last line end, and was not left there by an interrupted append, may have been an event: it
// is reported, and never dropped.
func TestR13_OnlyTheBeginningOfALineIsSkipped(t *testing.T) {
	whole := oneOfEach(t)
	all := lines(whole)
	n, last := len(all), strings.TrimSuffix(all[len(all)-1], "\n")
	before := strings.Join(all[:n-1], "")
	for name, c := range map[string]struct {
		ledger string
		kind   DamageKind
	}{
		"an event whose outcome was removed":       {strings.Join(all[:n-2], "") + last, Gap},
		"another event of one number":              {before + strings.TrimSuffix(string(rehashed(strings.Replace(all[n-2], "41805719", "41805720", 1))), "\n"), Forked},
		"an altered event":                         {before + strings.Replace(last, `"sent":1`, `"sent":2`, 1), Altered},
		"an altered event with the end of Windows": {before + strings.Replace(last, `"sent":1`, `"sent":2`, 1) + "\r", Altered},
		"an altered event and zeros":               {before + strings.Replace(last, `"sent":1`, `"sent":2`, 1) + "\x00\x00", Altered},
		"an event without its hash":                {before + last[:len(last)-hashSuffix] + "}", Altered},
		"an event of a newer format":               {before + strings.Replace(last, `{"v":1`, `{"v":9`, 1), Newer},
		"the beginning of one of a newer format":   {before + strings.Replace(last, `{"v":1`, `{"v":9`, 1)[:40], Newer},
		"an event of format 10":                    {before + strings.Replace(last, `{"v":1`, `{"v":10`, 1), Newer},
		"a conflict marker":                        {string(whole) + ">>>>>>> theirs", Unmerged},
		"the beginning of a conflict marker":       {string(whole) + "<<<", Garbage},
		"a word":                                   {string(whole) + "torn", Garbage},
		"a blank":                                  {string(whole) + " ", Garbage},
		"the middle of a line":                     {before + last[20:40], Garbage},
		"another object":                           {before + `{"version":1`, Garbage},
		"an event that does not begin with a run":  {before + `{"v":1,"seq":2`, Garbage},
		"format 0":                                 {before + `{"v":0,"run":"`, Garbage},
		"a line that lost its middle":              {before + last[:20] + "\x00" + last[30:60], Garbage},
		"a text that is too long":                  {before + `{"v":1,"run":"` + strings.Repeat("x", 3*maxLine), TooLong},
		"zeros and a text behind them":             {before + string(make([]byte, 3*maxLine)) + last, TooLong},
	} {
		t.Run(name, func(t *testing.T) {
			d := damage(t, []byte(c.ledger))
			if want := strings.Count(c.ledger, "\n") + 1; d.Line != want || d.Kind != c.kind {
				t.Errorf("%v (%s), want line %d, %s", &d, d.Kind, want, c.kind)
			}
		})
	}
}

func TestR13_AWholeEventIsKeptWithoutItsLineEnd(t *testing.T) {
	whole := bytes.TrimSuffix(oneOfEach(t), []byte("\n"))
	events := len(lines(whole))
	for name, c := range map[string]struct {
		behind string
		want   tail
	}{
		"nothing":                        {"", tail{size: int64(len(whole)), unended: true}},
		"the half of one of Windows":     {"\r", tail{size: int64(len(whole)) + 1, unended: true}},
		"a zero":                         {"\x00", tail{size: int64(len(whole)), torn: 1, unended: true}},
		"more zeros than a line is long": {string(make([]byte, 3*maxLine)), tail{size: int64(len(whole)), torn: 3 * maxLine, unended: true}},
	} {
		s, end, err := foldAll(context.Background(), strings.NewReader(string(whole)+c.behind))
		if err != nil || end != c.want || s.events != events {
			t.Errorf("%s: %+v, %v, want %+v", name, end, err, c.want)
		}
	}
}
