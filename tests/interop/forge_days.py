"""Forged logs about business days: an operator who holds the log's key writes what the rules do not
make. `told` are the entries that `business.py` names.
"""

import struct

from forge_cycles import early_entry
from forge_holds import at, put, raised, relength, replaced

OUTCOME, DETAIL = 7, 27


def forge(cases):
    told = cases.told
    events(cases, told)
    windows(cases, told)
    waits(cases, told)
    refusals(cases, told)
    payments(cases, told)
    seals(cases, told)


def outcome(number, leg=0xFFFF):
    return put(OUTCOME, struct.pack(">HH", number, leg))


def detail(by):
    def change(item):
        value = int.from_bytes(item[DETAIL:DETAIL + 8], "big") + by
        return put(DETAIL, struct.pack(">Q", value))(item)
    return change


def missing(cases, what, index, named):
    """Without an entry; those behind it that are the node's own say their new places."""
    copy = cases.copy()
    copy.drop(index)
    cases.run(what + ", signed anew", 1, "entry %d: %s" % (index, named), copy=copy, chained=True,
              key=cases.key)


def windows(cases, told):
    customers, banks, closed = told["customers"], told["banks"], told["closed"]
    cases.forged("a window that does not close with the day", customers, "item 2",
                 lambda copy: copy.items[customers].pop())
    cases.forged("another window that closes with the day", customers, "item 2", at(
        customers, 2, detail(1)))
    cases.forged("a window that closes with another event", banks, "item 2", lambda copy: (
        copy.items[banks].append(copy.items[customers][2])))
    cases.forged("a window that does not close with the date", closed, "item 3",
                 lambda copy: copy.items[closed].pop())
    cases.forged("windows that close in another order", closed, "item 2", lambda copy: (
        copy.items[closed].insert(2, copy.items[closed].pop(3))))
    cases.forged("a window that closes before the word of the day", closed, "item 1", lambda copy: (
        copy.items[closed].insert(1, copy.items[closed].pop(2))))


def events(cases, told):
    opened, customers, closed = told["opened"], told["customers"], told["closed"]
    cases.forged("a day that opens on another date", opened, "item 1", at(opened, 1, detail(1)))
    cases.forged("an opening that is a cut-off", opened, "item 1", at(opened, 1, outcome(121)))
    cases.forged("another event in the words of one", customers, "item 1", at(
        customers, 1, replaced(b"CUSC", b"IBKC")))
    cases.forged("a cut-off that comes early", customers, "item 1", early_entry(customers))
    missing(cases, "a cut-off that is left out", customers, "item 1")
    missing(cases, "a close that is left out", closed, "item 1")
    missing(cases, "a next date that is left out", told["next_date"], "the seal")
    cases.forged("a close of other entries", closed, "item 1", at(
        closed, 1, replaced(b'"to_index":%d' % closed, b'"to_index":%d' % (closed - 1))))
    cases.forged("a close without its seal", closed, "item 1", at(
        closed, 1, lambda item: relength(item.replace(b'"sealed":true', b'"sealed":false'))))
    cases.forged("another date that is next", told["next_date"], "item 1",
                 at(told["next_date"], 1, detail(1)))
    missing(cases, "an expiry that is left out behind a cut-off", told["slept"], "item 1")
    cases.forged("an event as governance", opened, "item 1", at(opened, 1, outcome(2)))


def waits(cases, told):
    """What is released and revoked."""
    revoked, released = told["customer_revoked"], told["released"]
    cases.forged("a payment that is revoked silently", revoked, "item 2",
                 lambda copy: copy.items[revoked].pop())
    cases.forged("more to be revoked than there is", revoked, "item 1", at(
        revoked, 1, replaced(b'"done"', b'"more"')))
    cases.forged("a payment that is released at its cut-off", revoked, "item 2", at(
        revoked, 2, put(10, struct.pack(">H", 6))))
    missing(cases, "a revocation that is left out", told["bank_revoked"],
            "what stands before the entry")
    cases.forged("payments released in another order", released, "item 2", lambda copy: (
        copy.items[released].insert(2, copy.items[released].pop(3))))
    cases.forged("a payment that is not released", released, "item %d" % last(cases, released),
                 lambda copy: copy.items[released].pop())
    missing(cases, "a release that is left out", released, "item 1")
    cases.forged("a payment settled with the release", released,
                 "item %d" % (last(cases, released) + 1), lambda copy: (
                     copy.items[released].append(copy.items[told["went"]][1])))


def last(cases, index):
    return len(cases.copy().items[index]) - 1


def refusals(cases, told):
    passed, batch = told["passed"], told["day_batch"]
    cases.forged("a payment after the cut-off", passed, "item 1", at(passed, 1, outcome(1)))
    cases.forged("a refusal of another reason", passed, "item 1", at(passed, 1, outcome(130)))
    cases.forged("a record that waits", batch, "item 1", at(batch, 1, outcome(126)))
    cases.forged("a date before today", told["past"], "item 1", at(told["past"], 1, outcome(125)))
    cases.forged("a payment refused though its day is open", told["today"], "item 1",
                 at(told["today"], 1, outcome(128)))


def payments(cases, told):
    for name, what in (("warehoused", "another date that a payment waits for"),
                       ("rolled", "another date after the cut-off"),
                       ("holiday", "a holiday that is a good day"),
                       ("joint", "another date for two assets")):
        index = told[name]
        cases.forged(what, index, "item 1", at(index, 1, detail(1)))
    cases.forged("a rolled payment that says nothing of it", told["rolled"], "item 1",
                 at(told["rolled"], 1, outcome(125)))
    cases.forged("a payment that waits for no date", told["night"], "item 1",
                 at(told["night"], 1, outcome(6)))
    cases.forged("an amount of what was released", told["released"], "item 2",
                 at(told["released"], 2, raised(1)))


def seals(cases, told):
    """The seal behind a close is of the state there, and comes once."""
    seal = told["next_date"] + 1
    copy = cases.copy()
    assert copy.entries[seal][1] == 4, "the seal of the close stands behind the next date"
    cases.forged("a seal of another size", seal, "the sealed size", at(
        seal, 1, put(2, struct.pack(">Q", told["closed"]))))
