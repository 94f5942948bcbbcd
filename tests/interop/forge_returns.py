"""Forged logs about returns and recalls: an operator who holds the log's key writes what the rules do
not make. `told` are the entries that `giving.py` names.
"""

import json
import struct

import client
import receipt
from forge_cycles import early_entry, left_out
from forge_holds import at, leg_end, put, raised, replaced
from rewritten import SUBMISSION

KIND = 2
# Of the 32 bytes at the end of what such a leg states: entry, item, id, reason.
OF = 32


def forge(cases):
    told = cases.told
    returns(cases, told)
    refunds(cases, told)
    refusals(cases, told)
    recalls(cases, told)
    reversals(cases, told)
    ends(cases, told)


def outcome(number):
    return put(7, struct.pack(">HH", number, 0xFFFF))


def of(change):
    """A leg of another original."""
    def changed(item):
        end = leg_end(item)
        return item[:end - OF] + change(item[end - OF:end]) + item[end:]
    return changed


def asked(change):
    """An instruction whose fields are changed."""
    def changed(item):
        length = int.from_bytes(item[35:39], "big")
        value = json.loads(item[39:39 + length])
        (_, fields), = value.items()
        change(fields)
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        return item[:35] + struct.pack(">I", len(text)) + text + item[39 + length:]
    return changed


def returns(cases, told):
    back, rest, by_number = told["returned"], told["rest"], told["by_number"]
    cases.forged("more comes back than was asked", back, "item 2", at(back, 2, raised(1)))
    cases.forged("a return of another entry", back, "item 2", at(
        back, 2, of(lambda data: data[:7] + bytes([data[7] ^ 1]) + data[8:])))
    cases.forged("a return of another item", back, "item 2", at(
        back, 2, of(lambda data: data[:11] + bytes([data[11] + 1]) + data[12:])))
    cases.forged("a return for another reason", back, "item 2", at(
        back, 2, of(lambda data: data[:-4] + b"MS02")))
    cases.forged("a return of another instruction", back, "item 2", at(
        back, 2, of(lambda data: data[:12] + bytes(16) + data[28:])))
    cases.forged("a return without its leg", back, "item 2", lambda copy: copy.items[back].pop())
    cases.forged("a leg of a return alone", back, "item 1", lambda copy: copy.items[back].pop(1))
    cases.forged("a return as a transfer", back, "item 2", at(back, 2, lambda item: (
        item[:KIND] + b"\1" + item[3:leg_end(item) - OF] + item[leg_end(item):])))
    cases.forged("a return that tells addresses", by_number, "item 2", at(
        by_number, 2, addresses(cases.copy().items[back][2])))

    def whole(fields):
        fields["amount"] = "12.50"

    cases.forged("a return of another amount than was signed", back, "item 2",
                 at(back, 1, asked(whole)))

    def settled(copy):
        """As if the entry before it had given nothing back."""
        at(told["twice"], 1, outcome(1))(copy)
        copy.items[told["twice"]].append(copy.items[rest][2])

    cases.forged("a return of what was returned", told["twice"], "item 1", settled)


def addresses(other):
    """A leg that names accounts by number, with the addresses of a leg that does not."""
    begin = 61 + 1 + other[61]
    end = leg_end(other) - OF
    named = other[begin:end]

    def change(item):
        at_number = 61 + 1 + item[61]
        return item[:3] + b"\0" + item[4:at_number] + named + item[at_number:]
    return change


def refunds(cases, told):
    refund, more, nothing = told["refund"], told["refund_too_much"], told["of_nothing"]
    cases.forged("a refund of a split that is refused", refund, "item 1", at(
        refund, 1, outcome(165)))
    cases.forged("a refund that is a part of a split", refund, "item 2", at(
        refund, 2, lambda item: item[:KIND] + b"\x10" + item[3:leg_end(item) - OF]
        + item[leg_end(item):]))
    cases.forged("a refund above its part of a split", more, "item 1", at(more, 1, outcome(1)))
    cases.forged("a refund of nothing", nothing, "item 1", at(nothing, 1, outcome(1)))
    cases.forged("another refund of a debit", told["refunded"], "item 2", at(
        told["refunded"], 2, raised(1)))


def refusals(cases, told):
    for name, code, what in (
        ("too_much", 168, "a return of more than is left"),
        ("original_unknown", 163, "a return of what is not in the log"),
        ("not_owner", 14, "a return that the sender asked for"),
        ("outdated", 164, "a proof that leads to nothing that is known"),
        ("return_too_late", 166, "a return after the window"),
    ):
        index = told[name]
        found = receipt.parse_item(cases.copy().items[index][1])["outcome"]
        assert found == code, (name, found)
        cases.forged(what, index, "item 1", at(index, 1, outcome(1)))
    index = told["returned"]
    cases.forged("a return that is refused", index, "item 1", lambda copy: (
        copy.items[index].pop(), at(index, 1, outcome(168))(copy)))
    cases.forged("a proof that is found outdated too early", index, "item 1", lambda copy: (
        copy.items[index].pop(), at(index, 1, outcome(164))(copy)))

    def another(fields):
        fields["original"]["salt"] = client.b64(bytes(32))

    cases.forged("an original that is none", index, "item 1", at(index, 1, asked(another)))


def recalls(cases, told):
    asks, no = told["recall"], told["no"]
    cases.forged("a recall that moves money", asks, "item 2", at(
        asks, 2, lambda item: item[:KIND] + b"\x12" + item[3:10] + b"\0\1" + item[12:]))
    cases.forged("a recall of more than was paid", asks, "item 2", at(asks, 2, raised(1)))
    cases.forged("a recall without word to the payee", asks, "item 2", lambda copy: (
        copy.items[asks].pop()))
    cases.forged("a second recall of one payment", told["asked_twice"], "item 1", at(
        told["asked_twice"], 1, outcome(160)))
    cases.forged("a refusal for another reason", no, "item 2", at(
        no, 2, of(lambda data: data[:-4] + b"NOAS")))
    cases.forged("a refusal as a recall", no, "item 2", at(
        no, 2, lambda item: item[:10] + struct.pack(">H", 160) + item[12:]))


def reversals(cases, told):
    alone, done = told["alone"], told["reversed"]
    cases.forged("a reversal by one operator", alone, "item 1", at(alone, 1, outcome(1)))
    cases.forged("a reversal of another amount", done, "item 2", at(done, 2, raised(1)))
    cases.forged("a reversal without a word of why", done, "item 2", at(
        done, 2, of(lambda data: data[:-4] + b"MS02")))


def ends(cases, told):
    index = told["ended"]
    cases.forged("a recall that ends early", index, "item 1", early_entry(index))
    left_out(cases, "a recall that does not end", index)
    cases.forged("a recall that ends as refused", index, "item 1", at(
        index, 1, lambda item: item[:10] + struct.pack(">H", 161) + item[12:]))
    cases.forged("an end that somebody asked for", index, "item 0 of a system entry", at(
        index, 0, replaced(b"system-", b"sistem-")))
    copy = cases.copy()
    copy.entries[index][1] = SUBMISSION
    cases.run("the end of a recall as a submission, signed anew", 1,
              "entry %d: the signatures" % index, copy=copy, chained=True, key=cases.key)
