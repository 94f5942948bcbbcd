package main

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// load reads one of the files that the clients of all languages share.
func load(t *testing.T, name string, into any) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "..", "chain", "vectors", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatal(err)
	}
}

func hash(t *testing.T, text string) (h tlog.Hash) {
	t.Helper()
	if n, err := hex.Decode(h[:], []byte(text)); err != nil || n != len(h) {
		t.Fatalf("%q is no hash", text)
	}
	return h
}

func TestTreeVectors(t *testing.T) {
	type proof struct {
		Why                   string
		Index, Size, Old, New int64
		Proof                 []string
	}
	var v struct {
		Entries, Roots     []string
		LeafHashes         []string `json:"leaf_hashes"`
		Inclusion          []proof
		Consistency        []proof
		RefusedInclusion   []proof `json:"refused_inclusion"`
		RefusedConsistency []proof `json:"refused_consistency"`
	}
	load(t, "tree", &v)
	for i, text := range v.Entries {
		entry, err := hex.DecodeString(text)
		if err != nil || tlog.RecordHash(entry) != hash(t, v.LeafHashes[i]) {
			t.Errorf("leaf %d: %v", i, err)
		}
	}
	hashes := func(p proof) (all []tlog.Hash) {
		for _, text := range p.Proof {
			all = append(all, hash(t, text))
		}
		return all
	}
	included := func(p proof) error {
		if p.Index >= p.Size {
			return fmt.Errorf("index %d of %d", p.Index, p.Size)
		}
		return tlog.CheckRecord(hashes(p), p.Size, hash(t, v.Roots[p.Size]), p.Index, hash(t, v.LeafHashes[p.Index]))
	}
	consistent := func(p proof) error {
		if p.Old > p.New {
			return fmt.Errorf("size %d to %d", p.Old, p.New)
		}
		return tlog.CheckTree(hashes(p), p.New, hash(t, v.Roots[p.New]), p.Old, hash(t, v.Roots[p.Old]))
	}
	for _, p := range v.Inclusion {
		if err := included(p); err != nil {
			t.Errorf("%+v: %v", p, err)
		}
	}
	for _, p := range v.Consistency {
		// An empty tree is consistent with everything; x/mod does not prove what needs no proof.
		if err := consistent(p); err != nil && p.Old > 0 {
			t.Errorf("%+v: %v", p, err)
		}
	}
	for _, p := range v.RefusedInclusion {
		if included(p) == nil {
			t.Errorf("%+v was accepted", p)
		}
	}
	for _, p := range v.RefusedConsistency {
		if consistent(p) == nil {
			t.Errorf("%+v was accepted", p)
		}
	}
}

func TestCheckpointVectors(t *testing.T) {
	type cas struct{ Why, Origin, Key, Note string }
	var v struct {
		Signed struct {
			Vkey, Note string
			Cosigned   string `json:"cosigned_note"`
		}
		Unbelieved []cas
	}
	load(t, "checkpoint", &v)
	read := func(vkey, text string) error {
		verifier, err := note.NewVerifier(vkey)
		if err != nil {
			t.Fatal(err)
		}
		l := &log{keys: note.VerifierList(verifier), name: verifier.Name()}
		_, err = l.openCheckpoint([]byte(text))
		return err
	}
	for _, text := range []string{v.Signed.Note, v.Signed.Cosigned} {
		if err := read(v.Signed.Vkey, text); err != nil {
			t.Error(err)
		}
	}
	for _, c := range v.Unbelieved {
		verifier, err := note.NewVerifier(c.Key)
		if err == nil && verifier.Name() == c.Origin && read(c.Key, c.Note) == nil {
			t.Errorf("%s: was accepted", c.Why)
		}
	}
}

func TestTilePathVectors(t *testing.T) {
	var v struct {
		Paths []struct {
			Kind         string
			Level, Width int
			Index        uint64
			Path         string
		}
	}
	load(t, "tile", &v)
	for _, p := range v.Paths {
		if p.Index > math.MaxInt64 {
			continue // more than x/mod can count
		}
		tile := tlog.Tile{H: tileHeight, L: p.Level, N: int64(p.Index), W: p.Width}
		if p.Kind == "entries" {
			tile.L = -1
		}
		if got := tilePath(tile); got != p.Path {
			t.Errorf("%s, not %s", got, p.Path)
		}
	}
}

func TestRecordVectors(t *testing.T) {
	var v struct {
		Records []struct {
			Entry, Salt, Bytes string
			Key                *string
			Items              []string
		}
		Refused []struct{ Why, Bytes string }
	}
	load(t, "record", &v)
	read := func(text string) (*record, error) {
		data, err := hex.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		reader := bytes.NewReader(data)
		r, err := readRecord(reader)
		if err == nil && reader.Len() > 0 {
			err = fmt.Errorf("%d bytes behind the record", reader.Len())
		}
		return r, err
	}
	for i, c := range v.Records {
		r, err := read(c.Bytes)
		if c.Key != nil {
			if err == nil {
				t.Errorf("record %d: a key was accepted in a file", i)
			}
			continue
		}
		if err != nil || hex.EncodeToString(r.entry) != c.Entry || hex.EncodeToString(r.salt) != c.Salt || len(r.items) != len(c.Items) {
			t.Errorf("record %d: %v", i, err)
			continue
		}
		for n, item := range r.items {
			if hex.EncodeToString(item) != c.Items[n] {
				t.Errorf("record %d, item %d: %x", i, n, item)
			}
		}
		root, err := payloadRoot(r.salt, r.items)
		if err != nil || !bytes.Equal(root[:], r.entry[rootOffset:rootOffset+tlog.HashSize]) {
			t.Errorf("record %d: another payload root", i)
		}
	}
	for _, c := range v.Refused {
		if _, err := read(c.Bytes); err == nil {
			t.Errorf("accepted: %s", c.Why)
		}
	}
}
