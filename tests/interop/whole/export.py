"""An export folder: checkpoint, tiles, bundles, records and keys of bodies.

Its form is that of chain/SPEC.md, "Tiles and bundles" and "Export".
"""

import pathlib
import struct

import receipt
from whole.found import Diverges, Unread

WIDTH = 256
RECORDS_PER_FILE = WIDTH
RECORD_BYTES_MAX = 32 << 20
ENTRY, SALT, TAG = 120, 32, 16


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
            name = records_file(first)
            data, at, end = self.read(name), 0, min(size, first + RECORDS_PER_FILE)
            for index in range(first, end):
                record = Record(index, data, at)
                if record.keyed:
                    raise Diverges(index, name, "records without keys", "a key")
                at = record.end
                yield record
            if at != len(data):
                raise Diverges(end, name, "%d bytes" % at, "%d" % len(data))
        beyond = records_file(size + -size % RECORDS_PER_FILE)
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
    """A record that begins at a place in a file; nothing in it is verified yet."""

    def __init__(self, index, data, at=0):
        self.index, self.data, self.at = index, data, at
        self.end = len(data)
        length = self.number("length")
        if length > RECORD_BYTES_MAX or self.at + length > len(data):
            raise Diverges(index, "the record's length", "at most %d" % (len(data) - self.at),
                           length)
        self.end = self.at + length
        version, flags = self.take("version and flags", 2)
        if version != 1 or flags not in (0, 1):
            raise Diverges(index, "the record's version and flags", "1 and 0 or 1",
                           "%d and %d" % (version, flags))
        self.entry = self.take("entry", ENTRY)
        self.salt = self.take("salt", SALT)
        self.keyed = flags == 1
        self.key = self.take("key", 32) if self.keyed else None
        count = self.number("number of items")
        lengths = struct.unpack(">%dI" % count, self.take("lengths", 4 * count))
        self.items = [self.take("items", length) for length in lengths]
        body = self.take("sealed body", self.end - self.at)
        if 0 < len(body) < TAG:
            raise Diverges(index, "the record's sealed body", "a tag of %d bytes" % TAG, len(body))
        self.sealed_body = body or None

    def take(self, what, length):
        if self.at + length > self.end:
            raise Diverges(self.index, "the record's " + what, "%d bytes" % length,
                           "%d" % (self.end - self.at))
        self.at += length
        return self.data[self.at - length:self.at]

    def number(self, what):
        return int.from_bytes(self.take(what, 4), "big")


def records_file(index):
    """The file that holds the record of an entry."""
    return "records/%06d.bin" % (index // RECORDS_PER_FILE)


def write_record(entry, salt, items, sealed_body, key=None):
    """The bytes of a record."""
    number = lambda n: n.to_bytes(4, "big")
    data = b"".join((bytes((1, key is not None)), entry, salt, key or b"", number(len(items)),
                     *(number(len(item)) for item in items), *items, sealed_body or b""))
    return number(len(data)) + data
