"""Forged logs about proposals: an operator who holds the log's key writes what the rules do not make.

`told` are the entries that `agreeing.py` names.
"""

import json

from forge_holds import at, raised, relength, replaced

OUTCOME, DETAIL, JSON = 7, 27, 35


def forge(cases):
    told = cases.told
    both_or_none(cases, told)
    signatures(cases, told)
    ends(cases, told)
    times(cases, told)


def outcome(number):
    return lambda item: item[:OUTCOME] + number.to_bytes(2, "big") + item[OUTCOME + 2:]


def detail(by):
    def change(item):
        value = int.from_bytes(item[DETAIL:DETAIL + 8], "big") + by
        return item[:DETAIL] + value.to_bytes(8, "big") + item[DETAIL + 8:]
    return change


def both_or_none(cases, told):
    """No log has one leg of a payment against a payment."""
    pvp, limits = told["pvp"], told["limits_agreed"]
    cases.forged("one leg of two", pvp, "item 3", lambda copy: copy.items[pvp].pop())
    cases.forged("the other leg of two", pvp, "item 2", lambda copy: copy.items[pvp].pop(2))

    def waits(copy):
        del copy.items[pvp][2:]
        copy.items[pvp][1] = outcome(86)(copy.items[pvp][1])

    cases.forged("a swap that waits though all have signed", pvp, "item 1", waits)
    cases.forged("a swap that was done and is not told", pvp, "item 1", at(pvp, 1, outcome(86)))
    cases.forged("more than was agreed", pvp, "item 2", at(pvp, 2, raised(1)))
    cases.forged("another proposal's entry", pvp, "item 1", at(pvp, 1, detail(1)))
    waits, settle = told["agreed_waits"], told["both_settle"]
    cases.forged("a swap that may not wait", waits, "item 1", at(waits, 1, outcome(80)))
    cases.forged("one leg of two that waited", settle, "item 2",
                 lambda copy: copy.items[settle].pop())
    cases.forged("two legs that never settled", settle, "what stands before the entry",
                 lambda copy: copy.silence(settle))
    cases.forged("other limits than those agreed", limits, "item 2", at(
        limits, 2, replaced(b'"1.00"', b'"9.00"')))
    cases.forged("limits that were agreed and are gone", limits, "item 3",
                 lambda copy: copy.items[limits].pop(3))
    cases.forged("what was agreed in another order", limits, "item 2",
                 lambda copy: copy.items[limits].insert(2, copy.items[limits].pop(3)))
    cases.forged("a hold that was agreed and not queued money", told["held"], "item 4",
                 lambda copy: copy.items[told["held"]].pop(4))


def signatures(cases, told):
    one, still, proposed = told["one_hand"], told["still_one"], told["proposed"]
    cases.forged("another amount than was proposed", proposed, "instruction 0 of the body", at(
        proposed, 1, replaced(b'"5.00"', b'"6.00"')))
    cases.forged("the hash of something else", told["changed"], "item 1", at(
        told["changed"], 1, outcome(86)))
    cases.forged("who made it as who agrees", told["self"], "item 1", at(
        told["self"], 1, outcome(86)))
    cases.forged("a key that is gone and counts", still, "item 1", at(still, 1, outcome(87)))

    def closes(item):
        uuid = json.loads(item[JSON + 4:])["propose"]["id"]
        text = json.dumps({"close_account": {"id": uuid, "address": "east:eur"}},
                          separators=(",", ":")).encode()
        return relength(item[:JSON] + bytes(4) + text)

    cases.forged("what takes two hands, by one", one, "the submitter's signatures",
                 at(one, 1, closes))
    cases.forged("a lift by one operator", told["lift"], "item 1", at(told["lift"], 1, outcome(87)))
    cases.forged("a lift that was not agreed", told["lifted"], "item 1", at(
        told["lifted"], 1, outcome(75)))
    cases.forged("funds that were missing", told["poor"], "item 1", at(
        told["poor"], 1, outcome(87)))


def ends(cases, told):
    cases.forged("declined and not withdrawn", told["withdrawn"], "item 1", at(
        told["withdrawn"], 1, outcome(89)))
    cases.forged("a proposal that is carried out twice", told["too_late"], "item 1", at(
        told["too_late"], 1, outcome(87)))
    cases.forged("declined, and refused", told["declined"], "item 1", at(
        told["declined"], 1, outcome(91)))


def times(cases, told):
    expired, late = told["expired"], told["expired_late"]
    cases.forged("an expiry that never was", expired, "what stands before the entry",
                 lambda copy: copy.silence(expired))
    cases.forged("one expiry of two", expired, "item 2", lambda copy: copy.items[expired].pop())
    cases.forged("an expiry told to others", expired, "item 1", at(
        expired, 1, replaced(b'"asked":["north","south"]', b'"asked":["north","eastt"]')))
    cases.forged("expiries in another order", expired, "item 1", lambda copy: (
        copy.items[expired].insert(1, copy.items[expired].pop())))
    cases.forged("an approval in time that was late", late, "item 1", at(late, 1, outcome(87)))
