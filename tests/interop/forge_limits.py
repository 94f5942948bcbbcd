"""Forged logs about limits and freezes: an operator who holds the log's key writes what the rules do
not make.

`told` are the entries that `limiting.py` names.
"""

import struct

from forge_holds import at, put, relength, replaced

NO_LEG = 0xFFFF


def forge(cases):
    told = cases.told
    limits(cases, told)
    freezes(cases, told)


def outcome(number, detail=0, leg=NO_LEG):
    """An instruction item with another outcome."""
    def change(item):
        item = put(7, struct.pack(">HH", number, leg))(item)
        return put(27, struct.pack(">Q", detail))(item)
    return change


def limits(cases, told):
    index = told["velocity"]
    cases.forged("another limit than the one that was hit", index, "item 1", at(
        index, 1, outcome(67, leg=0)))
    cases.forged("a limit that is told as a lack of funds", index, "item 1", at(
        index, 1, outcome(26, leg=0)))
    index = told["bilateral"]
    cases.forged("a limit of the day that was another's", index, "item 1", at(
        index, 1, outcome(68, leg=0)))
    index = told["most"]
    cases.forged("who receives too much, as one who may not", index, "item 1", at(
        index, 1, outcome(63)))
    index = told["limits"]
    cases.forged("a limit that is higher", index, "instruction 0 of the body and the items", at(
        index, 1, replaced(b'"amount":"10"', b'"amount":"90"')))
    cases.forged("a rule whose fields stand in another order", index, "item 1, the form of its JSON",
                 at(index, 1, replaced(b'"seconds":3600,"direction":"debit"',
                                       b'"direction":"debit","seconds":3600')))
    cases.forged("a rule that is unsound", index, "item 1", at(
        index, 1, lambda item: relength(item.replace(b'"seconds":3600', b'"seconds":0'))))
    cases.forged("a rule for nothing", index, "item 1", at(
        index, 1, lambda item: relength(item.replace(b',"amount":"10","count":4', b''))))


    index = told["by_day"]
    cases.forged("a period that there is not", index, "item 1", at(
        index, 1, lambda item: relength(item.replace(b'"period":"month"', b'"period":"year"'))))
    cases.forged("a rule with a period and seconds", index, "item 1", at(
        index, 1, lambda item: relength(item.replace(b'"period":"day"',
                                                     b'"seconds":9,"period":"day"'))))
    cases.forged("a limit of the day that is told as one of the month", told["next_used"], "item 1", at(
        told["next_used"], 1, outcome(66, leg=0)))


def freezes(cases, told):
    index = told["frozen"]
    cases.forged("a freeze that is told as a suspension", index, "item 1", at(
        index, 1, outcome(64, leg=0)))
    index = told["freeze"]
    cases.forged("a freeze of another level", index, "instruction 0 of the body and the items", at(
        index, 1, lambda item: relength(item.replace(b'"no_debit"', b'"no_credit"'))))
    cases.forged("a freeze for nobody", index, "item 1", at(
        index, 1, lambda item: relength(item.replace(b'"account":"north:lim",', b''))))
    index = told["four_eyes"]
    cases.forged("a freeze that one operator lifts", index, "item 1", at(index, 1, outcome(2, 2)))
    index = told["suspended"]
    cases.forged("a suspension of another bank", index, "item 1", at(
        index, 1, replaced(b'"participant":"north"', b'"participant":"south"')))
    index = told["reopened"]
    cases.forged("a reopening that is refused", index, "item 1", at(index, 1, outcome(60)))
    # The next payment to the account shows it as well.
    cases.forged("an account that is closed again", told["after_life"], "item 1", at(
        told["after_life"], 1, lambda item: item[:29] + (101).to_bytes(16, "big") + item[45:]))
