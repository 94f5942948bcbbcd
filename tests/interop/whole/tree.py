"""The public half of a log: tiles, bundles, chain and root (chain/SPEC.md, "Entry" and "Tiles")."""

import hashlib
import struct

from whole.export import WIDTH
from whole.found import Diverges, same

sha256 = hashlib.sha256
KINDS = ("genesis", "submission", "system", "key", "seal", "erasure")
ZERO = bytes(32)


class Entry:
    def __init__(self, data, index):
        if len(data) != 120:
            raise Diverges(index, "the entry's length", 120, len(data))
        version, kind, zero, self.items, self.index, self.time = struct.unpack(">BBHIQQ", data[:24])
        self.prev, self.payload_root, self.aux = data[24:56], data[56:88], data[88:]
        same(index, "the entry's version and reserved bytes", (1, 0), (version, zero))
        if kind >= len(KINDS):
            raise Diverges(index, "the entry's kind", "0 to 5", kind)
        self.kind = KINDS[kind]
        same(index, "the entry's index", index, self.index)
        if (self.kind == "genesis") != (index == 0):
            raise Diverges(index, "the entry's kind", "genesis in entry 0 alone", self.kind)
        if self.kind != "seal":
            same(index, "the entry's last 32 bytes", ZERO, self.aux)


def leaf_hash(data):
    return sha256(b"\0" + data).digest()


def root_of(hashes):
    """The root over leaf hashes, level by level: an odd one at the end goes up as it is."""
    if not hashes:
        return sha256(b"").digest()
    while len(hashes) > 1:
        pairs = [sha256(b"\1" + hashes[i] + hashes[i + 1]).digest()
                 for i in range(0, len(hashes) - 1, 2)]
        hashes = pairs + hashes[len(hashes) - len(hashes) % 2:]
    return hashes[0]


class Tree:
    """Takes the entries of a log in order and compares all that the export says of them."""

    def __init__(self, export, size, root):
        self.export, self.size, self.root = export, size, root
        self.prev, self.time = ZERO, -1
        self.upper = [[] for _ in range(8)]     # hashes of the tile under way, from level 1 on
        self.counts = [0] * 8                   # full tiles of these levels
        self.tiles = 0

    def entries(self):
        """Entry after entry with its leaf hash and where it stands; ends when the root is right."""
        leaves = []
        for number in range(-(-self.size // WIDTH)):
            width = min(WIDTH, self.size - number * WIDTH)
            tile, hashes = self.export.hashes(0, number, width)
            bundle, datas = self.export.bundle(number, width)
            self.tiles += 2
            for k, (data, stated) in enumerate(zip(datas, hashes)):
                yield Place(number * WIDTH + k, data, stated, bundle, "hash %d of %s" % (k, tile))
            leaves = hashes
            if width == WIDTH:
                self.put(0, root_of(hashes))
                leaves = []
        self.finish(leaves)

    def take(self, place):
        """Checks the link, the index and the time of an entry whose leaf hash is the tile's."""
        entry = Entry(place.data, place.index)
        same(place.index, "the hash of the entry before", self.prev, entry.prev)
        if entry.time <= self.time:
            raise Diverges(place.index, "the time", "more than %d" % self.time, entry.time)
        self.prev, self.time = place.stated, entry.time
        return entry

    def put(self, level, node):
        hashes = self.upper[level]
        hashes.append(node)
        if len(hashes) == WIDTH:
            self.compare(level)
            self.put(level + 1, root_of(hashes))
            self.upper[level] = []
            self.counts[level] += 1

    def compare(self, level):
        """A tile above the leaves, against what was computed."""
        computed, number = self.upper[level], self.counts[level]
        path, stated = self.export.hashes(level + 1, number, len(computed))
        self.tiles += 1
        for k, (expected, found) in enumerate(zip(computed, stated)):
            first = (number * WIDTH + k) * WIDTH ** (level + 1)
            same(first, "hash %d of %s, over the entries from here" % (k, path), expected, found)

    def finish(self, leaves):
        for level, hashes in enumerate(self.upper):
            if hashes:
                self.compare(level)
        # From the largest complete trees down to single leaves, then together from the right.
        peaks = []
        for hashes in [*reversed(self.upper), leaves]:
            peaks += subtrees(hashes)
        root = peaks.pop() if peaks else root_of([])
        while peaks:
            root = sha256(b"\1" + peaks.pop() + root).digest()
        same(None, "the root over all entries", self.root, root)


def subtrees(hashes):
    """The roots of the complete trees that a row of equally high ones consists of."""
    at, roots = 0, []
    for bit in reversed(range(len(hashes).bit_length())):
        if len(hashes) >> bit & 1:
            roots.append(root_of(hashes[at:at + (1 << bit)]))
            at += 1 << bit
    return roots


class Place:
    """An entry as its bundle has it, and the hash that its tile has of it."""

    def __init__(self, index, data, stated, bundle, tile):
        self.index, self.data, self.stated, self.bundle, self.tile = (
            index, data, stated, bundle, tile)
        self.leaf = leaf_hash(data)

    def agree(self, record):
        """Compares bundle, tile and record; says which one stands alone."""
        copy = self.leaf if record is None else leaf_hash(record.entry)
        if self.leaf == self.stated == copy:
            return
        if self.leaf == self.stated:
            raise Diverges(self.index, "the record's copy of the entry", self.leaf, copy)
        if record is not None and self.leaf == copy:
            raise Diverges(self.index, self.tile, self.leaf, self.stated)
        raise Diverges(self.index, "the entry in %s, against %s" % (self.bundle, self.tile),
                       self.stated, self.leaf)
