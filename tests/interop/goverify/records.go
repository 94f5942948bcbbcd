package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"golang.org/x/mod/sumdb/tlog"
)

const (
	recordsPerFile = 256
	recordBytesMax = 32 << 20
	tagSize        = 16
	itemsOffset    = 4  // u32, big-endian
	rootOffset     = 56 // 32 bytes: root over the items
	itemSaltDomain = 0x10
)

// A record is what an export keeps beside an entry: here, only what the entry commits to.
type record struct {
	entry, salt []byte
	items       [][]byte
}

// checkRecords recomputes the payload root of every entry from the items of an export.
func (l *log) checkRecords() (string, error) {
	folder := l.source.records()
	if folder == "" {
		return "payload      not checked: items are in exports only", nil
	}
	index, items := 0, 0
	for file := 0; index < len(l.entries); file++ {
		name := filepath.Join(folder, fmt.Sprintf("%06d.bin", file))
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
		_, err = reader.ReadByte()
		data.Close()
		if !errors.Is(err, io.EOF) {
			return "", fmt.Errorf("%s: goes on behind entry %d", filepath.Base(name), index-1)
		}
	}
	return fmt.Sprintf("payload      %d items lead to the payload roots of %d entries", items, index), nil
}

func (l *log) checkRecord(reader io.Reader, index int) (int, error) {
	r, err := readRecord(reader)
	if err != nil {
		return 0, fmt.Errorf("no record: %w", err)
	}
	entry := l.entries[index]
	if !bytes.Equal(r.entry, entry) {
		return 0, errors.New("the record is of another entry")
	}
	if count := binary.BigEndian.Uint32(entry[itemsOffset:]); len(r.items) != int(count) {
		return 0, fmt.Errorf("%d items, not %d", len(r.items), count)
	}
	root, err := payloadRoot(r.salt, r.items)
	if err != nil {
		return 0, err
	}
	if !bytes.Equal(root[:], entry[rootOffset:rootOffset+tlog.HashSize]) {
		return 0, fmt.Errorf("the items' root is %s, the entry says %s", root,
			base64.StdEncoding.EncodeToString(entry[rootOffset:rootOffset+tlog.HashSize]))
	}
	return len(r.items), nil
}

// readRecord reads a record of a file, in which no key stands.
func readRecord(reader io.Reader) (*record, error) {
	var length uint32
	if err := binary.Read(reader, binary.BigEndian, &length); err != nil {
		return nil, err
	}
	if length > recordBytesMax {
		return nil, fmt.Errorf("%d bytes are longer than any record", length)
	}
	data := make([]byte, length)
	if _, err := io.ReadFull(reader, data); err != nil {
		return nil, err
	}
	return parseRecord(data)
}

// parseRecord reads what stands behind a record's length. The sealed body is left out.
func parseRecord(data []byte) (*record, error) {
	take := func(n uint64) []byte {
		if uint64(len(data)) < n {
			data = nil
			return nil
		}
		taken := data[:n]
		data = data[n:]
		return taken
	}
	if head := take(2); len(head) < 2 || head[0] != 1 || head[1] != 0 {
		return nil, errors.New("another version, or flags")
	}
	r := &record{entry: take(entryBytes), salt: take(tlog.HashSize)}
	count := take(4)
	if len(count) < 4 {
		return nil, io.ErrUnexpectedEOF
	}
	lengths := take(4 * uint64(binary.BigEndian.Uint32(count)))
	if len(lengths) != 4*int(binary.BigEndian.Uint32(count)) {
		return nil, io.ErrUnexpectedEOF
	}
	for ; len(lengths) > 0; lengths = lengths[4:] {
		length := binary.BigEndian.Uint32(lengths)
		item := take(uint64(length))
		if len(item) != int(length) {
			return nil, io.ErrUnexpectedEOF
		}
		r.items = append(r.items, item)
	}
	if len(data) > 0 && len(data) < tagSize {
		return nil, errors.New("a sealed body without its tag")
	}
	return r, nil
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
