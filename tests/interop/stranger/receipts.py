"""Receipts, balance files and proven statements (SPEC: Receipts, Seals)."""
import formats
import tree
from base import fields, need, read_json, unb64, utf8, whole
from ed import Vkey
from formats import (CAPTURE, CLEAR, EXPIRE, NOTICE, RECALL, RESERVE, VOID, Entry, Leg, Private,
                     SealedAccount, commitment)
from notes import check_proof_file


def _load(path):
    with open(path, "rb") as file:
        return read_json(utf8(file.read()))


def check_receipt_file(path, vkey):
    """Verify a receipt file."""
    check_receipt(_load(path), vkey)


def check_statement_file(path, vkey):
    """Verify a proven statement."""
    check_statement(_load(path), vkey)


def check_receipt(value, vkey):
    """Verify a receipt; gives back its entry and [(number, item, {k: private part})]."""
    fields(value, ("version", "level", "log_vkey", "entry", "items", "items_total", "tlog_proof"))
    need(type(value["version"]) is int and value["version"] == 1, "version of the receipt")
    need(value["level"] in ("log-signed", "witnessed"), "level of the receipt")
    Vkey.read(value["log_vkey"])
    entry = Entry.read(unb64(value["entry"], 120))
    need(isinstance(value["items"], list) and value["items"], "no item is opened")
    total = whole(value["items_total"])
    need(len(value["items"]) <= total <= entry.items, "items_total")
    opened, before = [], -1
    for one in value["items"]:
        number, item, parts = _open(one, entry)
        need(number > before, "items out of order")
        before = number
        opened.append((number, item, parts))
    need(isinstance(value["tlog_proof"], str), "tlog_proof is no string")
    check_proof_file(value["tlog_proof"], entry.index, entry.leaf, vkey)
    return entry, opened


def _open(one, entry):
    fields(one, ("n", "bytes", "salt", "proof"), ("private", "text"))
    number, data, salt = whole(one["n"], 2**32), unb64(one["bytes"]), unb64(one["salt"], 32)
    item = formats.read_item(data)
    need(isinstance(one["proof"], list), "proof is no array")
    proof = [unb64(value, 32) for value in one["proof"]]
    found = tree.proven_root(formats.item_leaf(salt, data), number, entry.items, proof)
    need(found == entry.payload_root, "the item does not lead to the payload root")
    parts = {}
    need(isinstance(one.get("private", []), list), "private is no array")
    for part in one.get("private", []):
        fields(part, ("k", "bytes", "salt"))
        k, text = whole(part["k"]), unb64(part["bytes"])
        need(isinstance(item, Leg) and k < len(item.private) and k not in parts,
             "number of a private part")
        need(commitment(unb64(part["salt"], 32), text) == item.private[k], "private part")
        parts[k] = Private.read(text)
    if "text" in one:
        fields(one["text"], ("bytes", "salt"))
        due = getattr(item, "text", None)
        text = unb64(one["text"]["bytes"])
        need(commitment(unb64(one["text"]["salt"], 32), text) == due, "text part")
    return number, item, parts


def check_balance(value, vkey):
    """Verify a balance file; gives back the sealed account."""
    fields(value, ("version", "log_vkey", "account", "salt", "account_proof", "entry",
                   "tlog_proof"))
    need(type(value["version"]) is int and value["version"] == 1, "version of the balance file")
    Vkey.read(value["log_vkey"])
    data = unb64(value["account"])
    account, entry = SealedAccount.read(data), Entry.read(unb64(value["entry"], 120))
    need(entry.kind == formats.SEAL and entry.index >= account.size, "the entry is no such seal")
    need(isinstance(value["account_proof"], list), "account_proof is no array")
    proof = [unb64(one, 32) for one in value["account_proof"]]
    leaf = tree.leaf(unb64(value["salt"], 32) + data)
    need(tree.proven_root(leaf, account.number, account.accounts, proof) == entry.aux,
         "the account does not lead to aux")
    need(isinstance(value["tlog_proof"], str), "tlog_proof is no string")
    check_proof_file(value["tlog_proof"], entry.index, entry.leaf, vkey)
    return account


def check_statement(value, vkey):
    """Verify a proven statement."""
    fields(value, ("version", "from", "to", "receipts"))
    need(type(value["version"]) is int and value["version"] == 1, "version of the statement")
    to = check_balance(value["to"], vkey)
    counters, last = [0, 0, 0, 0], None
    if value["from"] is not None:
        start = check_balance(value["from"], vkey)
        same = [(a.number, a.asset, a.scale, a.address) for a in (start, to)]
        need(same[0] == same[1] and start.size <= to.size, "two accounts, or turned about")
        counters, last = start.counters, start.last
    need(isinstance(value["receipts"], list), "receipts are no array")
    for receipt in value["receipts"]:
        entry, opened = check_receipt(receipt, vkey)
        for number, item, parts in opened:
            counters = _step(to, item, parts, counters, last)
            last = (entry.index, number)
    need((counters, last) == (to.counters, to.last), "the receipts do not lead to the balance")


def _step(to, item, parts, counters, last):
    need(isinstance(item, Leg), "an opened item is no leg")
    mine = [(k, part) for k, part in parts.items() if part.account == to.number]
    need(len(mine) == 1, "no private part of the account")
    k, part = mine[0]
    need(part.previous == last, "the item before is another")
    number, address = ((item.debit, item.debit_address), (item.credit, item.credit_address))[k]
    if item.numbered:
        address = to.address    # a leg of a batch states none
    need((number, address, item.asset, item.scale) == (to.number, to.address, to.asset, to.scale),
         "a leg of another account")
    after, pending = list(counters), 2 * k
    if item.kind not in (RESERVE, VOID, EXPIRE, NOTICE, CLEAR, RECALL):
        after[pending + 1] += item.amount
    after[pending] += {RESERVE: item.amount, VOID: -item.amount, EXPIRE: -item.amount,
                       CAPTURE: -(item.unreserved or 0)}.get(item.kind, 0)
    need(part.counters == after, "counters of the private part")
    return after
