"""Binary batches: their body, made from the items of their entry (chain/SPEC.md, "Binary batch")."""

import hashlib
import json
import re

from whole import words
from whole.found import Diverges, same

BATCH = "application/vnd.quittance.batch"
REFERENCE = re.compile(r"[0-9a-f]{64}")
ACCOUNT_MAX, AMOUNT_MAX = 2**64, 2**128


def little(number, length):
    return number.to_bytes(length, "little")


def compare(index, items):
    """The bytes that were signed are those that the items make up."""
    who = items[0]
    header = b"".join((
        b"QTB1", little(1, 2), little(int(who["atomic"]), 2), little(len(items) - 1, 4), bytes(4),
        little(who["created"], 8), little(len(who["message_id"]), 1), bytes(7),
        who["message_id"].encode().ljust(64, b"\0"), items[1]["id"], bytes(16)))
    first = int.from_bytes(items[1]["id"], "big")
    records = []
    for n, item in enumerate(items[1:]):
        same(index, "the id of record %d" % n, first + n, int.from_bytes(item["id"], "big"))
        debit, credit, amount, reference = asked(index, n, item)
        records.append(b"".join((
            little(debit, 8), little(credit, 8), little(amount, 16), bytes(16), little(1, 2),
            bytes(6), reference, bytes(40))))
    body = header + b"".join(records)
    made = hashlib.sha256(body).digest()
    same(index, "the hash of the batch that the items make up", who["body_hash"], made)


def asked(index, n, item):
    """What record `n` asks for: a leg says it, and of a refusal its JSON."""
    if item["item"] == "leg":
        return item["debit"], item["credit"], item["amount"], item["reference"] or bytes(32)
    try:
        transfer = json.loads(item["json"])["transfer"]
        (leg,), reference = transfer["legs"], transfer.get("reference")
        numbers = leg["debit"], leg["credit"]
        amount, places = words.amount(leg["amount"])
        if (set(transfer) - {"reference"} != {"id", "legs"}
                or set(leg) != {"debit", "credit", "amount"}
                or any(type(number) is not int or not 0 <= number < ACCOUNT_MAX for number in numbers)
                or places is not None or amount >= AMOUNT_MAX):
            raise ValueError("no record asks for this")
        if reference is None:
            return *numbers, amount, bytes(32)
        if not REFERENCE.fullmatch(reference) or not reference.strip("0"):
            raise ValueError("no reference")
        return *numbers, amount, bytes.fromhex(reference)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Diverges(index, "item %d" % (n + 1), "a record of a batch", repr(error)) from None
