"""Forged logs about netting cycles: an operator who holds the log's key writes what the rules do not
make. `told` are the entries that `nettings.py` names.
"""

import struct

import receipt
from forge_holds import TIME, at, leg_end, put, raised, replaced
from rewritten import SUBMISSION, SYSTEM

BEFORE = "entry %d: what stands before the entry"


def forge(cases):
    told = cases.told
    payments(cases, told)
    nets(cases, told)
    closes(cases, told)
    defaults(cases, told)
    pools(cases, told)
    meets(cases, told)


def window(by):
    """A leg of another window."""
    def change(item):
        end = leg_end(item)
        value = int.from_bytes(item[end - 8:end], "big") + by
        return item[:end - 8] + struct.pack(">Q", value) + item[end:]
    return change


def payments(cases, told):
    paid, cap = told["clear"], told["cap"]
    cases.forged("a payment counted in the next window", paid, "item 2", at(paid, 2, window(1)))
    cases.forged("a payment of another amount", paid, "item 2", at(paid, 2, raised(1)))
    cases.forged("a payment that is left out", paid, "item 3", lambda copy: copy.items[paid].pop())
    cases.forged("payments without their instruction", paid, "item 1",
                 lambda copy: copy.items[paid].pop(1))
    cases.forged("a payment of another model", paid, "item 2", at(
        paid, 2, replaced(b"\x03ach", b"\x03acx")))
    cases.forged("a payment above the cap", cap, "item 1", at(
        cap, 1, put(7, struct.pack(">HH", 102, 0xFFFF))))
    race = told["race"]
    refused = receipt.parse_item(cases.copy().items[race][4])
    assert refused["outcome"] == 106, refused
    cases.forged("a payment behind the end of its window", race, "item 4", at(
        race, 4, put(7, struct.pack(">HH", 102, 0xFFFF))))
    cases.forged("the number of a window", race, "item 3", at(race, 3, put(27, struct.pack(">Q", 3))))


def nets(cases, told):
    net = told["settled_net"]
    cases.forged("a wrong net", net, "item 1", at(net, 1, raised(1)))

    def both(copy):
        """Debtor and creditor alike: the sum is zero all the same."""
        at(net, 1, raised(1))(copy)
        at(net, 2, raised(1))(copy)

    cases.forged("wrong nets that sum to zero", net, "item 1", both)
    cases.forged("a net of another window", net, "item 1", at(net, 1, window(1)))
    cases.forged("creditors before debtors", net, "item 1", lambda copy: (
        copy.items[net].insert(1, copy.items[net].pop(2))))
    cases.forged("a creditor that is left out", net, "item 2", lambda copy: copy.items[net].pop())
    left_out(cases, "a settlement that is left out", net)
    left_out(cases, "a settlement that is left out after a rescue", told["rescued"])
    paid = told["clear"]
    cases.forged("a net in a submission", paid, "item 4", lambda copy: (
        copy.items[paid].append(copy.items[net][1])))
    cases.forged("a payment in a system entry", net, "item 3", lambda copy: (
        copy.items[net].append(copy.items[paid][2])))
    copy = cases.copy()
    copy.entries[net][1] = SUBMISSION
    cases.run("a settlement as a submission, signed anew", 1, "entry %d: the signatures" % net,
              copy=copy, chained=True, key=cases.key)


def left_out(cases, what, index):
    copy = cases.copy()
    copy.silence(index)
    cases.run(what + ", signed anew", 1, BEFORE % index, copy=copy, chained=True, key=cases.key)


def early_entry(index):
    def early(copy):
        """One nanosecond after the entry before it."""
        time = struct.pack(">Q", int.from_bytes(copy.entries[index - 1][TIME:TIME + 8], "big") + 1)
        old = bytes(copy.entries[index][TIME:TIME + 8])
        copy.entries[index][TIME:TIME + 8] = time
        at(index, 0, replaced(old, time))(copy)
    return early


def closes(cases, told):
    index = told["scheduled"]
    cases.forged("a window that closes early", index, "item 1", early_entry(index))
    cases.forged("a close of another window", index, "item 1", at(
        index, 1, put(27, struct.pack(">Q", 2))))
    cases.forged("a close that the operators asked for", index, "item 1", at(
        index, 1, put(7, struct.pack(">H", 2))))
    cases.forged("a net with the close", index, "item 2", lambda copy: (
        copy.items[index].append(copy.items[index + 1][1])))
    paid = told["clear"]
    cases.forged("a payment as a system entry", paid, "item 0 of a system entry", lambda copy: (
        copy.entries[paid].__setitem__(1, SYSTEM)))


def defaults(cases, told):
    index = told["default"]
    cases.forged("how much is short", index, "item 1", at(
        index, 1, replaced(b'"amount":"5.00"', b'"amount":"4.00"')))
    cases.forged("who is short", index, "item 1", at(
        index, 1, replaced(b'"participant":"south"', b'"participant":"north"')))
    left_out(cases, "a default that is not told", index)


def pools(cases, told):
    drawn, owed = told["drawn"], told["owed"]
    cases.forged("a draw of another amount", drawn, "item 1", at(drawn, 1, raised(1)))

    def both(copy):
        """Draw and net alike: what the defaulter has is as it was."""
        at(drawn, 1, raised(1))(copy)
        at(drawn, 2, raised(1))(copy)

    cases.forged("a draw and a net of other amounts", drawn, "item 1", both)
    cases.forged("a draw of another window", drawn, "item 1", at(drawn, 1, window(1)))
    cases.forged("a draw as a net", drawn, "item 1", at(drawn, 1, put(2, b"\x0b")))
    cases.forged("a draw that is left out", drawn, "item 1",
                 lambda copy: copy.items[drawn].pop(1))
    cases.forged("a net before what is drawn for it", drawn, "item 1", lambda copy: (
        copy.items[drawn].insert(1, copy.items[drawn].pop(2))))
    cases.forged("a draw for nobody", drawn, "item 4", lambda copy: (
        copy.items[drawn].append(copy.items[drawn][1])))
    left_out(cases, "a settlement from the pool that is left out", drawn)
    left_out(cases, "a default before a draw that is not told", told["pool_default"])
    left_out(cases, "a settlement that is left out as the pool suffices", told["topped"])
    short = told["pool_short"]
    cases.forged("a draw with the default", short, "item 2", lambda copy: (
        copy.items[short].append(copy.items[drawn][1])))
    paid = told["clear"]
    cases.forged("a draw in a submission", paid, "item 4", lambda copy: (
        copy.items[paid].append(copy.items[drawn][1])))
    for index, what in ((owed, "more that is owed"), (told["pool_named"], "a pool that is closed")):
        cases.forged(what, index, "item 1", at(index, 1, put(7, struct.pack(">H", 2))))
    still = told["still_owed"]
    cases.forged("more that is owed than is drawn", still, "item 1", at(
        still, 1, replaced(b'"still_owed":"2.50"', b'"still_owed":"9.50"')))
    wet = told["wet"]
    cases.forged("a pool that is none", wet, "item 1", at(
        wet, 1, replaced(b'"pool":"operators:pool.eur"', b'"pool":"operators:fool.eur"')))


def meets(cases, told):
    for name, what in (("frozen_clear", "a payment from a frozen account"),
                       ("idle_clear", "a payment of a suspended bank")):
        index = told[name]
        cases.forged(what, index, "item 1", at(index, 1, put(7, struct.pack(">HH", 102, 0xFFFF))))
    thawed = told["net_thawed"]
    cases.forged("a net while a freeze stops it", thawed, "item 1", early_entry(thawed))
    left_out(cases, "a settlement that is left out after a freeze", thawed)
    left_out(cases, "a settlement that is left out for what is urgent", told["before_urgent"])
    left_out(cases, "a settlement that is left out beside what is blocked", told["beside_blocked"])
