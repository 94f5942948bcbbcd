"""Forged logs about queues: an operator who holds the log's key writes what the rules do not make.

`told` are the entries that `waits.py` names.
"""

import json

from forge_holds import TIME, at, leg_end, raised, relength, replaced

KIND, OUTCOME, REST = 2, 10, 250_000_000


def forge(cases):
    told = cases.told
    sets(cases, told)
    entering(cases, told)
    runs(cases, told)
    leaving(cases, told)
    limited(cases, told)
    rested(cases, told)


def outcome(number, place=OUTCOME):
    return lambda item: item[:place] + number.to_bytes(2, "big") + item[place + 2:]


def since(by):
    """A leg of a payment that began to wait in another entry."""
    def change(item):
        end = leg_end(item)
        value = int.from_bytes(item[end - 8:end], "big") + by
        return item[:end - 8] + value.to_bytes(8, "big") + item[end:]
    return change


def sets(cases, told):
    net = told["net"]
    cases.forged("a set that is none", net, "item 2, its place", at(
        net, 1, lambda item: relength(item.replace(b',"check":"net"', b''))))
    cases.forged("a leg of a set that is missing", net, "item 3",
                 lambda copy: copy.items[net].pop())
    cases.forged("another amount in a set", net, "item 2", at(net, 2, raised(1)))
    cases.forged("a set that was refused", net, "item 1", at(net, 1, outcome(26, 7)))


def entering(cases, told):
    urgent, small = told["urgent"], told["overtakes"]
    cases.forged("a payment that is not urgent", urgent, "instruction 0 of the body", at(
        urgent, 1, lambda item: relength(item.replace(b'"urgent"', b'"normal"'))))
    cases.forged("a payment that is refused instead of queued", urgent, "item 1",
                 at(urgent, 1, outcome(26, 7)))
    cases.forged("a payment that waits though it may not", small, "item 1",
                 at(small, 1, outcome(6, 7)))
    cases.forged("another priority", urgent, "item 1", at(
        urgent, 1, replaced(b'"urgent"', b'"argent"')))


def runs(cases, told):
    cleared, ring = told["cleared"], told["ring"]

    def fewer(copy):
        """Only what was urgent, as if the others went on waiting."""
        del copy.items[cleared][2:]

    cases.forged("a payment left out of a run", cleared, "item 2", fewer)
    cases.forged("more than was queued", cleared, "item 1", at(cleared, 1, raised(1)))
    cases.forged("a payment of another entry", cleared, "item 1", at(cleared, 1, since(1)))
    cases.forged("a run in another order", ring, "item 1", lambda copy: copy.items[ring].insert(
        1, copy.items[ring].pop()))
    cases.forged("a run that is an expiry", ring, "item 1", at(ring, 1, lambda item: (
        item[:KIND] + b"\7" + item[3:leg_end(item) - 8] + item[leg_end(item):])))

    def undone(copy):
        copy.silence(cleared)

    cases.forged("a run that never was", cleared, "what stands before the entry", undone)


def leaving(cases, told):
    cancel, requeue, revoked = told["cancel"], told["requeue"], told["revoked"]
    cases.forged("a payment revoked and not cancelled", cancel, "item 2",
                 at(cancel, 2, outcome(84)))
    cases.forged("a cancellation that moves money", cancel, "item 2", at(
        cancel, 2, lambda item: item[:KIND] + b"\x08" + item[3:]))
    cases.forged("a payment put last and not first", requeue, "instruction 0 of the body", at(
        requeue, 1, lambda item: relength(item.replace(b'"first"', b'"last"'))))
    cases.forged("a payment cancelled and not revoked", revoked, "item 1",
                 at(revoked, 1, outcome(85)))
    cases.forged("a payment released twice", revoked, "item 1", at(revoked, 1, outcome(6)))
    wrong = json.dumps({"cancel": {"id": "x"}}).encode()
    cases.forged("a cancellation of nothing", cancel, "item 1", at(
        cancel, 1, lambda item: relength(item[:35] + bytes(4) + wrong)))


def limited(cases, told):
    """Where limits and freezes are."""
    much, unfrozen, thawed = told["waits_too_much"], told["unfrozen"], told["thawed"]
    cases.forged("a payment that waits above a limit", much, "item 1", at(much, 1, outcome(6, 7)))
    cases.forged("a leg that is not the one above the limit", much, "item 2", at(
        much, 2, outcome(0, 9)))
    cases.forged("a payment that was counted and is refused", told["waits_counted"], "item 1", at(
        told["waits_counted"], 1, outcome(66, 7)))

    def never(index):
        return lambda copy: copy.silence(index)

    cases.forged("a payment that stays when the freeze is lifted", unfrozen,
                 "what stands before the entry", never(unfrozen))
    cases.forged("a payment that stays when the freeze has ended", thawed,
                 "what stands before the entry", never(thawed))
    crowded, room = told["crowded"], told["room"]
    cases.forged("more than an account takes", crowded, "item 3", lambda copy: (
        copy.items[crowded].append(copy.items[room][1])))
    cases.forged("less than an account takes", crowded, "item 2",
                 lambda copy: copy.items[crowded].pop())
    cases.forged("a payment that stays when there is room", room, "what stands before the entry",
                 never(room))


def rested(cases, told):
    """Behind a run that left something to settle."""
    first, second = told["chain"], told["chain_goes_on"]

    def early(copy):
        """One nanosecond before the rest is over."""
        ran = int.from_bytes(copy.entries[first][TIME:TIME + 8], "big")
        time = (ran + REST - 1).to_bytes(8, "big")
        old = bytes(copy.entries[second][TIME:TIME + 8])
        copy.entries[second][TIME:TIME + 8] = time
        at(second, 0, replaced(old, time))(copy)

    cases.forged("a run in a rest", second, "item 1", early)
    cases.forged("a rest without an end", second, "what stands before the entry",
                 lambda copy: copy.silence(second))
    cases.forged("a run of more rounds than there are", first, "item 17", lambda copy: (
        copy.items[first].append(copy.items[second][1])))
