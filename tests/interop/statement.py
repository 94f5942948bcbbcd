"""Checks a proven statement offline: nothing between two seals is left out (chain/SPEC.md, "Seals").

    statement.py STATEMENT VKEY
"""

import json
import sys

import balance
import receipt
from receipt import Bad, check, parse_private, unb64

COUNTERS = ("debits_pending", "debits_posted", "credits_pending", "credits_posted")


def leg_of(file, vkey, number):
    """The one item of a receipt that changed the account, with its private part opened."""
    receipt.verify(file, vkey)
    for opened in file["items"]:
        item = receipt.parse_item(unb64(opened["bytes"]))
        for part in opened.get("private", []):
            private = parse_private(unb64(part["bytes"]))
            if item["item"] == "leg" and private["account"] == number:
                index = int.from_bytes(unb64(file["entry"], 120)[8:16], "big")
                return (index, opened["n"]), item, private
    raise Bad("a receipt does not open what changed the account")


def verify(statement, vkey):
    check(statement["version"] == 1, "another version")
    end = balance.verify(statement["to"], vkey)
    number = end["number"]
    last, counters = None, [0, 0, 0, 0]
    if statement["from"] is not None:
        start = balance.verify(statement["from"], vkey)
        check(start["number"] == number, "two accounts")
        check(start["sealed_size"] <= end["sealed_size"], "the end is before the start")
        last, counters = start["last"], [start[name] for name in COUNTERS]
    for file in statement["receipts"]:
        place, leg, private = leg_of(file, vkey, number)
        check(private["previous"] == last, "an item between was left out")
        counters[1 if leg["debit"] == number else 3] += leg["amount"]
        check([private[name] for name in COUNTERS] == counters, "the counters do not follow")
        last = place
    check(last == end["last"], "the last item is not the balance's")
    check(counters == [end[name] for name in COUNTERS], "the sum is not the balance")
    return len(statement["receipts"])


def main(path, vkey):
    with open(vkey, encoding="utf-8") as file:
        vkey = file.read().strip()
    with open(path, encoding="utf-8") as file:
        statement = json.load(file)
    count = verify(statement, vkey)
    print("ok   %d items, each leading to the one before" % count)
    # One item less, anywhere, and it proves nothing.
    for at in range(count):
        less = dict(statement, receipts=statement["receipts"][:at] + statement["receipts"][at + 1:])
        try:
            verify(less, vkey)
        except Bad:
            continue
        raise SystemExit("item %d was left out, and nobody noticed" % at)
    print("ok   none of them can be left out")


if __name__ == "__main__":
    main(*sys.argv[1:3])
