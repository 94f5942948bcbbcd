package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// A file of the log is at most this long: a bundle of 256 entries of 65,535 bytes.
const fileBytesMax = 256 * (2 + 65535)

// errAbsent says that the log has no such file.
var errAbsent = errors.New("no such file in the log")

// An unreadableError means that nothing is known about the log: neither good nor bad.
type unreadableError struct {
	what string
	err  error
}

func (e *unreadableError) Error() string { return e.what + ": " + e.err.Error() }
func (e *unreadableError) Unwrap() error { return e.err }

// A source is where the files of a log come from.
type source interface {
	// read returns a file of the log by its path below the log's prefix.
	read(path string) ([]byte, error)
	// records returns the folder with an export's payload, or nothing.
	records() string
}

// open finds out whether place is an address or a folder.
func open(place string) (source, error) {
	if strings.HasPrefix(place, "http://") || strings.HasPrefix(place, "https://") {
		return &served{
			prefix: strings.TrimSuffix(place, "/") + "/",
			client: &http.Client{Timeout: 30 * time.Second},
		}, nil
	}
	for _, root := range []string{filepath.Join(place, "log"), place} {
		if _, err := os.Stat(filepath.Join(root, "checkpoint")); err == nil {
			return &folder{root: root, payload: filepath.Join(place, "records")}, nil
		}
	}
	return nil, &unreadableError{place, errors.New("holds neither log/checkpoint nor checkpoint")}
}

// served is a log behind an HTTP server.
type served struct {
	prefix string
	client *http.Client
}

func (s *served) read(path string) ([]byte, error) {
	answer, err := s.client.Get(s.prefix + path)
	if err != nil {
		return nil, &unreadableError{path, err}
	}
	defer answer.Body.Close()
	if answer.StatusCode == http.StatusNotFound {
		return nil, fmt.Errorf("%s: %w", path, errAbsent)
	}
	if answer.StatusCode != http.StatusOK {
		return nil, &unreadableError{path, errors.New(answer.Status)}
	}
	data, err := io.ReadAll(io.LimitReader(answer.Body, fileBytesMax+1))
	if err != nil {
		return nil, &unreadableError{path, err}
	}
	if len(data) > fileBytesMax {
		return nil, fmt.Errorf("%s: longer than any file of a log may be", path)
	}
	return data, nil
}

func (s *served) records() string { return "" }

// folder is a log in files.
type folder struct {
	root    string
	payload string
}

func (f *folder) read(path string) ([]byte, error) {
	data, err := os.ReadFile(filepath.Join(f.root, filepath.FromSlash(path)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", path, errAbsent)
	}
	if err != nil {
		return nil, &unreadableError{path, err}
	}
	return data, nil
}

func (f *folder) records() string {
	if info, err := os.Stat(f.payload); err != nil || !info.IsDir() {
		return ""
	}
	return f.payload
}

// tilePath names a tile as C2SP tlog-tiles does. The Go module database, whose paths Tile.Path
// gives, has the height in them and calls entry bundles "data".
func tilePath(t tlog.Tile) string {
	path := strings.TrimPrefix(t.Path(), fmt.Sprintf("tile/%d/", t.H))
	if t.L == -1 {
		path = "entries" + strings.TrimPrefix(path, "data")
	}
	return "tile/" + path
}

// readTile reads a tile or bundle. A log may drop a partial tile once the full one exists; then the
// full one begins with the partial one, and longer is true: hashes are cut to the width asked for,
// and where the wanted entries of a bundle end is for the caller to find.
func readTile(s source, t tlog.Tile) (data []byte, longer bool, err error) {
	data, err = s.read(tilePath(t))
	if !errors.Is(err, errAbsent) || t.W == 1<<t.H {
		return data, false, err
	}
	full := t
	full.W = 1 << t.H
	data, fullErr := s.read(tilePath(full))
	if fullErr != nil {
		return nil, false, err
	}
	if t.L >= 0 && len(data) == tlog.HashSize<<t.H {
		data = data[:t.W*tlog.HashSize]
	}
	return data, true, nil
}
