"""An export folder: checkpoint, tiles, bundles, records and keys of bodies.

Its form is that of chain/SPEC.md, "Tiles and bundles" and "Export".
"""

import json
import pathlib

import receipt
from whole.found import Diverges, Unread

WIDTH = 256
RECORDS_PER_FILE = 1000
FIELDS = {"index", "entry", "salt", "items", "content_type", "sealed_body"}


def tile_path(level, number, width):
    groups = ["%03d" % (number % 1000)]
    while number >= 1000:
        number //= 1000
        groups.insert(0, "x%03d" % (number % 1000))
    partial = "" if width == WIDTH else ".p/%d" % width
    return "tile/%s/%s%s" % (level, "/".join(groups), partial)


def formed(index, what, function, *arguments):
    """Calls a strict reader; what it refuses is a divergence of the log."""
    try:
        return function(*arguments)
    except receipt.Bad as error:
        raise Diverges(index, what, "what the format says", error) from None


class Export:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        if not self.folder.is_dir():
            raise Unread("%s is not a folder" % folder)

    def read(self, name):
        try:
            return (self.folder / name).read_bytes()
        except OSError as error:
            raise Unread("%s: %s" % (name, error.strerror)) from None

    def checkpoint(self, vkey):
        """The size and root that the trusted key has signed."""
        what = "log/checkpoint"
        try:
            note = self.read(what).decode()
        except UnicodeDecodeError:
            raise Diverges(None, what, "UTF-8", "other bytes") from None
        name, first = receipt.parse_vkey(vkey)[0], note.split("\n", 1)[0]
        stated = self.read("log.vkey").decode(errors="replace").strip()
        if first != name and stated.split("+")[0] == first:
            raise Unread("your key is of %s, and this is the log %r" % (name, first[:80]))
        return formed(None, what, receipt.open_checkpoint, note, vkey)

    def hashes(self, level, number, width):
        """A tile of hashes, exactly as long as it must be."""
        path = tile_path(level, number, width)
        data = self.read("log/" + path)
        if len(data) != 32 * width:
            first = number * WIDTH ** (level + 1)
            raise Diverges(first, path, "%d bytes" % (32 * width), "%d bytes" % len(data))
        return path, [data[at:at + 32] for at in range(0, len(data), 32)]

    def bundle(self, number, width):
        """The entries of a bundle."""
        path = tile_path("entries", number, width)
        data, at, entries = self.read("log/" + path), 0, []
        for k in range(width):
            length = int.from_bytes(data[at:at + 2], "big")
            entry = data[at + 2:at + 2 + length]
            if len(data) < at + 2 or len(entry) != length:
                raise Diverges(number * WIDTH + k, path, "an entry", "the end of the file")
            entries.append(entry)
            at += 2 + length
        if at != len(data):
            raise Diverges(number * WIDTH + width - 1, path, "%d bytes" % at, "%d" % len(data))
        return path, entries

    def has_records(self):
        return (self.folder / "records").is_dir()

    def records(self, size):
        """The record of each entry, in order, and nothing beyond the checkpoint's size."""
        for first in range(0, size, RECORDS_PER_FILE):
            name = "records/%06d.jsonl" % (first // RECORDS_PER_FILE)
            lines = self.read(name).split(b"\n")
            if lines.pop():
                raise Diverges(first + len(lines), name, "a line break at the end", "none")
            wanted = min(RECORDS_PER_FILE, size - first)
            for k, line in enumerate(lines[:wanted]):
                yield Record(first + k, line)
            if len(lines) != wanted:
                index = first + min(len(lines), wanted)
                raise Diverges(index, name, "%d lines" % wanted, "%d" % len(lines))
        beyond = "records/%06d.jsonl" % -(-size // RECORDS_PER_FILE)
        if (self.folder / beyond).exists():
            raise Diverges(size, beyond, "no entry beyond the checkpoint", "a file")

    def body_keys(self, size):
        """The keys of bodies by index; none if there is no such file."""
        keys, last = {}, -1
        if not (self.folder / "body.keys").exists():
            return keys
        text = self.read("body.keys").decode(errors="replace")
        for line in text.splitlines():
            number, _, key = line.partition(" ")
            index = formed(last + 1, "a line of body.keys", receipt.decimal, number)
            if not last < index < size:
                raise Diverges(index, "body.keys", "rising indexes below %d" % size, number)
            keys[index] = formed(index, "its key in body.keys", receipt.unb64, key, 32)
            last = index
        return keys


class Record:
    """One line of a file of records, decoded; nothing in it is verified yet."""

    def __init__(self, index, line):
        try:
            fields = json.loads(line)
        except ValueError:
            raise Diverges(index, "the record", "JSON", line[:80]) from None
        if not isinstance(fields, dict) or set(fields) != FIELDS:
            raise Diverges(index, "the record's fields", sorted(FIELDS), line[:80])
        if fields["index"] != index:
            raise Diverges(index, "the record's index", index, fields["index"])
        self.index, self.content_type = index, fields["content_type"]
        self.entry = formed(index, "the record's entry", receipt.unb64, fields["entry"], 120)
        self.salt = formed(index, "the record's salt", receipt.unb64, fields["salt"], 32)
        if not isinstance(fields["items"], list):
            raise Diverges(index, "the record's items", "an array", fields["items"])
        self.items = [formed(index, "item %d of the record" % n, receipt.unb64, item)
                      for n, item in enumerate(fields["items"])]
        sealed = fields["sealed_body"]
        self.sealed_body = None if sealed is None else formed(
            index, "the record's sealed body", receipt.unb64, sealed)
