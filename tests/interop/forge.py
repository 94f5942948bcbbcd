#!/usr/bin/env python3
"""Changed copies of an export that `verify_log.py` must refuse, each with the place that it must name.

    forge.py --export DIR --node FOLDER --told FILE      the export of a log that history.py made

`quittance audit` (QUITTANCE names the binary) must come to the same verdict. Some copies are an
outsider's: bytes changed, hashes perhaps computed again. Others are those of an operator who holds the
log's key and writes the whole log anew, signed.
"""

import argparse
import hashlib
import json
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile

import client
import forge_cycles
import forge_days
import forge_forms
import forge_fx
import forge_holds
import forge_joined
import forge_limits
import forge_proposals
import forge_queue
import forge_returns
import history
import receipt
from whole import export, tree

HERE = pathlib.Path(__file__).resolve().parent


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


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


def placed(name):
    """A file whose folder is there."""
    name.parent.mkdir(parents=True, exist_ok=True)
    return name


def amount_at(item):
    """Where the amount of a leg item stands: after version to scale."""
    assert item[1] == 1, "a leg"
    return 4 + 4 + 2 + 2 + 16 + 1


def raise_amount(copy, index, by=100):
    item = bytearray(copy.items[index][1])
    at = amount_at(item)
    value = int.from_bytes(item[at:at + 16], "big") + by
    item[at:at + 16] = value.to_bytes(16, "big")
    copy.items[index][1] = bytes(item)


def recommit(copy, index, counters, by=100):
    """The private commitments of leg 1, for counters that are larger by as much."""
    item = bytearray(copy.items[index][1])
    for k, (account, four, previous) in enumerate(counters):
        four = [v + by * (at == 2 * k + 1) for at, v in enumerate(four)]
        part = struct.pack(">Q", account) + b"".join(
            v.to_bytes(16, "big") for v in four) + previous
        salt = sha256(b"\x11", copy.salts[index], struct.pack(">IH", 1, k))
        at = len(item) - 64 + 32 * k
        item[at:at + 32] = sha256(b"\x12", salt, part)
    copy.items[index][1] = bytes(item)


def counters_of(copy, index):
    """Both accounts after leg 1 of an entry, computed from all legs up to it."""
    totals, last = {}, {}
    for at in range(index + 1):
        for n, data in enumerate(copy.items[at]):
            item = receipt.parse_item(data)
            if item["item"] != "leg":
                continue
            found = []
            for side in ("debit", "credit"):
                number = item[side]
                counters = receipt.counters_after(item, side, totals.get(number, [0] * 4))
                totals[number] = counters
                place = last.get(number, (2**64 - 1, 2**32 - 1))
                found.append((number, counters, struct.pack(">QI", *place)))
                last[number] = (at, n)
    return found


class Cases:
    def __init__(self, source, told, key, vkey, work):
        self.source, self.told, self.key, self.vkey, self.work = source, told, key, vkey, work
        self.count = 0

    def copy(self):
        return Copy(self.source)

    def run(self, what, wanted, *words, change=None, copy=None, vkey=None, kept=None, **how):
        """Writes a copy, runs the verifier, and compares its status and the place it names."""
        folder = self.work / "copy"
        shutil.rmtree(folder, ignore_errors=True)
        if copy is not None:
            copy.write(folder, **how)
        else:
            shutil.copytree(self.source, folder)
        if change is not None:
            change(folder)
        command = [sys.executable, str(HERE / "verify_log.py"), str(folder),
                   "--log-vkey", vkey or self.vkey]
        done = subprocess.run(command + (["--kept", str(kept)] if kept else []),
                              capture_output=True, text=True, timeout=120)
        said = done.stdout + done.stderr
        if done.returncode != wanted or not all(word in said for word in words):
            raise SystemExit("FAILED: %s: status %d and not %d, or not named %s:\n%s" % (
                what, done.returncode, wanted, words, said))
        self.product(what, wanted, folder, vkey or self.vkey, kept)
        self.count += 1
        print("ok   %s: %s" % (what, words[0] if words else "status %d" % wanted), flush=True)

    def product(self, what, wanted, folder, vkey, kept):
        """`quittance audit` comes to the same verdict about the copy, and so does the verifier of
        somebody who has read chain/SPEC.md and nothing else."""
        if kept is None:
            command = [sys.executable, str(HERE / "stranger/verify.py"), "--log-vkey",
                       str(self.key_file(vkey)), str(folder)]
            done = subprocess.run(command, capture_output=True, text=True, timeout=120)
            # SPEC does not say when a failure is one of the log and when of what was brought.
            if done.returncode not in {wanted, 1}:
                raise SystemExit("FAILED: %s: stranger/verify.py: status %d and not %d:\n%s" % (
                    what, done.returncode, wanted, done.stdout + done.stderr))
        command = [os.environ["QUITTANCE"], "audit", str(folder), "--log-vkey", vkey.strip()]
        done = subprocess.run(command + (["--kept", str(kept)] if kept else []),
                              capture_output=True, text=True, timeout=120)
        if done.returncode != wanted:
            raise SystemExit("FAILED: %s: quittance audit: status %d and not %d:\n%s" % (
                what, done.returncode, wanted, done.stdout + done.stderr))

    def key_file(self, vkey):
        file = self.work / "log.vkey"
        file.write_text(vkey.strip() + "\n")
        return file

    def all(self):
        self.outsider()
        self.records()
        self.operator()
        self.operator_again()
        self.batches()
        forge_holds.forge(self)
        forge_limits.forge(self)
        forge_queue.forge(self)
        forge_cycles.forge(self)
        forge_proposals.forge(self)
        forge_days.forge(self)
        forge_returns.forge(self)
        forge_forms.forge(self)
        forge_fx.forge(self)
        forge_joined.forge(self)
        self.keys()
        print("forge.py: %d changed logs, each refused at its place" % self.count)

    def outsider(self):
        """Whoever can change files, and has no key."""
        paid = self.told["after_rotation"]
        size = len(self.copy().entries)

        def flip(name, at):
            def change(folder):
                path = folder / name
                data = bytearray(path.read_bytes())
                data[at] ^= 1
                path.write_bytes(data)
            return change

        n, place = divmod(paid, 256)
        width = min(256, size - 256 * n)
        tile = "log/" + export.tile_path(0, n, width)
        bundle = "log/" + export.tile_path("entries", n, width)
        self.run("a byte of a tile", 1, "entry %d: hash" % paid, change=flip(tile, 32 * place + 7))
        self.run("a byte of a bundle", 1, "entry %d:" % paid, change=flip(bundle, 122 * place + 20))
        self.run("a byte of the checkpoint", 1, "log/checkpoint",
                 change=flip("log/checkpoint", 25))
        copy = self.copy()
        raise_amount(copy, paid)
        self.run("an amount", 1, "entry %d: the root over the items" % paid, copy=copy)
        copy = self.copy()
        raise_amount(copy, paid)
        copy.roots(paid)
        self.run("an amount with the hash of its entry", 1, "entry %d: the hash of the entry before"
                 % (paid + 1), copy=copy)
        self.run("an amount with all hashes", 1, "the root over all entries", copy=copy,
                 chained=True)

    def records(self):
        """Records that are not those of the entries."""
        paid, several = self.told["after_rotation"], self.told["several"]
        copy = self.copy()
        copy.items[paid][1] = copy.items[paid][1][:-1] + bytes([copy.items[paid][1][-1] ^ 1])
        self.run("a byte of an item", 1, "entry %d: the root over the items" % paid, copy=copy)
        copy = self.copy()
        del copy.items[several][2]
        self.run("an item dropped", 1, "entry %d: the number of items" % several, copy=copy)
        copy = self.copy()
        items = copy.items[several]
        items[1], items[2] = items[2], items[1]
        self.run("two items swapped", 1, "entry %d: the root over the items" % several, copy=copy)
        copy = self.copy()
        bodies = copy.bodies
        bodies[paid], bodies[paid + 1] = bodies[paid + 1], bodies[paid]
        self.run("two bodies swapped", 1, "entry %d: the sealed body" % paid, copy=copy)

        def reordered(*order):
            def change(folder):
                path = folder / export.records_file(paid - paid % export.RECORDS_PER_FILE)
                data, records, at = path.read_bytes(), [], 0
                place = paid % export.RECORDS_PER_FILE
                while at < len(data):
                    end = export.Record(paid - place + len(records), data, at).end
                    records.append(data[at:end])
                    at = end
                records[place:place + 2] = [records[place + k] for k in order]
                path.write_bytes(b"".join(records))
            return change

        self.run("two records swapped", 1, "entry %d: the record's copy" % paid,
                 change=reordered(1, 0))
        self.run("a record dropped", 1, "entry %d: the record's copy" % paid,
                 change=reordered(1))

        def keyed(folder):
            path = folder / export.records_file(0)
            data, first = path.read_bytes(), export.Record(0, path.read_bytes())
            path.write_bytes(export.write_record(
                first.entry, first.salt, first.items, b"", bytes(32)) + data[first.end:])

        self.run("a key in a file of records", 1, "entry 0: %s" % export.records_file(0),
                 change=keyed)

    def forged(self, what, index, word, change, log=False):
        """A log that its own operator wrote anew; the first verdict holds unless `log`."""
        copy = self.copy()
        change(copy)
        copy.roots(index)
        words = ["entry %d: %s" % (index, word)]
        if not log:
            words.append("append-only and intact: HOLDS")
        self.run(what + ", signed anew", 1, *words, copy=copy, chained=True, key=self.key)

    def operator(self):
        """Whoever holds the log's key and computes everything anew, signature included."""
        paid, redeemed = self.told["after_rotation"], self.told["redeemed"]
        self.forged("an amount", paid, "private commitment 0", lambda c: raise_amount(c, paid))

        def with_commitments(copy):
            raise_amount(copy, paid)
            recommit(copy, paid, counters_of(self.copy(), paid))

        self.forged("an amount with its commitments", paid, "instruction 0 of the body",
                    with_commitments)

        def somebody_else(copy):
            copy.items[paid][0] = copy.items[redeemed][0]

        self.forged("another's authorisation", paid, "the hash of the body", somebody_else,
                    log=True)

        def signature(copy):
            item = copy.items[paid][0]
            copy.items[paid][0] = item[:-1] + bytes([item[-1] ^ 1])

        self.forged("a signature", paid, "the signature by north/second", signature, log=True)

        def dropped(copy):
            del copy.items[self.told["several"]][3]

        self.forged("a leg dropped", self.told["several"],
                    "private commitment 0 of item 3", dropped)

        # Of an erased entry no body is left: the next leg of the account shows it.
        erased = self.told["erased"]

        def erased_amount(copy):
            raise_amount(copy, erased)
            recommit(copy, erased, counters_of(self.copy(), erased))
            copy.roots(erased)

        copy = self.copy()
        erased_amount(copy)
        self.run("an amount of an erased entry with its commitments, signed anew", 1,
                 "entry %d: private commitment 0" % redeemed, copy=copy, chained=True,
                 key=self.key)

    def operator_again(self):
        """Times, outcomes, seals, and a past that somebody remembers."""
        size = len(self.copy().entries)
        refused = next(k for k in range(size) if b"100000.00" in b"".join(self.copy().items[k]))

        def outcome(copy):
            item = bytearray(copy.items[refused][1])
            item[7:9] = struct.pack(">H", 24)
            copy.items[refused][1] = bytes(item)

        self.forged("an outcome", refused, "item 1", outcome)
        seal = next(k for k in range(size) if self.copy().entries[k][1] == 4)

        def aux(copy):
            copy.entries[seal][100] ^= 1

        self.forged("the root of a seal", seal, "the root over all accounts", aux)

        def total(copy):
            item = bytearray(copy.items[seal][1])
            item[-1] ^= 1
            copy.items[seal][1] = bytes(item)

        self.forged("a total of a seal", seal, "the totals of the seal", total)
        paid = self.told["last"]

        def time(copy):
            copy.entries[paid][16:24] = copy.entries[paid - 1][16:24]

        self.forged("a time that stands still", paid, "the time", time, log=True)
        copy = self.copy()
        copy.items[paid] = [copy.items[paid][0]]
        copy.roots(paid)
        kept = self.source / "log/checkpoint"
        self.run("another past than the kept checkpoint's", 1, "the root at the kept size",
                 copy=copy, chained=True, key=self.key, kept=kept)

    def batches(self):
        """Entries of binary batches, whose body is made from their items, changed by an operator."""
        index, aborted, back = (self.told[name] for name in ("batch", "aborted", "batch_back"))
        made = "the hash of the batch that the items make up"

        def item(n, change, at=index):
            def changed(copy):
                copy.items[at][n] = change(copy.items[at][n])
            return changed

        def with_commitments(copy):
            raise_amount(copy, back)
            recommit(copy, back, counters_of(self.copy(), back))

        self.forged("an amount of a batch", index, "private commitment 0 of item 1",
                    lambda copy: raise_amount(copy, index))
        self.forged("an amount of a batch with its commitments", back, made, with_commitments)
        self.forged("a reference", index, made,
                    item(1, lambda data: data.replace(b"INV-88", b"INV-89")))
        self.forged("a reference that is gone", index, made, item(
            1, lambda data: data[:3] + b"\2" + data[4:].replace(b"INV-88" + bytes(26), b"")))
        self.forged("the id of a record", index, "the id of record 1",
                    item(2, lambda data: data[:27] + bytes([data[27] ^ 128]) + data[28:]))
        named = b"\x09north:eur\x09south:eur"
        self.forged("a leg of a batch that states addresses", index, "item 2, a leg of a batch", item(
            2, lambda data: data[:3] + b"\0" + data[4:65] + named + data[65:]))
        self.forged("a refused amount", index, made,
                    item(3, lambda data: data.replace(b"9999999 minor", b"9999998 minor")))
        self.forged("a refused reference", aborted, made,
                    item(1, lambda data: data.replace(b"494e562d3838", b"494e562d3839"), aborted))
        self.forged("an amount as it is typed in JSON", index, "item 3", item(
            3, lambda data: forge_holds.relength(data.replace(b"9999999 minor units", b"99999.99"))))
        self.forged("a record dropped", index, "the number of instructions", lambda copy: (
            copy.items[index].pop()))

        def settled(copy):
            """The last of an all-or-nothing batch, which the others took down with them."""
            data = copy.items[aborted][4]
            copy.items[aborted][4] = data[:7] + struct.pack(">H", 21) + data[9:]

        self.forged("an aborted record with another's outcome", aborted, "item 4", settled)

        copy = self.copy()
        copy.bodies[index] = copy.bodies[self.told["several"]]
        self.run("a batch with a body", 1, "entry %d: the sealed body" % index, copy=copy)

        def keyed(folder):
            path = folder / "body.keys"
            lines = path.read_text().splitlines(True)
            lines.append("%d %s\n" % (index, client.b64(bytes(32))))
            path.write_text("".join(sorted(lines, key=lambda line: int(line.split()[0]))))

        self.run("a batch with a body's key", 1, "entry %d: the body's key" % index, change=keyed)

    def keys(self):
        """What cannot be judged is not judged."""
        other = client.Key(self.key.name)
        self.run("another key of the same name", 1, "log/checkpoint", vkey=other.vkey)
        self.run("another log's key", 2, "your key is of", vkey=client.Key("other.example").vkey)

        def public(folder):
            shutil.rmtree(folder / "records")

        self.run("a public export", 2, "a public export holds no items", change=public)

        def lost(folder):
            path = folder / "body.keys"
            path.write_text("".join(path.read_text().splitlines(True)[1:]))

        self.run("a body's key that is gone", 2, "bodies that were not erased", change=lost)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--export", required=True, help="the export")
    parser.add_argument("--node", required=True, help="folder of the node that wrote the log")
    parser.add_argument("--told", required=True, help="what history.py printed")
    options = parser.parse_args()
    data = pathlib.Path(options.node).absolute() / "data"
    key = history.load(data / "keys/log.pem", data / "keys/passphrase")
    told = json.loads(pathlib.Path(options.told).read_text())
    with tempfile.TemporaryDirectory() as work:
        cases = Cases(pathlib.Path(options.export), told, key, (data / "log.vkey").read_text(),
                      pathlib.Path(work))
        cases.all()


if __name__ == "__main__":
    main()
