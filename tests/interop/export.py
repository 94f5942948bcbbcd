"""Reads an export folder (chain/SPEC.md, "Export"), and says what cannot be read.

No code of Quittance's: the standard library, `cryptography`, and `receipt.py` beside this file.
"""

import json
import os

from receipt import Bad, check, unb64

PER_FILE = 1000


class Missing(Exception):
    """Something that is not there: nothing can be said then."""


class Divergence(Exception):
    """The first place where something is not as it must be."""

    def __init__(self, index, what, expected, found):
        super().__init__("entry %s: %s: expected %s, found %s" % (index, what, expected, found))


class Export:
    def __init__(self, folder):
        self.folder = folder
        self.keys = self._body_keys()

    def read(self, *names):
        path = os.path.join(self.folder, *names)
        try:
            with open(path, "rb") as file:
                return file.read()
        except OSError as error:
            raise Missing(str(error))

    def has_records(self):
        return os.path.isdir(os.path.join(self.folder, "records"))

    def tile(self, level, number, width):
        """C2SP tlog-tiles: groups of three digits, all but the last with an x before them."""
        digits, path = number, []
        while True:
            path.insert(0, "%03d" % (digits % 1000))
            digits //= 1000
            if digits == 0:
                break
        path[:-1] = ["x" + part for part in path[:-1]]
        if width < 256:
            path[-1] += ".p"
            path.append(str(width))
        return self.read("log", "tile", str(level), *path)

    def _body_keys(self):
        path = os.path.join(self.folder, "body.keys")
        keys = {}
        if os.path.exists(path):
            with open(path, encoding="ascii") as file:
                for line in file:
                    index, key = line.rstrip("\n").split(" ")
                    keys[int(index)] = unb64(key, 32)
        return keys

    def records(self, size):
        """Every record, in order."""
        for first in range(0, size, PER_FILE):
            lines = self.read("records", "%06d.jsonl" % (first // PER_FILE)).split(b"\n")
            count = min(PER_FILE, size - first)
            if len(lines) != count + 1 or lines[-1]:
                raise Divergence(first, "lines of records", count, len(lines) - 1)
            for index, line in enumerate(lines[:-1], first):
                yield self._record(index, line)

    def _record(self, index, line):
        try:
            view = json.loads(line)
            check(view["index"] == index, "another index")
            sealed = view.get("sealed_body")
            return {
                "entry": unb64(view["entry"], 120),
                "salt": unb64(view["salt"], 32),
                "items": [unb64(item) for item in view["items"]],
                "content_type": view.get("content_type"),
                "sealed_body": unb64(sealed) if sealed is not None else None,
                "key": self.keys.get(index),
            }
        except (ValueError, KeyError, TypeError, Bad) as error:
            raise Divergence(index, "the record", "one that can be read", error)
