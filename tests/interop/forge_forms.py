"""Forged logs about splits, conditions, mandates and the posting matrix: an operator who holds the
log's key writes what the rules do not make. `told` are the entries that `formings.py` names.
"""

from forge_holds import at, leg_end, put, raised, relength, replaced

KIND, REFUSED, SETTLED = 2, 7, b"\0\1\xff\xff"


def forge(cases):
    told = cases.told
    splits(cases, told)
    conditions(cases, told)
    mandates(cases, told)
    postings(cases, told)


def settled(index):
    """What was refused, as if it had taken effect."""
    return at(index, 1, put(REFUSED, SETTLED))


def swapped(index, one, other):
    def change(copy):
        items = copy.items[index]
        items[one], items[other] = items[other], items[one]
    return change


def splits(cases, told):
    three, sweep, nothing = told["split"], told["sweep"], told["nothing"]
    cases.forged("a share of one cent more", three, "item 2", at(three, 2, raised(1)))

    def moved(copy):
        """The cent that was left over goes to the last instead of the first."""
        at(three, 2, raised(-1))(copy)
        at(three, 4, raised(1))(copy)

    cases.forged("a remainder that goes to the last", three, "item 2", moved)
    cases.forged("shares in another order", three, "item 2", swapped(three, 2, 3))
    cases.forged("a share that is left out", three, "item 4", lambda copy: copy.items[three].pop())
    cases.forged("a share that is a transfer", three, "item 2, its place", at(
        three, 2, put(KIND, b"\1")))
    cases.forged("a split without its instruction", three, "item 1", lambda copy: (
        copy.items[three].pop(1)))
    cases.forged("other ratios than the body's", three, "item 2", at(
        three, 1, replaced(b'"south:forms","ratio":1', b'"south:forms","ratio":2')))
    cases.forged("less swept than there was", sweep, "item 2", at(sweep, 2, raised(-1)))
    cases.forged("another minimum than the body's", sweep, "instruction 0 of the body", at(
        sweep, 1, replaced(b'"at_least":"1.00"', b'"at_least":"1.10"')))
    cases.forged("a part of nothing that is not told", nothing, "item 2", lambda copy: (
        copy.items[nothing].pop(2)))
    cases.forged("a part of nothing that is something", nothing, "item 2", at(
        nothing, 2, raised(1)))


def conditions(cases, told):
    guarded, unmet = told["guarded"], told["unmet"]
    cases.forged("a condition that did not hold", unmet, "item 1", settled(unmet))
    cases.forged("another condition than the body's", guarded, "instruction 0 of the body", at(
        guarded, 1, replaced(b'"amount":"1.00"', b'"amount":"0.50"')))
    cases.forged("which condition it was", unmet, "item 1", at(unmet, 1, put(27, b"\0" * 7 + b"\1")))
    cases.forged("a condition that held and did not", guarded, "item 1", at(
        guarded, 1, put(REFUSED, b"\0\x8e\xff\xff")))


def mandates(cases, told):
    debited, granted = told["debited"], told["grant"]

    def unsaid(item):
        """A leg that says nothing of its mandate."""
        end = leg_end(item)
        return item[:KIND] + b"\1" + item[3:end - 16] + item[end:]

    def other(item):
        end = leg_end(item)
        return item[:end - 1] + bytes([item[end - 1] ^ 1]) + item[end:]

    cases.forged("a debit that does not say its mandate", debited, "item 2", at(debited, 2, unsaid))
    cases.forged("a debit under another mandate", debited, "item 2", at(debited, 2, other))
    cases.forged("a debit above its mandate", told["exceeded"], "item 1", settled(told["exceeded"]))
    cases.forged("a debit under a mandate that is over", told["mandate_expired"], "item 1",
                 settled(told["mandate_expired"]))
    cases.forged("a limit that is told to who has a mandate", told["masked"], "item 1", at(
        told["masked"], 1, put(REFUSED, b"\0\x19\0\0")))
    cases.forged("a mandate of other bounds", granted, "instruction 0 of the body", at(
        granted, 1, replaced(b'"total_max":"8.00"', b'"total_max":"9.00"')))
    cases.forged("a mandate for somebody else", granted, "item 1", at(
        granted, 1, replaced(b'"to":"south"', b'"to":"north"')))
    cases.forged("a mandate that was granted for nothing", granted, "item 1", at(
        granted, 1, lambda item: relength(item.replace(b'"per_transfer_max":"5",', b"")
                                          .replace(b'"total_max":"8.00",', b"")
                                          .replace(b',"period_max":"7.5"', b""))))
    cases.forged("a mandate that was not revoked", told["revoke"], "item 1", at(
        told["revoke"], 1, put(REFUSED, b"\0\x8f\xff\xff")))


def postings(cases, told):
    stopped, rule = told["stopped"], told["posting"]
    cases.forged("a pair of kinds that was stopped", stopped, "item 1", settled(stopped))
    cases.forged("another rule than the body's", rule, "instruction 0 of the body", at(
        rule, 1, replaced(b'"credit":"customer"', b'"credit":"suspense"')))
