"""An export as an operator who holds the log's key writes it anew."""

import hashlib
import shutil
import struct

import client
from whole import export, tree

SUBMISSION, SYSTEM = 1, 2


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def placed(name):
    """A file whose folder is there."""
    name.parent.mkdir(parents=True, exist_ok=True)
    return name


def text(what):
    """As it stands in an item, behind its length."""
    return bytes([len(what)]) + what


class Copy:
    """An export in memory: to be changed and written anew."""

    def __init__(self, source):
        self.source = source
        records = []
        for name in sorted((source / "records").iterdir()):
            data, at = name.read_bytes(), 0
            while at < len(data):
                records.append(export.Record(len(records), data, at))
                at = records[-1].end
        self.entries = [bytearray(r.entry) for r in records]
        self.salts = [r.salt for r in records]
        self.items = [r.items for r in records]
        self.bodies = [r.sealed_body for r in records]
        lines = (source / "body.keys").read_text().splitlines()
        self.keys = {int(line.split()[0]): line.split()[1] for line in lines}

    def root(self, index):
        leaves = [sha256(b"\0", sha256(b"\x10", self.salts[index], struct.pack(">I", n)), item)
                  for n, item in enumerate(self.items[index])]
        return tree.root_of(leaves)

    def roots(self, *indexes):
        """Computes payload roots again."""
        for index in indexes:
            self.entries[index][4:8] = struct.pack(">I", len(self.items[index]))
            self.entries[index][56:88] = self.root(index)

    def chain(self):
        """Computes every link again."""
        prev = bytes(32)
        for entry in self.entries:
            entry[24:56] = prev
            prev = tree.leaf_hash(bytes(entry))

    def drop(self, index):
        """Takes an entry out, as if it had never been; what stands behind it moves up."""
        for column in (self.entries, self.salts, self.items, self.bodies):
            del column[index]
        for at in range(index, len(self.entries)):
            self.entries[at][8:16] = struct.pack(">Q", at)
        self.keys = {at - (at > index): key for at, key in self.keys.items() if at != index}
        for at in range(index, len(self.entries)):
            if self.entries[at][1] == SYSTEM:
                self.items[at][0] = self.items[at][0].replace(
                    text(b"system-%d" % (at + 1)), text(b"system-%d" % at))
                self.roots(at)

    def silence(self, index):
        """Takes an entry of the node's own out with all of them behind it, up to the next submission:
        which of them come next, and so what a verifier says of the first, is a matter of timing."""
        self.drop(index)
        while self.entries[index][1] != SUBMISSION:
            self.drop(index)

    def write(self, folder, chained=False, key=None):
        """`key` signs a checkpoint of what there is now."""
        shutil.copytree(self.source, folder)
        if chained:
            self.chain()
        records = [export.write_record(bytes(entry), *rest) for entry, *rest in
                   zip(self.entries, self.salts, self.items, self.bodies)]
        for first in range(0, len(records), export.RECORDS_PER_FILE):
            name = folder / export.records_file(first)
            name.write_bytes(b"".join(records[first:first + export.RECORDS_PER_FILE]))
        lines = ["%d %s\n" % pair for pair in sorted(self.keys.items())]
        (folder / "body.keys").write_text("".join(lines))
        leaves = [tree.leaf_hash(bytes(entry)) for entry in self.entries]
        shutil.rmtree(folder / "log/tile")
        self.tiles(folder / "log", leaves)
        if key is not None:
            text = "%s\n%d\n%s\n" % (key.name, len(leaves), client.b64(tree.root_of(leaves)))
            (folder / "log/checkpoint").write_text("%s\n\u2014 %s\n" % (text, key.sign(text)))

    def tiles(self, log, hashes):
        for at in range(0, len(hashes), 256):
            part = self.entries[at:at + 256]
            name = placed(log / export.tile_path("entries", at // 256, len(part)))
            name.write_bytes(b"".join(struct.pack(">H", len(e)) + e for e in part))
        level = 0
        while hashes:
            for at in range(0, len(hashes), 256):
                part = hashes[at:at + 256]
                name = placed(log / export.tile_path(level, at // 256, len(part)))
                name.write_bytes(b"".join(part))
            full = len(hashes) - len(hashes) % 256
            hashes = [tree.root_of(hashes[at:at + 256]) for at in range(0, full, 256)]
            level += 1
