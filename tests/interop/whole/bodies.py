"""Bodies, against the items that the node made of them (chain/SPEC.md, "Bodies")."""

import json

import receipt
from whole import words
from whole.found import Diverges, same

CHARGES = ("fee", "fee_tax")
BODY = {"message_id", "created", "nonce", "atomic", "instructions"}


def once(pairs):
    """An object of JSON in which no field stands twice."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a field stands twice")
    return found


def read(index, body):
    """What a body in JSON asks for."""
    try:
        fields = json.loads(body, object_pairs_hook=once)
        if set(fields) | {"atomic"} != BODY:
            raise ValueError("other fields")
        instructions = []
        for instruction in fields["instructions"]:
            (kind, asked), = instruction.items()
            allowed = set(words.FIELDS[kind]) - words.NOT_IN_BODIES
            allowed |= set(words.TEXTS if kind in words.WITH_TEXTS else ())
            if not set(asked) <= allowed:
                raise ValueError("other fields in %s" % kind)
            instructions.append((kind, asked, words.canonical(kind, asked)))
        return fields, words.nanos(fields["created"]), instructions
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise Diverges(index, "the body", "a message", repr(error)) from None


def compare(index, body, message, book, items, key):
    """A body that could be opened: the same message, and the texts that the items commit to."""
    fields, created, asked = read(index, body)
    who = message.who
    same(index, "the body's message id", fields["message_id"], who["message_id"])
    same(index, "the body's `created`", created, who["created"])
    same(index, "the body's `atomic`", fields.get("atomic", False), who["atomic"])
    same(index, "the body's instructions", len(asked), len(message.instructions))
    groups = [[] for _ in asked]
    for n, item in enumerate(items[1:], 1):
        groups[item["instruction"]].append((n, item))
    for ordinal, (kind, wanted, text) in enumerate(asked):
        what = "instruction %d of the body and the items" % ordinal
        group = groups[ordinal]
        if group[0][1]["item"] == "instruction":
            same(index, what, text, group[0][1]["json"])
        else:
            same(index, what, legs_asked(index, kind, wanted, book),
                 [leg_found(kind, item) for _, item in group if item["kind"] not in CHARGES])
        texts(index, words.text_of(kind, wanted), group, key)


def legs_asked(index, kind, wanted, book):
    """The legs that the body asks for, in the terms of leg items."""
    legs = wanted["legs"] if kind == "transfer" else [wanted]
    found = []
    for leg in legs:
        named = [leg[name] for name in ("debit", "credit", "account") if name in leg]
        accounts = [book.account(address) for address in named]
        if None in accounts:
            raise Diverges(index, "the accounts of the body", "accounts", named)
        asset = accounts[0].asset
        amount = book.minor(words.amount(leg["amount"]), asset)
        identity = leg.get("asset", book.assets[asset].id)
        found.append((kind, wanted["id"].replace("-", ""), *(a.address for a in accounts),
                      identity, amount))
    return found


def leg_found(kind, item):
    sides = {"issue": ("credit_address",), "redeem": ("debit_address",)}
    named = [item[name] for name in sides.get(kind, ("debit_address", "credit_address"))]
    return (item["kind"], item["id"].hex(), *named, item["asset"], item["amount"])


def texts(index, text, group, key):
    """Every item of an instruction commits to its text, each under a salt of its own."""
    for n, item in group:
        commitment = None
        # A fee is told with no text.
        if text is not None and item.get("kind") not in CHARGES:
            salt = receipt.sha256(b"\x13", key, n.to_bytes(4, "big"))
            commitment = receipt.sha256(b"\x12", salt, text)
        same(index, "the text commitment of item %d" % n, commitment, item["text"])
