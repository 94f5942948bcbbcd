"""Forged logs about days on which a bank is closed: an operator who holds the log's key writes what the rules
do not make. `told` are the entries that `closing.py` names.
"""

from forge_days import detail, outcome
from forge_holds import at
from forge_standing import BODY, said


def forge(cases):
    told = cases.told
    lists(cases, told)
    payments(cases, told)


def lists(cases, told):
    index = told["away_set"]
    cases.forged("a bank that is closed on one day more", index, BODY, at(
        index, 1, said(b'"holidays":[', b'"holidays":["2020-01-01",')))
    cases.forged("a list of days that was refused", index, "item 1", at(index, 1, outcome(133)))
    for name in ("NO_CHANGE", "PARTICIPANT_NOT_BANK", "CALENDAR_INVALID"):
        index = told["away_" + name]
        cases.forged("days that were refused (%s)" % name, index, "item 1", at(
            index, 1, outcome(2)))
    early = told["away_early"]
    cases.forged("a day that is given back when it has opened", early, "item 1", at(
        early, 1, outcome(2)))
    before = told["away_before"]
    cases.forged("a payment on a day of its payee, without a calendar", before, "item 1", at(
        before, 1, outcome(128)))


def payments(cases, told):
    away, dated, comes = told["away"], told["away_dated"], told["away_comes"]
    cases.forged("a payment on a day of its payee", away, "item 1", at(away, 1, outcome(1)))
    cases.forged("one that waits for the next day, which is another of them", away, "item 1", at(
        away, 1, detail(-1)))
    cases.forged("one that is refused though the day rolls", away, "item 1", at(
        away, 1, outcome(128)))
    cases.forged("one that says nothing of it", away, "item 1", at(away, 1, outcome(125)))
    cases.forged("a leg to who is closed among others", told["away_one_leg"], "item 1", at(
        told["away_one_leg"], 1, outcome(1)))
    cases.forged("a date on which its payee is closed", dated, "item 1", at(dated, 1, detail(-1)))
    cases.forged("a day of which nobody had said it", comes, "item 1", at(comes, 1, outcome(126)))
    for name in ("away_split", "away_batch"):
        index = told[name]
        cases.forged("what does not wait for a day (%s)" % name, index, "item 1", at(
            index, 1, outcome(1)))
