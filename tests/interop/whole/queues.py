"""Legs that are one set, and payments that wait (chain/SPEC.md, "Queues")."""

from collections import namedtuple

from whole import days, fees, forms, limits, reservations, standing, values, words
from whole.book import DAY, FLOORED, MINOR_MAX, Refused
from whole.holds import ITEMS_MAX, at_leg, room
from whole.transfers import check_leg

# `rank` is (priority, order, ordinal, submitter, id); amounts of legs are as they were typed, for
# the scale of an asset that nothing ever moved is not in the log.
# `day` is the date that it waits for, `until_cutoff` whether it is of one day alone.
# `till` is by when it should have settled, until that was said.
Payment = namedtuple("Payment",
                     "rank index time settle_from day reject_at until_cutoff legs till answers")

SETTLED, APPLIED, QUEUED = 1, 2, 6
NO_CHANGE, NOT_SENDERS, TIMES, FULL, NOT_QUEUED, REVOKED, CANCELLED = 60, 80, 81, 82, 83, 84, 85
OVERDUE = 216
PRIORITIES = ("urgent", "high", "normal")
NORMAL = PRIORITIES.index("normal")
ACCOUNT_MAX, SUBMITTER_MAX, ALL_MAX, DAYS_MAX = 1_000, 4_096, 16_384, 400
REST = 250_000_000      # nanoseconds behind a run that left something to settle


def is_set(kind, fields):
    return kind == "transfer" and bool({"check", "queue", "settlement_date"} & set(fields))


def transfer(work, ordinal, fields):
    book, (found, mandate_id) = work.book, forms.mandated(work, fields)
    room(work, len(found))
    forms.conditions(work, fields)
    waits_for = days.timing(work, fields, [pair[1:] for pair in found])
    date = values.asked(work, fields, found, waits_for)
    legs, under = [], []
    for n, (leg, debit, credit) in enumerate(found):
        amount = words.amount(leg["amount"])
        at_leg(n, check_leg, book, leg.get("asset"), debit, credit)
        under.append(at_leg(n, forms.take, work, mandate_id, amount, debit, credit))
        at_leg(n, forms.masked, work, under[n], debit, may_move, work, amount, debit, credit)
        legs.append((debit.number, credit.number, amount))
    dues = [at_leg(n, fees.due_on_typed, work, leg) for n, leg in enumerate(legs)]
    purse, whole = Purse(work), fees.moves(legs, dues)
    priority = PRIORITIES.index((fields.get("queue") or {}).get("priority", "normal"))
    plain, sides = purse.sides(legs), purse.sides_of([(legs, whole, priority)])
    if waits_for is not None:
        has_room(purse, sides, legs, dues)
        payment = payment_of(work, ordinal, fields, legs)
        own_day = "queue" not in fields or payment.until_cutoff
        outcome = days.ROLLED if waits_for[1] else days.WAREHOUSED
        queue(work, ordinal, fields, payment._replace(day=waits_for[0], until_cutoff=own_day),
              Refused(outcome, detail=days.written(waits_for[0])))
        return
    if "queue" not in fields:
        covered(work, purse, legs, plain, 26)
    has_room(purse, sides, legs, dues)
    if "queue" not in fields:
        covered(work, purse, legs, sides, fees.NOT_COVERED)
    if "queue" in fields:
        payment = payment_of(work, ordinal, fields, legs)
        poor = not all(purse.affords(account, sides) for account in sides)
        if poor or payment.settle_from is not None or behind(book, payment):
            queue(work, ordinal, fields, payment)
            return
    room(work, len(whole))
    work.refuse(ordinal, "transfer", fields, Refused(SETTLED))
    purse.settle(sides)
    purse.keep_reserved()
    for n, leg in enumerate(legs):
        at_leg(n, count, work, leg, True)
        kind, more = forms.under_words(mandate_id, under[n], date)
        post(work, kind, ordinal, n, fields, leg, **more)
        if date is not None:
            debit, credit = (book.accounts[account] for account in leg[:2])
            values.note(work, date, debit, credit, book.minor(leg[2], debit.asset))
        fees.post(work, ordinal, n, fields, dues[n])


def covered(work, purse, legs, sides, outcome):
    """Can all who pay, and is it theirs to pay?"""
    for n, (debit, _, _) in enumerate(legs):
        pays, gets = sides[debit]
        if not purse.affords(debit, sides) or sum(pays) > gets and kept(work.book, debit):
            raise Refused(outcome, n)


def has_room(purse, sides, legs, dues):
    for n, leg in enumerate(legs):
        named = [*leg[:2], *(account for one in dues[n] for account in one[1:3])]
        if not all(purse.has_room(account, sides) for account in named):
            raise Refused(27, n)


def may_move(work, amount, debit, credit):
    if amount[0] == 0:
        raise Refused(21)
    if work.stated[0] in (22, 23):
        work.book.minor(amount, debit.asset)
    amount = work.book.units(amount, debit.asset)
    if debit.closed or credit.closed:
        raise Refused(24)
    limits.may_join(work, debit, credit)
    most = debit.limits.per_transfer_max
    if most is not None and amount > work.book.units(most, debit.asset):
        raise Refused(25)


def foreign(work, legs):
    """Does somebody else than the submitter pay?"""
    owners = (work.book.accounts[leg[0]].owner for leg in legs)
    return any(work.book.signer(owner) != work.submitter for owner in owners)


def payment_of(work, ordinal, fields, legs):
    terms, now = fields.get("queue") or {}, work.time
    agreed = work.agreed and terms.get("priority", "normal") == "normal"
    if "mandate" in fields or not agreed and foreign(work, legs):
        raise Refused(NOT_SENDERS)
    times = [words.nanos(terms[name]) if name in terms else None
             for name in ("settle_from", "reject_at", "till")]
    free, latest = max(now, times[0] or 0), now + DAYS_MAX * DAY
    if free > latest or times[1] is not None and not free < times[1] <= latest:
        raise Refused(TIMES)
    end = latest + 1 if times[1] is None else times[1]
    if times[2] is not None and not free < times[2] < end:
        raise Refused(TIMES)
    priority = PRIORITIES.index(terms.get("priority", "normal"))
    rank = priority, work.index, ordinal, work.submitter, words.id_bytes(fields["id"])
    return Payment(rank, work.index, now, free if free > now else None, None, times[1],
                   terms.get("until") == "cutoff", tuple(legs), times[2], work.submitter)


def queue(work, ordinal, fields, payment, outcome=Refused(QUEUED)):
    book, more = work.book, len(payment.legs)
    for account in {debit for debit, _, _ in payment.legs}:
        if sum(debits(other, account) for other in book.queue.values() if other) >= ACCOUNT_MAX:
            raise Refused(FULL)
    legs = [(other.answers, len(other.legs)) for other in book.queue.values() if other]
    own = sum(count for who, count in legs if who == work.submitter)
    crowded = sum(count for _, count in legs) + more > ALL_MAX
    if own + more > SUBMITTER_MAX or crowded and own + more > book.part(ALL_MAX):
        raise Refused(FULL)
    for n, leg in enumerate(payment.legs):
        at_leg(n, count, work, leg, False)
    work.refuse(ordinal, "transfer", fields, outcome)
    book.put(book.queue, payment.rank[3:], payment)


def count(work, leg, booked):
    """A leg counts from when it is accepted; it is booked if its money moves now."""
    debit, credit = (work.book.accounts[account] for account in leg[:2])
    amount = work.book.units(leg[2], debit.asset)
    limits.count(work, debit, credit, amount, amount if booked else 0)


def uncount(work, payment):
    """What will not settle is taken off where it was counted."""
    for leg in payment.legs:
        debit, credit = (work.book.accounts[account] for account in leg[:2])
        amount = work.book.units(leg[2], debit.asset)
        limits.give_back(work, debit, credit, payment.time, amount, 1)


def debits(payment, account):
    return any(debit == account for debit, _, _ in payment.legs)


def share(one, other):
    return any(debits(other, debit) for debit, _, _ in one.legs)


def waiting(book):
    found = [payment for payment in book.queue.values()
             if payment is not None and waits(payment)]
    return sorted(found, key=lambda payment: payment.rank)


def waits(payment):
    """For funds, and not for its time."""
    return payment.settle_from is None and payment.day is None


def strict(payment):
    return waits(payment) and payment.rank[0] < NORMAL


def kept(book, account):
    """Is what is on an account there for an urgent or high payment?"""
    return book.accounts[account].kind in FLOORED and any(
        payment is not None and strict(payment) and debits(payment, account)
        for payment in book.queue.values())


def behind(book, payment):
    return any(strict(other) and other.rank < payment.rank and share(payment, other)
               for other in waiting(book))


def concerns(book, account):
    return any(account in leg[:2] for payment in book.queue.values() if payment is not None
               for leg in payment.legs)


def own(work, fields):
    """What the submitter answers for: of several of an id first what it sent itself."""
    of = words.id_bytes(fields["of"])
    found = [payment for payment in work.book.queue.values() if payment is not None
             and payment.rank[4] == of and payment.answers == work.submitter]
    if not found:
        raise Refused(NOT_QUEUED)
    payment = min(found, key=lambda one: (one.rank[3] != work.submitter, one.rank[3]))
    return payment.rank[3:], payment


def hand_over(book, owner, direct):
    """Who is reached via another bank now has it answer for what waits to debit its accounts."""
    for key, payment in sorted(book.queue.items()):
        owners = [] if payment is None else [book.accounts[leg[0]].owner for leg in payment.legs]
        if owner not in owners:
            continue
        signs = payment.rank[3] in map(book.signer, owners)
        book.put(book.queue, key, payment._replace(answers=payment.rank[3] if signs else direct))


def cancel(work, ordinal, fields):
    key, payment = own(work, fields)
    room(work, len(payment.legs))
    work.refuse(ordinal, "cancel", fields, Refused(APPLIED))
    notices(work, ordinal, payment, CANCELLED)
    uncount(work, payment)
    work.book.put(work.book.queue, key, None)


def requeue(work, ordinal, fields):
    key, payment = own(work, fields)
    if foreign(work, payment.legs):
        raise Refused(NOT_SENDERS)
    priority, order, place = payment.rank[:3]
    if "priority" in fields:
        priority = PRIORITIES.index(fields["priority"])
    if fields.get("position") == "last":
        order, place = work.index, ordinal
    if fields.get("position") == "first":
        others = [other.rank for other in work.book.queue.values() if other is not None
                  and other is not payment and other.rank[0] == priority and share(payment, other)]
        if others and min(others) < (priority, order, place) + key:
            order = min(others)[1] - 1
    moved = payment._replace(rank=(priority, order, place) + key)
    if moved == payment:
        raise Refused(NO_CHANGE)
    work.refuse(ordinal, "requeue", fields, Refused(APPLIED))
    work.book.put(work.book.queue, key, moved)


def post(work, kind, ordinal, n, fields, leg, **more):
    """A leg that moves its money."""
    debit, credit = (work.book.accounts[account] for account in leg[:2])
    amount = work.book.minor(leg[2], debit.asset)
    by = {"debits": amount}, {"credits": amount}
    work.leg(kind, ordinal, n, fields, debit, credit, amount, by, SETTLED, **more)


def notices(work, ordinal, payment, outcome):
    """Legs that say what became of a payment."""
    fields = {"id": words.id_text(payment.rank[4])}
    for n, (debit, credit, amount) in enumerate(payment.legs):
        debit, credit = work.book.accounts[debit], work.book.accounts[credit]
        amount = work.book.minor(amount, debit.asset)
        work.leg("notice", ordinal, n, fields, debit, credit, amount, ({}, {}), outcome,
                 since=payment.index)


def due(book, time):
    """The payment whose time comes first, at or before `time`: (when, key)."""
    times = [(at, key) for key, payment in book.queue.items() if payment is not None
             for at in ((payment.reject_at, payment.till) if payment.settle_from is None
                        else (payment.settle_from,))]
    return min([one for one in times if one[0] is not None and one[0] <= time], default=None)


def on_time(work):
    """What is released, revoked or told to be late in a system entry; says how many."""
    book, ordinal = work.book, 0
    while (first := due(book, work.time)) is not None:
        payment = book.queue[first[1]]
        if ordinal and len(work.done) + 1 + len(payment.legs) > ITEMS_MAX:
            break
        if payment.settle_from is not None:
            outcome, left = QUEUED, payment._replace(settle_from=None)
        elif payment.reject_at is not None and payment.reject_at <= work.time:
            outcome, left = REVOKED, None
        else:
            outcome, left = OVERDUE, payment._replace(till=None)
        notices(work, ordinal, payment, outcome)
        if left is None:
            uncount(work, payment)
        book.put(book.queue, first[1], left)
        ordinal += 1
    return ordinal


def settle(work):
    """What a run finds, in a system entry; says how many."""
    run = Run(work)
    found = run.found()
    run.purse.keep_reserved()
    for ordinal, payment in enumerate(found):
        fields = {"id": words.id_text(payment.rank[4])}
        dues = [fees.due_on_typed(work, leg) for leg in payment.legs]
        for n, leg in enumerate(payment.legs):
            debit, credit = (work.book.accounts[account] for account in leg[:2])
            limits.count(work, debit, credit, 0, work.book.minor(leg[2], debit.asset), legs=0)
            post(work, "queued", ordinal, n, fields, leg, since=payment.index)
            fees.post(work, ordinal, n, fields, dues[n])
        work.book.put(work.book.queue, payment.rank[3:], None)
    return len(found)


class Purse:
    """What accounts can still do while sets of legs settle one after the other."""

    def __init__(self, work):
        self.work, self.book, self.moved, self.reserved = work, work.book, {}, {}

    def units(self, leg):
        if isinstance(leg[2], int):
            return leg[2]   # of a fee
        return self.book.units(leg[2], self.book.accounts[leg[0]].asset)

    def sides(self, legs):
        """{account: (pays, gets)} of what is normal; what is paid is [urgent, high, normal]."""
        return self.sides_of([(legs, legs, NORMAL)])

    def sides_of(self, payments):
        """The same of payments: their legs, all that moves with them, and their priorities."""
        sides = {}
        for legs, whole, priority in payments:
            for leg, of in zip(whole, reservations.priorities(legs, whole, priority)):
                amount = self.units(leg)
                pays, gets = sides.get(leg[0], ((0, 0, 0), 0))
                pays = tuple(one + amount * (n == of) for n, one in enumerate(pays))
                sides[leg[0]] = pays, gets
                pays, gets = sides.get(leg[1], ((0, 0, 0), 0))
                sides[leg[1]] = pays, gets + amount
        return sides

    def affords(self, account, sides):
        asked = reservations.asks(*sides.get(account, ((0, 0, 0), 0)))
        record = self.book.accounts[account]
        if record.kind not in FLOORED:
            return True
        needs = reservations.needs(self.reserved_on(record), asked)
        return needs <= self.own(record)

    def reserved_on(self, record):
        found = self.reserved.get(record.number)
        return reservations.of(self.book, record) if found is None else found

    def keep_reserved(self):
        """What is left of reservations holds from now on."""
        for account, reserved in self.reserved.items():
            reservations.keep(self.book, self.book.accounts[account], reserved)

    def own(self, record):
        """What is available, beside what freezes keep."""
        account = record.number
        counters, (line, floor, _) = self.book.counters[account], record.limits
        paid, got = self.moved.get(account, (0, 0))
        available = (counters.credits + got - counters.debits - paid - counters.debits_pending
                     - self.book.units(floor, record.asset)
                     + self.book.units(line, record.asset)
                     - limits.blocked(self.work, record))
        return max(0, available)

    def has_room(self, account, sides):
        pays, gets = sum(sides[account][0]), sides[account][1]
        counters, (paid, got) = self.book.counters[account], self.moved.get(account, (0, 0))
        return (counters.debits + paid + pays <= MINOR_MAX
                and counters.credits + got + gets <= MINOR_MAX)

    def takes(self, account, sides):
        """May there be so much on it?"""
        pays, gets = sum(sides[account][0]), sides[account][1]
        most = self.book.bounds.get(account, limits.NONE).most
        if most is None or gets <= pays:
            return True
        counters, (paid, got) = self.book.counters[account], self.moved.get(account, (0, 0))
        then = counters.credits + got - counters.debits - paid + counters.credits_pending
        return then + gets - pays <= self.book.units(most, self.book.accounts[account].asset)

    def lets(self, account, sides):
        return (self.affords(account, sides) and self.takes(account, sides)
                and self.has_room(account, sides))

    def settle(self, sides):
        for account, (pays, gets) in sides.items():
            record = self.book.accounts[account]
            if record.kind in FLOORED:
                self.reserved[account] = reservations.after(
                    self.reserved_on(record), self.own(record), reservations.asks(pays, gets))
            paid, got = self.moved.get(account, (0, 0))
            self.moved[account] = paid + sum(pays), got + gets


class Run:
    """Which payments that wait can settle."""

    def __init__(self, work):
        self.work, self.book, self.purse = work, work.book, Purse(work)
        self.waiting, self.left, self.done = waiting(self.book), ITEMS_MAX, []
        # What moves if one settles, by its rank; None if a payee cannot pay its fee out of it.
        self.whole = {payment.rank: self.moves(payment) for payment in self.waiting}

    def moves(self, payment):
        try:
            dues = [fees.due_on_typed(self.work, leg) for leg in payment.legs]
        except Refused:
            return None
        return fees.moves(payment.legs, dues)

    def found(self):
        for _ in range(16):
            before = len(self.done)
            self.own_funds()
            self.pairs()
            self.part(self.waiting)
            if len(self.done) == before:
                break
        return self.done

    def stuck(self, payment):
        if not days.lets(self.book, payment) or self.whole[payment.rank] is None:
            return True
        for leg in payment.legs:
            debit, credit = (self.book.accounts[account] for account in leg[:2])
            if (self.book.assets[debit.asset].status != "active"
                    or limits.stops(self.work, debit, limits.NO_DEBIT)
                    or limits.stops(self.work, credit, limits.NO_CREDIT)
                    or limits.suspended(self.work, debit)
                    or not standing.takes_part(self.book, debit, credit)
                    or not standing.takes(self.book, credit, debit)):
                return True
        return False

    def free(self, payment):
        return not self.stuck(payment) and not any(
            strict(other) and other.rank < payment.rank and share(payment, other)
            for other in self.waiting)

    def settle(self, payments):
        self.purse.settle(self.sides(payments))
        for payment in list(payments):
            self.left -= len(self.whole[payment.rank])
            self.waiting.remove(payment)
            self.done.append(payment)

    def sides(self, payments):
        return self.purse.sides_of([(one.legs, self.whole[one.rank], one.rank[0])
                                    for one in payments])

    def own_funds(self):
        for payment in list(self.waiting):
            if self.stuck(payment):
                continue
            whole = self.whole[payment.rank]
            sides = self.sides([payment])
            fits = all(self.purse.lets(account, sides) for account in sides)
            if fits and len(whole) <= self.left and self.free(payment):
                self.settle([payment])

    def pairs(self):
        pairs = {}
        for payment in self.waiting:
            if len(payment.legs) == 1 and self.free(payment):
                debit, credit, _ = payment.legs[0]
                pairs.setdefault((min(debit, credit), max(debit, credit)), []).append(payment)
        for _, payments in sorted(pairs.items()):
            if len({payment.legs[0][0] for payment in payments}) == 2:
                self.part(payments)

    def part(self, payments):
        """The largest part of some payments settles."""
        kept_in = sorted(payments, key=lambda one: one.rank)
        for payment in [one for one in kept_in if self.stuck(one)]:
            leave_out(kept_in, payment)
        while out := self.too_much(kept_in):
            for payment in out:
                leave_out(kept_in, payment)
        self.settle(kept_in)

    def too_much(self, payments):
        """Which of them have to be left out, if any; then it is asked again."""
        sides = self.sides(payments)
        for account in sides:
            if not self.purse.affords(account, sides):
                return [next(one for one in reversed(payments) if debits(one, account))]
        for account in sorted(sides):
            if not self.purse.takes(account, sides):
                return [next(one for one in reversed(payments)
                             if any(credit == account for _, credit, _ in one.legs))]
        full = {account for account in sides if not self.purse.has_room(account, sides)}
        if full:
            return [one for one in payments
                    if any(account in full for leg in self.whole[one.rank] for account in leg[:2])]
        left = self.left
        for n, payment in enumerate(payments):
            left -= len(self.whole[payment.rank])
            if left < 0:
                return payments[n:]
        return []


def leave_out(kept_in, payment):
    """One payment, and whatever is behind it in the lines of its accounts."""
    if payment not in kept_in:
        return
    kept_in.remove(payment)
    for other in [one for one in kept_in if one.rank > payment.rank and share(payment, one)]:
        leave_out(kept_in, other)


KINDS = {"cancel": cancel, "requeue": requeue}
