#!/usr/bin/env python3
"""A bank with its own software meets a node: everything a bank does, checked from outside.

    QUITTANCE=path/to/quittance bank.py                      its own node in a temporary folder
    QUITTANCE=... bank.py --node FOLDER --settlements 300    a node that runs in FOLDER already

Exit status 0 if all checks passed; the first one that fails ends the run with its name.
"""

import argparse
import json
import os
import pathlib
import sys
import tempfile
import time

import balance as balances
import bank_nets
import client
import node as nodes
import receipt as receipts
import tamper
from holdings import cents

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "clients" / "python"))
import quittance_batch  # noqa: E402


def expect(what, found, wanted):
    if found != wanted:
        raise SystemExit("FAILED: %s: %r, not %r" % (what, found, wanted))


def passed(what):
    print("ok  ", what, flush=True)


def codes(answer):
    return [outcome["code"] for outcome in answer.json["outcomes"]]


def register(node, suffix):
    """The operator onboards two banks; each made its key itself and handed over the vkey."""
    banks = []
    instructions = [{"add_asset": {"id": client.uuid7(), "asset": "USD", "module": "fiat"}}]
    for side in "ab":
        name = "bank-%s%s" % (side, suffix)
        key = client.Key(name + "/python-1")
        banks.append(client.Client(node.url, name, key))
        instructions += [
            {"add_participant": {
                "id": client.uuid7(), "participant": name, "role": "bank",
                "keys": [key.vkey], "threshold": 1,
            }},
            {"open_account": {
                "id": client.uuid7(), "address": name + ":usd", "owner": name,
                "kind": "settlement", "asset": "USD",
            }},
        ]
    instructions.append({"issue": {
        "id": client.uuid7(), "account": banks[0].participant + ":usd", "amount": "10000.00",
    }})
    for instruction in instructions:
        answer = node.operator(instruction)
        code = answer["outcomes"][0]["code"]
        if code not in ("APPLIED", "SETTLED", "ASSET_EXISTS"):
            raise SystemExit("FAILED: onboarding: %s" % answer)
    passed("the operator registered %s and %s" % tuple(b.participant for b in banks))
    return banks


def check_settlement(bank, other, vkey):
    """One settlement, its receipt, and what happens when it is sent again."""
    debit, credit = bank.participant + ":usd", other.participant + ":usd"
    body = client.message([client.transfer(debit, credit, "USD", "1250.00", end_to_end_id="INV-88")])
    first = bank.submit(body)
    expect("a settlement: status (%s)" % first.data[:300], first.status, 201)
    expect("a settlement: outcome", codes(first), ["SETTLED"])
    expect("a settlement: balance", first.json["balances"][0]["posted"], "8750.00")
    passed("settled: entry %d" % first.json["index"])

    proven = receipts.verify(first.json["receipt"], vkey)
    expect("the receipt's entry", proven["index"], first.json["index"])
    check_items(proven, bank, body, debit, credit)
    passed("the receipt proves it: who asked, what moved, which balance it left")

    again = bank.submit(body)
    expect("sent again: status", (again.status, again.replayed), (200, True))
    for field in ("index", "time", "outcomes"):
        expect("sent again: " + field, again.json[field], first.json[field])
    receipts.verify(again.json["receipt"], vkey)
    passed("sent again: the same answer, marked as replayed")

    content = json.loads(body)
    content["instructions"] = [client.transfer(debit, credit, "USD", "1.00")]
    clash = bank.submit(json.dumps(content).encode())
    expect("a message id with other content: status", clash.status, 409)
    passed("the same message id with other content is refused: %s" % clash.json["code"])
    return body, first.json["receipt"]


def check_items(proven, bank, body, debit, credit):
    asked = json.loads(body)["instructions"][0]["transfer"]
    items = list(proven["items"].values())
    for item in items:
        if item["item"] == "authorisation":
            expect("item 0: submitter", item["submitter"], bank.participant)
            expect("item 0: body hash", item["body_hash"], receipts.sha256(body))
            name, key_id, signature = item["signatures"][0]
            expect("item 0: key", (name, key_id), (bank.key.name, bank.key.id))
            bank.key.private.public_key().verify(signature, bank.statement(body).encode())
    legs = [item for item in items if item["item"] == "leg"]
    expect("legs in the receipt", len(legs), 1)
    leg = legs[0]
    found = (leg["kind"], leg["id"].hex(), leg["outcome"], leg["amount"], leg["scale"], leg["asset"],
             leg["debit_address"], leg["credit_address"])
    expect("the leg", found, (
        "transfer", asked["id"].replace("-", ""), 1, 125000, 2, "USD", debit, credit))
    if b"INV-88" not in leg["words"]:
        raise SystemExit("FAILED: the text part does not hold the reference: %r" % leg["words"])
    expect("private parts opened to the payer", len(leg["opened"]), 1)
    part = leg["opened"][0]
    expect("the payer's account", part["account"], leg["debit"])
    expect("the balance in the receipt", part["credits_posted"] - part["debits_posted"], 875000)


def check_refusals(bank, other):
    debit, credit = bank.participant + ":usd", other.participant + ":usd"
    size = checkpoint_size(bank)
    body = client.message([client.transfer(debit, credit, "USD", "1.00")])
    wrong = bank.post("/v1/submissions", body, [bank.key.sign(bank.statement(body + b" "))])
    expect("a wrong signature", (wrong.status, wrong.json["code"]), (401, "SIGNATURE_INVALID"))
    expect("no signature at all", bank.post("/v1/submissions", body, []).status, 401)
    expect("another's signature",
           bank.post("/v1/submissions", body, [other.key.sign(bank.statement(body))]).status, 401)
    dry = bank.key.sign(bank.statement(body, purpose="dry-run"))
    expect("a dry run's signature", bank.post("/v1/submissions", body, [dry]).status, 401)
    passed("wrong, missing, foreign and dry-run signatures get 401")

    trial = bank.dry_run(body)
    expect("a dry run (%s)" % trial.data[:200], (trial.status, codes(trial)), (200, ["SETTLED"]))
    expect("entries after all that", checkpoint_size(bank), size)
    passed("a dry run says what would happen; nothing was logged")

    poor = bank.submit(client.message([client.transfer(debit, credit, "USD", "99999.00")]))
    expect("no funds", (poor.status, codes(poor)), (201, ["INSUFFICIENT_FUNDS"]))
    theft = bank.submit(client.message([client.transfer(credit, debit, "USD", "1.00")]))
    expect("another's account", (theft.status, codes(theft)), (201, ["NOT_OWNER"]))
    passed("refusals for business reasons are outcomes, in the log")
    return poor.json["receipt"]


def checkpoint_size(bank):
    note = client.http("GET", bank.url + "/log/checkpoint").data.decode()
    return int(note.split("\n")[1])


def check_reads(bank, other, body, vkey):
    address = bank.participant + ":usd"
    expect("a read without a session", bank.get("/v1/accounts/" + address).status, 401)
    session = bank.open_session()
    expect("a session (%s)" % session.data[:200], session.status in (200, 201), True)
    account = bank.get("/v1/accounts/" + address).json
    expect("balance", (account["posted"], account["asset"]), ("8750.00", "USD"))
    history = bank.get("/v1/accounts/%s/history" % address).json["items"]
    expect("history", [(i["kind"], i["direction"], i["amount"], i["balance"]) for i in history], [
        ("transfer", "debit", "1250.00", "8750.00"), ("issue", "credit", "10000.00", "10000.00")])
    foreign = bank.get("/v1/accounts/%s:usd" % other.participant)
    expect("another's account", foreign.status in (403, 404), True)
    passed("a session reads balance and history, and nobody else's")

    asked = json.loads(body)
    stored = bank.get("/v1/submissions", participant=bank.participant,
                      created=asked["created"], message_id=asked["message_id"])
    expect("the stored answer", (stored.status, codes(stored)), (200, ["SETTLED"]))
    index = stored.json["index"]
    fresh = bank.get("/v1/receipts/%d" % index)
    expect("a fresh receipt (%s)" % fresh.data[:200], fresh.status, 200)
    expect("its entry", receipts.verify(fresh.json, vkey)["index"], index)
    other.open_session()
    counterpart = other.get("/v1/receipts/%d" % index, item=1)
    proven = receipts.verify(counterpart.json, vkey)
    opened = [part["credits_posted"] for item in proven["items"].values() for part in item["opened"]]
    expect("what the payee sees", opened, [125000])
    passed("the payee's receipt opens the payee's part, and only that")


def check_tampering(node, receipt, vkey):
    receipts.verify(receipt, vkey)
    count = 0
    for what, changed in tamper.every_byte(receipt):
        try:
            receipts.verify(changed, vkey)
        except receipts.Bad:
            count += 1
            continue
        raise SystemExit("FAILED: a receipt with a change in %s was accepted" % what)
    passed("%d changed receipts, none accepted here" % count)

    name = node.folder / "receipt.json"
    verify = ("receipt", "verify", name, "--log-vkey", "data/log.vkey")
    name.write_text(json.dumps(receipt))
    done = node.command(*verify)
    expect("the command line on the good one (%s)" % done.stderr, done.returncode, 0)
    count = 0
    for what, changed in tamper.every_region(receipt):
        name.write_text(json.dumps(changed))
        done = node.command(*verify)
        # A version that this command does not know says neither yes nor no.
        expect("the command line on a change in %s" % what, done.returncode, 2 if what == "version" else 1)
        count += 1
    passed("%d changed receipts, none accepted by the command line" % count)


def check_batch(bank, other, vkey):
    """A binary batch: both sides hold receipts by number, and neither learns an address."""
    debit, credit = bank.participant + ":usd", other.participant + ":usd"
    bank.open_session()
    other.open_session()
    items = bank.get("/v1/numbers", addresses=debit + "," + credit).json["items"]
    a, b = (item["number"] for item in items)
    lines = ["%d,%d,125,INV-88" % (a, b), "%d,%d,1," % (a, b), "%d,%d,1,not mine" % (b, a)]
    body = quittance_batch.encode(
        lines, "batch-" + os.urandom(6).hex(), time.time_ns(), quittance_batch.fresh_id())
    kind = quittance_batch.BATCH
    for status in (201, 200):
        signature = bank.key.sign(bank.statement(body, content_type=kind))
        answer = bank.post("/v1/submissions", body, [signature], kind)
        expect("a batch: status", answer.status, status)
        index, _, rows, proof = quittance_batch.decode(answer.data, len(lines))
        expect("a batch: outcomes", [row[0] for row in rows], [1, 1, 14])
    proven = receipts.verify(json.loads(proof), vkey)
    expect("who sent the batch", proven["items"][0]["submitter"], bank.participant)
    expect("what was signed", proven["items"][0]["body_hash"], receipts.sha256(body))
    wanted = {1: b"INV-88".ljust(32, b"\0"), 2: None}
    for n, reference in wanted.items():
        for who, k in ((bank, 0), (other, 1)):
            file = who.get("/v1/receipts/%d" % index, item=n).json
            leg = receipts.verify(file, vkey)["items"][n]
            expect("who paid whom", (leg["debit"], leg["credit"]), (a, b))
            expect("addresses", (leg["debit_address"], leg["credit_address"]), (None, None))
            expect("a reference", leg["reference"], reference)
            expect("whose balance", [part["account"] for part in leg["opened"]], [(a, b)[k]])
    answer = other.get("/v1/receipts/%d" % index, item=3)
    expect("a refusal of somebody else's", answer.status, 404)
    passed("a batch: outcomes, receipts of both sides by number, and the same answer again")


def check_hold(bank, other, vkey):
    """Reserved, captured in part, voided: what each side's receipts say of it."""
    debit, credit = bank.participant + ":usd", other.participant + ":usd"
    bank.open_session()
    other.open_session()
    before = bank.get("/v1/accounts/" + debit).json
    hold, leg = client.uuid7(), {"debit": debit, "credit": credit, "asset": "USD", "amount": "100.00"}
    made = bank.submit(client.message([{"reserve": {
        "id": hold, "legs": [leg], "multi": True, "end_to_end_id": "room 101"}}]))
    expect("a hold (%s)" % made.data[:300], (made.status, codes(made)), (201, ["RESERVED"]))
    part = client.message([{"capture": {"id": client.uuid7(), "hold": hold, "amount": "40.00"}}])
    taken = other.submit(part)
    expect("a capture", codes(taken), ["SETTLED"])
    given_back = bank.submit(client.message([{"void": {"id": client.uuid7(), "hold": hold}}]))
    expect("a void", codes(given_back), ["VOIDED"])
    after = bank.get("/v1/accounts/" + debit).json
    spent = [cents(before[name]) - cents(after[name]) for name in ("posted", "available")]
    expect("what the payer has left", spent, [4000, 4000])
    raw = bytes.fromhex(hold.replace("-", ""))
    for answer, kind, outcome, moved, of_hold, unreserved, pending in (
        (made, "reserve", 3, 10000, None, None, 10000),
        (taken, "capture", 1, 4000, raw, 4000, 6000), (given_back, "void", 4, 6000, raw, 6000, 0),
    ):
        index, side = answer.json["index"], "credits" if answer is taken else "debits"
        items = receipts.verify(answer.json["receipt"], vkey)["items"]
        expect("the instruction about a hold", (items[1]["item"], items[1]["outcome"]),
               ("instruction", outcome))
        for who, of in ((bank, "debits"), (other, "credits")):
            leg = receipts.verify(who.get("/v1/receipts/%d" % index, item=2).json, vkey)["items"][2]
            found = leg["kind"], leg["outcome"], leg["amount"], leg["hold"], leg["unreserved"]
            expect("the leg", found, (kind, outcome, moved, of_hold, unreserved))
            expect("what is pending", [one[of + "_pending"] for one in leg["opened"]], [pending])
        stranger = bank if side == "credits" else other
        expect("another's instruction", stranger.get(
            "/v1/receipts/%d" % index, item=1).status, 404)
    passed("a hold, captured in part and voided, with receipts of both sides")


def check_balance(node, bank, other, vkey):
    """A seal every second, and a proof of one balance that nobody else gets."""
    answer = node.operator({"set_parameter": {
        "id": client.uuid7(), "name": "seal_interval_s", "value": 1,
    }})
    expect("seals every second", answer["outcomes"][0]["code"], "APPLIED")
    debit, credit = bank.participant + ":usd", other.participant + ":usd"
    path = "/v1/accounts/%s/proof" % debit
    bank.open_session()
    other.open_session()
    end = time.monotonic() + 60
    while True:
        body = client.message([client.transfer(debit, credit, "USD", "0.01")])
        expect("a payment", bank.submit_surely(body).status, 201)
        answer = bank.get(path)
        if answer.status == 200:
            break
        expect("no seal yet", (answer.status, answer.json["code"]), (404, "SEAL_NOT_FOUND"))
        if time.monotonic() > end:
            raise SystemExit("FAILED: no seal")
        time.sleep(0.3)
    file = answer.json
    account = balances.verify(file, vkey)
    then = bank.get("/v1/accounts/" + debit, at_index=account["sealed_size"] - 1).json
    held = account["credits_posted"] - account["debits_posted"]
    expect("what the proof says", "%d.%02d" % divmod(held, 100), then["posted"])
    answer = other.get(path)
    expect("of somebody else", (answer.status, answer.json["code"]), (404, "ACCOUNT_NOT_FOUND"))
    count = 0
    for what, changed in tamper.every_byte_of_a_balance(file):
        try:
            balances.verify(changed, vkey)
        except receipts.Bad:
            count += 1
            continue
        raise SystemExit("FAILED: a balance with a change in %s was accepted" % what)
    answer = node.operator({"set_parameter": {
        "id": client.uuid7(), "name": "seal_interval_s", "value": 0,
    }})
    expect("no more seals", answer["outcomes"][0]["code"], "APPLIED")
    passed("a seal proves the balance of %s, and none of %d changed proofs does" % (debit, count))


def settle_many(bank, other, count):
    debit, credit = bank.participant + ":usd", other.participant + ":usd"
    began = time.monotonic()
    for n in range(count):
        body = client.message([client.transfer(debit, credit, "USD", "%d.%02d" % divmod(n + 1, 100))])
        answer = bank.submit_surely(body)
        expect("settlement %d" % n, (answer.status, codes(answer)), (201, ["SETTLED"]))
    passed("%d more settlements in %.1f s" % (count, time.monotonic() - began))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--node", help="folder of a node that runs already")
    parser.add_argument("--settlements", type=int, default=0, help="so many more, at the end")
    options = parser.parse_args()
    binary = os.environ.get("QUITTANCE") or sys.exit("QUITTANCE must name the binary")
    binary = os.path.abspath(binary)

    if options.node:
        play(nodes.Node(binary, options.node).attach(), options.settlements)
        return
    with tempfile.TemporaryDirectory() as folder:
        with nodes.Node(binary, folder) as node:
            play(node, options.settlements)


def play(node, settlements):
    vkey = node.vkey
    bank, other = register(node, "-%d" % os.getpid())
    body, receipt = check_settlement(bank, other, vkey)
    check_reads(bank, other, body, vkey)
    refused = check_refusals(bank, other)
    check_tampering(node, receipt, vkey)
    check_tampering(node, refused, vkey)
    check_batch(bank, other, vkey)
    check_balance(node, bank, other, vkey)
    check_hold(bank, other, vkey)
    for check in (bank_nets.check_limits, bank_nets.check_nets):
        passed(check(node, bank, other, vkey, expect))
    settle_many(bank, other, settlements)
    print("bank.py: all checks passed")


if __name__ == "__main__":
    main()
