"""Changed copies of a receipt, each with the name of the place that was changed."""

import base64
import copy

ENTRY_REGIONS = (
    ("version", 0, 1), ("kind", 1, 2), ("reserved", 2, 4), ("items", 4, 8), ("index", 8, 16),
    ("time", 16, 24), ("prev", 24, 56), ("payload_root", 56, 88), ("aux", 88, 120),
)


def places(receipt):
    """Every place with base64 bytes: its name, and the keys that lead to it."""
    yield "entry", ("entry",)
    for i, item in enumerate(receipt["items"]):
        yield "item %d" % item["n"], ("items", i, "bytes")
        yield "salt of item %d" % item["n"], ("items", i, "salt")
        for j in range(len(item["proof"])):
            yield "proof of item %d" % item["n"], ("items", i, "proof", j)
        for j in range(len(item.get("private") or [])):
            yield "private part of item %d" % item["n"], ("items", i, "private", j, "bytes")
            yield "private salt of item %d" % item["n"], ("items", i, "private", j, "salt")
        if item.get("text") is not None:
            yield "text of item %d" % item["n"], ("items", i, "text", "bytes")
            yield "text salt of item %d" % item["n"], ("items", i, "text", "salt")


def get(receipt, keys):
    for key in keys:
        receipt = receipt[key]
    return receipt


def replaced(receipt, keys, value):
    changed = copy.deepcopy(receipt)
    get(changed, keys[:-1])[keys[-1]] = value
    return changed


def flipped(receipt, keys, at):
    data = bytearray(base64.b64decode(get(receipt, keys)))
    data[at] ^= 1
    return replaced(receipt, keys, base64.b64encode(data).decode())


def structure(receipt):
    """Changes of what is there rather than of its bytes."""
    yield "version", replaced(receipt, ("version",), 2)
    yield "level", replaced(receipt, ("level",), "witnessed")
    yield "items_total: too few", replaced(receipt, ("items_total",), len(receipt["items"]) - 1)
    yield "items_total: too many", replaced(receipt, ("items_total",), 1 << 31)
    yield "items: none", replaced(receipt, ("items",), [])
    yield "items: twice", replaced(receipt, ("items",), receipt["items"] * 2)
    yield "entry: one byte short", replaced(
        receipt, ("entry",), base64.b64encode(base64.b64decode(receipt["entry"])[:-1]).decode())
    for i, item in enumerate(receipt["items"]):
        yield "number of item %d" % item["n"], replaced(receipt, ("items", i, "n"), item["n"] + 1)
        yield "proof of item %d: longer" % item["n"], replaced(
            receipt, ("items", i, "proof"), item["proof"] + [item["salt"]])
        if item["proof"]:
            yield "proof of item %d: shorter" % item["n"], replaced(
                receipt, ("items", i, "proof"), item["proof"][:-1])
        for j, part in enumerate(item.get("private") or []):
            yield "number of a private part", replaced(
                receipt, ("items", i, "private", j, "k"), part["k"] + 1)
    lines = receipt["tlog_proof"].split("\n")
    for i, line in enumerate(lines[:-1]):
        less = "\n".join(lines[:i] + lines[i + 1:])
        yield "tlog proof without line %d" % i, replaced(receipt, ("tlog_proof",), less)


def every_byte(receipt):
    """One copy for each byte of each place, and for each character of the proof's text."""
    yield from structure(receipt)
    for what, keys in places(receipt):
        for at in range(len(base64.b64decode(get(receipt, keys)))):
            yield "%s, byte %d" % (what, at), flipped(receipt, keys, at)
    yield from every_character(receipt)


def every_character(file):
    text = file["tlog_proof"]
    for at, character in enumerate(text):
        changed = text[:at] + chr(ord(character) ^ 1) + text[at + 1:]
        yield "tlog proof, character %d" % at, replaced(file, ("tlog_proof",), changed)


def every_byte_of_a_balance(file):
    """The same for a balance file."""
    yield "version", replaced(file, ("version",), 2)
    proof = file["account_proof"]
    yield "proof: longer", replaced(file, ("account_proof",), proof + [file["salt"]])
    yield "proof: shorter", replaced(file, ("account_proof",), proof[:-1])
    places = [("account",), ("salt",), ("entry",)]
    places += [("account_proof", j) for j in range(len(proof))]
    for keys in places:
        for at in range(len(base64.b64decode(get(file, keys)))):
            yield "%s, byte %d" % (keys[0], at), flipped(file, keys, at)
    yield from every_character(file)


def every_region(receipt):
    """One copy for each field or line: for checks that are slow."""
    yield from structure(receipt)
    for what, keys in places(receipt):
        size = len(base64.b64decode(get(receipt, keys)))
        regions = ENTRY_REGIONS if what == "entry" else (("bytes", 0, size),)
        for name, start, end in regions:
            yield "%s, %s" % (what, name), flipped(receipt, keys, (start + end - 1) // 2)
    at = 0
    for line in receipt["tlog_proof"].split("\n")[:-1]:
        middle = at + len(line) // 2
        text = receipt["tlog_proof"]
        changed = text[:middle] + chr(ord(text[middle]) ^ 1) + text[middle + 1:]
        yield "tlog proof, line %r" % line, replaced(receipt, ("tlog_proof",), changed)
        at += len(line) + 1
