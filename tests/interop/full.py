#!/usr/bin/env python3
"""Entries as full as they get: holds of many legs, captured and expiring at the same moment.

    QUITTANCE=path/to/quittance full.py --node FOLDER --auditor VKEY     a node that runs in FOLDER
"""

import argparse
import os
import sys

import holdings
import history
import node as nodes
from holdings import capture, in_seconds, leg, reserve, void

ITEMS_MAX, LEGS_MAX = 8_189, 256
A, B = holdings.A, holdings.B


class Full(history.History):
    def run(self, auditor):
        self.govern(("add_asset", {"asset": "EUR", "module": "fiat"}))
        north, south = self.bank("north"), self.bank("south")
        self.govern(("add_participant", {
            "participant": "auditor", "role": "auditor", "keys": [auditor], "threshold": 1}))
        self.govern(("issue", {"account": A, "amount": "1000.00"}), wanted="SETTLED")
        self.held = holdings.Holdings(self, north, south)
        self.captures(north)
        self.expires(north)
        self.forgets(north)

    def wide(self, *legs, **terms):
        return [reserve(*[leg(A, B, "0.01")] * n, **terms) for n in legs]

    def captures(self, north):
        """Captures whose legs do not fit the entry: refused, and a smaller one behind them is not."""
        legs = [LEGS_MAX] * 31 + [LEGS_MAX // 2]
        made = self.wide(*legs[:-1]) + self.wide(legs[-1] // 2, legs[-1] // 2, LEGS_MAX)
        asked = [made[:16], made[16:]]
        for some in asked:
            self.held.ask(north, some, *["RESERVED"] * len(some))
        self.first = made[0]["reserve"]["id"]
        wide = [capture(one["reserve"]["id"]) for one in made]
        # 31 of 257 items, then 65; one of 257 is too many, and one of 65 is not.
        wide = wide[:31] + [wide[31], wide[33], wide[32]]
        self.held.ask(north, wide, *["SETTLED"] * 32, "ENTRY_FULL", "SETTLED")

    def expires(self, north):
        """As many legs as an entry holds, and one hold more, at the same moment."""
        then, count = in_seconds(6), 0
        for legs in ([LEGS_MAX] * 16, [LEGS_MAX] * 15 + [ITEMS_MAX - 31 * LEGS_MAX], [1]):
            made = self.wide(*legs, expires_at=then)
            last = self.held.ask(north, made, *["RESERVED"] * len(legs))
            count += len(legs)
        # The first entry has all but the hold that is last in the order of ids.
        self.grown(last + 3)
        self.newest = made[-1]["reserve"]["id"]

    def forgets(self, north):
        """Of holds that ended the newest are known, with as many legs as may be open."""
        self.held.ask(north, [void(self.first)], "HOLD_ALREADY_CAPTURED")
        self.govern(("set_parameter", {"name": "holds_max", "value": 1_000}))
        (one,) = self.wide(1)
        self.held.ask(north, [one, void(one["reserve"]["id"])], "RESERVED", "VOIDED")
        self.held.ask(north, [void(self.first), void(self.newest)], "HOLD_UNKNOWN", "HOLD_EXPIRED")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--node", required=True, help="folder of a node that runs")
    parser.add_argument("--auditor", required=True, help="vkey of the auditor to register")
    options = parser.parse_args()
    binary = os.environ.get("QUITTANCE") or sys.exit("QUITTANCE must name the binary")
    node = nodes.Node(os.path.abspath(binary), options.node).attach()
    node.folder = node.folder.absolute()
    Full(node).run(options.auditor)
    print("full.py: entries of %d items, and what does not fit them" % (ITEMS_MAX + 1))


if __name__ == "__main__":
    main()
