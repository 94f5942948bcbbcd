#!/usr/bin/env python3
"""Checks a proven statement offline, trusting one key and nothing else. No code of Quittance's.

    statement.py --log-vkey log.vkey STATEMENT

Between two seals nothing that changed the account is missing: every leg names the item before it, and
the counters of one end lead to those of the other (chain/SPEC.md, "Seals"). Exit status 0: the
statement is complete; 1: it is not; 2: it could not be read.
"""

import argparse
import json
import pathlib
import sys

import balance
import receipt
from receipt import check

COUNTERS = ("debits_pending", "debits_posted", "credits_pending", "credits_posted")
FIELDS = {"version", "from", "to", "receipts"}


def verify(file, vkey):
    """Gives both ends and the legs between them, or raises `receipt.Bad`."""
    check(isinstance(file, dict) and set(file) == FIELDS, "other fields than a statement's")
    check(file["version"] == 1, "another version")
    end = balance.verify(file["to"], vkey)
    start = None if file["from"] is None else balance.verify(file["from"], vkey)
    if start is not None:
        for name in ("number", "asset", "scale", "address"):
            check(start[name] == end[name], "two accounts: another %s" % name)
        check(start["sealed_size"] <= end["sealed_size"], "the ends are the wrong way round")
    last = start and start["last"]
    counters = [start[name] for name in COUNTERS] if start else [0, 0, 0, 0]
    check(isinstance(file["receipts"], list), "no array of receipts")
    legs = []
    for n, opened in enumerate(file["receipts"]):
        try:
            proven = receipt.verify(opened, vkey)
            for number, leg in sorted(proven["items"].items()):
                last, counters = follow(proven["index"], number, leg, end, last, counters)
                legs.append(leg)
        except receipt.Bad as error:
            raise receipt.Bad("receipt %d: %s" % (n, error))
    check(last == end["last"], "the last item is %s, and the newer end says %s" % (
        last, end["last"]))
    check(counters == [end[name] for name in COUNTERS], "the counters lead to others than the end's")
    return start, end, legs


def follow(index, n, leg, account, last, counters):
    """One leg on from `last`: gives the place of the leg and the account's counters after it."""
    check(leg["item"] == "leg", "item %d is no leg" % n)
    parts = [part for part in leg["opened"] if part["account"] == account["number"]]
    check(len(parts) == 1, "the account's private part is not opened")
    part = parts[0]
    check(part["previous"] == last, "the item before it is %s, and not %s: something is left out" % (
        part["previous"], last))
    check((leg["asset"], leg["scale"]) == (account["asset"], account["scale"]), "another asset")
    # Which side the account is on says which counter rises by the amount.
    sides = [side for side in ("debit", "credit") if leg[side] == account["number"]]
    check(len(sides) == 1, "the leg is not the account's")
    # A leg of a binary batch has numbers alone.
    stated = account["address"] if leg["numbered"] else leg[sides[0] + "_address"]
    check(stated == account["address"], "another address")
    expected = receipt.counters_after(leg, sides[0], counters)
    check([part[name] for name in COUNTERS] == expected, "the counters are not those before it "
          "and the amount")
    return (index, n), expected


def money(minor, scale):
    sign, digits = "-" if minor < 0 else "", str(abs(minor)).rjust(scale + 1, "0")
    return sign + (digits[:-scale] + "." + digits[-scale:] if scale else digits)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("file", help="the statement")
    parser.add_argument("--log-vkey", required=True, help="file with the log's key")
    options = parser.parse_args()
    try:
        vkey = pathlib.Path(options.log_vkey).read_text().strip()
        file = json.loads(pathlib.Path(options.file).read_bytes())
    except (OSError, ValueError) as error:
        print("not checked: %s" % error, file=sys.stderr)
        return 2
    try:
        start, end, legs = verify(file, vkey)
    except (receipt.Bad, KeyError, TypeError, AttributeError) as error:
        print("not complete: %s" % error)
        return 1
    held = [money(a["credits_posted"] - a["debits_posted"], a["scale"]) if a else "nothing"
            for a in (start, end)]
    print("complete: %s from %s at %s to %s %s at %d, by %d legs" % (
        end["address"], held[0], start["sealed_size"] if start else "its opening", held[1],
        end["asset"], end["sealed_size"], len(legs)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
