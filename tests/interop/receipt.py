"""Checks a receipt offline, trusting one key and nothing else. No code of Quittance's.

    items ... hash to the entry's payload root
    entry ... its leaf hash leads to the checkpoint's root
    checkpoint ... is signed by the key YOU hold

The formats are those of `chain/SPEC.md`; `docs/guide/bank.md` walks through the steps.
"""

import base64
import hashlib
import math
import re
import struct

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


class Bad(Exception):
    """The receipt proves nothing, and why."""


def check(condition, why):
    if not condition:
        raise Bad(why)


def unb64(text, length=None):
    """Base64, strictly: the one text that encodes the bytes, and no other."""
    check(isinstance(text, str), "not a text")
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise Bad("not base64: %s" % error)
    check(base64.b64encode(data).decode() == text, "not canonical base64")
    check(length is None or len(data) == length, "not %s bytes" % length)
    return data


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


# --- the tree: RFC 6962 -------------------------------------------------------------------------

# [tree
def leaf_hash(data):
    return sha256(b"\x00", data)


def root_from_proof(leaf, index, size, proof):
    """RFC 9162, section 2.1.3.2: what the root must be if the leaf stands at `index` of `size`."""
    check(0 <= index < size, "index %d is not below size %d" % (index, size))
    node, last, rest = index, size - 1, leaf
    for sibling in proof:
        check(last != 0, "the proof is too long")
        if node & 1 or node == last:
            rest = sha256(b"\x01", sibling, rest)
            while node & 1 == 0 and node != 0:
                node, last = node >> 1, last >> 1
        else:
            rest = sha256(b"\x01", rest, sibling)
        node, last = node >> 1, last >> 1
    check(last == 0, "the proof is too short")
    return rest
# tree]


# --- the checkpoint: a C2SP signed note ---------------------------------------------------------

# [note
def parse_vkey(vkey):
    name, key_id, key = vkey.strip().split("+", 2)
    key = unb64(key, 33)
    check(key[0] == 1, "not an Ed25519 key")
    check(sha256(name.encode(), b"\n", key)[:4].hex() == key_id, "the key id is not the key's")
    return name, bytes.fromhex(key_id), Ed25519PublicKey.from_public_bytes(key[1:])


def open_checkpoint(note, vkey):
    """Verifies the note with the trusted key; returns size and root."""
    name, key_id, key = parse_vkey(vkey)
    text, dash, signatures = note.rpartition("\n\n")
    check(dash and signatures.endswith("\n"), "not a signed note")
    text += "\n"
    check(all(c >= " " or c == "\n" for c in note), "control characters in the note")
    good = 0
    for line in signatures[:-1].split("\n"):
        fields = line.split(" ")
        check(len(fields) == 3 and fields[0] == "\u2014", "a malformed signature line")
        signature = unb64(fields[2])
        if fields[1] == name and signature[:4] == key_id:
            check(len(signature) == 68, "a signature of another length")
            try:
                key.verify(signature[4:], text.encode())
            except InvalidSignature:
                raise Bad("the checkpoint's signature is not the trusted key's")
            good += 1
    check(good == 1, "the trusted key has not signed the checkpoint")
    lines = text[:-1].split("\n")
    check(len(lines) == 3, "a checkpoint has three lines")
    check(lines[0] == name, "a checkpoint of another log")
    size, root = decimal(lines[1]), unb64(lines[2], 32)
    check(size > 0, "a log without entries")
    return size, root
# note]


def parse_header(text):
    """Name, key id and Ed25519 signature of `name base64`, as the HTTP header has it."""
    name, space, signature = text.partition(" ")
    check(space and name, "no name and signature")
    signature = unb64(signature, 68)
    return name, signature[:4], signature[4:]


def size_stated(note):
    """The size that a checkpoint states; nothing is verified."""
    lines = note.split("\n")
    check(len(lines) > 3, "a checkpoint has three lines")
    return decimal(lines[1])


def decimal(text):
    check(text.isascii() and text.isdigit() and str(int(text)) == text, "not a number: %r" % text)
    check(int(text) < 2**64, "a number beyond 64 bits")
    return int(text)


def parse_tlog_proof(text):
    """c2sp.org/tlog-proof@v1: index, hashes from the leaf upwards, an empty line, the checkpoint."""
    head, dash, checkpoint = text.partition("\n\n")
    lines = head.split("\n")
    check(dash and lines[0] == "c2sp.org/tlog-proof@v1", "not a tlog proof")
    check(len(lines) > 1 and lines[1].startswith("index "), "no index in the tlog proof")
    return decimal(lines[1][len("index "):]), [unb64(line, 32) for line in lines[2:]], checkpoint


# --- items --------------------------------------------------------------------------------------

class Reader:
    """Big-endian fields, one behind the other, and nothing left over."""

    def __init__(self, data):
        self.data = data
        self.at = 0

    def take(self, length):
        check(self.at + length <= len(self.data), "ends inside a field")
        self.at += length
        return self.data[self.at - length:self.at]

    def number(self, length):
        return int.from_bytes(self.take(length), "big")

    def text(self, length_bytes=1):
        try:
            return self.take(self.number(length_bytes)).decode()
        except UnicodeDecodeError:
            raise Bad("a text that is not UTF-8")

    def flag(self):
        flag = self.number(1)
        check(flag in (0, 1), "unknown flags")
        return flag == 1

    def finish(self):
        check(self.at == len(self.data), "bytes left over")


def parse_item(data):
    r = Reader(data)
    check(r.number(1) == 1, "an item of another version")
    kind = r.number(1)
    check(kind in ITEM_KINDS, "an item of unknown kind")
    item = ITEM_KINDS[kind](r)
    r.finish()
    return item


def parse_authorisation(r):
    item = {
        "item": "authorisation", "atomic": r.flag(), "submitter": r.text(),
        "content_type": r.text(), "body_hash": r.take(32), "created": r.number(8),
        "message_id": r.text(), "instructions": r.number(4),
    }
    count = r.number(1)
    item["signatures"] = [(r.text(), r.take(4), r.take(64)) for _ in range(count)]
    return item


MODEL = re.compile("[a-z0-9-]{1,32}")
LEG_KINDS = dict(enumerate(("transfer", "issue", "redeem", "reserve", "capture", "void", "expire",
                            "queued", "notice", "clear", "net"), 1))
LEG_KINDS.update({14: "draw", 16: "split", 17: "mandated", 18: "return", 19: "recall", 20: "exchange",
                  26: "valued",
                  21: "fee", 22: "fee_tax",
                  23: "period_fee", 24: "period_tax", 25: "owed"})
MONTHLY = ("period_fee", "period_tax", "owed")
LAST_DATE = 157_053     # 2399-12-31, days since 1970
REASON = re.compile("[A-Z0-9]{4}")


def parse_leg(r):
    kind = r.number(1)
    check(kind in LEG_KINDS, "an unknown kind of leg")
    kind = LEG_KINDS[kind]
    flags = r.number(1)
    has_text, numbered, has_reference = flags & 1, flags & 2, flags & 4
    check(flags < 8 and (numbered or not has_reference), "unknown flags")
    item = {
        "item": "leg", "kind": kind,
        "instruction": r.number(4), "leg": r.number(2), "outcome": r.number(2),
        "id": r.take(16), "scale": r.number(1), "amount": r.number(16),
        "debit": r.number(8), "credit": r.number(8), "asset": r.text(),
        # A leg of a binary batch states no addresses: whoever may read it knows the numbers.
        "numbered": bool(numbered),
        "debit_address": None if numbered else r.text(),
        "credit_address": None if numbered else r.text(),
        "reference": r.take(32) if has_reference else None,
        # Which hold is captured or voided, and how much of it is no longer reserved.
        "hold": r.take(16) if kind in ("capture", "void") else None,
        "unreserved": r.number(16) if kind == "capture" else None,
        # In which entry a payment began to wait.
        "since": r.number(8) if kind in ("queued", "notice") else None,
        # Of which window of which settlement model what is cleared, or a net, is.
        "model": r.text() if kind in ("clear", "net", "draw") else None,
        "window": r.number(8) if kind in ("clear", "net", "draw") else None,
        # Which leg of the log is given back or asked for: entry, item, id, and why.
        "original": original(r) if kind in ("return", "recall") else None,
        # Under which mandate somebody else than the owner debits an account.
        "mandate": r.take(16) if kind == "mandated" else None,
        # At which rate or quote a leg of a conversion is, and what its rounding left: a fraction.
        "at": r.take(16) if kind == "exchange" else None,
        "residue": (r.number(16), r.number(16)) if kind == "exchange" else None,
        # From which date on it counts in value-dated balances, days since 1970.
        "value_date": r.number(4) if kind == "valued" else None,
        # For which month something is due, as in 202612.
        "month": r.number(4) if kind in MONTHLY else None,
        "text": r.take(32) if has_text else None,
    }
    month = item["month"]
    check(month is None or 197_001 <= month <= 239_912 and 1 <= month % 100 <= 12, "no month")
    check((item["value_date"] or 0) <= LAST_DATE, "a value date behind the last date")
    if kind == "void":
        item["unreserved"] = item["amount"]
    check(item["reference"] != bytes(32), "a reference of zeros is left out")
    check(item["model"] is None or MODEL.fullmatch(item["model"]), "not the name of a model")
    part, whole = item["residue"] or (0, 1)
    check(part < whole and math.gcd(part, whole) == 1, "a residue that is not in lowest terms")
    count = r.number(1)
    item["private"] = [r.take(32) for _ in range(count)]
    return item


def original(r):
    of = r.number(8), r.number(4), r.take(16), r.take(4).decode(errors="replace")
    check(of[1] > 0 and REASON.fullmatch(of[3]), "not an original")
    return of


POSTED = ("transfer", "issue", "redeem", "capture", "queued", "net", "draw", "split", "mandated",
          "return", "exchange", "valued", "fee", "fee_tax", "period_fee", "period_tax")


def counters_after(leg, side, counters):
    """The four counters of an account that is one side of a leg, after it."""
    after, pending = list(counters), {"debit": 0, "credit": 2}[side]
    if leg["kind"] in POSTED:
        after[pending + 1] += leg["amount"]
    if leg["kind"] in ("reserve", "expire"):
        after[pending] += leg["amount"] if leg["kind"] == "reserve" else -leg["amount"]
    elif leg["unreserved"] is not None:
        after[pending] -= leg["unreserved"]
    return after


def parse_instruction(r):
    has_text = r.flag()
    item = {
        "item": "instruction", "instruction": r.number(4), "outcome": r.number(2),
        "leg": r.number(2), "id": r.take(16), "detail": r.number(8), "json": r.text(4),
    }
    item["text"] = r.take(32) if has_text else None
    return item


def parse_seal(r):
    item = {
        "item": "seal", "sealed_size": r.number(8), "secret": r.take(32),
        "accounts": r.number(8), "assets": [],
    }
    for _ in range(r.number(4)):
        asset = {"asset": r.text(), "scale": r.number(1), "accounts": r.number(8)}
        asset["sums"] = tuple(r.number(16) for _ in range(4))
        asset["issued"], asset["redeemed"] = r.number(16), r.number(16)
        item["assets"].append(asset)
    return item


ITEM_KINDS = {
    0: parse_authorisation,
    1: parse_leg,
    2: parse_instruction,
    3: lambda r: {"item": "genesis", "json": r.text(4)},
    4: parse_seal,
}


def parse_private(data):
    """What the account's owner alone may read: counters after the item, and the item before."""
    check(len(data) == 84, "a private part has 84 bytes")
    r = Reader(data)
    names = ("debits_pending", "debits_posted", "credits_pending", "credits_posted")
    part = {"account": r.number(8)}
    part.update((name, r.number(16)) for name in names)
    previous = (r.number(8), r.number(4))
    part["previous"] = None if previous == (2**64 - 1, 2**32 - 1) else previous
    return part


# --- the receipt --------------------------------------------------------------------------------

FIELDS = {"version", "level", "log_vkey", "entry", "items", "items_total", "tlog_proof"}


def verify(receipt, vkey):
    """Returns what the receipt proves; raises `Bad` if it proves nothing."""
    try:
        return _verify(receipt, vkey)
    except (KeyError, TypeError, ValueError) as error:
        raise Bad("malformed: %r" % error)


# [verify
def _verify(receipt, vkey):
    check(set(receipt) <= FIELDS, "unknown fields")
    check(receipt["version"] == 1, "a receipt of another version")
    check(receipt["level"] == "log-signed", "a level that this code cannot check")
    entry = unb64(receipt["entry"], 120)
    version, _, zero, items, index, time = struct.unpack(">BBHIQQ", entry[:24])
    check(version == 1 and zero == 0, "an entry of another version")
    payload_root = entry[56:88]

    check(receipt["items"], "the receipt opens no item")
    total = receipt["items_total"]  # the items that the receipt's holder may read
    check(len(receipt["items"]) <= total <= items, "a number of items that cannot be")
    opened = {}
    for item in receipt["items"]:
        check(not opened or item["n"] > max(opened), "items out of order")
        opened[item["n"]] = open_item(item, items, payload_root)

    proof_index, proof, checkpoint = parse_tlog_proof(receipt["tlog_proof"])
    check(proof_index == index, "the proof is of another entry")
    size, root = open_checkpoint(checkpoint, vkey)
    check(root_from_proof(leaf_hash(entry), index, size, proof) == root, "not in the log")
    return {"index": index, "time": time, "size": size, "items": opened}


def open_item(opening, items, payload_root):
    data, salt = unb64(opening["bytes"]), unb64(opening["salt"], 32)
    proof = [unb64(hash, 32) for hash in opening["proof"]]
    root = root_from_proof(leaf_hash(salt + data), opening["n"], items, proof)
    check(root == payload_root, "item %d is not in the entry" % opening["n"])
    item = parse_item(data)
    item["opened"] = []
    commitments = item.get("private", [])
    for part in opening.get("private") or []:
        check(part["k"] in range(len(commitments)), "no such private part")
        check(commit(part) == commitments[part["k"]], "not the private part of the item")
        item["opened"].append(parse_private(unb64(part["bytes"])))
    if opening.get("text") is not None:
        check(commit(opening["text"]) == item.get("text"), "not the text of the item")
        item["words"] = unb64(opening["text"]["bytes"])
    return item


def commit(opening):
    return sha256(b"\x12", unb64(opening["salt"], 32), unb64(opening["bytes"]))
# verify]
