"""Forged logs about holds: an operator who holds the log's key writes what the rules do not make.

`told` are the entries that `holdings.py` names.
"""

import json
import struct

import receipt
from rewritten import SUBMISSION, SYSTEM

KIND, FLAGS, TIME, MESSAGE = 2, 3, 16, b"system-"


def forge(cases):
    told = cases.told
    captures(cases, told)
    reserves(cases, told)
    ends(cases, told)
    places(cases, told)
    expiries(cases, told)
    authorisations(cases, told)


def at(index, n, change):
    """A change of one item, given as a function of its bytes."""
    def changed(copy):
        copy.items[index][n] = change(copy.items[index][n])
    return changed


def put(place, data):
    return lambda item: item[:place] + data + item[place + len(data):]


def replaced(old, new):
    def change(item):
        assert old in item, (old, item)
        return item.replace(old, new)
    return change


def leg_end(item):
    """Where the private parts begin, and the text before them: behind what a leg states."""
    return len(item) - 65 - (32 if item[FLAGS] & 1 else 0)


def raised(by):
    """A leg of a larger amount, minor units."""
    def change(item):
        value = int.from_bytes(item[29:45], "big") + by
        return item[:29] + value.to_bytes(16, "big") + item[45:]
    return change


def unreserved(by):
    """A leg of a capture that takes more or less from what is reserved."""
    def change(item):
        end = leg_end(item)
        value = int.from_bytes(item[end - 16:end], "big") + by
        return item[:end - 16] + value.to_bytes(16, "big") + item[end:]
    return change


def captures(cases, told):
    over, part, final = told["over"], told["part"], told["final"]

    def above(copy):
        """Asked for and settled alike, only that it is above the tolerance."""
        at(over, 1, replaced(b'"40.00"', b'"41.00"'))(copy)
        at(over, 2, raised(100))(copy)

    cases.forged("a capture above what is tolerated", over, "item 1", above)
    cases.forged("a captured amount", part, "item 2", at(part, 2, raised(1)))
    cases.forged("less is left than a capture leaves", part, "item 2", at(part, 2, unreserved(1)))
    cases.forged("a capture that gives nothing back", final, "item 2",
                 at(final, 2, unreserved(-900)))
    other = told["reserve"]
    hold = receipt.parse_item(cases.copy().items[told["void"]][2])["hold"]

    def another(copy):
        mine = receipt.parse_item(copy.items[part][2])["hold"]
        at(part, 2, replaced(mine, hold))(copy)

    cases.forged("a leg of another hold", part, "item 2", another)
    cases.forged("a capture that is none", part, "item 1, the form of its JSON",
                 at(part, 1, replaced(b'"amount":"40.00"', b'"emount":"40.00"')))
    cases.forged("a capture as a transfer", part, "item 2", lambda copy: at(part, 2, lambda item: (
        item[:KIND] + b"\1" + item[3:leg_end(item) - 32] + item[leg_end(item):]))(copy))
    cases.forged("a text of a capture", part, "the text commitment of item 1", at(
        part, 1, lambda item: item[:2] + b"\1" + item[3:] + bytes(32)))
    cases.forged("a reserve whose text is gone", other, "the text commitment of item 1", at(
        other, 1, lambda item: item[:2] + b"\0" + item[3:-32]))


def reserves(cases, told):
    made = told["reserve"]

    def more(copy):
        at(made, 1, replaced(b'"100"', b'"101"'))(copy)
        at(made, 2, raised(100))(copy)

    cases.forged("what is reserved", made, "private commitment 0 of item 2", more)
    cases.forged("another tolerance", made, "instruction 0 of the body and the items", at(
        made, 1, replaced(b"_bp\":1000", b"_bp\":1001")))
    cases.forged("a tolerance above the highest", made, "item 1", at(
        made, 1, lambda item: relength(item.replace(b"_bp\":1000", b"_bp\":10001"))))
    cases.forged("an account that is not the payer's", made, "item 1", at(
        made, 1, replaced(b'{"debit":"north:eur","credit":"south:eur"',
                          b'{"debit":"south:eur","credit":"north:eur"')))
    own = told["open"]

    def later(item):
        start = item.index(b'"expires_at":"') + 14
        return item[:start + 17] + b"59" + item[start + 19:]

    def earlier(item):
        start = item.index(b'"expires_at":"') + 14
        return item[:start] + b"2001" + item[start + 4:]

    cases.forged("a hold that expires before it is made", own, "item 1", at(own, 1, earlier))
    cases.forged("a hold that never ends in time", own, "item 1", at(
        own, 1, lambda item: item.replace(b'"expires_at":"20', b'"expires_at":"21')))
    cases.forged("a time with zeros behind it", own, "item 1, the form of its JSON", at(
        own, 1, lambda item: relength(item.replace(b'Z"', b'000Z"', 1))))


def relength(item):
    """An instruction item whose JSON has become longer or shorter."""
    at, text = 3 + 4 + 2 + 2 + 16 + 8, 32 if item[2] & 1 else 0
    return item[:at] + struct.pack(">I", len(item) - at - 4 - text) + item[at + 4:]


def ends(cases, told):
    """Refusals, written as if they had taken effect."""
    def voided(index):
        def change(copy):
            """The outcome, and a leg that is like that of a void that took effect."""
            refused = receipt.parse_item(copy.items[index][1])
            leg = copy.items[told["void"]][2]
            hold = json.loads(refused["json"])["void"]["hold"].replace("-", "")
            end = leg_end(leg)
            leg = leg[:12] + refused["id"] + leg[28:end - 16] + bytes.fromhex(hold) + leg[end:]
            at(index, 1, put(7, struct.pack(">HH", 4, 0xFFFF)))(copy)
            at(index, 1, put(27, bytes(8)))(copy)
            copy.items[index].append(leg)
        return change

    for what, name in (("a void by a payer who gave a guarantee", "guaranteed"),
                       ("a void of what was captured", "late_void"),
                       ("a void by a stranger", "stranger")):
        index = told[name]
        cases.forged(what, index, "item 1", voided(index))
    index = told["unknown"]
    cases.forged("whose hold it is, told to a stranger", index, "item 1", at(
        index, 1, put(7, struct.pack(">HH", 14, 0))))
    index = told["hold_aborted"]
    cases.forged("a part of what was aborted", index, "item 2", at(
        index, 2, put(7, struct.pack(">HH", 1, 0xFFFF))))


def places(cases, told):
    """Legs of holds where there can be none."""
    part, paid, system = told["part"], told["after_rotation"], told["expiry"]

    def gone(n):
        return lambda copy: copy.items[part].pop(n)

    cases.forged("a leg of a hold without its instruction", part, "item 1, a leg of a hold, its place",
                 gone(1))
    cases.forged("a capture without its leg", part, "item 2", gone(2))

    def more(source, n):
        return lambda copy: copy.items[paid].append(copy.items[source][n])

    cases.forged("a leg of a capture behind a transfer", paid, "item 2, a leg of a hold, its place",
                 more(part, 2))
    cases.forged("what expires, in a submission", paid, "item 2, a leg of a hold, its place",
                 more(system, 1))
    batch = told["batch"]
    cases.forged("a leg of a hold in a batch", batch, "item 10, a leg of a batch",
                 lambda copy: copy.items[batch].append(copy.items[part][2]))
    cases.forged("legs in another order", told["legs"], "item 2",
                 lambda copy: copy.items[told["legs"]].insert(2, copy.items[told["legs"]].pop(3)))
    cases.forged("an instruction in a system entry", system, "item 2", lambda copy: (
        copy.items[system].append(copy.items[part][1])))


def expiries(cases, told):
    first, many, last = told["expiry"], told["expiries"], told["last_expiry"]

    def skipped(copy):
        copy.silence(last)

    copy = cases.copy()
    skipped(copy)
    cases.run("an expiry that is left out, signed anew", 1,
              "entry %d: what stands before the entry" % last, "append-only and intact: HOLDS",
              copy=copy, chained=True, key=cases.key)

    def early(copy):
        """One nanosecond after the entry that reserves."""
        time = struct.pack(">Q", int.from_bytes(copy.entries[first - 1][TIME:TIME + 8], "big") + 1)
        old = bytes(copy.entries[first][TIME:TIME + 8])
        copy.entries[first][TIME:TIME + 8] = time
        at(first, 0, replaced(old, time))(copy)

    cases.forged("an expiry before its time", first, "item 1", early)
    cases.forged("an expiry of which one hold is left out", many, "item 6", lambda copy: (
        copy.items[many].pop()))
    cases.forged("an expiry without legs", first, "the items", lambda copy: copy.items[first].pop())
    cases.forged("what expires, in another order", many, "item 1", lambda copy: (
        copy.items[many].insert(1, copy.items[many].pop(2))))
    cases.forged("an amount that expires", first, "item 1", at(first, 1, raised(1)))

    def reordered(copy):
        """Two holds of the same moment, with the ordinals in their place."""
        one, two = copy.items[many][1:3]
        copy.items[many][1:3] = two[:4] + one[4:8] + two[8:], one[:4] + two[4:8] + one[8:]

    cases.forged("what expires, in another order of ids", many, "item 1", reordered)
    kind = "entry %d: the signatures" % first
    copy = cases.copy()
    copy.entries[first][1] = SUBMISSION
    cases.run("an expiry as a submission, signed anew", 1, kind, copy=copy, chained=True,
              key=cases.key)
    paid = told["after_rotation"]
    cases.forged("a submission as a system entry", paid, "item 0 of a system entry", lambda copy: (
        copy.entries[paid].__setitem__(1, SYSTEM)))
    copy = cases.copy()
    copy.bodies[first] = copy.bodies[first - 1]
    cases.run("a body of a system entry", 1, "entry %d: the sealed body" % first, copy=copy)


def authorisations(cases, told):
    """Item 0 of a system entry has one form."""
    index, what = told["expiry"], "item 0 of a system entry"
    signed = cases.copy().items[index - 1][0]
    end = signed.index(b"\0\0\0\1") + 4
    own = cases.copy().entries[index]
    created = bytes(own[TIME:TIME + 8])
    later = (int.from_bytes(created, "big") + 1).to_bytes(8, "big")
    empty = receipt.sha256()
    for name, change in (
        ("a submitter", replaced(b"\x09operators", b"\x05north")),
        ("a message id", replaced(b"system-%d" % index, b"system-%d" % (index + 1))),
        ("a time that is not the entry's", replaced(created, later)),
        ("the hash of a body", replaced(empty, receipt.sha256(b"x"))),
        ("an atomic message", put(2, b"\1")),
        ("a signature", lambda item: item[:-1] + signed[end:]),
        ("an instruction that is stated", lambda item: item[:-5] + b"\0\0\0\1\0"),
        ("the content type of a seal", replaced(b"\x20application/vnd.quittance.system",
                                                b"\x1eapplication/vnd.quittance.seal")),
    ):
        cases.forged("a system entry with " + name, index, what, at(index, 0, change))
