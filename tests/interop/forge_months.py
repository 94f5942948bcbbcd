"""Forged logs about what is due for a month: an operator who holds the log's key writes what the rules do
not make. `told` are the entries that `monthly.py` names.
"""

import struct

from forge_days import missing
from forge_holds import at, leg_end, put, raised, relength, replaced


def forge(cases):
    told = cases.told
    schedules(cases, told)
    charges(cases, told)
    places(cases, told)


def schedules(cases, told):
    index = told["monthly"]
    for what, old, new in (
        ("what a month costs", b'"flat":"1.25"', b'"flat":"1.35"'),
        ("of which accounts a month is charged", b'"account_kind":"customer"',
         b'"account_kind":"settlement"'),
        ("of whom a month is not charged", b'"account_owner":"north"', b'"account_owner":"south"'),
    ):
        cases.forged(what, index, "instruction 1 of the body", at(
            index, 2, lambda item, old=old, new=new: relength(replaced(old, new)(item))))
    refused = told["months_CALENDAR_UNKNOWN"]
    cases.forged("months without a calendar", refused, "item 1", at(
        refused, 1, put(7, struct.pack(">HH", 2, 0xFFFF))))


def month(number):
    """A leg for another month."""
    def change(item):
        return put(leg_end(item) - 4, struct.pack(">I", number))(item)
    return change


def charges(cases, told):
    """Items: what is said; of the other bank fee and tax, of the rich fee and tax, two who owe it."""
    index = told["months"]
    for what, n, change in (
        ("a fee of a month", 2, raised(1)), ("a tax of a month", 3, raised(-1)),
        ("a fee of a customer for a month", 4, raised(-1)), ("what is owed for a month", 6, raised(1)),
        ("a fee for another month", 2, month(202401)), ("what is owed for another month", 6,
                                                        month(202401)),
        ("a fee of a month as one of a payment", 2, lambda item: (
            lambda end: put(2, b"\x15")(item[:end - 4] + item[end:]))(leg_end(item))),
        ("a fee of a month as a tax", 2, put(2, b"\x18")),
        ("what was paid as owed", 4, lambda item: put(10, struct.pack(">H", 201))(
            put(2, b"\x19")(item))),
        ("what is owed as paid", 6, lambda item: put(10, struct.pack(">H", 1))(
            put(2, b"\x17")(item))),
        ("a month by another schedule", 2, put(12, bytes([1, 2, 3]))),
    ):
        cases.forged(what, index, "item %d" % n, at(index, n, change))
    words = b'"month":"%s"' % told["month"].encode()
    cases.forged("the end of another month", index, "item 1", at(
        index, 1, replaced(words, b'"month":"2024-01"')))
    cases.forged("a month of which more is to come", index, "item 1", at(
        index, 1, replaced(b'"done"', b'"more"')))
    cases.forged("the fees of a month as a close", index, "item 1", at(
        index, 1, put(7, struct.pack(">H", 123))))


def places(cases, told):
    index = told["months"]
    missing(cases, "a month that is not charged", index, "item 1")
    cases.forged("somebody who is not charged", index, "item 7",
                 lambda copy: copy.items[index].pop())
    cases.forged("a customer of whom no tax is taken", index, "item 5",
                 lambda copy: copy.items[index].pop(5))
    cases.forged("somebody who is charged twice", index, "item 6",
                 lambda copy: copy.items[index].insert(6, copy.items[index][4]))
    cases.forged("accounts charged in another order", index, "item 2", lambda copy: (
        copy.items[index].insert(2, copy.items[index].pop(4))))
    cases.forged("a month charged with the next date", index + 1, "item 2", lambda copy: (
        copy.items[index + 1].append(copy.items[index][2])))
