"""Forged logs about fees: an operator who holds the log's key writes what the rules do not make. `told`
are the entries that `charging.py` names.
"""

import struct

from forge_holds import at, put, raised, relength, replaced

SETTLED = put(7, struct.pack(">HH", 1, 0xFFFF))


def forge(cases):
    told = cases.told
    schedules(cases, told)
    amounts(cases, told)
    places(cases, told)
    refusals(cases, told)


def schedules(cases, told):
    index = told["schedule"]
    for what, old, new in (
        ("a rate of a fee", b'{"bps":25}', b'{"bps":24}'),
        ("the least of a fee", b'"min":"0.10"', b'"min":"0.01"'),
        ("who pays a fee", b'"payer":"creditor"', b'"payer":"debtor"'),
        ("the rate of a tax", b'"bps":2500', b'"bps":2400'),
        ("where fees go", b'"account":"operators:fees.sek"', b'"account":"operators:idle.sek"'),
    ):
        cases.forged(what, index, "instruction 0 of the body", at(
            index, 1, lambda item, old=old, new=new: relength(replaced(old, new)(item))))
    cases.forged("a version of a schedule", index, "item 1", at(index, 1, put(
        27, struct.pack(">Q", 2))))
    cases.forged("a schedule that is refused", index, "item 1", at(
        index, 1, put(7, struct.pack(">HH", 199, 0xFFFF))))
    gone = told["no_fees"]
    cases.forged("the end of a schedule", gone, "item 1", at(
        gone, 1, put(7, struct.pack(">HH", 60, 0xFFFF))))


def amounts(cases, told):
    paid, shop, least = (told[name] for name in ("charged", "charged_shop", "charged_least"))
    for what, index, n, by in (
        ("a fee", paid, 2, 1), ("a fee that is less", paid, 2, -1), ("a tax", paid, 3, 1),
        ("a fee below the least", least, 2, -1), ("a fee of a tier", shop, 2, 1),
        ("a fee of another tier", shop, 5, -1), ("a fee of the third leg", shop, 8, 1),
        ("a fee of a set", told["charged_set"], 3, 1),
        ("a fee under a condition", told["charged_if"], 3, -1),
        ("a fee of a capture", told["charged_capture"], 3, 1),
        ("a tax of a capture", told["charged_capture"], 7, -1),
        ("a fee of what waited", told["charged_ring"], 2, 1),
        ("half of a fee", told["charged_both"], 2, 1),
        ("a fee that comes to nothing", told["charged_nothing"], 2, 1),
    ):
        cases.forged(what, index, "item %d" % n, at(index, n, raised(by)))


def places(cases, told):
    paid, none, nothing = (told[name] for name in ("charged", "charged_not", "charged_nothing"))
    ring, refused = told["charged_ring"], told["not_covered"]
    cases.forged("a tax left out", paid, "item 3", lambda copy: copy.items[paid].pop())
    cases.forged("a fee and its tax left out", paid, "item 2", lambda copy: (
        copy.items[paid].pop(), copy.items[paid].pop()))
    cases.forged("a fee that came to nothing, left out", nothing, "item 2", lambda copy: (
        copy.items[nothing].pop(2)))
    cases.forged("a fee where none is due", none, "item 2", lambda copy: (
        copy.items[none].append(copy.items[paid][2])))
    cases.forged("a fee before what it is due on", paid, "item 1, a leg of a hold, its place",
                 lambda copy: copy.items[paid].insert(1, copy.items[paid].pop(2)))
    cases.forged("a fee and its tax turned about", paid, "item 2", lambda copy: (
        copy.items[paid].insert(2, copy.items[paid].pop(3))))
    cases.forged("a fee of another leg", told["charged_shop"], "item 2", at(
        told["charged_shop"], 2, put(8, struct.pack(">H", 1))))
    cases.forged("a fee from whoever does not pay it", told["charged_shop"], "item 2", at(
        told["charged_shop"], 2, swapped))
    cases.forged("a fee as a tax", paid, "item 2", at(paid, 2, put(2, b"\x16")))
    cases.forged("a fee as a transfer", paid, "item 2, its place", at(paid, 2, put(2, b"\x01")))
    cases.forged("a fee behind what was refused", refused, "item 2", lambda copy: (
        copy.items[refused].append(copy.items[paid][2])))
    cases.forged("what waited without its fee", ring, "item 2", lambda copy: (
        copy.items[ring].pop(2)))


def swapped(item):
    """A leg whose two accounts are turned about, by their numbers."""
    return item[:45] + item[53:61] + item[45:53] + item[61:]


def refusals(cases, told):
    for name in ("too_little", "not_covered", "frozen_shop", "in_use", "fees_FEES_INVALID",
                 "fees_NO_CHANGE"):
        index = told[name]
        cases.forged("what was refused for a fee (%s)" % name, index, "item 1",
                     at(index, 1, SETTLED))
    index = told["not_covered"]
    cases.forged("a fee that is not covered, as funds", index, "item 1", at(
        index, 1, put(7, struct.pack(">H", 26))))
    index = told["charged_batch"]
    cases.forged("a record that takes a fee, as poor", index, "item 1", at(
        index, 1, put(7, struct.pack(">H", 26))))
