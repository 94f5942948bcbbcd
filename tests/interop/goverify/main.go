// Command goverify checks a Quittance log with none of Quittance's code: only the Go project's own
// transparency-log packages (golang.org/x/mod/sumdb/note and tlog) and the standard library.
//
//	goverify -vkey log.vkey http://127.0.0.1:7700/log/     a log as it is served
//	goverify -vkey log.vkey ./export                       an export, or any copy of the log's files
//
// The key is the root of all trust. It must reach the auditor by another way than the log itself;
// comparing it once with what the operator printed on paper is enough.
//
// Exit status: 0 everything holds, 1 something does not, 2 it could not be checked.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
)

func main() {
	os.Exit(run(os.Args[1:]))
}

func run(args []string) int {
	flags := flag.NewFlagSet("goverify", flag.ContinueOnError)
	vkey := flags.String("vkey", "", "the log's verifier key, or the name of a file that holds it (required)")
	old := flags.String("old", "", "a checkpoint kept from an earlier visit: the log must be a continuation of it")
	pairs := flags.Int64("pairs", 300, "check consistency between all pairs of sizes up to this one")
	flags.Usage = func() {
		fmt.Fprintln(flags.Output(), "usage: goverify -vkey KEY|FILE [-old CHECKPOINT] [-pairs N] URL|DIR")
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		return 2
	}
	if flags.NArg() != 1 || *vkey == "" {
		flags.Usage()
		return 2
	}
	report, err := audit(flags.Arg(0), *vkey, *old, *pairs)
	for _, line := range report {
		fmt.Println(line)
	}
	var unreadable *unreadableError
	switch {
	case err == nil:
		fmt.Println("ok")
		return 0
	case errors.As(err, &unreadable):
		fmt.Fprintln(os.Stderr, "goverify: could not check:", err)
		return 2
	default:
		fmt.Fprintln(os.Stderr, "goverify: FAILED:", err)
		return 1
	}
}

// audit runs every check and returns what it counted, up to the first failure.
func audit(place, vkey, oldFile string, pairs int64) ([]string, error) {
	key, err := textOrFile(vkey)
	if err != nil {
		return nil, err
	}
	source, err := open(place)
	if err != nil {
		return nil, err
	}
	log, err := newLog(source, key)
	if err != nil {
		return nil, err
	}
	report := []string{fmt.Sprintf("checkpoint   %s, %d entries, root %s", log.name, log.tree.N, log.tree.Hash)}
	if oldFile != "" {
		note, err := os.ReadFile(oldFile)
		if err != nil {
			return report, &unreadableError{oldFile, err}
		}
		log.old = note
	}
	for _, step := range []func() (string, error){
		log.checkTiles,
		log.checkEntries,
		log.checkOld,
		log.checkInclusion,
		func() (string, error) { return log.checkConsistency(pairs) },
		log.checkRecords,
	} {
		line, err := step()
		if err != nil {
			return report, err
		}
		if line != "" {
			report = append(report, line)
		}
	}
	return report, nil
}

// textOrFile reads the key from a file of that name, if there is one.
func textOrFile(value string) (string, error) {
	if data, err := os.ReadFile(value); err == nil {
		value = string(data)
	}
	value = strings.TrimSpace(value)
	if value == "" {
		return "", &unreadableError{"the verifier key", errors.New("it is empty")}
	}
	return value, nil
}
