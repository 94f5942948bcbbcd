#!/usr/bin/env python3
"""Holds a running node against its own documents.

    QUITTANCE=path/to/quittance contract.py [--examples N]

Both documents are valid OpenAPI; then Schemathesis asks everything that they describe, by the
grammar and against it, from examples, limits, random data and the links between operations. Exit
status 0 if every answer was one that the documents name. The seed is fixed
(schemathesis/schemathesis.toml); findings are printed with a command that repeats them.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import client
import node as nodes
import openapi_spec_validator
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

HERE = pathlib.Path(__file__).resolve().parent / "schemathesis"
CHECKS = [
    "not_a_server_error", "status_code_conformance", "content_type_conformance",
    "response_schema_conformance", "response_headers_conformance", "negative_data_rejection",
    "ignored_auth", "unsupported_method", "allow_header_conformance",
]


# Submissions that must reach the log, lest nothing but refusals is tried.
LOGGED_MIN = 20


def log_size(node):
    note = client.http("GET", node.url + "/log/checkpoint").data.decode()
    return int(note.split("\n")[1])


def settle_in(node):
    """Registers two banks, of which one has funds, and an auditor; gives their keys."""
    names = {"bank-a": "bank", "bank-b": "bank", "auditor": "auditor"}
    keys = {name: client.Key(name + "/python-1") for name in names}
    wishes = [{"add_asset": {"asset": "USD", "module": "fiat"}}]
    for name, role in names.items():
        wishes.append({"add_participant": {
            "participant": name, "role": role, "keys": [keys[name].vkey], "threshold": 1}})
        if role == "bank":
            wishes.append({"open_account": {
                "address": name + ":usd", "owner": name, "kind": "settlement", "asset": "USD"}})
    wishes.append({"issue": {"account": "bank-a:usd", "amount": "1000000.00"}})
    for wish in wishes:
        (fields,) = wish.values()
        fields["id"] = client.uuid7()
    answer = node.operator(*wishes)
    codes = {outcome["code"] for outcome in answer["outcomes"]}
    if not codes <= {"APPLIED", "SETTLED"}:
        raise SystemExit("FAILED: onboarding: %s" % codes)
    return keys


def setting(node, keys):
    """What the hooks must know."""
    def raw(key):
        return key.private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption()).hex()

    token = node.folder / "data" / "backup.token"
    return {
        "url": node.url,
        "keys": {name: {"name": key.name, "private": raw(key)} for name, key in keys.items()},
        "backup_token": token.read_text().strip() if token.exists() else "",
    }


def validate(name, url):
    document = client.http("GET", url + "/openapi.json").json
    openapi_spec_validator.validate(document)
    count = sum(len(item) for item in document["paths"].values())
    print("ok   the %s document is OpenAPI %s, %d operations" % (name, document["openapi"], count))


def fuzz(name, url, folder, examples):
    environment = dict(
        os.environ,
        QUITTANCE_CONTRACT=str(folder / "setting.json"),
        SCHEMATHESIS_HOOKS=str(HERE / "hooks.py"),
        PYTHONDONTWRITEBYTECODE="1",
    )
    command = [
        sys.executable, "-m", "schemathesis.cli", "--config-file", str(HERE / "schemathesis.toml"),
        "run", url + "/openapi.json", "--checks", ",".join(CHECKS), "--no-color",
        "--continue-on-failure",
    ]
    if examples:
        command += ["--max-examples", str(examples)]
    print("== schemathesis, %s document" % name, flush=True)
    done = subprocess.run(command, cwd=folder, env=environment, timeout=1200)
    if done.returncode != 0:
        raise SystemExit("FAILED: the %s document and the node disagree" % name)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--examples", type=int, help="so many cases an operation")
    options = parser.parse_args()
    binary = os.environ.get("QUITTANCE") or sys.exit("QUITTANCE must name the binary")
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        with nodes.Node(os.path.abspath(binary), folder / "node") as node:
            run = json.loads((node.folder / "data" / "run.json").read_text())
            admin = "http://" + run["admin"]
            (folder / "setting.json").write_text(json.dumps(setting(node, settle_in(node))))
            validate("public", node.url)
            validate("operators'", admin)
            before = log_size(node)
            fuzz("public", node.url, folder, options.examples)
            logged = log_size(node) - before
            # Otherwise the hooks sign nothing that counts, and only refusals were looked at.
            if logged < LOGGED_MIN:
                raise SystemExit("FAILED: only %d submissions reached the log" % logged)
            print("ok   %d of the submissions reached the log" % logged)
            fuzz("operators'", admin, folder, options.examples)
            if node.process.poll() is not None:
                raise SystemExit("FAILED: the node ended")
    print("contract.py: every answer is one that the documents name")


if __name__ == "__main__":
    main()
