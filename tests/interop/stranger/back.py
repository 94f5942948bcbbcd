"""Money that goes back, and is asked back (SPEC: Returns and recalls).

Subtrees are hashed anew from the leaves of the log whenever somebody proves something. As what this
verifier does with holds, it is by somebody who had seen the source of the product.
"""
from dataclasses import dataclass

import formats
import limits
import tree
from base import Malformed, unb64
from formats import NO_LEG, Entry, Leg
from holds import room
from instr import id_bytes
from refused import Refused

SECOND = 10**9
DAY = 86_400
KEPT_SUBTREES = 256
MOST, LONGEST, USUAL, PATIENCE = 1_000_000, 400 * DAY, 396 * DAY, 15 * DAY
PAYMENTS = (formats.TRANSFER, formats.CAPTURE, formats.QUEUED, formats.SPLIT, formats.MANDATED, formats.VALUED)
FUNDS = (formats.ISSUE, formats.REDEEM)


@dataclass
class Case:
    """A recall that is open."""

    id: bytes
    place: tuple
    leg: Leg
    sender: str
    amount: int
    reason: str
    index: int
    ends: int


def _proven(rules, original):
    """(place, time, leg) of a leg that is in the log."""
    try:
        entry = Entry.read(unb64(original["entry"]))
        leaf = formats.item_leaf(unb64(original["salt"], 32), unb64(original["item"]))
        way = [unb64(one, 32) for one in original["item_proof"]]
        root = tree.proven_root(leaf, original["n"], entry.items, way)
    except Malformed as error:
        raise Refused(163) from error
    level, found = len(original["proof"]), entry.leaf
    if root != entry.payload_root or level > 63:
        raise Refused(163)
    for at, one in enumerate(original["proof"]):
        other = unb64(one, 32)
        right = entry.index >> at & 1
        found = tree.node(other, found) if right else tree.node(found, other)
    number, complete = entry.index >> level, rules.entry.index >> level
    if number >= complete:
        raise Refused(163)
    if complete - number > KEPT_SUBTREES:
        raise Refused(164)
    if tree.root(rules.hashes[number << level:(number + 1) << level]) != found:
        raise Refused(163)
    leg = formats.read_item(unb64(original["item"]))
    if not isinstance(leg, Leg):
        raise Refused(165)
    return (entry.index, original["n"]), entry.time, leg


def _rest(rules, place, time, leg):
    """What of a leg may still be asked for."""
    seconds = rules.state.parameters["return_s"] or USUAL
    if rules.entry.time > time + seconds * SECOND:
        raise Refused(166)
    back = rules.state.back.get(place, [])
    rest = leg.amount - sum(value for value, _ in back)
    if rest == 0:
        raise Refused(167, detail=back[-1][1])
    return rest


def give_back(rules, kind, wish, first_item):
    """Return and reverse."""
    state = rules.state
    if kind == "reverse":
        if "operators" not in rules.signed:
            raise Refused(12)
        if len(state.participants["operators"].keys) > 1 and rules.operator_keys < 2:
            raise Refused(75)
    place, time, leg = _proven(rules, wish["original"])
    if leg.kind not in (FUNDS if kind == "reverse" else PAYMENTS) or leg.amount == 0:
        raise Refused(165)
    debit, credit = state.account(leg.credit), state.account(leg.debit)
    if kind == "return" and debit.owner not in rules.signed:
        raise Refused(14)
    rules.status(debit.asset, NO_LEG)
    stated = None
    if "amount" in wish:
        if rules.worthless(wish["amount"]):
            raise Refused(21)
        stated = rules.amount(debit.asset, wish["amount"])
    rest = _rest(rules, place, time, leg)
    value = rest if stated is None else stated
    if value > rest:
        raise Refused(168)
    if place not in state.back and _givers(rules, debit.owner) >= _most(state):
        raise Refused(169)
    room(rules, first_item, 1)
    rules.may_debit(debit, credit, f"{value} minor units", NO_LEG)
    rules.fits(debit, credit, (0, value), NO_LEG)
    settles = not {"issuance", "netting"} & {debit.kind, credit.kind}
    limits.count(rules, debit, credit, value, value, 1, NO_LEG, settles)
    parts = rules.move(debit, credit, (0, value), NO_LEG, first_item + 1)
    state.back.setdefault(place, []).append((value, rules.entry.index))
    state.back_of[place] = (debit.owner, time + LONGEST * SECOND)
    for case in [one for one in state.recalls.values() if one.place == place]:
        del state.recalls[case.id]
    return [_posting(debit, credit, value, parts, place, leg, wish["reason"])]


def _posting(debit, credit, value, parts, place, leg, reason):
    of = (*place, leg.id, reason)
    return (debit, credit, value, parts, *[None] * 5, of, leg.numbered)


def _most(state):
    return state.parameters["returns_max"] or MOST


def _givers(rules, owner):
    """How many legs a participant has given something back of, and may be asked for more."""
    return sum(one == owner and until >= rules.floor
               for one, until in rules.state.back_of.values())


def recall(rules, wish, first_item):
    """Ask for a payment."""
    state = rules.state
    place, time, leg = _proven(rules, wish["original"])
    if leg.kind not in PAYMENTS or leg.amount == 0:
        raise Refused(165)
    sender = state.account(leg.debit).owner
    if sender not in rules.signed:
        raise Refused(14)
    rest = _rest(rules, place, time, leg)
    for case in state.recalls.values():
        if case.place == place:
            raise Refused(170, detail=case.index)
    own = id_bytes(wish["id"])
    if own in state.recalls:
        raise Refused(171)
    if sum(case.sender == sender for case in state.recalls.values()) >= _most(state):
        raise Refused(172)
    room(rules, first_item, 1)
    seconds = state.parameters["recall_s"] or PATIENCE
    case = Case(own, place, leg, sender, rest, wish["reason"], rules.entry.index,
                rules.entry.time + seconds * SECOND)
    state.recalls[own] = case
    return [_told(rules, case, case.reason, first_item + 1)]


def refuse(rules, wish, first_item):
    """Say no to a recall."""
    case = rules.state.recalls.get(id_bytes(wish["of"]))
    if case is None:
        raise Refused(173)
    payer, payee = (rules.state.account(n).owner for n in (case.leg.debit, case.leg.credit))
    if not {"operators", payer, payee} & rules.signed:
        raise Refused(173)
    if payee not in rules.signed:
        raise Refused(14)
    room(rules, first_item, 1)
    del rules.state.recalls[case.id]
    return [_told(rules, case, wish["reason"], first_item + 1)]


def _told(rules, case, reason, item):
    debit, credit = rules.state.account(case.leg.debit), rules.state.account(case.leg.credit)
    parts = rules.move(debit, credit, (0, 0), NO_LEG, item)
    return _posting(debit, credit, case.amount, parts, case.place, case.leg, reason)


def due(state, time):
    """Recalls that end at a time or before, soonest first."""
    over = [case for case in state.recalls.values() if case.ends <= time]
    return sorted(over, key=lambda case: (case.ends, case.id))


def on_time(rules):
    """[(recall, outcome, postings)] of what ends by itself."""
    done = []
    for number, case in enumerate(due(rules.state, rules.entry.time)[:8_189], 1):
        del rules.state.recalls[case.id]
        done.append((case, 162, [_told(rules, case, case.reason, number)]))
    return done


KINDS = {
    "return": lambda rules, wish, at: give_back(rules, "return", wish, at),
    "reverse": lambda rules, wish, at: give_back(rules, "reverse", wish, at),
    "recall": recall, "refuse_recall": refuse,
}
OUTCOMES = {"return": 1, "reverse": 1, "recall": 160, "refuse_recall": 161}
