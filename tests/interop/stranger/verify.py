"""Verifier of an export, a receipt or a proven statement, written from SPEC alone.

verify.py --log-vkey FILE [--values FILE] EXPORT_FOLDER
verify.py --log-vkey FILE --receipt FILE
verify.py --log-vkey FILE --statement FILE

Exit status: 0 all holds, 1 something does not, 2 something could not be checked, also where this
program itself fails.
"""
import argparse
import json
import sys
import traceback

from audit import Audit
from base import Diverged, Malformed, Missing
from ed import Vkey
from export import Folder, PublicLog
from receipts import check_receipt_file, check_statement_file

HOLDS, FAILS, UNCHECKED = 0, 1, 2
WORDS = {HOLDS: "holds", FAILS: "DOES NOT HOLD", UNCHECKED: "could not be checked"}


def verdict(name, check):
    """Run a check, print its verdict, give back its status."""
    status, why = HOLDS, ""
    try:
        check()
    except (Diverged, Malformed) as error:
        status, why = FAILS, f"\n  {error}"
    except (Missing, OSError) as error:
        status, why = UNCHECKED, f"\n  {error}"
    print(f"{name}: {WORDS[status]}{why}")
    return status


def verify_export(path, vkey, told=()):
    """Both verdicts on an export folder; the worse status, 1 before 2."""
    try:
        folder = Folder(path)
    except Missing as error:
        print(f"could not be checked: {error}")
        return UNCHECKED
    log = PublicLog(folder, vkey)
    audit = Audit(folder, log)
    for one in told:
        audit.questions.setdefault(one["at_index"], []).append(one)
    first = {"error": None}

    def published():
        log.check()
        try:
            audit.run()
        except (Diverged, Missing) as error:
            first["error"] = error
        if audit.state is not None:
            log.check_keys(audit.state.log_keys)

    def ledger():
        if intact != HOLDS and audit.state is None:
            raise Missing("the log itself is not intact")
        if first["error"] is not None:
            raise first["error"]

    intact = verdict("the log is append-only and intact", published)
    follows = verdict("the ledger follows its rules", ledger)
    for note in audit.unjudged:
        print(f"  not judged: {note}")
    return FAILS if FAILS in (intact, follows) else max(intact, follows)


def main():
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--log-vkey", required=True)
    parser.add_argument("--values", help="answers of a node about value-dated balances, as JSON")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--receipt")
    what.add_argument("--statement")
    what.add_argument("export", nargs="?")
    options = parser.parse_args()
    try:
        with open(options.log_vkey, encoding="utf-8") as file:
            vkey = Vkey.read(file.read().removesuffix("\n"))
        told = []
        if options.values:
            with open(options.values, encoding="utf-8") as file:
                told = json.load(file)
    except (OSError, ValueError, Malformed) as error:
        print(f"could not be checked: --log-vkey: {error}")
        return UNCHECKED
    if options.receipt:
        return verdict("the receipt", lambda: check_receipt_file(options.receipt, vkey))
    if options.statement:
        return verdict("the statement", lambda: check_statement_file(options.statement, vkey))
    return verify_export(options.export, vkey, told)


def without_verdict(program):
    """Its status; a failure of its own is no verdict on what it looks at."""
    try:
        return program()
    except Exception as error:  # pylint: disable=broad-exception-caught
        traceback.print_exc()
        print(f"could not be checked: this program failed: {error!r}")
        return UNCHECKED


if __name__ == "__main__":
    sys.exit(without_verdict(main))
