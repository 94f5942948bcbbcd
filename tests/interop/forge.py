#!/usr/bin/env python3
"""Changed copies of an export that `verify_log.py` must refuse, each with the place that it must name.

    forge.py --export DIR --node FOLDER --told FILE      the export of a log that history.py made

`quittance audit` (QUITTANCE names the binary) must come to the same verdict. Some copies are an
outsider's: bytes changed, hashes perhaps computed again. Others are those of an operator who holds the
log's key and writes the whole log anew, signed.
"""

import argparse
import json
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

import client
import forge_closing
import forge_cycles
import forge_days
import forge_fees
import forge_forms
import forge_fx
import forge_holds
import forge_joined
import forge_limits
import forge_months
import forge_proposals
import forge_queue
import forge_reached
import forge_reservations
import forge_returns
import forge_values
import forge_standing
import history
import receipt
from rewritten import Copy, sha256
from whole import export

HERE = pathlib.Path(__file__).resolve().parent
# Copies that wait for their verifiers.
AHEAD = 4


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
        self.judges, self.judged = ThreadPoolExecutor(max_workers=os.cpu_count()), []

    def copy(self):
        return Copy(self.source)

    def run(self, what, wanted, *words, change=None, copy=None, vkey=None, kept=None, **how):
        """Writes a copy, and has the verifiers judge it while the next one is written."""
        self.count += 1
        folder = self.work / ("copy-%d" % self.count)
        if copy is not None:
            copy.write(folder, **how)
        else:
            shutil.copytree(self.source, folder)
        if change is not None:
            change(folder)
        self.judged.append(self.judges.submit(
            self.judge, what, wanted, words, folder, vkey or self.vkey, kept))
        self.wait(AHEAD)

    def wait(self, left):
        """Until at most so many copies are under way; the first that was not judged as it must be
        ends everything."""
        while len(self.judged) > left:
            self.judged.pop(0).result()

    def judge(self, what, wanted, words, folder, vkey, kept):
        """Compares the status of each verifier, and the place that the first of them names."""
        key_file = folder.with_suffix(".vkey")
        key_file.write_text(vkey.strip() + "\n")
        known = ["--kept", str(kept)] if kept else []
        said = self.status(what, "verify_log.py", {wanted}, [
            sys.executable, str(HERE / "verify_log.py"), str(folder), "--log-vkey", vkey, *known])
        if not all(word in said for word in words):
            raise SystemExit("FAILED: %s: not named %s:\n%s" % (what, words, said))
        # The verifier of somebody who has read chain/SPEC.md and nothing else. SPEC does not say when
        # a failure is one of the log and when of what was brought.
        if kept is None:
            self.status(what, "stranger/verify.py", {wanted, 1}, [
                sys.executable, str(HERE / "stranger/verify.py"), "--log-vkey", str(key_file),
                str(folder)])
        self.status(what, "quittance audit", {wanted}, [
            os.environ["QUITTANCE"], "audit", str(folder), "--log-vkey", vkey.strip(), *known])
        shutil.rmtree(folder)
        print("ok   %s: %s" % (what, words[0] if words else "status %d" % wanted), flush=True)

    @staticmethod
    def status(what, who, wanted, command):
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        said = done.stdout + done.stderr
        if done.returncode not in wanted:
            raise SystemExit("FAILED: %s: %s: status %d and not %s:\n%s" % (
                what, who, done.returncode, wanted, said))
        return said

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
        forge_closing.forge(self)
        forge_returns.forge(self)
        forge_forms.forge(self)
        forge_fx.forge(self)
        forge_fees.forge(self)
        forge_months.forge(self)
        forge_reservations.forge(self)
        forge_joined.forge(self)
        forge_values.forge(self)
        forge_standing.forge(self)
        forge_reached.forge(self)
        self.keys()
        self.wait(0)
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
        try:
            cases.all()
        finally:
            # What is under way ends before its folder goes.
            cases.judges.shutdown(cancel_futures=True)


if __name__ == "__main__":
    main()
