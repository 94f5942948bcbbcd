"""Verifies a whole log from an export, after `chain/SPEC.md`: the second opinion. It shares no code
with the product, but its authors knew the product's source. Refusals are not judged again.

    verify_log.py EXPORT VKEY        VKEY: a file with the log's key as you had it by another way

Two verdicts, for they are different accusations. Exit status 0: both hold; 1: one does not, and the
first place is named; 2: it could not be checked.
"""

import base64
import hashlib
import json
import sys
import time

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from export import Divergence, Export, Missing
from ledger import APPLIED, SETTLED, Ledger, parse, root_of
from receipt import Bad, open_checkpoint, parse_vkey, sha256

KINDS = {0: "genesis", 1: "submission", 3: "key", 4: "seal", 5: "erasure"}


def expect(index, what, expected, found):
    if found is not True and expected != found:
        raise Divergence(index, what, expected, found)


def same(index, what, expected, found):
    if expected != found:
        show = [v.hex() if isinstance(v, bytes) else v for v in (expected, found)]
        raise Divergence(index, what, *show)


class Log:
    """The log half: every byte leads to the signed root."""

    def __init__(self, export, vkey):
        self.export, self.vkey = export, vkey
        try:
            self.note = export.read("log", "checkpoint").decode()
            self.size, self.root = open_checkpoint(self.note, vkey)
        except (Bad, UnicodeDecodeError) as error:
            raise Divergence("-", "the checkpoint", "signed by %s" % vkey.split("+")[0], error)

    def entries(self):
        """Every entry, checked against bundle, tile, and the one before; then all tiles above."""
        leaves, prev, last = [], bytes(32), -1
        for number in range((self.size + 255) // 256):
            width = min(256, self.size - number * 256)
            bundle = self.export.tile("entries", number, width)
            tile = self.export.tile(0, number, width)
            same(number * 256, "length of tile 0/%d" % number, 32 * width, len(tile))
            same(number * 256, "length of bundle %d" % number, 122 * width, len(bundle))
            for k in range(width):
                index = number * 256 + k
                same(index, "the length prefix", b"\x00\x78", bundle[k * 122:k * 122 + 2])
                entry = bundle[k * 122 + 2:k * 122 + 122]
                leaf = sha256(b"\x00", entry)
                same(index, "hash in tile 0/%d" % number, leaf, tile[k * 32:k * 32 + 32])
                same(index, "version and reserved bytes", b"\x01\x00\x00", entry[:1] + entry[2:4])
                same(index, "the index", index, int.from_bytes(entry[8:16], "big"))
                same(index, "the link to the entry before", prev, entry[24:56])
                now = int.from_bytes(entry[16:24], "big")
                same(index, "a later time", True, now > last)
                prev, last = leaf, now
                leaves.append(leaf)
                yield index, entry
        same("-", "the root over all entries", self.root, root_of(leaves))
        self.tiles_above(leaves)

    def tiles_above(self, hashes):
        level = 0
        while len(hashes) >= 256:
            level += 1
            hashes = [root_of(hashes[at:at + 256]) for at in range(0, len(hashes) // 256 * 256, 256)]
            for number in range((len(hashes) + 255) // 256):
                part = hashes[number * 256:number * 256 + 256]
                tile = self.export.tile(level, number, len(part))
                same("-", "tile %d/%d" % (level, number), b"".join(part), tile)


class Audit:
    """The ledger half: what the items say, computed again."""

    def __init__(self, log, export):
        self.log, self.export = log, export
        self.ledger = self.genesis = None
        self.counts = dict.fromkeys(("items", "signatures", "bodies", "closed"), 0)
        self.closed = []

    def record(self, index, entry, record):
        """The record is what the entry commits to. A statement about the log, not the ledger."""
        same(index, "the record's copy of the entry", entry, record["entry"])
        same(index, "the number of items", int.from_bytes(entry[4:8], "big"), len(record["items"]))
        leaves = []
        for n, item in enumerate(record["items"]):
            salt = sha256(b"\x10", record["salt"], n.to_bytes(4, "big"))
            leaves.append(sha256(b"\x00", salt, item))
        same(index, "the root over the items", entry[56:88], root_of(leaves))
        self.counts["items"] += len(leaves)

    def body(self, index, record, who):
        if record["sealed_body"] is None:
            return
        if record["key"] is None:
            self.closed.append(index)
            return
        try:
            plain = AESGCM(record["key"]).decrypt(bytes(12), record["sealed_body"], None)
        except InvalidTag:
            raise Divergence(index, "the sealed body", "to open under its key", "a changed byte")
        same(index, "the body's hash", who["body_hash"], hashlib.sha256(plain).digest())
        self.counts["bodies"] += 1

    def step(self, index, entry, record):
        try:
            items = [parse(item) for item in record["items"]]
        except Bad as error:
            raise Divergence(index, "the items", "ones that can be read", error)
        kind = KINDS.get(entry[1])
        same(index, "a kind that is known", True, kind is not None)
        if index == 0:
            return self.found(entry, record, items)
        who, ledger = items[0], self.ledger
        ledger.begin_entry(index, int.from_bytes(entry[16:24], "big"))
        if kind == "seal":
            same(index, "signatures of a seal", [], who["signatures"])
            return ledger.seal(index, items[1], entry[88:])
        same(index, "aux", bytes(32), entry[88:])
        self.counts["signatures"] += ledger.authorise(index, who, self.statement(who))
        self.body(index, record, who)
        changed = set()
        for n, item in enumerate(items[1:], 1):
            if item["item"] == "leg":
                same(index, "item %d: outcome of a leg" % n, SETTLED, item["outcome"])
                ledger.scale(index, n, item)
                ledger.leg(index, n, item, record["salt"])
                changed.add(item["id"])
            elif item["outcome"] == APPLIED:
                ledger.govern(index, item)
                changed.add(item["id"])
        same(index, "ids that were executed before", set(), changed & ledger.ids)
        ledger.ids |= changed
        self.kind(index, kind, items)

    def kind(self, index, kind, items):
        applied = [next(iter(json.loads(i["json"]))) for i in items[1:]
                   if i["item"] == "instruction" and i["outcome"] == APPLIED]
        keys = {"add_log_key", "retire_log_key"} & set(applied)
        due = "erasure" if "erase" in applied else "key" if keys else "submission"
        same(index, "the entry's kind", due, kind)

    def statement(self, who):
        lines = ["quittance submission v1", self.genesis["origin"], self.hash, who["submitter"],
                 who["content_type"], base64.b64encode(who["body_hash"]).decode()]
        return ("\n".join(lines) + "\n").encode()

    def found(self, entry, record, items):
        who, document = items
        self.genesis = json.loads(document["json"])
        same(0, "the origin", self.log.vkey.split("+")[0], self.genesis["origin"])
        self.hash = base64.b64encode(sha256(b"\x00", entry)).decode()
        item = base64.b64encode(sha256(record["items"][1])).decode()
        text = "quittance genesis v1\n%s\n%s\n" % (self.genesis["origin"], item)
        signed = {(name, key_id): signature for name, key_id, signature in who["signatures"]}
        for vkey in self.genesis["operators"]["keys"]:
            name, key_id, key = parse_vkey(vkey)
            same(0, "a founding signature by %s" % name, True, (name, key_id) in signed)
            try:
                key.verify(signed[name, key_id], text.encode())
            except Exception:
                raise Divergence(0, "the founding signature of %s" % name, "one that holds", "another")
        self.ledger = Ledger(self.genesis, expect)
        self.ledger.last_time = int.from_bytes(entry[16:24], "big")

    def end(self):
        size = self.log.size
        self.ledger.conservation(size - 1)
        signing = [k[0] for k in self.ledger.log_keys if k[1] < size and (k[2] is None or size <= k[2])]
        for vkey in signing:
            try:
                open_checkpoint(self.log.note, vkey)
            except Bad as error:
                raise Divergence(size - 1, "the signature by %s" % vkey, "one", error)
        same(size - 1, "your key among those that sign here", True, self.log.vkey in signing)
        left = [index for index in self.closed if index not in self.ledger.erased]
        if left:
            raise Missing("the keys of %d bodies that were not erased" % len(left))


def verify(folder, vkey):
    """Gives two verdicts as texts, and the exit status."""
    began, export = time.monotonic(), Export(folder)
    audit, broken, incomplete = None, None, None
    try:
        log = Log(export, vkey)
        records = export.records(log.size) if export.has_records() else None
        audit = Audit(log, export)
        for index, entry in log.entries():
            if records is None:
                continue
            record = next(records)
            audit.record(index, entry, record)
            if broken is None:
                try:
                    audit.step(index, entry, record)
                except Divergence as divergence:
                    broken = divergence
        intact = "yes, %d entries" % log.size
    except Divergence as divergence:
        return "NO: %s" % divergence, "not checked: the log is broken", 1
    if records is None:
        return intact, "not checked: the export holds no records", 2
    if broken is None:
        try:
            audit.end()
        except Divergence as divergence:
            broken = divergence
        except Missing as missing:
            incomplete = missing
    if broken is not None:
        return intact, "NO: %s" % broken, 1
    if incomplete is not None:
        return intact, "not checked to the end: %s" % incomplete, 2
    counts, ledger = audit.counts, audit.ledger
    erased = sorted(set(audit.closed) & ledger.erased)
    words = "yes, %d items, %d signatures, %d bodies, %d seals, %d accounts in %.1f s" % (
        counts["items"], counts["signatures"], counts["bodies"], ledger.seals,
        len(ledger.accounts), time.monotonic() - began)
    if erased:
        words += "; erased, and not to be compared any more: %s" % ", ".join(map(str, erased))
    return intact, words, 0


def main(folder, file):
    try:
        with open(file, encoding="utf-8") as text:
            vkey = text.read().strip()
        log, ledger, status = verify(folder, vkey)
    except (Missing, OSError) as error:
        print("could not be checked: %s" % error, file=sys.stderr)
        return 2
    print("the log is append-only and intact: %s" % log)
    print("the ledger follows its rules:      %s" % ledger)
    return status


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
