#!/usr/bin/env python3
"""Checks a whole log in an export folder: a second program, by what chain/SPEC.md says.

    verify_log.py --log-vkey log.vkey [--kept CHECKPOINT] [--values ANSWERS] EXPORT

Two verdicts, for they are different accusations: "the log is append-only and intact" and "the ledger
follows its rules". Exit status 0: both hold; 1: one does not, and the first place is named; 2: not
everything could be checked, also where this program itself fails. Python's standard library and `cryptography`, and none of Quittance's code
(whose source its authors knew).
"""

import argparse
import gc
import json
import pathlib
import sys
import time
import traceback

import receipt
from whole.batch import BATCH
from whole.export import Export, formed
from whole.found import Diverges, Unread, same
from whole.ledger import Ledger
from whole.records import body_of, items_of
from whole.registry import Registry
from whole.tree import Tree, root_of
from whole import values

HOLDS, BROKEN, OPEN = 0, 1, 2
LOG, LEDGER = "the log is append-only and intact", "the ledger follows its rules"
WORDS = {HOLDS: "HOLDS", BROKEN: "DOES NOT HOLD", OPEN: "NOT CHECKED"}


class Run:
    def __init__(self, export, vkey, kept, told=()):
        self.export, self.vkey, self.kept, self.told = export, vkey, kept, told
        self.registry, self.ledger = Registry(), None
        self.log, self.rules = (OPEN, None), (OPEN, None)
        self.size = self.items = 0
        self.closed, self.still, self.leaves = [], [], []

    def run(self):
        """Both verdicts; the ledger is judged as far as the log holds."""
        try:
            self.walk()
            self.log = HOLDS, None
        except Diverges as divergence:
            self.log = BROKEN, divergence
        except Unread as error:
            self.log = OPEN, error
        if self.log[0] != HOLDS:
            if self.rules[0] == OPEN:
                self.rules = OPEN, "the log must hold first"
        elif not self.export.has_records():
            self.rules = OPEN, "a public export holds no items"
        elif self.rules[0] == OPEN:
            self.judge()

    def walk(self):
        self.size, root = self.export.checkpoint(self.vkey)
        has_records = self.export.has_records()
        records = self.export.records(self.size) if has_records else None
        keys = self.export.body_keys(self.size)
        tree = Tree(self.export, self.size, root)
        for place in tree.entries():
            record = next(records) if has_records else None
            place.agree(record)
            entry = tree.take(place)
            self.leaves.append(place.stated)
            if record is not None:
                self.entry(entry, record, place.stated, keys.get(entry.index))
        if has_records:
            for record in records:
                raise Diverges(record.index, "the records", "an end", "one more")
        self.tiles = tree.tiles
        if has_records:
            self.signed()
        self.continues()

    def entry(self, entry, record, leaf, key):
        """Items, signatures and body of an entry; then the ledger's step."""
        items = items_of(entry, record)
        self.items += len(items)
        who, index = items[0], entry.index
        if index == 0:
            document = shaped(0, self.registry.found, leaf, items, self.vkey)
            self.ledger = shaped(0, Ledger, entry, document)
            self.ledger.edge.push(leaf)
            return
        counts = {}
        if entry.kind not in ("seal", "system"):
            self.registry.check(index, who)
            counts = self.registry.signers(who)
        body = body_of(record, who, key)
        if body is None and entry.kind not in ("seal", "system") and who["content_type"] != BATCH:
            self.closed.append(index)
        self.registry.follow(index, items)
        if self.rules[0] == OPEN:
            try:
                shaped(index, self.ledger.step, entry, items, counts, record.salt, body, key)
                told = [one for one in self.told if one["at_index"] == index]
                for what, expected, found in values.compare(self.ledger.book, told):
                    raise Diverges(index, what, expected, found)
            except Diverges as divergence:
                self.rules = BROKEN, divergence
            self.ledger.edge.push(leaf)

    def signed(self):
        """All keys that the log has at this size have signed it, and yours is one of them."""
        signing = self.registry.signing(self.size)
        if self.vkey not in signing:
            raise Diverges(self.size - 1, "the log's keys", self.vkey, ", ".join(signing))
        for vkey in signing:
            self.export.checkpoint(vkey)

    def continues(self):
        """A checkpoint that was kept is one of an earlier size of this log."""
        if self.kept is None:
            return
        what = "the kept checkpoint"
        stated = formed(None, what, receipt.size_stated, self.kept)
        signing = self.registry.signing(min(stated, self.size)) or [self.vkey]
        size, root = formed(None, what, receipt.open_checkpoint, self.kept, signing[0])
        if size > self.size:
            raise Diverges(None, "the log's size", "at least the kept %d" % size, self.size)
        same(size - 1, "the root at the kept size", root, root_of(self.leaves[:size]))

    def judge(self):
        try:
            self.totals = self.ledger.conserve()
        except Diverges as divergence:
            self.rules = BROKEN, divergence
            return
        erased = self.registry.erased
        self.erased = [index for index in self.closed if index in erased]
        closed = [index for index in self.closed if index not in erased]
        self.rules = HOLDS, None
        if closed:
            self.rules = OPEN, "%d bodies that were not erased have no key: entries %s" % (
                len(closed), some(closed))
        elif self.ledger.other:
            self.rules = OPEN, "bodies of a type that is not compared here: entries %s" % (
                some(self.ledger.other))

    def report(self):
        if self.log[0] == HOLDS:
            print("log         %d entries, %d tiles and bundles, the root is the signed one" % (
                self.size, self.tiles))
            if self.kept is not None:
                print("kept        the log continues the kept checkpoint")
        if self.log[0] == HOLDS and self.ledger:
            print("items       %d items, %d signatures by keys of the log" % (
                self.items, self.registry.signatures))
        if self.rules[0] == HOLDS:
            self.report_ledger()
        for verdict, (state, why) in ((LOG, self.log), (LEDGER, self.rules)):
            print("%s: %s" % (verdict, WORDS[state]))
            if why is not None:
                print("  " + str(why))

    def report_ledger(self):
        ledger = self.ledger
        print("ledger      %d legs settled, %d acts of governance, %d refusals, all as computed" % (
            ledger.settled, ledger.governed, ledger.refused))
        print("holds       %d instructions, %d legs that moved nothing, %d holds expired" % (
            ledger.about_holds, ledger.held, ledger.expired))
        print("queue       %d payments settled by the node" % ledger.cleared)
        for asset, accounts, issued, redeemed, scale in self.totals:
            print("asset       %s, %d accounts, %d issued and %d redeemed (scale %s), sum 0" % (
                asset, accounts, issued, redeemed, "not stated" if scale is None else scale))
        print("seals       %d, roots and totals as computed" % ledger.seals.count)
        if ledger.seals.frozen is not None:
            print("            one of size %d is due" % ledger.seals.frozen.size)
        print("bodies      %d compared with the items" % ledger.compared)
        if self.erased:
            print("erased      %d bodies, of which only the hash is left to compare: entries %s" % (
                len(self.erased), some(self.erased)))
        if ledger.unjudged:
            print("believed    %d refusals that rest on a list outside the log" % ledger.unjudged)

    def status(self):
        states = self.log[0], self.rules[0]
        return BROKEN if BROKEN in states else max(states)


def shaped(index, function, *arguments):
    """Calls what relies on the fields of the log's JSON; another shape is a divergence."""
    try:
        return function(*arguments)
    except (KeyError, TypeError, ValueError, AttributeError, receipt.Bad) as error:
        raise Diverges(index, "the JSON in the items or the body", "its fields",
                       repr(error)) from None


def some(indexes):
    return ", ".join(map(str, indexes[:10])) + (", ..." if len(indexes) > 10 else "")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("export", help="folder that `quittance export` wrote")
    parser.add_argument("--log-vkey", required=True, help="the log's key, or a file with it")
    parser.add_argument("--kept", help="file with a checkpoint of an earlier visit")
    parser.add_argument("--values", help="file with answers about value-dated balances, as JSON")
    options = parser.parse_args()
    began = time.monotonic()
    gc.disable()    # nothing here is circular, and the log is long
    try:
        vkey, kept = options.log_vkey, None
        if "+" not in vkey or pathlib.Path(vkey).exists():
            vkey = pathlib.Path(vkey).read_text()
        receipt.parse_vkey(vkey)
        if options.kept:
            kept = pathlib.Path(options.kept).read_text()
        told = json.loads(pathlib.Path(options.values).read_text()) if options.values else ()
        run = Run(Export(options.export), vkey.strip(), kept, told)
    except (Unread, OSError, ValueError, receipt.Bad) as error:
        print("not checked: %s" % error, file=sys.stderr)
        return OPEN
    run.run()
    run.report()
    print("time        %.1f s" % (time.monotonic() - began))
    return run.status()


def judged(check):
    """The status of a check. Where this program itself fails, nothing is said of the log."""
    try:
        return check()
    except Exception as error:
        traceback.print_exc()
        print("not checked: this program failed: %r" % error, file=sys.stderr)
        return OPEN


if __name__ == "__main__":
    sys.exit(judged(main))
