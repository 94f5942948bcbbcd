#!/usr/bin/env python3
"""Makes a log in which everything happened once: for `verify_log.py`, and for whoever reads logs.

    QUITTANCE=path/to/quittance history.py --node FOLDER --auditor VKEY     a node that runs in FOLDER

Payments with texts, in several legs, all-or-nothing, refused for many reasons; binary batches; holds;
limits, freezes, suspensions; banks from onboarding to their end; netting cycles; proposals; business days; returns, reversals and recalls;
splits, conditions, mandates; rates, quotes, conversions; fees; reservations; funds out; a rotated key; seals; an
erasure; a closed account.
Then a statement from seal to seal is proven to
FOLDER/statement.json, by the command line. Prints what the tests want to know as JSON.
"""

import argparse
import json
import os
import pathlib
import sys
import time

from cryptography.hazmat.primitives.serialization import load_pem_private_key

import admitting
import agreeing
import business
import charging
import client
import dealings
import earmarking
import formings
import giving
import holdings
import joined
import limiting
import meeting
import monthly
import nettings
import node as nodes
import reaching
import receipt
import rests
import statement
import waits

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "clients" / "python"))
import quittance_batch  # noqa: E402

SETTLED, APPLIED = "SETTLED", "APPLIED"
A, B = "north", "south"


def load(path, passphrase):
    """A key that the command line made: a line with its name, then PEM."""
    text = path.read_text()
    name = text.split("\n", 1)[0].removeprefix("Quittance-Key: ").split("+")[0]
    pem = text[text.index("-----BEGIN"):].encode()
    return client.Key(name, load_pem_private_key(pem, passphrase.read_bytes().rstrip(b"\n")))


class History:
    def __init__(self, node):
        self.node, keys = node, node.folder / "data" / "keys"
        self.operators = client.Client(
            node.url, "operators", load(keys / "operator-1.pem", keys / "passphrase"))
        self.told = {}

    def govern(self, *instructions, wanted=APPLIED, keys=(), **fields):
        """Signed by the operators, and by further keys."""
        asked = [{kind: dict({"id": client.uuid7()}, **i)} for kind, i in instructions]
        body = client.message(asked, **fields)
        text = self.operators.statement(body)
        signers = [self.operators.key, *keys]
        answer = self.operators.post("/v1/submissions", body, [key.sign(text) for key in signers])
        return outcome(answer, *([wanted] if isinstance(wanted, str) else wanted))

    def bank(self, name):
        """A bank whose first key the command line made, so that it can use that too."""
        folder = self.node.folder
        passphrase = folder / "passphrase"
        passphrase.touch(0o600)
        passphrase.write_text("only for tests\n")
        done = self.node.command("keys", "generate", name + "/first", "--out", name + ".pem",
                                 "--passphrase-file", passphrase)
        if done.returncode:
            raise SystemExit("FAILED: keys generate: " + done.stderr)
        key = load(folder / (name + ".pem"), passphrase)
        self.govern(("add_participant", {
            "participant": name, "role": "bank", "keys": [key.vkey], "threshold": 1}))
        for kind, address in (("settlement", name + ":eur"), ("customer", name + ":eur.7")):
            self.govern(("open_account", {
                "address": address, "owner": name, "kind": kind, "asset": "EUR"}))
        return client.Client(self.node.url, name, key)

    @staticmethod
    def outcome(answer, *wanted):
        return outcome(answer, *wanted)

    @staticmethod
    def batch(*arguments, **fields):
        return batch(*arguments, **fields)

    def pay(self, bank, debit, credit, amount, wanted=SETTLED, **texts):
        body = client.message([client.transfer(debit, credit, "EUR", amount, **texts)])
        return outcome(bank.submit_surely(body), wanted)

    def run(self, auditor):
        self.govern(("add_asset", {"asset": "EUR", "module": "fiat"}))
        north, south = self.bank(A), self.bank(B)
        self.govern(("add_participant", {
            "participant": "auditor", "role": "auditor", "keys": [auditor], "threshold": 1}))
        self.govern(("issue", {"account": A + ":eur", "amount": "1000.00"}), wanted=SETTLED)
        self.refusals(north, south)
        self.messages(north, south)
        giver = giving.Giving(self, north, south)
        giver.keep_early()
        self.batches(north, south)
        held = holdings.Holdings(self, north, south)
        held.play()
        limits, queues = limiting.Limiting(self, held), waits.Waits(held)
        limits.play()
        queues.play()
        meeting.Meeting(limits, queues).play()
        rests.Rests(queues).play()
        nettings.Nettings(self, held, north, south).play()
        formings.Formings(self, held).play()
        dealings.Dealings(self, held, north, south).play()
        charging.Charging(self, held, limits.second).play()
        monthly.Months(self, held, limits.second).play()
        earmarking.Earmarking(self, held).play()
        agreed = agreeing.Agreeing(self, held, limits.second)
        agreed.play()
        admitting.Admitting(self, held, limits.second).play()
        reaching.Reaching(self, held, limits.second).play()
        both = joined.Joined(self, agreed)
        both.play()
        day = business.Business(self, held, north, south)
        day.play()
        both.on_a_day(str(day.day(1)), str(day.day(3)))
        giver.play(held, limits.second)
        self.rotate(north)
        between, rest = held.open_ones()
        self.seals(north, south, between)
        self.erase(north)
        self.redeem(south)
        self.retire(south, held, rest)
        print(json.dumps(self.told))

    def refusals(self, north, south):
        """Outcomes that the rules give, one after the other."""
        for debit, credit, amount, wanted in (
            (A + ":eur", B + ":eur", "100000.00", "INSUFFICIENT_FUNDS"),
            (A + ":eur", B + ":eur", "0.00", "AMOUNT_ZERO"),
            (A + ":eur", B + ":eur", "0.001", "PRECISION_EXCEEDED"),
            (A + ":eur", A + ":eur", "1.00", "SELF_TRANSFER"),
            (B + ":eur", A + ":eur", "1.00", "NOT_OWNER"),
            (A + ":eur", "nobody", "1.00", "ACCOUNT_UNKNOWN"),
            (A + ":eur", "operators:issuance.EUR", "1.00", "POSTING_NOT_ALLOWED"),
        ):
            self.pay(north, debit, credit, amount, wanted, remittance="refused \u2014 \"quoted\"")
        self.govern(("set_limits", {"address": A + ":eur", "per_transfer_max": "500.00",
                                    "min_balance": "10.00"}))
        self.govern(("set_limits", {"address": B + ":eur", "credit_line": "50"}))
        self.pay(north, A + ":eur", B + ":eur", "500.01", "LIMIT_PER_TRANSFER")
        self.govern(("set_limits", {"address": A + ":eur", "min_balance": "10.00"}))
        self.pay(south, B + ":eur", A + ":eur", "50.01", "INSUFFICIENT_FUNDS")
        self.told["credit_line"] = self.pay(south, B + ":eur", A + ":eur", "50.00")
        self.govern(("set_asset_status", {"asset": "EUR", "status": "suspended"}))
        self.pay(north, A + ":eur", B + ":eur", "1.00", "ASSET_SUSPENDED")
        self.govern(("set_asset_status", {"asset": "EUR", "status": "active"}))
        for kind, fields, wanted in (
            ("add_asset", {"asset": "EUR", "module": "fiat"}, "ASSET_EXISTS"),
            ("add_asset", {"asset": "QQQ", "module": "fiat"}, "ASSET_NOT_OFFERED"),
            ("open_account", {"address": A + ":eur", "owner": A, "kind": "settlement",
                              "asset": "EUR"}, "ACCOUNT_EXISTS"),
            ("set_parameter", {"name": "seal_interval_s", "value": 10**9},
             "PARAMETER_OUT_OF_RANGE"),
            ("protocol", {"version": 2, "from_index": 10**6}, "PROTOCOL_UNSUPPORTED"),
            ("erase", {"entry_index": 10**6, "basis": "a request"}, "ENTRY_UNKNOWN"),
        ):
            self.govern((kind, fields), wanted=wanted)

    def messages(self, north, south):
        """Several legs, several instructions, all or nothing, an id that was used."""
        legs = [{"debit": A + ":eur", "credit": credit, "asset": "EUR", "amount": amount}
                for credit, amount in ((B + ":eur", "20"), (A + ":eur.7", "7.5"), (B + ":eur", "2"))]
        parts = {"transfer": {"id": client.uuid7(), "legs": legs, "end_to_end_id": "E-1"}}
        one = client.transfer(A + ":eur", B + ":eur", "EUR", "1.00", debtor_name="N\u00f6rd")
        poor = client.transfer(A + ":eur", B + ":eur", "EUR", "499999.00")
        body = client.message([parts, one, poor])
        answer = north.submit_surely(body)
        self.told["several"] = outcome(answer, SETTLED, SETTLED, "INSUFFICIENT_FUNDS")
        again = client.message([one])
        outcome(north.submit_surely(again), "ID_ALREADY_USED")
        fresh = [client.transfer(A + ":eur", B + ":eur", "EUR", "1.00", creditor_name="S"),
                 client.transfer(A + ":eur", B + ":eur", "EUR", "499999.00")]
        body = client.message(fresh, atomic=True)
        outcome(north.submit_surely(body), "MESSAGE_ABORTED", "INSUFFICIENT_FUNDS")

    def batches(self, north, south):
        """Records that settle and that are refused, with references and without; one all or nothing;
        one whose ids were used. Between them a message in JSON, so that chains cross."""
        north.open_session()
        addresses = (A + ":eur", B + ":eur", "operators:issuance.EUR")
        answer = north.get("/v1/numbers", addresses=",".join(addresses)).json
        a, b, issuance = (item["number"] for item in answer["items"])
        digits, most = "ab" * 32, 2**96 - 1
        lines = ("%d,%d,125,INV-88" % (a, b), "%d,%d,1," % (a, b), "%d,%d,9999999,over" % (a, b),
                 "%d,%d,0," % (a, b), "%d,%d,%d,%s" % (b, a, most, digits), "%d,99,1," % a,
                 "%d,%d,1,%s" % (a, a, digits), "%d,%d,1," % (a, issuance), "%d,%d,7,%s" % (a, b, digits))
        first = quittance_batch.fresh_id()
        self.told["batch"] = batch(north, lines, (1, 1, 26, 21, 14, 13, 19, 20, 1), first)
        self.pay(north, A + ":eur", B + ":eur", "2.00")
        self.told["batch_again"] = batch(north, lines[:2], (11, 11), first)
        self.told["aborted"] = batch(
            north, (lines[0], "%d,%d,30000,last" % (a, b), lines[3], lines[1]), (10, 10, 21, 10),
            atomic=True)
        self.told["batch_back"] = batch(south, ("%d,%d,133," % (b, a),), (1,), atomic=True)

    def rotate(self, bank):
        """A second key, then the first is gone; the bank goes on with the second."""
        old, new = bank.key, client.Key(bank.participant + "/second")
        self.govern(("add_key", {"participant": bank.participant, "vkey": new.vkey}),
                    wanted="NOT_OWNER")
        self.govern(("add_key", {"participant": bank.participant, "vkey": new.vkey}), keys=[old])
        self.told["rotated"] = self.govern(
            ("revoke_key", {"participant": bank.participant, "key_id": old.id.hex()}))
        body = client.message([client.transfer(A + ":eur", B + ":eur", "EUR", "3.00")])
        answer = bank.submit(body)
        if answer.json.get("code") != "KEY_REVOKED":
            raise SystemExit("FAILED: a revoked key: %s" % answer.data[:200])
        bank.key = new
        self.told["after_rotation"] = self.pay(bank, A + ":eur", B + ":eur", "3.00")

    def seals(self, north, south, between):
        """Seals every second; a statement of the south's account from one to a later one."""
        self.govern(("set_parameter", {"name": "seal_interval_s", "value": 1}))
        older = self.sealed(north, south, 0)
        (self.node.folder / "older.json").write_text(json.dumps(older))
        between()
        for n in range(5):
            self.pay(south, B + ":eur", A + ":eur", "0.%02d" % (n + 1))
        self.sealed(north, south, receipt.unb64(older["entry"]))
        self.govern(("set_parameter", {"name": "seal_interval_s", "value": 0}))
        for name, since in (("statement.json", ("--since", "older.json")), ("whole.json", ())):
            self.prove(name, since)

    def prove(self, name, since):
        folder = self.node.folder
        done = self.node.command(
            "statement", "prove", B + ":eur", *since, "--key", B + ".pem", "--passphrase-file",
            "passphrase", "--url", self.node.url, "--log-vkey", "data/log.vkey", "--out", name)
        if done.returncode:
            raise SystemExit("FAILED: statement prove: " + done.stderr)
        file = json.loads((folder / name).read_text())
        legs = statement.verify(file, self.node.vkey)[2]
        self.told[name] = len(legs)

    def sealed(self, north, south, but):
        """A balance proof under another seal than `but`, with payments until there is one."""
        south.open_session()
        end = time.monotonic() + 60
        while time.monotonic() < end:
            self.pay(north, A + ":eur", B + ":eur", "0.01")
            answer = south.get("/v1/accounts/%s/proof" % (B + ":eur"))
            if answer.status == 200 and receipt.unb64(answer.json["entry"]) != but:
                return answer.json
            time.sleep(0.3)
        raise SystemExit("FAILED: no seal")

    def erase(self, north):
        paid = self.pay(north, A + ":eur", B + ":eur", "4.00", remittance="to be forgotten")
        self.told["erased"] = paid
        self.told["erasure"] = self.govern(
            ("erase", {"entry_index": paid, "basis": "Art. 17 GDPR"}))
        self.govern(("erase", {"entry_index": paid, "basis": "again"}), wanted="ALREADY_ERASED")

    def redeem(self, south):
        out = ("redeem", {"account": B + ":eur", "amount": "10.00"})
        self.govern(out, wanted="NOT_OWNER")
        self.told["redeemed"] = self.govern(out, wanted=SETTLED, keys=[south.key])

    def grown(self, size):
        """Waits until the log has so many entries."""
        end = time.monotonic() + 60
        while time.monotonic() < end:
            note = client.http("GET", self.node.url + "/log/checkpoint").data.decode()
            if int(note.split("\n")[1]) >= size:
                return
            time.sleep(0.05)
        raise SystemExit("FAILED: the log does not grow to %d entries" % size)

    def retire(self, south, held, rest):
        """An account that is closed, and the last words."""
        self.govern(("close_account", {"address": B + ":eur"}), wanted="ACCOUNT_NOT_EMPTY")
        self.govern(("close_account", {"address": B + ":eur.7"}), wanted="ACCOUNT_NOT_EMPTY")
        held.voided(rest)
        self.govern(("close_account", {"address": B + ":eur.7"}))
        self.pay(south, B + ":eur", B + ":eur.7", "1.00", "ACCOUNT_CLOSED")
        held.hold(expires_at=holdings.in_seconds(0.4))
        self.told["last_expiry"] = self.told["reserved"] + 1
        self.grown(self.told["last_expiry"] + 1)
        self.told["last"] = self.pay(south, B + ":eur", A + ":eur", "1.00")


def batch(bank, lines, wanted, first_id=None, atomic=False):
    """Sends a binary batch; gives its index, if its outcomes are those that were wanted."""
    body = quittance_batch.encode(lines, "b-" + os.urandom(6).hex(), time.time_ns(),
                                  first_id or quittance_batch.fresh_id(), atomic)
    signature = bank.key.sign(bank.statement(body, content_type=quittance_batch.BATCH))
    answer = bank.post("/v1/submissions", body, [signature], quittance_batch.BATCH)
    if answer.status != 201:
        raise SystemExit("FAILED: %d %s" % (answer.status, answer.data[:400]))
    index, _, rows, proof = quittance_batch.decode(answer.data, len(lines))
    found = tuple(row[0] for row in rows)
    if found != wanted:
        raise SystemExit("FAILED: outcomes %s, and not %s" % (found, wanted))
    if json.loads(proof)["entry"][:4] != "AQEA":
        raise SystemExit("FAILED: a receipt of no submission")
    return index


def outcome(answer, *wanted):
    """The index of the entry, if its outcomes are those that were wanted."""
    if answer.status not in (200, 201):
        raise SystemExit("FAILED: %d %s" % (answer.status, answer.data[:400]))
    found = [row["code"] for row in answer.json["outcomes"]]
    if found != list(wanted):
        raise SystemExit("FAILED: outcomes %s, and not %s" % (found, wanted))
    return answer.json["index"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--node", required=True, help="folder of a node that runs")
    parser.add_argument("--auditor", required=True, help="vkey of the auditor to register")
    options = parser.parse_args()
    binary = os.environ.get("QUITTANCE") or sys.exit("QUITTANCE must name the binary")
    node = nodes.Node(os.path.abspath(binary), options.node).attach()
    node.folder = node.folder.absolute()
    History(node).run(options.auditor)


if __name__ == "__main__":
    main()
