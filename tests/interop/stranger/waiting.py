"""Sets of legs, and payments that wait (SPEC: Queues).

Like what is in `holds.py`, this is by somebody who had seen the source of the product.
"""
import datetime
from dataclasses import dataclass, replace

import charges
import days
import forms
import holds
import limits
import reserving
import values
import standing
from formats import NO_LEG
from instr import id_bytes, read_time
from refused import Refused

DAY = 86_400 * 10**9
URGENCY = {"urgent": 0, "high": 1, "normal": 2}
LIMIT, ROUNDS, REST = 2**96, 16, 250_000_000
RELEASED, REVOKED, OVERDUE = 6, 84, 216


@dataclass(frozen=True)
class Payment:
    """A payment in the queue; legs are (debit address, credit address, minor units)."""

    urgency: int
    order: int
    ordinal: int
    number: int
    id: bytes
    submitter: str
    index: int
    time: int
    from_time: int | None
    day: datetime.date | None
    until: int | None
    of_a_day: bool
    legs: tuple
    till: int | None = None
    late: bool = False
    # Who may take it back: its submitter, unless it is handed over.
    heir: str | None = None

    @property
    def answers(self):
        """Who answers for it."""
        return self.heir or self.submitter

    @property
    def rank(self):
        """Smaller goes first."""
        return self.urgency, self.order, self.ordinal, self.number, self.id

    @property
    def payers(self):
        """Addresses of the accounts that it debits."""
        return {debit for debit, _, _ in self.legs}

    @property
    def waits(self):
        """For funds, and not for its time."""
        return self.from_time is None and self.day is None

    @property
    def strict(self):
        """Does it keep what it waits for?"""
        return self.waits and self.urgency < 2

    @property
    def next_time(self):
        """When it is released, told to be late, or revoked."""
        if self.from_time is not None:
            return self.from_time
        told = [] if self.late or self.till is None else [self.till]
        return min(told + ([] if self.until is None else [self.until]), default=None)


def is_set(kind, wish):
    """Is a transfer one whose instruction is an item?"""
    return kind == "transfer" and any(
        name in wish for name in ("check", "queue", "settlement_date"))


def keeps(state, address):
    """Is an account kept for what is urgent?"""
    return any(one.strict and address in one.payers for one in state.queue.values())


def transfer(rules, wish, first_item, ordinal):
    """A set of legs: it settles as one, or waits; gives its postings, None if it waits."""
    under = forms.Under(rules, wish)
    pairs = under.pairs
    holds.room(rules, first_item, len(pairs))
    forms.hold(rules, wish)
    settles = days.timing(rules, wish, pairs)
    date = values.check(rules, wish, pairs, settles, days.read_date)
    legs = []
    for number, (leg, (debit, credit)) in enumerate(zip(wish["legs"], pairs)):
        rules.leg(leg, debit, credit, number)
        under.take(leg, debit, credit, number)
        value = under.told(debit, rules.may_move, debit, credit, leg["amount"], number)
        legs.append((debit.address, credit.address, value))
    dues = [charges.due_by_address(rules, leg, number) for number, leg in enumerate(legs)]
    money = Money(rules)
    urgency = URGENCY[wish.get("queue", {}).get("priority", "normal")]
    flow = Flow(reserving.called(urgency, legs, _with(legs, dues)))
    at_once = "queue" not in wish and settles is None
    if at_once:
        _covered(rules, money, legs, Flow(legs), 26)
    for number, leg in enumerate(legs):
        named = [*leg[:2], *(address for one in dues[number] for address in one[1:3])]
        if not all(money.counts(address, flow) for address in named):
            raise Refused(27, number)
    if at_once:
        _covered(rules, money, legs, flow, charges.NOT_COVERED)
    if settles is not None:
        payment = _payment(rules, wish, legs, ordinal)
        of_a_day = payment.of_a_day or "queue" not in wish
        with rules.undone(pairs):
            _enter(rules, replace(payment, day=settles.date, of_a_day=of_a_day))
        rules.waits_for = settles
        return None
    if "queue" in wish:
        payment = _payment(rules, wish, legs, ordinal)
        before = [one for one in rules.state.queue.values()
                  if one.strict and one.rank < payment.rank and one.payers & payment.payers]
        if before or not payment.waits or not money.pays_all(flow):
            with rules.undone(pairs):
                _enter(rules, payment)
            return None
    holds.room(rules, first_item, len(_with(legs, dues)))
    postings = []
    with rules.undone(pairs):
        if urgency < 2:
            money.settle(flow)
            money.keep_marks()
        for number, leg in enumerate(legs):
            _count(rules, leg, leg[2], leg[2], 1, number)
            moved = move(rules, leg, first_item + 1 + len(postings))
            postings.append(forms.posting(*moved[:4], under.id_of(pairs[number][0]), date))
            postings += charges.post(rules, dues[number], number, first_item + 1 + len(postings))
    under.keep()
    if date is not None:
        values.keep(rules, date, postings)
    return postings


def _with(legs, dues):
    """Legs, and what is due on them."""
    return [*legs, *(one[1:] for some in dues for one in some)]


def _covered(rules, money, legs, flow, outcome):
    for number, (debit, _, _) in enumerate(legs):
        drawn = flow.out(debit) > flow.back(debit) and rules.kept(rules.state.accounts[debit])
        if not money.pays(debit, flow) or drawn:
            raise Refused(outcome, number)


def _count(rules, leg, value, booked, legs, number=NO_LEG):
    debit, credit = (rules.state.accounts[address] for address in leg[:2])
    limits.count(rules, debit, credit, value, booked, legs, number)


def uncount(rules, payment):
    """What will not settle is no longer reserved within the limits."""
    for leg in payment.legs:
        debit, credit = (rules.state.accounts[address] for address in leg[:2])
        limits.give_back(rules, debit, credit, payment.time, leg[2], 1)


def _foreign(rules, legs):
    """Does somebody else than the submitter pay?"""
    owners = {rules.state.accounts[leg[0]].owner for leg in legs}
    return {rules.state.signer(owner) for owner in owners} != {rules.submitter}


def _payment(rules, wish, legs, ordinal):
    terms, now = wish.get("queue", {}), rules.entry.time
    agreed = rules.agreed and terms.get("priority", "normal") == "normal"
    if "mandate" in wish or not agreed and _foreign(rules, legs):
        raise Refused(80)
    begin, until = (read_time(terms[name]) if name in terms else None
                    for name in ("settle_from", "reject_at"))
    begin = begin if begin is not None and begin > now else None
    free = begin or now
    if free > now + 400 * DAY:
        raise Refused(81)
    if until is not None and (until <= free or until > now + 400 * DAY):
        raise Refused(81)
    till = read_time(terms["till"]) if "till" in terms else None
    if till is not None and not free < till < (until or now + 400 * DAY + 1):
        raise Refused(81)
    number = list(rules.state.participants).index(rules.submitter)
    return Payment(URGENCY[terms.get("priority", "normal")], rules.entry.index, ordinal, number,
                   id_bytes(wish["id"]), rules.submitter, rules.entry.index, now, begin, None,
                   until, "until" in terms, tuple(legs), till)


def _enter(rules, payment):
    others = list(rules.state.queue.values())
    for address in payment.payers:
        if sum(address in one.payers for one in others) >= 1_000:
            raise Refused(82)
    count = {who: sum(len(one.legs) for one in others if who in (None, one.answers))
             for who in (None, payment.submitter)}
    mine = count[payment.submitter] + len(payment.legs)
    part = 16_384 // rules.state.signing()
    if mine > 4_096 or (count[None] + len(payment.legs) > 16_384 and mine > part):
        raise Refused(82)
    for number, leg in enumerate(payment.legs):
        _count(rules, leg, leg[2], 0, 1, number)
    rules.state.queue[payment.submitter, payment.id] = payment


def move(rules, leg, item, by=None, since=None):
    """The posting of a leg; by 0 it moves nothing."""
    debit, credit = (rules.state.accounts[address] for address in leg[:2])
    parts = rules.move(debit, credit, (0, leg[2] if by is None else by), NO_LEG, item)
    return debit, credit, leg[2], parts, None, None, since


def _mine(rules, wish):
    one = id_bytes(wish["of"])
    found = [payment for payment in rules.state.queue.values()
             if payment.id == one and payment.answers == rules.submitter]
    found.sort(key=lambda payment: (payment.submitter != rules.submitter, payment.number))
    if not found:
        raise Refused(83)
    return found[0]


def hand_over(state, party):
    """What debits accounts of who is reached via another bank now is that bank's to answer for."""
    for key, payment in state.queue.items():
        owners = [state.accounts[address].owner for address in payment.payers]
        if party.name in owners:
            signs = payment.submitter in [state.signer(owner) for owner in owners]
            state.queue[key] = replace(payment, heir=None if signs else party.via)


def cancel(rules, wish, first_item, _ordinal):
    """The sender takes it back."""
    payment = _mine(rules, wish)
    holds.room(rules, first_item, len(payment.legs))
    del rules.state.queue[payment.submitter, payment.id]
    uncount(rules, payment)
    return [move(rules, leg, first_item + 1 + n, 0, payment.index)
            for n, leg in enumerate(payment.legs)]


def requeue(rules, wish, _first_item, ordinal):
    """The sender moves it."""
    payment = _mine(rules, wish)
    if _foreign(rules, payment.legs):
        raise Refused(80)
    moved = payment
    if "priority" in wish:
        moved = replace(moved, urgency=URGENCY[wish["priority"]])
    if wish.get("position") == "last":
        moved = replace(moved, order=rules.entry.index, ordinal=ordinal)
    elif wish.get("position") == "first":
        ahead = sorted(one.rank for one in rules.state.queue.values()
                       if one.urgency == moved.urgency and one != payment
                       and one.payers & moved.payers)
        if ahead and ahead[0] < moved.rank:
            moved = replace(moved, order=ahead[0][1] - 1)
    if moved == payment:
        raise Refused(60)
    rules.state.queue[payment.submitter, payment.id] = moved
    return []


class Flow:
    """What a set of legs takes from accounts, by urgency, and brings to them."""

    def __init__(self, legs):
        self.taken, self.brought = {}, {}
        for debit, credit, value, *urgency in legs:
            self.taken.setdefault(debit, [0, 0, 0])[urgency[0] if urgency else 2] += value
            self.brought[credit] = self.brought.get(credit, 0) + value

    def bills(self, address):
        """What an account pays out of what is on it."""
        return reserving.bills(self.taken.get(address, (0, 0, 0)), self.back(address))

    def out(self, address):
        """What it takes."""
        return sum(self.taken.get(address, ()))

    def back(self, address):
        """What it brings."""
        return self.brought.get(address, 0)


class Money:
    """Counters of accounts while sets settle, on paper."""

    def __init__(self, rules):
        self.rules, self.posted, self.marks = rules, {}, {}

    def _posted(self, address):
        account = self.rules.state.accounts[address]
        return self.posted.get(address, (account.counters[1], account.counters[3]))

    def pays(self, address, flow):
        """Does an account afford a set?"""
        account = self.rules.state.accounts[address]
        if not self.rules.has_floor(account):
            return True
        return self._left(address, flow) is not None

    def _left(self, address, flow):
        """What is left of reservations behind a set; None if the account does not afford it."""
        account = self.rules.state.accounts[address]
        debits, credits = self._posted(address)
        moved = (credits - debits) - account.balance
        marks = self.marks.get(address) or reserving.marks(self.rules, account)
        return reserving.left(self.rules.available(account) + moved, marks, flow.bills(address))

    def pays_all(self, flow):
        """Do all of them?"""
        return all(self.pays(address, flow) for address in flow.taken)

    def counts(self, address, flow):
        """Is there room in its counters?"""
        debits, credits = self._posted(address)
        return debits + flow.out(address) < LIMIT and credits + flow.back(address) < LIMIT

    def counts_all(self, flow):
        """In all of them?"""
        return all(self.counts(address, flow) for address in {**flow.taken, **flow.brought})

    def takes(self, address, flow):
        """Does an account take what a set leaves on it?"""
        account = self.rules.state.accounts[address]
        most, more = account.bounds.max_balance, flow.back(address) - flow.out(address)
        if most is None or more <= 0:
            return True
        debits, credits = self._posted(address)
        return credits - debits + account.counters[2] + more <= self.rules.units(account, most)

    def takes_all(self, flow):
        """Do all of them?"""
        return all(self.takes(address, flow) for address in flow.brought)

    def settle(self, flow):
        """Post a set."""
        for address in flow.taken:
            if self.rules.has_floor(self.rules.state.accounts[address]):
                self.marks[address] = self._left(address, flow)
        for address in {**flow.taken, **flow.brought}:
            debits, credits = self._posted(address)
            self.posted[address] = debits + flow.out(address), credits + flow.back(address)


    def keep_marks(self):
        """What is left of reservations holds from now on."""
        for address, left in self.marks.items():
            account = self.rules.state.accounts[address]
            if left != reserving.marks(self.rules, account):
                reserving.keep(account, left)


class Run:
    """What can settle of all that waits."""

    def __init__(self, rules):
        self.rules, self.money, self.left, self.settled = rules, Money(rules), 8_189, []
        self.dues = {}
        self.pool = sorted((one for one in rules.state.queue.values() if one.waits),
                           key=lambda one: one.rank)
        for _ in range(ROUNDS if self.pool else 0):
            count = len(self.settled)
            self._alone()
            self._pairs()
            self._largest(self.pool)
            if count == len(self.settled):
                break

    def _whole(self, payment):
        """All that moves with a payment; None if a payee cannot pay its fee out of it."""
        if payment.id not in self.dues:
            try:
                dues = [charges.due_by_address(self.rules, leg) for leg in payment.legs]
                self.dues[payment.id] = _with(payment.legs, dues)
            except Refused:
                self.dues[payment.id] = None
        return self.dues[payment.id]

    def _flow(self, payments):
        return Flow([leg for one in payments
                     for leg in reserving.called(one.urgency, one.legs, self._whole(one))])

    def _stuck(self, payment):
        rules, state = self.rules, self.rules.state
        if self._whole(payment) is None or not days.payment_lets(state, payment):
            return True
        for leg in payment.legs:
            debit, credit = (state.accounts[address] for address in leg[:2])
            if (state.assets[debit.asset].status != "active"
                    or limits.stopped(rules, debit, "debit")
                    or limits.stopped(rules, credit, "credit")
                    or limits.suspended(rules, debit)
                    or not standing.lets(rules, debit, credit)):
                return True
        return False

    def _free(self, payment):
        return not self._stuck(payment) and not any(
            one.strict and one.rank < payment.rank and one.payers & payment.payers
            for one in self.pool)

    def _settle(self, payments):
        self.money.settle(self._flow(payments))
        for one in payments:
            self.left -= len(self._whole(one))
            self.settled.append(one)
        self.pool = [one for one in self.pool if one not in payments]

    def _alone(self):
        for one in list(self.pool):
            if not self._free(one):
                continue
            flow = self._flow([one])
            if len(self._whole(one)) <= self.left and self.money.pays_all(flow) \
                    and self.money.takes_all(flow) and self.money.counts_all(flow):
                self._settle([one])

    def _pairs(self):
        number = {address: one.number for address, one in self.rules.state.accounts.items()}
        free = [one for one in self.pool if len(one.legs) == 1 and self._free(one)]
        ways = {}
        for one in free:
            ((debit, credit, _),) = one.legs
            ways.setdefault((debit, credit), []).append(one)
        pairs = {tuple(sorted(way, key=number.get)) for way in ways}
        for low, high in sorted(pairs, key=lambda pair: (number[pair[0]], number[pair[1]])):
            if (low, high) in ways and (high, low) in ways:
                self._largest(ways[low, high] + ways[high, low])

    def _largest(self, payments):
        chosen = sorted(payments, key=lambda one: one.rank)
        out = [one for one in chosen if self._stuck(one)] or self._surplus(chosen)
        while out:
            chosen = _without(chosen, out)
            out = self._surplus(chosen)
        self._settle(chosen)

    def _surplus(self, chosen):
        """What of a set has to go next."""
        flow = self._flow(chosen)
        short = {address for address in flow.taken if not self.money.pays(address, flow)}
        if short:
            # For each account that is short, its last one: whichever goes first, all of them go.
            return [max((one for one in chosen if address in one.payers),
                        key=lambda one: one.rank) for address in short]
        number = {address: self.rules.state.accounts[address].number for address in flow.brought}
        over = [address for address in flow.brought if not self.money.takes(address, flow)]
        if over:
            # One at a time, of the account with the lowest number: what goes first decides.
            first = min(over, key=number.get)
            return [max((one for one in chosen if first in [leg[1] for leg in one.legs]),
                        key=lambda one: one.rank)]
        full = {address for address in {**flow.taken, **flow.brought}
                if not self.money.counts(address, flow)}
        crowded = [one for one in chosen if any(full & {*leg[:2]} for leg in self._whole(one))]
        if crowded:
            return crowded
        legs = 0
        for place, one in enumerate(chosen):
            legs += len(self._whole(one))
            if legs > self.left:
                return chosen[place:]
        return []


def _without(payments, out):
    """Leave some out, with whatever is behind one of them in a line."""
    left = {one.rank for one in out}
    again = True
    while again:
        again = False
        for one in payments:
            behind = one.rank not in left and any(
                other.rank in left and other.rank < one.rank and other.payers & one.payers
                for other in payments)
            if behind:
                left.add(one.rank)
                again = True
    return [one for one in payments if one.rank not in left]


def due(state, time):
    """Payments that are released or revoked at a time or before, soonest first."""
    found = [one for one in state.queue.values()
             if one.next_time is not None and one.next_time <= time]
    return sorted(found, key=lambda one: (one.next_time, one.number, one.id))


def on_time(rules):
    """[(payment, outcome, postings)] of what a system entry releases and revokes."""
    found, items, state = [], 0, rules.state
    while first := due(state, rules.entry.time)[:1]:
        (one,) = first
        if found and items + len(one.legs) > holds.MOST_ITEMS:
            break
        postings = [move(rules, leg, items + 1 + n, 0, one.index)
                    for n, leg in enumerate(one.legs)]
        over = one.until is not None and one.until <= rules.entry.time
        outcome = RELEASED if one.from_time is not None else REVOKED if over else OVERDUE
        found.append((one, outcome, postings))
        items += len(one.legs)
        if outcome == REVOKED:
            del state.queue[one.submitter, one.id]
            uncount(rules, one)
        elif outcome == RELEASED:
            state.queue[one.submitter, one.id] = replace(one, from_time=None)
        else:
            state.queue[one.submitter, one.id] = replace(one, late=True)
    return found


def settle(rules):
    """[(payment, outcome, postings)] of what a run finds."""
    found, item, run = [], 1, Run(rules)
    run.money.keep_marks()
    for one in run.settled:
        postings = []
        for n, leg in enumerate(one.legs):
            _count(rules, leg, 0, leg[2], 0)
            dues = charges.due_by_address(rules, leg)
            postings.append(move(rules, leg, item + len(postings), None, one.index))
            postings += charges.post(rules, dues, n, item + len(postings))
        item += len(postings)
        found.append((one, 1, postings))
        del rules.state.queue[one.submitter, one.id]
    return found


KINDS = {"cancel": cancel, "requeue": requeue}
