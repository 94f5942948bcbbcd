package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io/fs"
	"math/rand"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const origin = "settle.example/test"

// A testLog is an export in a folder, made by this test.
type testLog struct {
	dir    string
	vkey   string
	signer note.Signer
}

// makeLog writes a log of size entries; bend may change an entry before it is hashed.
func makeLog(t *testing.T, size int, bend func(index int, entry []byte)) *testLog {
	t.Helper()
	skey, vkey, err := note.GenerateKey(rand.New(rand.NewSource(1)), origin)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	l := &testLog{dir: t.TempDir(), vkey: vkey, signer: signer}
	var stored []tlog.Hash
	var prev tlog.Hash
	var bundles, records bytes.Buffer
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		hashes := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			hashes[i] = stored[index]
		}
		return hashes, nil
	})
	for i := 0; i < size; i++ {
		salt := sha256.Sum256([]byte{1, byte(i), byte(i >> 8)})
		items := [][]byte{[]byte("authorisation"), fmt.Appendf(nil, "item of entry %d", i)}
		entry := makeEntry(t, i, prev, salt[:], items)
		if bend != nil {
			bend(i, entry)
		}
		nodes, err := tlog.StoredHashes(int64(i), entry, reader)
		if err != nil {
			t.Fatal(err)
		}
		stored = append(stored, nodes...)
		prev = nodes[0]
		bundles.Write(binary.BigEndian.AppendUint16(nil, uint16(len(entry))))
		bundles.Write(entry)
		records.Write(makeRecord(entry, salt[:], items))
		if (i+1)%recordsPerFile == 0 || i+1 == size {
			l.write(t, fmt.Sprintf("records/%06d.bin", i/recordsPerFile), records.Bytes())
			records.Reset()
		}
		if (i+1)%256 == 0 || i+1 == size {
			bundle := tlog.Tile{H: tileHeight, L: -1, N: int64(i / 256), W: i%256 + 1}
			l.write(t, "log/"+tilePath(bundle), bundles.Bytes())
			bundles.Reset()
		}
	}
	for _, tile := range tlog.NewTiles(tileHeight, 0, int64(size)) {
		data, err := tlog.ReadTileData(tile, reader)
		if err != nil {
			t.Fatal(err)
		}
		l.write(t, "log/"+tilePath(tile), data)
	}
	root, err := tlog.TreeHash(int64(size), reader)
	if err != nil {
		t.Fatal(err)
	}
	l.write(t, "log/checkpoint", l.checkpoint(t, size, root))
	return l
}

// makeRecord prints a record with an empty body.
func makeRecord(entry, salt []byte, items [][]byte) []byte {
	data := append([]byte{1, 0}, entry...)
	data = append(data, salt...)
	data = binary.BigEndian.AppendUint32(data, uint32(len(items)))
	for _, item := range items {
		data = binary.BigEndian.AppendUint32(data, uint32(len(item)))
	}
	data = append(data, bytes.Join(items, nil)...)
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(data))), data...)
}

func makeEntry(t *testing.T, index int, prev tlog.Hash, salt []byte, items [][]byte) []byte {
	t.Helper()
	root, err := payloadRoot(salt, items)
	if err != nil {
		t.Fatal(err)
	}
	entry := []byte{1, 1, 0, 0}
	entry = binary.BigEndian.AppendUint32(entry, uint32(len(items)))
	entry = binary.BigEndian.AppendUint64(entry, uint64(index))
	entry = binary.BigEndian.AppendUint64(entry, uint64(1_795_426_200_000_000_000+index))
	entry = append(entry, prev[:]...)
	entry = append(entry, root[:]...)
	return append(entry, make([]byte, 32)...)
}

func (l *testLog) checkpoint(t *testing.T, size int, root tlog.Hash) []byte {
	t.Helper()
	text := fmt.Sprintf("%s\n%d\n%s\n", origin, size, root)
	signed, err := note.Sign(&note.Note{Text: text}, l.signer)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

func (l *testLog) write(t *testing.T, name string, data []byte) {
	t.Helper()
	name = filepath.Join(l.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestGoodLogs(t *testing.T) {
	for _, size := range []int{1, 2, 255, 256, 257, 300, 1001} {
		l := makeLog(t, size, nil)
		report, err := audit(l.dir, l.vkey, "", 64)
		if err != nil {
			t.Fatalf("size %d: %v", size, err)
		}
		text := strings.Join(report, "\n")
		for _, want := range []string{
			fmt.Sprintf("inclusion    %d proofs", size),
			fmt.Sprintf("payload      %d items", 2*size),
		} {
			if !strings.Contains(text, want) {
				t.Errorf("size %d: no %q in\n%s", size, want, text)
			}
		}
	}
}

func TestServedLog(t *testing.T) {
	l := makeLog(t, 300, nil)
	server := httptest.NewServer(http.FileServer(http.Dir(l.dir)))
	defer server.Close()
	if _, err := audit(server.URL+"/log/", l.vkey, "", 300); err != nil {
		t.Fatal(err)
	}
	if code := run([]string{"-vkey", l.vkey, server.URL + "/nothing/"}); code != 2 {
		t.Errorf("a log that is not there: exit status %d, not 2", code)
	}
}

// A log may drop a partial tile once the full one exists.
func TestPartialTilesGone(t *testing.T) {
	l, longer := makeLog(t, 200, nil), makeLog(t, 256, nil)
	for _, name := range []string{"log/tile/0/000", "log/tile/entries/000"} {
		data, err := os.ReadFile(filepath.Join(longer.dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.RemoveAll(filepath.Join(l.dir, name+".p")); err != nil {
			t.Fatal(err)
		}
		l.write(t, name, data)
	}
	if _, err := audit(l.dir, l.vkey, "", 10); err != nil {
		t.Fatal(err)
	}
}

// Every byte counts: a changed bit at any place of any file of the log is noticed.
func TestEveryByteCounts(t *testing.T) {
	l := makeLog(t, 258, nil)
	vkeyFile := filepath.Join(l.dir, "log.vkey")
	l.write(t, "log.vkey", []byte(l.vkey+"\n"))
	files := 0
	err := filepath.WalkDir(filepath.Join(l.dir, "log"), func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files++
		good, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		step := max(1, len(good)/24)
		for at := 0; at < len(good); at += step {
			bad := bytes.Clone(good)
			bad[at] ^= 1
			if err := os.WriteFile(name, bad, 0o644); err != nil {
				return err
			}
			if code := run([]string{"-vkey", vkeyFile, "-pairs", "0", l.dir}); code != 1 {
				t.Errorf("%s: byte %d changed, exit status %d", name, at, code)
			}
		}
		for _, bad := range [][]byte{good[:len(good)-1], append(bytes.Clone(good), 0)} {
			if err := os.WriteFile(name, bad, 0o644); err != nil {
				return err
			}
			if code := run([]string{"-vkey", vkeyFile, "-pairs", "0", l.dir}); code != 1 {
				t.Errorf("%s: %d bytes instead of %d, exit status %d", name, len(bad), len(good), code)
			}
		}
		return os.WriteFile(name, good, 0o644)
	})
	if err != nil || files != 6 {
		t.Fatalf("%d files, %v", files, err)
	}
}

// The operator may sign anything; these logs are well signed and well hashed, and still wrong.
func TestSignedNonsense(t *testing.T) {
	for _, c := range []struct {
		name string
		bend func(int, []byte)
		want string
	}{
		{"prev", func(i int, e []byte) { e[prevOffset] ^= b2i(i == 7) }, "entry 7 does not name"},
		{"past of entry 0", func(i int, e []byte) { e[prevOffset] ^= b2i(i == 0) }, "entry 0 does not name"},
		{"index", func(i int, e []byte) { e[indexOffset+7] ^= b2i(i == 9) }, "entry 9 says"},
		{"payload", func(i int, e []byte) { e[rootOffset] ^= b2i(i == 11) }, "entry 11: the items' root"},
	} {
		l := makeLog(t, 20, c.bend)
		if _, err := audit(l.dir, l.vkey, "", 20); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestChangedItem(t *testing.T) {
	l := makeLog(t, 3, nil)
	name := "records/000000.bin"
	data, err := os.ReadFile(filepath.Join(l.dir, name))
	if err != nil {
		t.Fatal(err)
	}
	good, bad := []byte("item of entry 2"), []byte("item of entry 9")
	l.write(t, name, bytes.Replace(data, good, bad, 1))
	if _, err := audit(l.dir, l.vkey, "", 3); err == nil || !strings.Contains(err.Error(), "entry 2") {
		t.Error(err)
	}
}

func TestKeptCheckpoint(t *testing.T) {
	young, grown := makeLog(t, 40, nil), makeLog(t, 60, nil)
	other := makeLog(t, 60, func(i int, e []byte) { e[119] ^= b2i(i == 3) })
	kept := filepath.Join(young.dir, "log", "checkpoint")
	if report, err := audit(grown.dir, grown.vkey, kept, 0); err != nil {
		t.Error(report, err)
	}
	if _, err := audit(other.dir, other.vkey, kept, 0); err == nil {
		t.Error("a log with another past passed for a continuation")
	}
	later := filepath.Join(grown.dir, "log", "checkpoint")
	if _, err := audit(young.dir, young.vkey, later, 0); err == nil || !strings.Contains(err.Error(), "shrunk") {
		t.Error("a shorter log passed for a continuation:", err)
	}
}

func TestPaths(t *testing.T) {
	for _, c := range []struct {
		tile tlog.Tile
		want string
	}{
		{tlog.Tile{H: 8, L: 0, N: 999, W: 256}, "tile/0/999"},
		{tlog.Tile{H: 8, L: 2, N: 1234067, W: 7}, "tile/2/x001/x234/067.p/7"},
		{tlog.Tile{H: 8, L: -1, N: 1000, W: 44}, "tile/entries/x001/000.p/44"},
	} {
		if got := tilePath(c.tile); got != c.want {
			t.Errorf("%+v: %s, not %s", c.tile, got, c.want)
		}
	}
}

func b2i(b bool) byte {
	if b {
		return 1
	}
	return 0
}
