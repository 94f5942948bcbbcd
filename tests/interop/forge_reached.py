"""Forged logs about banks that are reached via others: an operator who holds the log's key writes what the
rules do not make. `told` are the entries that `reaching.py` names.
"""

from forge_holds import at
from forge_limits import outcome
from forge_standing import BODY, said


def forge(cases):
    told = cases.told
    joining(cases, told)
    signing(cases, told)
    moved(cases, told)


def joining(cases, told):
    index = told["reached"]
    cases.forged("somebody reached via another", index, BODY, at(
        index, 1, said(b'"via":"north"', b'"via":"south"')))
    cases.forged("a bank without keys that is reached via nobody", index, "item 1", at(
        index, 1, said(b',"via":"north"', b"")))
    for name in ("reached_PARTICIPANT_INDIRECT", "reached_key", "reached_provider"):
        index = told[name]
        cases.forged("what was refused of who is reached (%s)" % name, index, "item 1", at(
            index, 1, outcome(2)))


def signing(cases, told):
    refused, late = told["reached_not_owner"], told["reached_suspended"]
    cases.forged("a payment by whom it is not reached via, as poor", refused, "item 1", at(
        refused, 1, outcome(26, leg=0)))
    cases.forged("a payment by a suspended direct bank, as not its own", late, "item 1", at(
        late, 1, outcome(14, leg=0)))
    waits, opened, agreed = (told["reached_" + name] for name in ("waits", "opened", "agreed"))
    cases.forged("a payment for who is reached that may not wait", waits, "item 1", at(
        waits, 1, outcome(80)))
    cases.forged("an account of who is reached, as one of nobody's", opened, "item 1", at(
        opened, 1, outcome(12)))
    cases.forged("what was agreed to for who is reached, left out", agreed, "item 2",
                 lambda copy: copy.items[agreed].pop(2))


def moved(cases, told):
    index, before = told["via"], told["via_before"]
    cases.forged("a move that did not happen", index, "item 1", at(index, 1, outcome(75)))
    cases.forged("a move to another bank", index, "item 1", at(
        index, 1, said(b'"via":"south"', b'"via":"north"')))
    cases.forged("a move by one operator", told["via_alone"], "item 1", at(
        told["via_alone"], 1, outcome(2)))
    cases.forged("a payment by who signed before, as poor", before, "item 1", at(
        before, 1, outcome(26, leg=0)))
    for name in ("via_moves", "via_takes", "via_shared"):
        index = told[name]
        cases.forged("what may be moved or taken back, refused (%s)" % name, index, "item 1", at(
            index, 1, outcome(83)))
    for name in ("via_kept", "via_lost"):
        index = told[name]
        cases.forged("what another answers for, taken back (%s)" % name, index, "item 1", at(
            index, 1, outcome(2)))
    for name in ("via_NO_CHANGE", "via_PARTICIPANT_DIRECT", "via_left"):
        index = told[name]
        cases.forged("what was refused of a move (%s)" % name, index, "item 1", at(
            index, 1, outcome(2)))
