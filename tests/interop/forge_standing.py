"""Forged logs about how far banks take part: an operator who holds the log's key writes what the
rules do not make. `told` are the entries that `admitting.py` names.
"""

from admitting import LEI
from forge_holds import KIND, at, relength
from forge_limits import outcome

BODY = "instruction 0 of the body and the items"


def forge(cases):
    told = cases.told
    refusals(cases, told)
    names(cases, told)
    revoked(cases, told)
    ends(cases, told)


def said(old, new):
    """An instruction item that says something else."""
    def change(item):
        assert old in item, (old, item)
        return relength(item.replace(old, new))
    return change


def refusals(cases, told):
    first, issue, paid = told["stand_first"], told["stand_issue"], told["stand_paid"]
    cases.forged("a bank that takes part at once", first, BODY, at(
        first, 1, said(b'"state":"onboarding"', b'"state":"active"')))
    cases.forged("a bank that begins in test", first, "item 1", at(
        first, 1, said(b'"state":"onboarding"', b'"state":"test"')))
    cases.forged("a bank in a state that there is not", first, "item 1", at(
        first, 1, said(b'"state":"onboarding"', b'"state":"asleep"')))
    cases.forged("funds for a bank that is prepared, refused for a freeze", issue, "item 1", at(
        issue, 1, outcome(63)))
    cases.forged("a payee that is prepared, told as the payer", paid, "item 1", at(
        paid, 1, outcome(206, leg=0)))
    apart, other = told["stand_apart"], told["stand_other"]
    cases.forged("a payer in test, told as the payee", apart, "item 1", at(
        apart, 1, outcome(207, leg=0)))
    cases.forged("a payer in test, told as suspended", other, "item 1", at(
        other, 1, outcome(64, leg=0)))
    left, active = told["stand_left"], told["stand_active"]
    cases.forged("a bank that takes part with money to test with", left, "item 1", at(
        left, 1, outcome(2, 3)))
    cases.forged("an empty bank that has something left", active, "item 1", at(
        active, 1, outcome(211)))
    refused = told["stand_refused"]
    cases.forged("a payee that lets nothing in, told as frozen", refused, "item 1", at(
        refused, 1, outcome(63, leg=0)))


def names(cases, told):
    first, taken, named = told["stand_first"], told["stand_taken"], told["stand_named"]
    cases.forged("an LEI with other check digits", first, "item 1", at(
        first, 1, said(LEI.encode(), LEI.encode()[:-1] + b"7")))
    cases.forged("a BIC that is none", named, "item 1", at(
        named, 1, said(b"DEUTDEFF500", b"DEUTDEFF50")))
    cases.forged("a BIC of another branch", named, BODY, at(
        named, 1, said(b"DEUTDEFF500", b"DEUTDEFF501")))
    cases.forged("a BIC that two have", taken, "item 1", at(taken, 1, outcome(2, 4)))


def revoked(cases, told):
    index, again = told["stand_revoked"], told["stand_again"]
    cases.forged("a payment cancelled and not revoked", index, "item 2", at(
        index, 2, lambda item: item[:10] + b"\0\x55" + item[12:]))
    cases.forged("a revocation that moves money", index, "item 2", at(
        index, 2, lambda item: item[:KIND] + b"\x08" + item[3:]))

    def swapped(copy):
        items = copy.items[index]
        items[2:] = items[4:] + items[2:4]

    cases.forged("payments revoked in another order", index, "item 2", swapped)
    cases.forged("a payment that is not revoked", index, "item 4", lambda copy: (
        copy.items[index].__delitem__(slice(4, None))))
    cases.forged("a suspension that revokes nothing", index, "item 2", at(
        index, 1, said(b'"queued":"revoke"', b'"queued":"keep"')))
    cases.forged("a suspension twice", again, "item 1", at(again, 1, outcome(2, 3)))
    alone = told["stand_alone"]
    cases.forged("a bank that one operator lets go on", alone, "item 1", at(
        alone, 1, outcome(2, 3)))
    resumed = told["stand_resumed"]
    cases.forged("a bank that two operators do not let go on", resumed, "item 1", at(
        resumed, 1, outcome(75)))


def ends(cases, told):
    early, case, over = told["stand_early"], told["stand_case"], told["stand_over"]
    # The keys of whoever ends sign nothing any more: what the bank signed afterwards is forged too.
    cases.forged("an end with money left", early, "item 1", at(early, 1, outcome(2, 3)), log=True)
    cases.forged("an end before the last word", case, "item 1", at(
        case, 1, outcome(2, 3)), log=True)
    cases.forged("a case of another entry", case, "item 1", at(
        case, 1, outcome(215, told["stand_paper"] - 1)))
    cases.forged("an end that is refused", over, "item 1", at(over, 1, outcome(214)))
    key, gone = told["stand_key"], told["stand_gone"]
    cases.forged("a key for whom there is no more", key, "item 1", at(key, 1, outcome(14)))
    cases.forged("a payment to whom there is no more", gone, "item 1", at(
        gone, 1, outcome(24, leg=0)))
