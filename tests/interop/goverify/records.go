package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"golang.org/x/mod/sumdb/tlog"
)

const (
	recordsPerFile = 1000
	itemsOffset    = 4  // u32, big-endian
	rootOffset     = 56 // 32 bytes: root over the items
	itemSaltDomain = 0x10
)

// A record is what an export keeps beside an entry: here, only what the entry commits to.
type record struct {
	Index uint64   `json:"index"`
	Entry []byte   `json:"entry"`
	Salt  []byte   `json:"salt"`
	Items [][]byte `json:"items"`
}

// checkRecords recomputes the payload root of every entry from the items of an export.
func (l *log) checkRecords() (string, error) {
	folder := l.source.records()
	if folder == "" {
		return "payload      not checked: items are in exports only", nil
	}
	index, items := 0, 0
	for file := 0; index < len(l.entries); file++ {
		name := filepath.Join(folder, fmt.Sprintf("%06d.jsonl", file))
		data, err := os.Open(name)
		if err != nil {
			return "", &unreadableError{name, err}
		}
		reader := bufio.NewReader(data)
		for n := 0; n < recordsPerFile && index < len(l.entries); n++ {
			count, err := l.checkRecord(reader, index)
			if err != nil {
				data.Close()
				return "", fmt.Errorf("%s: entry %d: %w", filepath.Base(name), index, err)
			}
			index++
			items += count
		}
		data.Close()
	}
	return fmt.Sprintf("payload      %d items lead to the payload roots of %d entries", items, index), nil
}

func (l *log) checkRecord(reader *bufio.Reader, index int) (int, error) {
	line, err := reader.ReadBytes('\n')
	if err != nil && !(errors.Is(err, io.EOF) && len(line) > 0) {
		return 0, fmt.Errorf("no record: %w", err)
	}
	var r record
	if err := json.Unmarshal(line, &r); err != nil {
		return 0, err
	}
	entry := l.entries[index]
	if r.Index != uint64(index) || !bytes.Equal(r.Entry, entry) {
		return 0, errors.New("the record is of another entry")
	}
	if count := binary.BigEndian.Uint32(entry[itemsOffset:]); len(r.Items) != int(count) {
		return 0, fmt.Errorf("%d items, not %d", len(r.Items), count)
	}
	root, err := payloadRoot(r.Salt, r.Items)
	if err != nil {
		return 0, err
	}
	if !bytes.Equal(root[:], entry[rootOffset:rootOffset+tlog.HashSize]) {
		return 0, fmt.Errorf("the items' root is %s, the entry says %s", root,
			base64.StdEncoding.EncodeToString(entry[rootOffset:rootOffset+tlog.HashSize]))
	}
	return len(r.Items), nil
}

// payloadRoot hashes items into their tree. The leaf of item i is the hash of its salt and bytes,
// and its salt is SHA-256(0x10 | entry salt | u32be i).
func payloadRoot(salt []byte, items [][]byte) (tlog.Hash, error) {
	if len(items) == 0 {
		return tlog.Hash(sha256.Sum256(nil)), nil
	}
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		hashes := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			hashes[i] = stored[index]
		}
		return hashes, nil
	})
	for i, item := range items {
		input := append([]byte{itemSaltDomain}, salt...)
		input = binary.BigEndian.AppendUint32(input, uint32(i))
		itemSalt := sha256.Sum256(input)
		nodes, err := tlog.StoredHashes(int64(i), append(itemSalt[:], item...), reader)
		if err != nil {
			return tlog.Hash{}, err
		}
		stored = append(stored, nodes...)
	}
	return tlog.TreeHash(int64(len(items)), reader)
}
