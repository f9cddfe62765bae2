package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/santhosh-tekuri/jsonschema/v5"

	"refundctl/internal/refund"
	"refundctl/plan"
	"refundctl/schema"
)

// TestMain makes the test binary act as the program: scripts run it as a real process.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"refundctl": func() { os.Exit(Main(os.Args[1:], system())) }, "terminal": onTerminal})
}

// system is System with a clock that is wrong by $CLOCK_OFFSET.
func system() Streams {
	s := System()
	if wrong, err := time.ParseDuration(os.Getenv("CLOCK_OFFSET")); err == nil {
		s.Clock = func() time.Time { return time.Now().Add(wrong) }
	}
	return s
}

// TestScripts runs testdata/script/*.txtar. In addition to testscript's commands, scripts have
//
//	exits CODE PROGRAM ARGS...      run it: it must exit with CODE and never print the secret
//	signal INT|TERM|HUP|KILL        send a signal to the newest background program
//	insist INT                      send a signal repeatedly until the program exits
//	exited CODE                     the exit code of the last signalled program (-1: killed)
//	says FILE TEXT                  the file contains these words, however its lines are wrapped
//	json FILE PATH VALUE            a value of a JSON document, or of JSON lines
//	valid FILE DURATION             how long the saved plan may be applied after it was made
//	subst FILE...                   replace $NAME in files by the environment's value
//	flip FILE LINE, cutline FILE LINE, tear FILE BYTES    damage a ledger
//
// and the commands of the emulator (script_sandbox_test.go) and of the wire to it (script_wire_test.go).
// $CLOCK_OFFSET (a duration) sets the program's clock wrong; $AT_2350_IN_INDIA and the like are offsets to that
// time on a future day. After every script, no file below its folder may contain the secret.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                filepath.Join("testdata", "script"),
		Setup:              setUp,
		Cmds:               scriptCommands(),
		RequireUniqueNames: true,
	})
}

func scriptCommands() map[string]func(*testscript.TestScript, bool, []string) {
	return map[string]func(*testscript.TestScript, bool, []string){
		"exits": cmdExits, "signal": cmdSignal, "insist": cmdInsist, "exited": cmdExited, "says": cmdSays, "json": cmdJSON, "subst": cmdSubst,
		"valid": cmdValid, "flip": cmdFlip, "cutline": cmdCutLine, "tear": cmdTear,
		"sandbox": cmdSandbox, "refunds": cmdRefunds, "booked": cmdBooked, "elsewhere": cmdElsewhere,
		"hold": cmdHold, "arrived": cmdArrived, "release": cmdRelease, "drop": cmdDrop,
		"answer": cmdAnswer, "requests": cmdRequests, "forget": cmdForget, "forge": cmdForge,
	}
}

const (
	clientID = "merchant_of_the_scripts"
	secret   = "words-that-nobody-must-ever-read"

	// The other credentials that the scripts' emulator accepts. Those that begin with secret are secrets.
	flowwiseID      = "flowwise_of_the_scripts"
	flowwiseSecret  = secret + "-of-flowwise"
	partnerKey      = secret + "-of-a-partner"
	partnerMerchant = "merchant_of_a_partner"
	signature       = secret + "-as-a-signature"
)

// memory is shared by the commands of one script.
type memory struct {
	t        testing.TB
	wire     *wire
	api      string // the emulator's own address
	signaled *exec.Cmd
}

type memoryKey struct{}

func memoryOf(ts *testscript.TestScript) *memory { return ts.Value(memoryKey{}).(*memory) }

func setUp(e *testscript.Env) error {
	t := e.T().(testing.TB)
	e.Values[memoryKey{}] = &memory{t: t}
	e.Setenv("CASHFREE_CLIENT_ID", clientID)
	e.Setenv("CASHFREE_CLIENT_SECRET", secret)
	e.Setenv("FLOWWISE_CLIENT_ID", flowwiseID)
	e.Setenv("FLOWWISE_CLIENT_SECRET", flowwiseSecret)
	e.Setenv("PARTNER_KEY", partnerKey)
	e.Setenv("PARTNER_MERCHANT", partnerMerchant)
	e.Setenv("SIGNATURE", signature)
	e.Setenv("GORACE", "atexit_sleep_ms=0")
	for name, days := range map[string]int{"YESTERDAY": -1, "MONTHS_AGO_5_9": -177, "MONTHS_AGO_7": -214} {
		e.Setenv(name, time.Now().AddDate(0, 0, days).UTC().Format(time.RFC3339))
	}
	for name, at := range map[string]time.Duration{"AT_2350_IN_INDIA": -10 * time.Minute, "AT_0010_IN_INDIA": 10 * time.Minute,
		"AT_0540_IN_INDIA": 5*time.Hour + 40*time.Minute, "AT_0010_A_DAY_LATER": 24*time.Hour + 10*time.Minute} {
		e.Setenv(name, (time.Until(midnightInIndia()) + at).String())
	}
	for name, days := range map[string]int{"DAY_BEFORE_2350": -2, "DAY_OF_2350": -1} {
		e.Setenv(name, midnightInIndia().AddDate(0, 0, days).Format(time.DateOnly))
	}
	e.Defer(func() {
		for _, file := range holding(e.WorkDir, secret) {
			t.Errorf("%s contains the secret", file)
		}
	})
	return nil
}

// midnightInIndia returns the midnight after the next one, so that every time in a script is in the future.
func midnightInIndia() time.Time {
	y, m, d := time.Now().In(refund.IST).Date()
	return time.Date(y, m, d+2, 0, 0, 0, 0, refund.IST)
}

// holding returns the files below dir that contain text.
func holding(dir, text string) (files []string) {
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return nil // a file that is gone contains nothing
		}
		if content, err := os.ReadFile(path); err == nil && bytes.Contains(content, []byte(text)) {
			files = append(files, path)
		}
		return nil
	})
	return files
}

func cmdExits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARGS...")
	}
	code := 0
	var ended *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &ended) {
		code = ended.ExitCode()
	} else {
		ts.Check(err)
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("exit code %d, not %s", code, args[0])
	}
	for _, out := range []string{"stdout", "stderr"} {
		if strings.Contains(ts.ReadFile(out), secret) {
			ts.Fatalf("%s contains the secret", out)
		}
	}
	if strings.HasPrefix(ts.ReadFile("stdout"), `{"format_version":"1","created_at":`) {
		ts.Check(planContract().Validate(documents(ts, "stdout", false)))
	}
}

// planContract checks every plan that a script prints as JSON.
var planContract = sync.OnceValue(func() *jsonschema.Schema {
	text, err := schema.JSON("plan")
	if err != nil {
		panic(err)
	}
	return jsonschema.MustCompileString("plan", string(text))
})

func cmdValid(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: valid FILE DURATION")
	}
	want, err := time.ParseDuration(args[1])
	ts.Check(err)
	saved, err := plan.Decode(strings.NewReader(ts.ReadFile(args[0])))
	ts.Check(err)
	if got := saved.ExpiresAt.Sub(saved.CreatedAt); got != want {
		ts.Fatalf("it is valid for %s", got)
	}
}

var signals = map[string]syscall.Signal{"INT": syscall.SIGINT, "TERM": syscall.SIGTERM, "HUP": syscall.SIGHUP, "QUIT": syscall.SIGQUIT, "KILL": syscall.SIGKILL}

func cmdSignal(ts *testscript.TestScript, neg bool, args []string) {
	running := ts.BackgroundCmds()
	if neg || len(args) != 1 || signals[args[0]] == 0 || len(running) == 0 {
		ts.Fatalf("usage: signal INT|TERM|HUP|KILL, with a program in the background")
	}
	newest := running[len(running)-1]
	memoryOf(ts).signaled = newest
	ts.Check(newest.Process.Signal(signals[args[0]]))
}

func cmdInsist(ts *testscript.TestScript, neg bool, args []string) {
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	cmdSignal(ts, neg, args)
	for memoryOf(ts).signaled.Process.Signal(signals[args[0]]) == nil {
		<-again.C
	}
}

func cmdExited(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 || memoryOf(ts).signaled == nil {
		ts.Fatalf("usage: exited CODE, after signal and wait")
	}
	if code := memoryOf(ts).signaled.ProcessState.ExitCode(); strconv.Itoa(code) != args[0] {
		ts.Fatalf("exit code %d, not %s", code, args[0])
	}
}

func cmdSubst(ts *testscript.TestScript, neg bool, args []string) {
	for _, name := range args {
		text := os.Expand(ts.ReadFile(name), ts.Getenv)
		ts.Check(os.WriteFile(ts.MkAbs(name), []byte(text), 0o600))
	}
}

func cmdSays(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: says FILE TEXT")
	}
	words := func(text string) string { return strings.Join(strings.Fields(text), " ") }
	if strings.Contains(words(ts.ReadFile(args[0])), words(args[1])) == neg {
		ts.Fatalf("%s: %q", args[0], args[1])
	}
}

// cmdJSON compares one value. The parts of a PATH are separated by dots: a field, an index (from the end if negative),
// NAME=TEXT for the first element whose field is TEXT, or # for a length. Several documents in a file count as an
// array.
func cmdJSON(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: json FILE PATH VALUE")
	}
	path := strings.Split(args[1], ".")
	value, err := lookUp(documents(ts, args[0], path[0] == "-1"), path)
	if err != nil {
		ts.Fatalf("%s: %v", args[1], err)
	}
	text, isText := value.(string)
	if !isText {
		b, err := json.Marshal(value)
		ts.Check(err)
		text = string(b)
	}
	if (text == args[2]) == neg {
		ts.Fatalf("%s is %s", args[1], text)
	}
}

// documents returns the only document of a file, or an array of all.
func documents(ts *testscript.TestScript, file string, lines bool) any {
	d := json.NewDecoder(strings.NewReader(ts.ReadFile(file)))
	d.UseNumber()
	var all []any
	for {
		var one any
		err := d.Decode(&one)
		if err == io.EOF {
			break
		}
		if err != nil {
			ts.Fatalf("%s is not JSON: %v", file, err)
		}
		all = append(all, one)
	}
	if len(all) == 1 && !lines {
		return all[0]
	}
	return all
}

func lookUp(value any, path []string) (any, error) {
	for _, word := range path {
		switch v := value.(type) {
		case map[string]any:
			next, has := v[word]
			if !has {
				return nil, errors.New("no field " + word)
			}
			value = next
		case []any:
			next, err := element(v, word)
			if err != nil {
				return nil, err
			}
			value = next
		default:
			return nil, errors.New("nothing below " + word)
		}
	}
	return value, nil
}

func element(list []any, word string) (any, error) {
	if word == "#" {
		return len(list), nil
	}
	if name, text, named := strings.Cut(word, "="); named {
		i := slices.IndexFunc(list, func(v any) bool { m, ok := v.(map[string]any); return ok && m[name] == text })
		if i < 0 {
			return nil, errors.New("no element with " + word)
		}
		return list[i], nil
	}
	i, err := strconv.Atoi(word)
	if i < 0 {
		i += len(list)
	}
	if err != nil || i < 0 || i >= len(list) {
		return nil, errors.New("no element " + word)
	}
	return list[i], nil
}

// changeLine rewrites the lines of a file.
func changeLine(ts *testscript.TestScript, args []string, change func(lines []string, n int) []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: COMMAND FILE NUMBER")
	}
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	lines := strings.SplitAfter(ts.ReadFile(args[0]), "\n")
	if n < 1 || n > len(lines) {
		ts.Fatalf("%s has %d lines", args[0], len(lines))
	}
	text := strings.Join(change(lines, n), "")
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o600))
}

// cmdFlip changes one digit in the middle of a line.
func cmdFlip(ts *testscript.TestScript, neg bool, args []string) {
	changeLine(ts, args, func(lines []string, n int) []string {
		line := []byte(lines[n-1])
		for i := len(line) / 2; i < len(line); i++ {
			if line[i] >= '0' && line[i] <= '9' {
				line[i] = '0' + (line[i]-'0'+1)%10
				lines[n-1] = string(line)
				return lines
			}
		}
		ts.Fatalf("line %d has no digit to flip", n)
		return nil
	})
}

func cmdCutLine(ts *testscript.TestScript, neg bool, args []string) {
	changeLine(ts, args, func(lines []string, n int) []string { return slices.Delete(lines, n-1, n) })
}

// cmdTear removes the last bytes of a file, as a crash during an append does.
func cmdTear(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: tear FILE BYTES")
	}
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	text := ts.ReadFile(args[0])
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text[:len(text)-n]), 0o600))
}
