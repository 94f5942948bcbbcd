#!/usr/bin/env python3
"""Binary batches for a bank, in Python: 8,189 payments in one signed message of one megabyte.

    quittance_batch.py encode payments.csv payments.batch
    quittance_batch.py send payments.batch --url https://settle.example --key bank-a.pem \
        --origin settle.example/eu1 --genesis-hash 8egtGNXaBeG/bN2q2onqNOYxZrNeuMr3YZIuxnkGZCw=

`encode` writes the exact bytes, once. `send` signs and sends these bytes, and may be run again for as
long as there is no answer: nothing moves twice. Exit status 0: all settled; 1: some were refused;
2: not answered, or nothing was logged.

A line of the CSV is `debit number,credit number,minor units,reference`, e.g. `3,17,125000,INV-88`. The
reference is what stands behind the third comma: nothing, up to 32 bytes of UTF-8, or 64 hexadecimal
digits. It stays in the log for ever: no personal data. The numbers of accounts whose addresses you
know: `GET /v1/numbers?addresses=bank-b:usd`. Formats: chain/SPEC.md, "Binary batch".

Needs the standard library and `cryptography`.
"""

import argparse
import base64
import hashlib
import http.client
import os
import pathlib
import re
import struct
import sys
import time
import urllib.parse

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

BATCH = "application/vnd.quittance.batch"
OUTCOMES = "application/vnd.quittance.outcomes"
RECORDS_MAX = 8189
SETTLED = 1
# What may become of a transfer; all numbers are in docs/reference/errors.md.
NAMES = {
    1: "SETTLED", 10: "MESSAGE_ABORTED", 11: "ID_ALREADY_USED", 13: "ACCOUNT_UNKNOWN",
    14: "NOT_OWNER", 15: "ASSET_UNKNOWN", 16: "ASSET_MISMATCH", 17: "ASSET_RETIRED",
    18: "ASSET_SUSPENDED", 19: "SELF_TRANSFER", 20: "POSTING_NOT_ALLOWED", 21: "AMOUNT_ZERO",
    22: "PRECISION_EXCEEDED", 23: "AMOUNT_TOO_LARGE", 24: "ACCOUNT_CLOSED",
    25: "LIMIT_PER_TRANSFER", 26: "INSUFFICIENT_FUNDS", 27: "AMOUNT_OVERFLOW",
    63: "ACCOUNT_FROZEN", 64: "PARTICIPANT_SUSPENDED", 65: "MAX_BALANCE", 66: "LIMIT_VELOCITY",
    67: "LIMIT_BILATERAL", 68: "LIMIT_MULTILATERAL", 198: "FEE_NOT_IN_BATCH",
}


class Wrong(Exception):
    """What was given, or what was answered, is not what it should be."""


# --- encoding ---

# [encode
def encode(lines, message_id, created_ns, first_id, atomic=False):
    """The body: a header of 128 bytes and 128 bytes a line; integers are little-endian."""
    if not 1 <= len(lines) <= RECORDS_MAX:
        raise Wrong("%d lines; a batch has 1 to %d" % (len(lines), RECORDS_MAX))
    records = [record(n, line) for n, line in enumerate(lines, 1)]
    name = message_id.encode()
    if not re.fullmatch(rb"[A-Za-z0-9._:/-]{1,64}", name):
        raise Wrong("%r is no message id" % message_id)
    if len(first_id) != 16 or first_id[6] >> 4 != 7 or first_id[8] >> 6 != 2:
        raise Wrong("the first id is no UUIDv7")
    # Record n has the id first_id + n: counting must not leave the 62 random bits at the end.
    if (int.from_bytes(first_id, "big") % 2**62) + len(records) - 1 >= 2**62:
        raise Wrong("the ids would carry out of their random bits: draw another first id")
    header = struct.pack(
        "<4sHHI4xQB7x64s16s16x",  # x: a zero byte; s: bytes, filled up with zeros
        b"QTB1", 1, int(atomic), len(records), created_ns, len(name), name, first_id,
    )
    return header + b"".join(records)


def record(n, line):
    cells = line.split(",", 3)
    if len(cells) != 4:
        raise Wrong("line %d: four cells are wanted: debit,credit,minor units,reference" % n)
    debit, credit, amount = (number(n, cell, bits) for cell, bits in zip(cells, (64, 64, 96)))
    # Behind the amount: 16 bytes for holds, kind 1 (a transfer), and 6 bytes of options; zeros.
    return struct.pack("<QQ16s16xH6x32s40x", debit, credit, amount.to_bytes(16, "little"), 1,
                       reference(n, cells[3]))
# encode]


def number(n, cell, bits):
    # int() alone would take "+1", " 1" and "1_000".
    if not re.fullmatch(r"0|[1-9][0-9]{0,28}", cell, re.ASCII) or int(cell) >= 2**bits:
        raise Wrong("line %d: %r is no whole number below 2^%d" % (n, cell, bits))
    return int(cell)


def reference(n, cell):
    if re.fullmatch(r"[0-9A-Fa-f]{64}", cell):
        if not cell.strip("0"):
            raise Wrong("line %d: a reference of zeros stands for none" % n)
        return bytes.fromhex(cell)
    if len(cell.encode()) > 32 or any(ord(c) < 32 or 127 <= ord(c) < 160 for c in cell):
        raise Wrong("line %d: up to 32 bytes of UTF-8 or 64 hex digits, not %r" % (n, cell))
    return cell.encode()


def fresh_id():
    """A UUIDv7: 48 bits of milliseconds, version 7, 12 random bits, variant, 62 random bits, of
    which the first is zero, so that no batch is long enough to carry out of them."""
    number = int(time.time() * 1000) << 80 | int.from_bytes(os.urandom(10), "big")
    number = number & ~(0xF << 76) | 7 << 76
    return (number & ~(0x7 << 61) | 0x2 << 62).to_bytes(16, "big")


# --- signing ---

class Key:
    """A PKCS#8 file, encrypted or not, and the vkey: `--vkey`, or the file's `Quittance-Key:` line."""
    def __init__(self, path, passphrase=None, vkey=None):
        pem = pathlib.Path(path).read_bytes()
        line = re.search(rb"^Quittance-Key: (\S+)$", pem, re.MULTILINE)
        vkey = vkey or (line and line.group(1).decode())
        if not vkey:
            raise Wrong("%s names no vkey: give --vkey" % path)
        self.private = load_pem_private_key(pem, passphrase)
        self.name, key_id, key = vkey.strip().split("+", 2)
        self.id, public = bytes.fromhex(key_id), base64.b64decode(key)[1:]
        self.public = Ed25519PublicKey.from_public_bytes(public)
        if self.private.public_key().public_bytes_raw() != public:
            raise Wrong("the vkey is not the key's")

    def sign(self, text):
        """The value of a header `Quittance-Signature`."""
        signature = self.private.sign(text.encode())
        self.public.verify(signature, text.encode())
        return self.name + " " + base64.b64encode(self.id + signature).decode()


def statement(origin, genesis_hash, submitter, body):
    """What is signed: six lines that name the body by its hash and bind it to this very log."""
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    lines = ("quittance submission v1", origin, genesis_hash, submitter, BATCH, digest)
    return "".join(line + "\n" for line in lines)


# --- sending ---

def post(url, headers, body):
    parts = urllib.parse.urlsplit(url)
    kinds = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}
    connection = kinds[parts.scheme](parts.netloc, timeout=60)
    try:
        connection.request("POST", "/v1/submissions", body, headers)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


def send(url, headers, body, attempts=8):
    """Identical bytes until there is an answer that another attempt cannot change."""
    for attempt in range(attempts):
        wait = min(0.2 * 2**attempt, 10)
        try:
            status, answered, data = post(url, headers, body)
            if status not in (408, 429, 500, 502, 503, 504):
                return status, answered, data
            wait = max(wait, float(answered.get("Retry-After") or 0))
            print("status %d, again in %.1f s" % (status, wait), file=sys.stderr)
        except (OSError, http.client.HTTPException) as error:
            print("no answer (%s), again in %.1f s" % (error, wait), file=sys.stderr)
        time.sleep(wait)
    raise Wrong("no answer: run the same command again; what was logged will not move twice")


def decode(answer, records):
    """Index, time, rows and receipt of an answer; every byte of it is looked at."""
    if len(answer) < 64:
        raise Wrong("an answer of %d bytes" % len(answer))
    magic, version, zero, count, receipt, index, at, good, rest = struct.unpack(
        "<4sHHIIQQI28s", answer[:64])
    if magic != b"QTO1" or version != 1 or zero or any(rest):
        raise Wrong("this is no answer to a batch")
    if count != records:
        raise Wrong("%d outcomes for %d records" % (count, records))
    if len(answer) != 64 + 16 * count + receipt:
        raise Wrong("%d bytes, not those that the header announces" % len(answer))
    rows = list(struct.iter_unpack("<HHIQ", answer[64:64 + 16 * count]))
    if any(row[2] for row in rows):
        raise Wrong("a reserved byte of a row is not zero")
    if good != sum(row[0] == SETTLED for row in rows):
        raise Wrong("the header counts otherwise than the rows")
    return index, at, rows, answer[64 + 16 * count:]


# --- the command line ---

def run_encode(options):
    text = pathlib.Path(options.csv).read_bytes().decode()
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    lines = lines[:-1] if lines[-1] == "" else lines
    first_id = bytes.fromhex(options.first_id) if options.first_id else fresh_id()
    message_id = options.message_id or "batch-" + os.urandom(12).hex()
    created = options.created or time.time_ns()
    body = encode(lines, message_id, created, first_id, options.atomic)
    # "x": a body that may have been sent is never overwritten.
    with open(options.body, "xb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    print("%d records, message %s, in %s" % (len(lines), message_id, options.body))
    return 0


def run_send(options):
    body = pathlib.Path(options.body).read_bytes()
    passphrase = None
    if options.passphrase_file:
        passphrase = pathlib.Path(options.passphrase_file).read_bytes().rstrip(b"\r\n")
    key = Key(options.key, passphrase, options.vkey)
    submitter = key.name.split("/")[0]
    text = statement(options.origin, options.genesis_hash, submitter, body)
    headers = {"Content-Type": BATCH, "Quittance-Submitter": submitter,
               "Quittance-Signature": key.sign(text)}
    status, answered, data = send(options.url, headers, body)
    if status not in (200, 201) or answered.get_content_type() != OUTCOMES:
        # A problem (RFC 9457): nothing was logged. Its `code` says why.
        raise Wrong("status %d: %s" % (status, data[:1000].decode(errors="replace")))
    index, at, rows, receipt = decode(data, len(body) // 128 - 1)
    replayed = answered.get("Quittance-Replayed") == "true"
    print("entry %d, time %d%s" % (index, at, ", logged before" if replayed else ""))
    for n, (outcome, _, _, detail) in enumerate(rows):
        name = NAMES.get(outcome, "UNKNOWN")
        print("%d %d %s%s" % (n, outcome, name, " %d" % detail if detail else ""))
    # The proof: verify it with the log's vkey, and keep it (docs/guide/bank.md, section 7).
    pathlib.Path(options.body + ".receipt.json").write_bytes(receipt)
    return 0 if all(row[0] == SETTLED for row in rows) else 1


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("encode", help="write the bytes of a batch, once")
    command.set_defaults(run=run_encode)
    command.add_argument("csv")
    command.add_argument("body")
    command.add_argument("--atomic", action="store_true", help="all records or none")
    command.add_argument("--message-id", help="yours to choose [default: random]")
    command.add_argument("--created", type=int, metavar="NS", help="since 1970 [default: now]")
    command.add_argument("--first-id", metavar="HEX", help="a UUIDv7 [default: a fresh one]")
    command = commands.add_parser("send", help="send such bytes, and again while unanswered")
    command.set_defaults(run=run_send)
    command.add_argument("body")
    for name in ("--url", "--key", "--origin", "--genesis-hash"):
        command.add_argument(name, required=True)
    command.add_argument("--vkey", help="the key's public half [default: as in the key file]")
    command.add_argument("--passphrase-file", metavar="FILE")
    options = parser.parse_args()
    try:
        return options.run(options)
    except (Wrong, OSError, TypeError, ValueError) as error:
        print("quittance_batch.py: %s" % error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
