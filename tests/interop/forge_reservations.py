"""Forged logs about reservations, and about payments that are late: an operator who holds the log's key
writes what the rules do not make. `told` are the entries that `earmarking.py` names.
"""

import struct

from forge_holds import at, put, raised, relength, replaced
from forge_queue import outcome


def forge(cases):
    told = cases.told
    stated(cases, told)
    used(cases, told)
    late(cases, told)


def stated(cases, told):
    index = told["earmarked"]
    for what, old, new in (("what is reserved for urgent ones", b'"40.00"', b'"39.00"'),
                           ("for whom it is reserved", b'"high":', b'"low!":')):
        cases.forged(what, index, "item 1" if b"low" in new else "instruction 0 of the body", at(
            index, 1, lambda item, old=old, new=new: relength(replaced(old, new)(item))))
    cases.forged("a reservation that is refused", index, "item 1", at(
        index, 1, put(7, struct.pack(">HH", 60, 0xFFFF))))
    cases.forged("a reservation of another account", index, "item 1", at(
        index, 1, put(27, struct.pack(">Q", 2))))
    left = told["mark_left"]
    cases.forged("what a run left, as something else", left, "item 1", at(left, 1, outcome(2, 7)))
    refused = told["mark_refused"]
    for n, number in enumerate((13, 14, 22, 23, 60, 60), 1):
        cases.forged("a reservation that was refused (%d)" % number, refused, "item %d" % n, at(
            refused, n, outcome(2, 7)))


def used(cases, told):
    poor, waits, split = told["mark_poor"], told["mark_waits"], told["mark_split"]
    cases.forged("what is reserved, as a closed account", poor, "item 1", at(
        poor, 1, outcome(24, 7)))
    cases.forged("what is reserved for others, paid", waits, "item 1", at(waits, 1, outcome(1, 7)))
    for name in ("mark_high", "mark_urgent"):
        cases.forged("a payment that waits beside its reservation (%s)" % name, told[name], "item 1",
                     at(told[name], 1, outcome(6, 7)))
    behind = told["mark_behind_net"]
    cases.forged("what a net left for urgent ones, as a closed account", behind, "item 1", at(
        behind, 1, outcome(24, 7)))
    cases.forged("a split of what is reserved", split, "item 2", at(split, 2, raised(1)))
    run, freed = told["mark_run"], told["mark_freed"]
    cases.forged("a run without what is urgent", run, "item 2", lambda copy: (
        copy.items[run].pop()))
    for what, index in (("a payment that stays when less is reserved", freed),
                        ("a run that uses a reservation and never was", run)):
        cases.forged(what, index, "what stands before the entry",
                     lambda copy, index=index: copy.silence(index))


def late(cases, told):
    overdue, revoked = told["mark_overdue"], told["mark_revoked"]
    cases.forged("a payment revoked when it is late", overdue, "item 1", at(overdue, 1, outcome(84)))
    cases.forged("a late payment as one that begins to wait", overdue, "item 1",
                 at(overdue, 1, outcome(6)))
    cases.forged("a payment told late twice", revoked, "item 1", at(revoked, 1, outcome(216)))
    cases.forged("a late payment of which nobody is told", overdue, "what stands before the entry",
                 lambda copy: copy.silence(overdue))
