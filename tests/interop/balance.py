"""Checks a balance file offline, trusting one key and nothing else. No code of Quittance's.

    account ... its salted leaf leads to the root in the seal's entry
    entry ... its leaf hash leads to the checkpoint's root
    checkpoint ... is signed by the key YOU hold

The format is that of `chain/SPEC.md`, section "Seals".
"""

import receipt

FIELDS = {"version", "log_vkey", "account", "salt", "account_proof", "entry", "tlog_proof"}
NONE = (2**64 - 1, 2**32 - 1)


def parse_account(data):
    r = receipt.Reader(data)
    receipt.check(r.number(1) == 1, "a sealed account of another version")
    account = {
        "sealed_size": r.number(8), "accounts": r.number(8), "number": r.number(8),
        "asset": r.text(), "scale": r.number(1), "address": r.text(),
    }
    for counter in ("debits_pending", "debits_posted", "credits_pending", "credits_posted"):
        account[counter] = r.number(16)
    last = (r.number(8), r.number(4))
    r.finish()
    receipt.check((last[0] == NONE[0]) == (last[1] == NONE[1]), "half a last item")
    account["last"] = None if last == NONE else last
    receipt.check(account["number"] < account["accounts"], "an account beyond the last one")
    return account


def verify(file, vkey):
    """Gives what the account held, or raises `receipt.Bad`."""
    receipt.check(isinstance(file, dict) and set(file) == FIELDS, "other fields than a balance file's")
    receipt.check(file["version"] == 1, "another version")
    data, salt = receipt.unb64(file["account"]), receipt.unb64(file["salt"], 32)
    account = parse_account(data)
    entry = receipt.unb64(file["entry"], 120)
    receipt.check(entry[:4] == b"\x01\x04\0\0", "not the entry of a seal")
    index, aux = int.from_bytes(entry[8:16], "big"), entry[88:]
    receipt.check(account["sealed_size"] <= index, "sealed before it happened")
    proof = [receipt.unb64(node, 32) for node in file["account_proof"]]
    leaf = receipt.sha256(b"\0", salt, data)
    root = receipt.root_from_proof(leaf, account["number"], account["accounts"], proof)
    receipt.check(root == aux, "the account does not lead to the seal's root")
    stated, nodes, checkpoint = receipt.parse_tlog_proof(file["tlog_proof"])
    receipt.check(stated == index, "the proof of another entry")
    size, root = receipt.open_checkpoint(checkpoint, vkey)
    found = receipt.root_from_proof(receipt.leaf_hash(entry), index, size, nodes)
    receipt.check(found == root, "the entry does not lead to the checkpoint's root")
    return account
