"""Forged logs about value dates: an operator who holds the log's key writes what the rules do not make.
`told` are the entries that `valued.py` names.
"""

from forge_forms import settled
from forge_holds import at, leg_end, put, raised, relength

KIND, TRANSFER = 2, b"\x01"


def forge(cases):
    told = cases.told
    legs(cases, told["valued"], told["valued_set"], told["valued_today"])
    refusals(cases, told)


def moved(days):
    """A leg that counts from another date on, so many days later."""
    def change(item):
        end = leg_end(item)
        date = int.from_bytes(item[end - 4:end], "big") + days
        return put(end - 4, date.to_bytes(4, "big"))(item)
    return change


def plain(item):
    """The same leg as one without a value date."""
    end = leg_end(item)
    return put(KIND, TRANSFER)(item[:end - 4] + item[end:])


def legs(cases, valued, both, today):
    cases.forged("a leg that counts a day earlier", valued, "item 2", at(valued, 2, moved(-1)))
    cases.forged("a leg that counts from the day of its entry", valued, "item 3",
                 at(valued, 3, moved(1)))
    cases.forged("a leg whose value date is gone", valued, "item 2", at(valued, 2, plain))
    cases.forged("a value date behind the last date there is", valued, "item 2",
                 at(valued, 2, moved(200_000)), log=True)
    cases.forged("an amount with a value date", both, "item 2", at(both, 2, raised(1)))
    cases.forged("legs with value dates in another order", both, "item 2", lambda copy: (
        copy.items[both].insert(2, copy.items[both].pop(3))))
    cases.forged("a present value date that is gone", today, "item 2", at(today, 2, plain))

    def unsaid(item):
        start = item.index(b',"value_date":"')
        return relength(item[:start] + item[start + len(b',"value_date":"2026-11-30"'):])

    cases.forged("an instruction without its value date", valued, "item 1",
                 at(valued, 1, unsaid))


def refusals(cases, told):
    for name, what in (("value_ahead", "a value date to come"),
                       ("value_old", "a value date from before the window"),
                       ("value_never", "a value date that was no business date"),
                       ("value_waits", "a value date of what waits"),
                       ("value_alone", "value that one operator gives away alone")):
        cases.forged(what, told[name], "item 1", settled(told[name]))
