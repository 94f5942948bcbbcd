"""What becomes of funds that are reserved (SPEC: Holds).

Postings are (debit, credit, amount, parts, hold, unreserved), as leg items state them. What this
verifier does with holds and system entries is newer than the rest, and by somebody who had seen the
source of the product.
"""
import copy

import charges
import limits
from instr import id_bytes, read_time
from refused import Refused
from state import HeldLeg, Hold

SECOND = 10**9
MOST_ITEMS, MOST_OPEN, MOST_OVER, LEAST_KNOWN = 8_189, 1_000_000, 10_000, 4_096
LONGEST = 400 * 86_400 * SECOND
CAPTURED, VOIDED, EXPIRED = 29, 30, 31


def room(rules, first_item, legs):
    """Is there room in the entry for an instruction with so many legs behind it?"""
    behind = sum(least(step) for step in rules.behind)
    if first_item - 1 + 1 + legs + behind > MOST_ITEMS:
        raise Refused(39)


def least(step):
    """How many items an instruction is at least, if it takes effect."""
    told = {"check", "queue", "settlement_date", "conditions", "mandate", "value_date"}
    if step.kind == "split":
        return len(step.wish["payers"]) + len(step.wish["payees"])
    if step.kind == "transfer" and not told & set(step.wish):
        return len(step.wish["legs"])
    if step.kind in ("quote", "convert"):
        return 2 if step.kind == "quote" else 3
    if step.kind == "clear":
        return 1 + len(step.wish["payments"])
    if step.kind in ("return", "reverse", "recall", "refuse_recall"):
        return 2
    return 1 + len(step.wish["legs"]) if step.kind in ("transfer", "reserve") else 1


def reserve(rules, wish, first_item):
    """Reserve the amounts of all legs."""
    return reserve_legs(rules, wish["legs"], first_item, lambda legs: _terms(rules, wish, legs))


def reserve_legs(rules, wished, first_item, terms):
    """Reserve what legs say; `terms` makes the hold of them, or refuses."""
    pairs = rules.pairs(wished)
    legs, postings = [], []
    with rules.undone(pairs):
        for number, (leg, (debit, credit)) in enumerate(zip(wished, pairs)):
            rules.leg(leg, debit, credit, number)
            value = rules.may_debit(debit, credit, leg["amount"], number)
            rules.fits(debit, credit, (value, 0), number)
            limits.count(rules, debit, credit, value, 0, 1, number)
            parts = rules.move(debit, credit, (value, 0), number, first_item + 1 + number)
            postings.append((debit, credit, value, parts, None, None))
            legs.append(HeldLeg(debit.address, credit.address, value, 0, value))
        hold = terms(legs)
    rules.state.holds[hold.id] = hold
    return postings


def _terms(rules, wish, legs):
    now = rules.entry.time
    expires = read_time(wish["expires_at"]) if "expires_at" in wish else None
    if expires is not None and (expires <= now or expires > now + LONGEST):
        raise Refused(35)
    over = wish.get("over_capture_bp", 0)
    if over > MOST_OVER:
        raise Refused(36)
    return new(rules, wish, legs, expires, wish.get("multi", False), over,
               wish.get("guaranteed", False))


def new(rules, wish, legs, expires, multi=False, over=0, guaranteed=False, quote=None):
    """A hold, if there is room for it."""
    state = rules.state
    hold = Hold(id_bytes(wish["id"]), rules.submitter, rules.entry.time, expires, multi, over,
                guaranteed, legs, quote=quote)
    if hold.id in state.holds and state.holds[hold.id].known(rules.floor):
        raise Refused(37)
    mine = sum(len(one.legs) for one in state.holds.values()
               if one.ended is None and one.submitter == rules.submitter)
    if mine + len(legs) > (state.parameters["holds_max"] or MOST_OPEN):
        raise Refused(38)
    return hold


def _owners(rules, leg):
    accounts = rules.state.accounts
    return accounts[leg.debit].owner, accounts[leg.credit].owner


def _find(rules, wish):
    hold = rules.state.holds.get(id_bytes(wish["hold"]))
    if hold is None or not hold.known(rules.floor):
        raise Refused(28)
    parties = {owner for leg in hold.legs for owner in _owners(rules, leg)}
    if not rules.signed & (parties | {"operators"}):
        raise Refused(28)
    return hold


def _still_open(hold):
    if hold.ended is not None:
        raise Refused(hold.ended[0], detail=hold.ended[1])


def capture(rules, wish, first_item):
    """Post a part of a hold, or all that remains."""
    hold = _find(rules, wish)
    for number, leg in enumerate(hold.legs):
        if not rules.signed & set(_owners(rules, leg)):
            raise Refused(14, number)
    amount = _amount(rules, wish, hold)
    _still_open(hold)
    if hold.quote is not None:
        raise Refused(195)
    if amount is not None and len(hold.legs) > 1:
        raise Refused(32)
    if wish.get("final") is False and not hold.multi:
        raise Refused(33)
    room(rules, first_item, len(hold.legs))
    after, postings = copy.deepcopy(hold), []
    with rules.undone(_pairs(rules, hold)):
        for number in range(len(hold.legs)):
            keep = hold.multi and wish.get("final") is not True
            posting = _capture(rules, after, number, amount, keep,
                               first_item + 1 + len(postings))
            postings.append(posting)
            # What was reserved is all that its payer promised.
            postings += charges.take(rules, posting[:2], posting[2], number,
                                     first_item + 1 + len(postings),
                                     len(hold.legs) - number - 1, payee_pays=True)
    if all(leg.remaining == 0 for leg in after.legs):
        after.ended = (CAPTURED, rules.entry.index, rules.entry.time)
    _keep(rules.state, after)
    return postings


def _keep(state, hold):
    """Know what became of a hold, and of those of one submitter that ended the newest alone."""
    state.holds[hold.id] = hold
    most = max(state.parameters["holds_max"] or MOST_OPEN, LEAST_KNOWN)
    ended = sorted((one for one in state.holds.values()
                    if one.ended is not None and one.submitter == hold.submitter),
                   key=lambda one: (one.ended[2], one.id))
    legs = sum(len(one.legs) for one in ended)
    for one in ended if hold.ended is not None else ():
        if legs <= most:
            break
        legs -= len(one.legs)
        del state.holds[one.id]


def _pairs(rules, hold):
    accounts = rules.state.accounts
    return [(accounts[leg.debit], accounts[leg.credit]) for leg in hold.legs]


def _amount(rules, wish, hold):
    pairs = _pairs(rules, hold)
    for number, (debit, _) in enumerate(pairs):
        rules.status(debit.asset, number)
    if "amount" not in wish:
        return None
    if rules.worthless(wish["amount"]):
        raise Refused(21)
    return rules.amount(pairs[-1][0].asset, wish["amount"])


def _capture(rules, hold, number, amount, keep, item):
    leg = hold.legs[number]
    debit, credit = _pairs(rules, hold)[number]
    limits.not_frozen(rules, debit, credit, number)
    take = leg.remaining if amount is None else amount
    if leg.captured + take > leg.reserved + leg.reserved * hold.over // 10_000:
        raise Refused(34, number)
    limits.capture(rules, debit, credit, max(0, take - leg.remaining), take, number)
    before = leg.remaining
    if not keep:
        limits.give_back(rules, debit, credit, hold.time, max(0, before - take), 0)
    leg.remaining = max(0, before - take) if keep else 0
    leg.captured += take
    unreserved = before - leg.remaining
    parts = rules.move(debit, credit, (-unreserved, take), number, item)
    return debit, credit, take, parts, hold.id, unreserved


def deliver(rules, hold, number, item):
    """Post all of a quote, as leg `number` of the conversion that uses it."""
    after = copy.deepcopy(hold)
    (leg,), ((debit, credit),) = after.legs, _pairs(rules, hold)
    value = leg.remaining
    limits.not_frozen(rules, debit, credit, number)
    limits.capture(rules, debit, credit, 0, value, number)
    leg.remaining, leg.captured = 0, value
    parts = rules.move(debit, credit, (-value, value), number, item)
    after.ended = (CAPTURED, rules.entry.index, rules.entry.time)
    _keep(rules.state, after)
    return debit, credit, value, parts, hold.id, value


def void(rules, wish, first_item):
    """Give back all that remains of a hold."""
    hold, frozen = _find(rules, wish), []
    for number, leg in enumerate(hold.legs):
        payer, payee = _owners(rules, leg)
        may = {"operators", payee} | (set() if hold.guaranteed else {payer})
        if not rules.signed & may:
            raise Refused(14, number)
        account = rules.state.accounts[leg.debit]
        if not rules.signed & {"operators", payee} and limits.stopped(rules, account, "debit"):
            frozen.append(number)
    _still_open(hold)
    if frozen:
        raise Refused(63, frozen[0])
    room(rules, first_item, len(hold.legs))
    return _give_back(rules, hold, first_item + 1, VOIDED)


def _give_back(rules, hold, first_leg, how):
    after, postings = copy.deepcopy(hold), []
    for number, (leg, (debit, credit)) in enumerate(zip(after.legs, _pairs(rules, hold))):
        value, leg.remaining = leg.remaining, 0
        limits.give_back(rules, debit, credit, hold.time, value, int(leg.captured == 0))
        parts = rules.move(debit, credit, (-value, 0), number, first_leg + number)
        named = hold.id if how == VOIDED else None
        postings.append((debit, credit, value, parts, named, None))
    after.ended = (how, rules.entry.index, rules.entry.time)
    _keep(rules.state, after)
    return postings


def expire(rules):
    """[(hold, postings)] of what a system entry of this time lets expire."""
    found, items = [], 0
    for hold in rules.state.due(rules.entry.time):
        if found and items + len(hold.legs) > MOST_ITEMS:
            break
        found.append((hold, _give_back(rules, hold, items + 1, EXPIRED)))
        items += len(hold.legs)
    return found


KINDS = {"reserve": reserve, "capture": capture, "void": void}
