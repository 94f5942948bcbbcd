"""Changes an export in every way that its files allow, and expects `verify_log.py` to name it.

    tamper_log.py EXPORT VKEY
"""

import json
import os
import shutil
import sys
import tempfile

from receipt import sha256, unb64
from verify_log import verify


def b64(data):
    import base64
    return base64.b64encode(data).decode()


class Copy:
    """An export of one's own to spoil."""

    def __init__(self, source, folder):
        self.folder = os.path.join(folder, "export")
        shutil.copytree(source, self.folder)

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def flip(self, at, *names):
        with open(self.path(*names), "r+b") as file:
            file.seek(at)
            byte = file.read(1)[0]
            file.seek(at)
            file.write(bytes([byte ^ 1]))

    def lines(self, change):
        name = self.path("records", "000000.jsonl")
        with open(name, encoding="ascii") as file:
            lines = [json.loads(line) for line in file]
        change(lines)
        with open(name, "w", encoding="ascii") as file:
            file.writelines(json.dumps(line) + "\n" for line in lines)


def leg_in(record):
    """The number of the first leg among a record's items."""
    items = [unb64(item) for item in record["items"]]
    return next(n for n, item in enumerate(items) if item[:2] == b"\x01\x01")


def first_payment(lines):
    return next(line for line in lines if any(unb64(i)[:2] == b"\x01\x01" for i in line["items"]))


def pays_more(lines):
    """A cent more, with the payload root made new, and the entry in the record with it."""
    line = first_payment(lines)
    n = leg_in(line)
    item = bytearray(unb64(line["items"][n]))
    item[44] ^= 1
    line["items"][n] = b64(bytes(item))
    salt, leaves = unb64(line["salt"]), []
    for k, data in enumerate(line["items"]):
        of_item = sha256(b"\x10", salt, k.to_bytes(4, "big"))
        leaves.append(sha256(b"\x00", of_item, unb64(data)))
    from ledger import root_of
    entry = bytearray(unb64(line["entry"]))
    entry[56:88] = root_of(leaves)
    line["entry"] = b64(bytes(entry))


def of_line(key, spoil):
    def change(lines):
        line = first_payment(lines)
        line[key] = spoil(line[key])
    return change


def flipped(text):
    data = bytearray(unb64(text))
    data[-1] ^= 1
    return b64(bytes(data))


def swap(lines):
    lines[2], lines[3] = lines[3], lines[2]


CASES = {
    "a salt": lambda c: c.lines(of_line("salt", flipped)),
    "an item": lambda c: c.lines(of_line("items", lambda items: items[:-1] + [flipped(items[-1])])),
    "an item left out": lambda c: c.lines(of_line("items", lambda items: items[:-1])),
    "an item twice": lambda c: c.lines(of_line("items", lambda items: items + items[-1:])),
    "two items swapped": lambda c: c.lines(of_line("items", lambda items: items[::-1])),
    "an amount, hashed anew": lambda c: c.lines(pays_more),
    "the sealed body": lambda c: c.lines(of_line("sealed_body", flipped)),
    "two records swapped": lambda c: c.lines(swap),
    "a record left out": lambda c: c.lines(lambda lines: lines.pop(3)),
    "a record twice": lambda c: c.lines(lambda lines: lines.insert(3, lines[3])),
    "a bundle": lambda c: c.flip(300, "log", "tile", "entries", "000"),
    "a tile of leaves": lambda c: c.flip(300, "log", "tile", "0", "000"),
    "a tile above": lambda c: c.flip(3, "log", "tile", "1", "000.p", "1"),
    "the checkpoint's size": lambda c: c.flip(c_size(c), "log", "checkpoint"),
    "the checkpoint's signature": lambda c: c.flip(-20 % os.path.getsize(c.path("log", "checkpoint")),
                                                   "log", "checkpoint"),
}


def c_size(copy):
    with open(copy.path("log", "checkpoint"), "rb") as file:
        return file.read().index(b"\n") + 1


def main(export, vkey):
    with open(vkey, encoding="utf-8") as file:
        vkey = file.read().strip()
    log, ledger, status = verify(export, vkey)
    assert status == 0, (log, ledger)
    for name, spoil in CASES.items():
        with tempfile.TemporaryDirectory() as folder:
            copy = Copy(export, folder)
            spoil(copy)
            log, ledger, status = verify(copy.folder, vkey)
            told = log if log.startswith("NO") else ledger
            assert status == 1 and told.startswith("NO: entry "), (name, log, ledger)
            print("ok   %s: %s" % (name, told[4:140]))


if __name__ == "__main__":
    main(*sys.argv[1:3])
