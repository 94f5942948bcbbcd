"""The folder of an export and the public log in it (SPEC: Tiles and bundles, Export)."""
import os

import tree
from base import (Diverged, Malformed, Missing, Reader, decimal, fields, need, read_json, unb64,
                  utf8)
from ed import Vkey
from formats import Entry
from notes import Checkpoint

ROWS = 256
RECORD_MAX = 33554432


def tile_number(number):
    """A number in groups of three digits."""
    text = f"{number % 1000:03}"
    while number >= 1000:
        number //= 1000
        text = f"x{number % 1000:03}/{text}"
    return text


def tile_paths(size):
    """(path, first hash, width, level) of every tile and bundle of a tree of this size."""
    level, count = 0, size
    while count:
        for number in range((count + 255) // 256):
            width = min(256, count - 256 * number)
            tail = tile_number(number) + ("" if width == 256 else f".p/{width}")
            yield f"log/tile/{level}/{tail}", 256 * number, width, level
            if level == 0:
                yield f"log/tile/entries/{tail}", 256 * number, width, None
        level, count = level + 1, count // 256


class Folder:
    """Files of an export, each read whole."""

    def __init__(self, path):
        self.path = path
        if not os.path.isdir(path):
            raise Missing(f"{path} is no folder")
        self.names = {os.path.relpath(os.path.join(base, name), path)
                      for base, _, names in os.walk(path) for name in names}

    def read(self, name):
        """The bytes of a file."""
        if name not in self.names:
            raise Missing(f"{name} is not there")
        with open(os.path.join(self.path, name), "rb") as file:
            return file.read()

    def lines(self, name):
        """The lines of a text; every one ends with LF."""
        text = utf8(self.read(name))
        need(text == "" or text.endswith("\n"), f"{name}: last line without LF")
        return text.split("\n")[:-1]


class PublicLog:
    """The checkpoint, tiles and entries of an export; `check` says whether they agree."""

    def __init__(self, folder, vkey):
        self.folder, self.vkey = folder, vkey
        self.checkpoint, self.entries, self.hashes = None, [], []

    def check(self):
        """Check all that is published of the log."""
        try:
            self.checkpoint = Checkpoint.read(self.folder.read("log/checkpoint"))
            self.checkpoint.check(self.vkey)
        except Malformed as error:
            raise Diverged(None, f"log/checkpoint: {error}") from error
        paths = list(tile_paths(self.checkpoint.size))
        bundles = [path for path in paths if path[3] is None]
        self.hashes = self._level_0([path for path in paths if path[3] == 0])
        for bundle in bundles:
            self._bundle(*bundle[:3])
        self._chain()
        for path, first, width, level in paths:
            if level:
                self._upper_tile(path, first, width, level)
        found = tree.root(self.hashes)
        if found != self.checkpoint.root:
            raise Diverged(None, "root of the tree", self.checkpoint.root, found)
        self._only_expected({path[0] for path in paths})
        self._information()

    def _tile(self, path, width):
        data = self.folder.read(path)
        if len(data) != 32 * width:
            raise Diverged(None, f"{path}: length", 32 * width, len(data))
        return [data[at:at + 32] for at in range(0, len(data), 32)]

    def _level_0(self, paths):
        return [value for path, _, width, _ in paths for value in self._tile(path, width)]

    def _upper_tile(self, path, first, width, level):
        span = 256**level
        for at, found in enumerate(self._tile(path, width), first):
            expected = tree.root(self.hashes[at * span:(at + 1) * span])
            if found != expected:
                raise Diverged(None, f"{path}: hash {at - first}", expected, found)

    def _bundle(self, path, first, width):
        index = first
        try:
            reader = Reader(self.folder.read(path))
            for index in range(first, first + width):
                data = reader.take(reader.number(2))
                if tree.leaf(data) != self.hashes[index]:
                    raise Diverged(index, "leaf hash of the entry in the bundle",
                                   self.hashes[index], tree.leaf(data))
                self.entries.append(Entry.read(data))
            reader.end()
        except Malformed as error:
            raise Diverged(index, f"{path}: {error}") from error

    def _chain(self):
        before = None
        for index, entry in enumerate(self.entries):
            if entry.index != index:
                raise Diverged(index, "index of the entry", index, entry.index)
            if before is not None and entry.prev != before.leaf:
                raise Diverged(index, "prev of the entry", before.leaf, entry.prev)
            if before is not None and entry.time <= before.time:
                raise Diverged(index, "time of the entry", f"above {before.time}", entry.time)
            before = entry

    def _only_expected(self, tiles):
        size = self.checkpoint.size
        known = tiles | {"log/checkpoint", "log/checkpoint.witnessed", "log.vkey",
                         "genesis.json", "body.keys"}
        known |= {record_file(number) for number in range((size + ROWS - 1) // ROWS)}
        extra = sorted(self.folder.names - known)
        if extra:
            raise Diverged(None, "a file that no export of this size has", "", extra[0])

    def _information(self):
        """genesis.json says what the log says; log.vkey is a key of this origin."""
        try:
            said = fields(read_json(utf8(self.folder.read("genesis.json"))),
                          ("origin", "genesis_hash"))
            need(said["origin"] == self.checkpoint.origin, "genesis.json: another origin")
            need(unb64(said["genesis_hash"], 32) == self.hashes[0],
                 "genesis.json: another genesis hash")
            key = Vkey.read(self.folder.lines("log.vkey")[0])
            need(key.name == self.checkpoint.origin, "log.vkey: key of another log")
        except (Malformed, IndexError) as error:
            raise Diverged(None, f"information of the folder: {error}") from error

    def check_keys(self, log_keys):
        """The checkpoints carry the signatures of all keys that sign their sizes."""
        self._signed_by_all(self.checkpoint, log_keys)
        if "log/checkpoint.witnessed" not in self.folder.names:
            return
        try:
            witnessed = Checkpoint.read(self.folder.read("log/checkpoint.witnessed"))
            need(witnessed.origin == self.checkpoint.origin, "another origin")
            need(0 < witnessed.size <= self.checkpoint.size, "larger than log/checkpoint")
            need(tree.root(self.hashes[:witnessed.size]) == witnessed.root, "a forked root")
        except Malformed as error:
            raise Diverged(None, f"log/checkpoint.witnessed: {error}") from error
        self._signed_by_all(witnessed, log_keys)

    def _signed_by_all(self, checkpoint, log_keys):
        size = checkpoint.size
        due = [key.vkey for key in log_keys
               if (key.added is None or size > key.added)
               and (key.retired is None or size <= key.retired)]
        try:
            signers = checkpoint.note.signed_by(due)
        except Malformed as error:
            raise Diverged(None, f"checkpoint of size {size}: {error}") from error
        if signers != due:
            raise Diverged(None, f"keys that signed the checkpoint of size {size}",
                           [key.line for key in due], [key.line for key in signers])
        if checkpoint is self.checkpoint and self.vkey.line not in [key.line for key in due]:
            raise Diverged(None, "the key given signs no checkpoint of this size",
                           [key.line for key in due], self.vkey.line)


def record_file(number):
    """Name of a file of records."""
    return f"records/{number:06}.bin"


def read_keys(folder):
    """{index: K} of body.keys."""
    keys, before = {}, -1
    for line in folder.lines("body.keys"):
        words = line.split(" ")
        need(len(words) == 2, "body.keys: not two words")
        index = decimal(words[0])
        need(index > before, "body.keys: indexes do not rise")
        keys[index] = unb64(words[1], 32)
        before = index
    return keys


class Record:
    """What an export holds of an entry; `data` is all behind the length."""

    def __init__(self, data):
        reader = Reader(data)
        need(reader.number(1) == 1, "version of the record")
        need(reader.number(1) == 0, "flags of a record in a file")
        self.entry, self.salt = reader.take(120), reader.take(32)
        count = reader.number(4)
        need(4 * count <= len(data), "more items than bytes")
        lengths = [reader.number(4) for _ in range(count)]
        self.items = [reader.take(length) for length in lengths]
        body = reader.take(len(data) - reader.at)
        need(not body or len(body) >= 16, "a sealed body without its tag")
        self.sealed_body = body or None


def read_records(folder, size):
    """Yield (index, Record) for every entry."""
    for start in range(0, size, ROWS):
        name, index = record_file(start // ROWS), start
        try:
            reader = Reader(folder.read(name))
            for index in range(start, min(size, start + ROWS)):
                length = reader.number(4)
                need(length <= RECORD_MAX, "longer than any record")
                yield index, Record(reader.take(length))
            reader.end()
        except Malformed as error:
            raise Diverged(index, f"{name}: {error}") from error
