#!/usr/bin/env python3
"""Changed copies of proven statements: `statement.py` and `quittance statement verify` refuse them all.

    QUITTANCE=path/to/quittance cut.py --log-vkey log.vkey STATEMENT...
"""

import argparse
import copy
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import receipt
import statement
import tamper


# Of a longer statement, so many of its receipts are changed: the first, the last, and between them.
CHANGED_MAX = 32


def places(count):
    """Which receipts are changed."""
    step = max(1, -(-count // CHANGED_MAX))
    return sorted({*range(0, count, step), *range(max(0, count - 1), count)})


def cuts(file):
    """What somebody would change who wants to hide a payment."""
    receipts = file["receipts"]
    for n in places(len(receipts)):
        yield "without receipt %d" % n, dict(file, receipts=receipts[:n] + receipts[n + 1:])
        yield "receipt %d twice" % n, dict(file, receipts=receipts[:n] + receipts[n:n + 1]
                                           + receipts[n:])
    for n in places(len(receipts) - 1):
        swapped = receipts[:n] + [receipts[n + 1], receipts[n]] + receipts[n + 2:]
        yield "receipts %d and %d swapped" % (n, n + 1), dict(file, receipts=swapped)
    yield "no receipts", dict(file, receipts=[])
    if file["from"] is None:
        yield "the newer end as the older", dict(file, **{"from": file["to"]})
    else:
        yield "from the opening", dict(file, **{"from": None})
        yield "the ends swapped", dict(file, **{"from": file["to"], "to": file["from"]})


def bytes_changed(file):
    """The middle byte of each part of each receipt and of both ends."""
    for n in places(len(file["receipts"])):
        for what, changed in tamper.every_region(file["receipts"][n]):
            if what in ("version", "level", "items_total: too many"):
                continue
            receipts = copy.copy(file["receipts"])
            receipts[n] = changed
            yield "receipt %d: %s" % (n, what), dict(file, receipts=receipts)
    for end in ("from", "to"):
        if file[end] is not None:
            for name in ("account", "salt", "entry"):
                size = len(receipt.unb64(file[end][name]))
                changed = tamper.flipped(file[end], (name,), size // 2)
                yield "%s: %s" % (end, name), dict(file, **{end: changed})


def accepted(file, vkey):
    try:
        statement.verify(file, vkey)
        return True
    except receipt.Bad:
        return False


def product(file, vkey, folder):
    name = folder / "statement.json"
    name.write_text(json.dumps(file))
    return subprocess.run(
        [os.environ["QUITTANCE"], "statement", "verify", str(name), "--log-vkey", vkey],
        capture_output=True, timeout=60).returncode


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("files", nargs="+", help="statements that hold")
    parser.add_argument("--log-vkey", required=True, help="file with the log's key")
    options = parser.parse_args()
    vkey, count = pathlib.Path(options.log_vkey).read_text().strip(), 0
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for name in options.files:
            file = json.loads(pathlib.Path(name).read_text())
            if not accepted(file, vkey) or product(file, vkey, folder) != 0:
                sys.exit("FAILED: %s itself is refused" % name)
            for what, changed in [*cuts(file), *bytes_changed(file)]:
                status = product(changed, vkey, folder)
                if accepted(changed, vkey) or status != 1:
                    sys.exit("FAILED: %s, %s: accepted, or status %d" % (name, what, status))
                count += 1
    print("ok   %d changed statements, each refused by both" % count)


if __name__ == "__main__":
    main()
