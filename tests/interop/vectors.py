#!/usr/bin/env python3
"""Runs the Python client and verifier through `chain/vectors`, the files that every client shares."""

import json
import pathlib
import sys

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import balance
import client
import receipt
from whole import curve, export, found, registry

ROOT = pathlib.Path(__file__).resolve().parents[2]
VECTORS = ROOT / "chain" / "vectors"
sys.path.insert(0, str(ROOT / "clients" / "python"))
import quittance_batch  # noqa: E402
count = 0


def load(name):
    return json.loads((VECTORS / (name + ".json")).read_text())


def same(what, found, wanted):
    global count
    count += 1
    if found != wanted:
        raise SystemExit("FAILED: %s: %r, not %r" % (what, found, wanted))


def refused(why, function, *arguments):
    global count
    count += 1
    try:
        found = function(*arguments)
    except (receipt.Bad, quittance_batch.Wrong):
        return
    raise SystemExit("FAILED: %s was accepted: %r" % (why, found))


def key(name, seed):
    return client.Key(name, Ed25519PrivateKey.from_private_bytes(bytes.fromhex(seed)))


def tree():
    vectors = load("tree")
    leaves = [bytes.fromhex(leaf) for leaf in vectors["leaf_hashes"]]
    roots = [bytes.fromhex(root) for root in vectors["roots"]]
    for data, leaf in zip(vectors["entries"], leaves):
        same("leaf hash", receipt.leaf_hash(bytes.fromhex(data)), leaf)

    def holds(case):
        proof = [bytes.fromhex(node) for node in case["proof"]]
        leaf = leaves[case["index"]] if case["index"] < len(leaves) else leaves[0]
        root = receipt.root_from_proof(leaf, case["index"], case["size"], proof)
        receipt.check(root == roots[case["size"]], "another root")
        return True

    for case in vectors["inclusion"]:
        same("inclusion", holds(case), True)
    for case in vectors["refused_inclusion"]:
        refused(case["why"], holds, case)


def checkpoints():
    vectors = load("checkpoint")
    signed = vectors["signed"]
    log = key("settle.example/log1", signed["seed"])
    same("vkey", log.vkey, signed["vkey"])
    note = "%s\n\u2014 %s\n" % (signed["text"], log.sign(signed["text"]))
    same("signed checkpoint", note, signed["note"])
    for good in (signed["note"], signed["cosigned_note"]):
        same("checkpoint", receipt.open_checkpoint(good, log.vkey)[0], 8)
    for case in vectors["unbelieved"]:
        if case["origin"] == receipt.parse_vkey(case["key"])[0]:
            refused(case["why"], receipt.open_checkpoint, case["note"], case["key"])
    for case in vectors["malformed"]:
        note = "%s\n\u2014 %s\n" % (case["text"], log.sign(case["text"]))
        refused(case["why"], receipt.open_checkpoint, note, log.vkey)

    def proves(case, text):
        index, proof, checkpoint = receipt.parse_tlog_proof(text)
        size, root = receipt.open_checkpoint(checkpoint, case["key"])
        leaf = bytes.fromhex(case["leaf_hash"])
        receipt.check(receipt.root_from_proof(leaf, index, size, proof) == root, "another root")
        return index

    for name in ("proof", "proof_of_the_only_leaf"):
        same(name, proves(vectors[name], vectors[name]["text"]), vectors[name]["index"])
    for case in vectors["malformed_proofs"] + vectors["unbelieved_proofs"]:
        refused(case["why"], proves, vectors["proof"], case["text"])


def statements():
    vectors = load("statement")
    signer = key("bank-a/hsm-1", vectors["seed"])
    same("vkey", signer.vkey, vectors["key"])
    for case in vectors["statements"]:
        same("signature of a " + case["kind"], signer.sign(case["text"]), case["signature"])
        if case["kind"] in ("submission", "dry-run"):
            bank = client.Client.__new__(client.Client)
            bank.participant, bank.origin = case["submitter"], case["origin"]
            bank.genesis = client.b64(bytes.fromhex(case["genesis"]))
            body = case["body"].encode()
            text = bank.statement(body, case["kind"], case["content_type"])
            same("statement", text, case["text"])


def seals():
    vectors = load("seal")
    secret, accounts = bytes.fromhex(vectors["secret"]), vectors["accounts"]
    for case, proof in zip(accounts, vectors["proofs"]):
        data = bytes.fromhex(case["bytes"])
        account = balance.parse_account(data)
        for name in ("number", "asset", "scale", "address"):
            same(name, account[name], case[name])
        same("last item", account["last"], tuple(case["last"]) if case["last"] else None)
        salt = receipt.sha256(b"\x14", secret, case["number"].to_bytes(8, "big"))
        same("salt of an account", salt.hex(), case["salt"])
        leaf = receipt.sha256(b"\0", salt, data)
        nodes = [bytes.fromhex(node) for node in proof]
        root = receipt.root_from_proof(leaf, case["number"], len(accounts), nodes)
        same("root of a seal", root.hex(), vectors["aux"])
    item = receipt.parse_item(bytes.fromhex(vectors["item"]))
    same("secret of the seal's item", item["secret"], secret)
    same("accounts of the seal's item", item["accounts"], len(accounts))
    for case in vectors["refused_accounts"]:
        refused(case["why"], balance.parse_account, bytes.fromhex(case["bytes"]))


def records():
    def read(data):
        """A record and nothing behind it."""
        try:
            record = export.Record(0, data)
        except found.Diverges as why:
            raise receipt.Bad(str(why)) from None
        receipt.check(record.end == len(data), "more behind the record")
        return record

    vectors = load("record")
    for case in vectors["records"]:
        data = bytes.fromhex(case["bytes"])
        record = read(data)
        for name in ("entry", "salt"):
            same(name + " of a record", getattr(record, name).hex(), case[name])
        same("key of a record", record.key and record.key.hex(), case["key"])
        same("items of a record", [item.hex() for item in record.items], case["items"])
        same("body of a record", (record.sealed_body or b"").hex(), case["sealed_body"])
        same("a record", export.write_record(record.entry, record.salt, record.items,
                                             record.sealed_body, record.key), data)
    for case in vectors["refused"]:
        refused(case["why"], read, bytes.fromhex(case["bytes"]))


def items():
    vectors = load("item")
    for case in vectors["numbered"]:
        wanted, leg = case["fields"], receipt.parse_item(bytes.fromhex(case["bytes"]))
        reference = wanted["numbered"]["reference"]
        same("numbers", (leg["debit"], leg["credit"]), (wanted["debit"], wanted["credit"]))
        same("addresses", (leg["debit_address"], leg["credit_address"]), (None, None))
        same("reference", leg["reference"], reference and bytes.fromhex(reference))
    for case in vectors["held"]:
        wanted, found = case["fields"], receipt.parse_item(bytes.fromhex(case["bytes"]))
        if case["type"] != "leg":
            same("item 0 of a system entry", found["message_id"], wanted["message_id"])
            continue
        of_hold = found["hold"] and {"hold": found["hold"].hex(), "unreserved": str(found["unreserved"])}
        same("hold of a leg", of_hold, wanted["of_hold"])
        for name in ("kind", "outcome", "instruction"):
            same(name + " of a leg", found[name], wanted[name])
    for case in vectors["queued"]:
        wanted, found = case["fields"], receipt.parse_item(bytes.fromhex(case["bytes"]))
        for name in ("kind", "outcome", "since"):
            same(name + " of a leg of a queued payment", found[name], wanted[name])
    for case in vectors["netted"]:
        wanted, found = case["fields"], receipt.parse_item(bytes.fromhex(case["bytes"]))
        of_window = {"model": found["model"], "window": found["window"]}
        same("window of a leg", of_window, wanted["of_window"])
        for name in ("kind", "outcome", "leg"):
            same(name + " of a leg", found[name], wanted[name])
    for case in vectors["linked"]:
        wanted, found = case["fields"], receipt.parse_item(bytes.fromhex(case["bytes"]))
        of = wanted["of_original"]
        same("original of a leg", found["original"],
             (of["index"], of["item"], bytes.fromhex(of["id"]), of["reason"]))
        for name in ("kind", "outcome", "amount"):
            same(name + " of a leg that goes back", str(found[name]), str(wanted[name]))
    for case in vectors["formed"]:
        wanted, found = case["fields"], receipt.parse_item(bytes.fromhex(case["bytes"]))
        mandate = found["mandate"] and found["mandate"].hex()
        same("mandate of a leg", mandate, wanted.get("mandate"))
        for name in ("kind", "outcome", "leg"):
            same(name + " of a leg", found[name], wanted[name])
    for case in vectors["exchanged"]:
        wanted, found = case["fields"], receipt.parse_item(bytes.fromhex(case["bytes"]))
        part, whole = found["residue"]
        of = {"at": found["at"].hex(), "numerator": str(part), "denominator": str(whole)}
        same("rate of a leg", of, wanted["of_exchange"])
        for name in ("kind", "outcome", "leg"):
            same(name + " of a leg", found[name], wanted[name])
    for case in vectors["valued"]:
        wanted, found = case["fields"], receipt.parse_item(bytes.fromhex(case["bytes"]))
        for name in ("kind", "outcome", "leg", "value_date"):
            same(name + " of a leg", found[name], wanted[name])
    for case in vectors["charged"]:
        wanted, found = case["fields"], receipt.parse_item(bytes.fromhex(case["bytes"]))
        for name in ("kind", "outcome", "leg"):
            same(name + " of a fee", found[name], wanted[name])
        same("amount of a fee", str(found["amount"]), wanted["amount"])
    for case in vectors["monthly"]:
        wanted, found = case["fields"], receipt.parse_item(bytes.fromhex(case["bytes"]))
        for name in ("kind", "outcome", "leg", "month"):
            same(name + " of what is due for a month", found[name], wanted[name])
        same("amount of a fee", str(found["amount"]), wanted["amount"])
    for case in vectors["refused_items"]:
        refused(case["why"], receipt.parse_item, bytes.fromhex(case["bytes"]))


def batches():
    vectors = load("batch")
    case, answer = vectors["encoder"], vectors["answer"]
    body = quittance_batch.encode(case["lines"], case["message_id"], case["created"],
                                  bytes.fromhex(case["first_id"]), case["atomic"])
    same("body of a batch", body.hex(), case["body"])
    records = len(answer["rows"])
    index, time, rows, proof = quittance_batch.decode(bytes.fromhex(answer["bytes"]), records)
    same("head of an answer", (index, time), (answer["index"], answer["time"]))
    wanted = [(row["outcome"], 0xFFFF if row["leg"] is None else row["leg"], 0, row["detail"])
              for row in answer["rows"]]
    same("rows of an answer", rows, wanted)
    same("receipt of an answer", proof.decode(), answer["receipt"])
    for case in vectors["refused_answers"]:
        refused(case["why"], quittance_batch.decode, bytes.fromhex(case["bytes"]), records)
    for _ in range(1000):
        quittance_batch.encode(["0,1,1,"] * 2, "m", 0, quittance_batch.fresh_id())


def keys():
    vectors = load("note")
    for case in vectors["unregistrable"]:
        public = registry.vkey_parts(case["key"])[2]
        same("registrable: " + case["why"], curve.registrable(public), False)
    for seed in range(8):
        public = registry.vkey_parts(key("a/%d" % seed, "%02x" % seed * 32).vkey)[2]
        same("registrable", curve.registrable(public), True)
    same("points of small order", len(curve.small()), 8)


tree()
checkpoints()
statements()
seals()
records()
items()
batches()
keys()
print("vectors.py: %d vectors hold" % count)
