package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	tileHeight  = 8   // 256 hashes a tile
	entryBytes  = 120 // DESIGN: every entry of the log has this length
	indexOffset = 8   // u64, big-endian
	prevOffset  = 24  // 32 bytes: the leaf hash of the entry before
)

// A log is what the checkpoint claims, and what has been recomputed so far.
type log struct {
	source source
	keys   note.Verifiers
	name   string
	tree   tlog.Tree
	old    []byte

	entries [][]byte    // from the bundles
	leaves  []tlog.Hash // recomputed from the entries
	stored  []tlog.Hash // every node of the tree, recomputed from the leaves
}

// newLog reads the checkpoint and verifies its signature: from here on size and root are what the
// operator has signed, and everything else must agree with them.
func newLog(s source, vkey string) (*log, error) {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return nil, &unreadableError{"the verifier key", err}
	}
	l := &log{source: s, keys: note.VerifierList(verifier), name: verifier.Name()}
	data, err := s.read("checkpoint")
	if err != nil {
		if errors.Is(err, errAbsent) {
			err = &unreadableError{"checkpoint", err}
		}
		return nil, err
	}
	l.tree, err = l.openCheckpoint(data)
	return l, err
}

// openCheckpoint verifies a checkpoint's signature and reads its three lines.
func (l *log) openCheckpoint(data []byte) (tlog.Tree, error) {
	opened, err := note.Open(data, l.keys)
	if err != nil {
		return tlog.Tree{}, fmt.Errorf("checkpoint: %w", err)
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 || lines[len(lines)-1] != "" {
		return tlog.Tree{}, errors.New("checkpoint: not three lines")
	}
	if lines[0] != l.name {
		return tlog.Tree{}, fmt.Errorf("checkpoint: origin %q, but the key belongs to %q", lines[0], l.name)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 1 || strconv.FormatInt(size, 10) != lines[1] {
		return tlog.Tree{}, fmt.Errorf("checkpoint: size %q", lines[1])
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil {
		return tlog.Tree{}, fmt.Errorf("checkpoint: root: %w", err)
	}
	return tlog.Tree{N: size, Hash: root}, nil
}

// checkTiles reads every entry bundle, recomputes the whole tree from the entries, and compares
// root and every hash tile of every level with it.
func (l *log) checkTiles() (string, error) {
	tiles := tlog.NewTiles(tileHeight, 0, l.tree.N)
	bundles := 0
	for _, t := range tiles {
		if t.L != 0 {
			continue
		}
		t.L = -1
		if err := l.readBundle(t); err != nil {
			return "", fmt.Errorf("%s: %w", tilePath(t), err)
		}
		bundles++
	}
	root, err := tlog.TreeHash(l.tree.N, l.reader())
	if err != nil {
		return "", err
	}
	if root != l.tree.Hash {
		return "", fmt.Errorf("the entries' root is %s, the checkpoint says %s", root, l.tree.Hash)
	}
	for _, t := range tiles {
		data, _, err := readTile(l.source, t)
		if err != nil {
			return "", err
		}
		want, err := tlog.ReadTileData(t, l.reader())
		if err != nil {
			return "", err
		}
		if !bytes.Equal(data, want) {
			return "", fmt.Errorf("%s: other hashes than the entries give", tilePath(t))
		}
	}
	return fmt.Sprintf("tiles        %d hash tiles and %d entry bundles agree, recomputed root is the signed one", len(tiles), bundles), nil
}

// readBundle appends the entries of one bundle and the tree nodes that they complete.
func (l *log) readBundle(t tlog.Tile) error {
	data, longer, err := readTile(l.source, t)
	if err != nil {
		return err
	}
	for i := 0; i < t.W; i++ {
		if len(data) < 2 {
			return fmt.Errorf("ends behind %d of %d entries", i, t.W)
		}
		length := int(binary.BigEndian.Uint16(data))
		if data = data[2:]; len(data) < length {
			return fmt.Errorf("ends inside entry %d", i)
		}
		entry := data[:length]
		data = data[length:]
		leaf := tlog.RecordHash(entry)
		nodes, err := tlog.StoredHashesForRecordHash(int64(len(l.entries)), leaf, l.reader())
		if err != nil {
			return err
		}
		l.entries = append(l.entries, entry)
		l.leaves = append(l.leaves, leaf)
		l.stored = append(l.stored, nodes...)
	}
	if len(data) > 0 && !longer {
		return fmt.Errorf("%d bytes left over", len(data))
	}
	return nil
}

// checkEntries walks the hash chain: each entry names its index and the leaf hash of the one before.
func (l *log) checkEntries() (string, error) {
	var prev tlog.Hash
	for i, entry := range l.entries {
		if len(entry) != entryBytes {
			return "", fmt.Errorf("entry %d has %d bytes, not %d", i, len(entry), entryBytes)
		}
		if index := binary.BigEndian.Uint64(entry[indexOffset:]); index != uint64(i) {
			return "", fmt.Errorf("entry %d says it is entry %d", i, index)
		}
		if !bytes.Equal(entry[prevOffset:prevOffset+tlog.HashSize], prev[:]) {
			return "", fmt.Errorf("entry %d does not name the entry before it", i)
		}
		prev = l.leaves[i]
	}
	return fmt.Sprintf("hash chain   %d entries, each names the one before", len(l.entries)), nil
}

// checkOld proves that the log is a continuation of a checkpoint kept from before.
func (l *log) checkOld() (string, error) {
	if l.old == nil {
		return "", nil
	}
	old, err := l.openCheckpoint(l.old)
	if err != nil {
		return "", fmt.Errorf("the kept %w", err)
	}
	if old.N > l.tree.N {
		return "", fmt.Errorf("the log has shrunk from %d to %d entries", old.N, l.tree.N)
	}
	if err := l.consistent(old, l.tree, l.tiles()); err != nil {
		return "", fmt.Errorf("not a continuation of the kept checkpoint: %w", err)
	}
	return fmt.Sprintf("kept         the log continues the kept checkpoint of %d entries", old.N), nil
}

// checkInclusion proves every entry from the served tiles against the signed root.
func (l *log) checkInclusion() (string, error) {
	reader := l.tiles()
	for i, leaf := range l.leaves {
		proof, err := tlog.ProveRecord(l.tree.N, int64(i), reader)
		if err != nil {
			return "", fmt.Errorf("entry %d: %w", i, err)
		}
		if err := tlog.CheckRecord(proof, l.tree.N, l.tree.Hash, int64(i), leaf); err != nil {
			return "", fmt.Errorf("entry %d: %w", i, err)
		}
	}
	return fmt.Sprintf("inclusion    %d proofs", len(l.leaves)), nil
}

// checkConsistency proves every earlier size against the signed one, from the served tiles, and
// every pair of sizes up to limit.
func (l *log) checkConsistency(limit int64) (string, error) {
	roots := make([]tlog.Tree, l.tree.N+1)
	for n := int64(1); n <= l.tree.N; n++ {
		root, err := tlog.TreeHash(n, l.reader())
		if err != nil {
			return "", err
		}
		roots[n] = tlog.Tree{N: n, Hash: root}
	}
	served := l.tiles()
	proofs := 0
	for n := int64(1); n <= l.tree.N; n++ {
		if err := l.consistent(roots[n], l.tree, served); err != nil {
			return "", err
		}
		proofs++
	}
	for size := int64(1); size <= min(limit, l.tree.N-1); size++ {
		for n := int64(1); n <= size; n++ {
			if err := l.consistent(roots[n], roots[size], l.reader()); err != nil {
				return "", err
			}
			proofs++
		}
	}
	return fmt.Sprintf("consistency  %d proofs", proofs), nil
}

func (l *log) consistent(old, new tlog.Tree, reader tlog.HashReader) error {
	proof, err := tlog.ProveTree(new.N, old.N, reader)
	if err == nil {
		err = tlog.CheckTree(proof, new.N, new.Hash, old.N, old.Hash)
	}
	if err != nil {
		return fmt.Errorf("size %d to %d: %w", old.N, new.N, err)
	}
	return nil
}

// reader gives the recomputed nodes of the tree.
func (l *log) reader() tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		hashes := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			if index >= int64(len(l.stored)) {
				return nil, fmt.Errorf("node %d is not in the tree", index)
			}
			hashes[i] = l.stored[index]
		}
		return hashes, nil
	})
}

// tiles gives nodes from the served tiles, each authenticated against the signed root.
func (l *log) tiles() tlog.HashReader {
	return tlog.TileHashReader(l.tree, &tileReader{source: l.source, kept: map[tlog.Tile][]byte{}})
}

// tileReader reads each tile once.
type tileReader struct {
	source source
	kept   map[tlog.Tile][]byte
}

func (r *tileReader) Height() int { return tileHeight }

func (r *tileReader) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	all := make([][]byte, len(tiles))
	for i, t := range tiles {
		data, ok := r.kept[t]
		if !ok {
			var err error
			if data, _, err = readTile(r.source, t); err != nil {
				return nil, err
			}
			r.kept[t] = data
		}
		all[i] = data
	}
	return all, nil
}

func (r *tileReader) SaveTiles([]tlog.Tile, [][]byte) {}
