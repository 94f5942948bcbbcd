"""Holds: reserve, capture, void, and what expires (chain/SPEC.md, "Holds")."""

from collections import namedtuple

from whole import fees, limits, words
from whole.book import DAY, Refused
from whole.transfers import authorise, check_leg, usable

# `id` has 16 bytes; `ended` is (how, index, time), and `expires` None if it never does; `quote` is what
# a firm quote is besides.
Hold = namedtuple("Hold", "id submitter time expires multi over guaranteed legs ended quote")
HoldLeg = namedtuple("HoldLeg", "debit credit reserved captured remaining")

RESERVED, SETTLED, VOIDED, EXPIRED = 3, 1, 4, 5
# How a hold ended, and what whoever asks late is told.
CAPTURED_BEFORE, VOIDED_BEFORE, EXPIRED_BEFORE = 29, 30, 31
ITEMS_MAX, OPEN_MAX, OVER_MAX, DAYS_MAX = 8_189, 1_000_000, 10_000, 400


def known(work, hold_id):
    """A hold that is open, or ended at or after the floor."""
    hold = work.book.holds.get(hold_id)
    if hold is not None and hold.ended is not None and hold.ended[2] < work.window.floor:
        return None
    return hold


def room(work, legs):
    behind = sum(at_least(kind, fields) for kind, fields in work.behind)
    if len(work.done) + 1 + legs + behind > ITEMS_MAX:
        raise Refused(39)


def at_least(kind, fields):
    """How many items an instruction is at least, if it takes effect."""
    told = {"check", "queue", "settlement_date", "conditions", "mandate", "value_date"}
    if kind == "split":
        return len(fields["payers"]) + len(fields["payees"])
    if kind == "transfer" and not told & set(fields):
        return len(fields["legs"])
    if kind == "clear":
        return 1 + len(fields["payments"])
    if kind in ("return", "reverse", "recall", "refuse_recall"):
        return 2
    if kind in ("quote", "convert"):
        return {"quote": 2, "convert": 3}[kind]
    return 1 + len(fields["legs"]) if kind in ("transfer", "reserve") else 1


def at_leg(n, function, *arguments):
    try:
        return function(*arguments)
    except Refused as refused:
        raise Refused(refused.outcome, n) from None


def reserve(work, ordinal, fields):
    authorise(work, fields)
    work.refuse(ordinal, "reserve", fields, Refused(RESERVED))
    made = reserve_legs(work, ordinal, fields, fields["legs"])
    expires = words.nanos(fields["expires_at"]) if "expires_at" in fields else None
    if expires is not None and not work.time < expires <= work.time + DAYS_MAX * DAY:
        raise Refused(35)
    over = fields.get("over_capture_bp", 0)
    if over > OVER_MAX:
        raise Refused(36)
    open_hold(work, fields, made, expires, fields.get("multi", False), over,
              fields.get("guaranteed", False))


def reserve_legs(work, ordinal, fields, legs):
    """Reserves what legs say whose payers have signed."""
    book, made = work.book, []
    for n, (leg, debit, credit) in enumerate(authorise(work, {"legs": legs})):
        at_leg(n, check_leg, book, leg.get("asset"), debit, credit)
        amount = at_leg(n, work.minor, words.amount(leg["amount"]), debit, credit)
        pending = {"debits_pending": amount}, {"credits_pending": amount}
        for account, by in zip((debit, credit), pending):
            at_leg(n, lambda: book.fits(account.number, **by))
        at_leg(n, limits.count, work, debit, credit, amount, 0)
        at_leg(n, lambda: work.leg("reserve", ordinal, n, fields, debit, credit, amount, pending,
                                   RESERVED))
        made.append(HoldLeg(debit.number, credit.number, amount, 0, amount))
    return tuple(made)


def open_hold(work, fields, legs, expires, multi=False, over=0, guaranteed=False, quote=None):
    book, hold_id = work.book, words.id_bytes(fields["id"])
    if known(work, hold_id) is not None:
        raise Refused(37)
    open_legs = book.open_legs.get(work.submitter, 0) + len(legs)
    if open_legs > (book.parameters["holds_max"] or OPEN_MAX):
        raise Refused(38)
    book.put_hold(Hold(hold_id, work.submitter, work.time, expires, multi, over, guaranteed, legs,
                       None, quote))


def find(work, fields):
    """A hold of which somebody who signed is a party; of others nothing is told."""
    hold = known(work, words.id_bytes(fields["hold"]))
    if hold is None:
        raise Refused(28)
    if not work.quorum() and not any(signed(work, leg.debit) or signed(work, leg.credit)
                                     for leg in hold.legs):
        raise Refused(28)
    return hold


def signed(work, account):
    return work.book.accounts[account].owner in work.signers


def still_open(hold):
    if hold.ended is not None:
        raise Refused(hold.ended[0], detail=hold.ended[1])


def capture(work, ordinal, fields):
    book, hold = work.book, find(work, fields)
    for n, leg in enumerate(hold.legs):
        if not signed(work, leg.debit) and not signed(work, leg.credit):
            raise Refused(14, n)
    amount = stated(book, hold, fields)
    still_open(hold)
    if hold.quote is not None:
        raise Refused(195)
    if amount is not None and len(hold.legs) > 1:
        raise Refused(32)
    if fields.get("final") is False and not hold.multi:
        raise Refused(33)
    room(work, len(hold.legs))
    work.refuse(ordinal, "capture", fields, Refused(SETTLED))
    last = not hold.multi or fields.get("final") is True
    legs = [at_leg(n, take, work, ordinal, fields, hold, n, amount, last)
            for n in range(len(hold.legs))]
    ended = None
    if not any(leg.remaining for leg in legs):
        ended = CAPTURED_BEFORE, work.index, work.time
    book.put_hold(hold._replace(legs=tuple(legs), ended=ended))


def stated(book, hold, fields):
    """The amount to capture, minor units; None is all that remains."""
    for n, leg in enumerate(hold.legs):
        asset = book.accounts[leg.debit].asset
        at_leg(n, usable, book, asset)
    if "amount" not in fields:
        return None
    amount = words.amount(fields["amount"])
    if amount[0] == 0:
        raise Refused(21)
    return book.minor(amount, asset)


def take(work, ordinal, fields, hold, n, amount, last):
    """Captures of one leg; gives the leg as it is then."""
    book, leg = work.book, hold.legs[n]
    debit, credit = book.accounts[leg.debit], book.accounts[leg.credit]
    limits.frozen(work, debit, credit)
    amount = leg.remaining if amount is None else amount
    if leg.captured + amount > leg.reserved + leg.reserved * hold.over // 10_000:
        raise Refused(34)
    over = max(0, amount - leg.remaining)
    limits.take(work, debit, credit, over, amount)
    left = max(0, leg.remaining - amount)
    remaining = 0 if last else left
    limits.give_back(work, debit, credit, hold.time, left - remaining, 0)
    unreserved = leg.remaining - remaining
    by = ({"debits": amount, "debits_pending": -unreserved},
          {"credits": amount, "credits_pending": -unreserved})
    work.leg("capture", ordinal, n, fields, debit, credit, amount, by, SETTLED,
             hold=hold.id, unreserved=unreserved)
    # What was reserved is all that its payer promised.
    fees.charge(work, ordinal, n, fields, debit, credit, amount, len(hold.legs) - n - 1, "creditor")
    return leg._replace(captured=leg.captured + amount, remaining=remaining)


def deliver(work, ordinal, n, fields, hold):
    """All that a hold of one leg has reserved is booked, as leg `n` of another instruction."""
    book, (leg,) = work.book, hold.legs
    debit, credit, amount = book.accounts[leg.debit], book.accounts[leg.credit], leg.remaining
    limits.frozen(work, debit, credit)
    limits.take(work, debit, credit, 0, amount)
    by = ({"debits": amount, "debits_pending": -amount},
          {"credits": amount, "credits_pending": -amount})
    work.leg("capture", ordinal, n, fields, debit, credit, amount, by, SETTLED, hold=hold.id,
             unreserved=amount)
    legs = (leg._replace(captured=amount, remaining=0),)
    book.put_hold(hold._replace(legs=legs, ended=(CAPTURED_BEFORE, work.index, work.time)))


def void(work, ordinal, fields):
    hold, frozen = find(work, fields), None
    for n, leg in enumerate(hold.legs):
        payer = not hold.guaranteed and signed(work, leg.debit)
        others = signed(work, leg.credit) or work.quorum()
        if not payer and not others:
            raise Refused(14, n)
        account = work.book.accounts[leg.debit]
        if frozen is None and not others and limits.stops(work, account, limits.NO_DEBIT):
            frozen = n
    still_open(hold)
    if frozen is not None:
        raise Refused(63, frozen)
    room(work, len(hold.legs))
    work.refuse(ordinal, "void", fields, Refused(VOIDED))
    give_back(work, ordinal, "void", fields, hold, VOIDED, VOIDED_BEFORE)


def give_back(work, ordinal, kind, fields, hold, outcome, how):
    """All that remains of every leg is no longer reserved, and the hold has ended."""
    book, legs = work.book, []
    for n, leg in enumerate(hold.legs):
        debit, credit = book.accounts[leg.debit], book.accounts[leg.credit]
        by = {"debits_pending": -leg.remaining}, {"credits_pending": -leg.remaining}
        limits.give_back(work, debit, credit, hold.time, leg.remaining, leg.captured == 0)
        of_hold = {"hold": hold.id, "unreserved": leg.remaining} if kind == "void" else {}
        work.leg(kind, ordinal, n, fields, debit, credit, leg.remaining, by, outcome, **of_hold)
        legs.append(leg._replace(remaining=0))
    ended = how, work.index, work.time
    book.put_hold(hold._replace(legs=tuple(legs), ended=ended))


def expire(work):
    """What is due at the time of a system entry, soonest first, as far as there is room."""
    ordinal = 0
    while (hold := work.book.first_due(work.time)) is not None:
        if ordinal and len(work.done) + len(hold.legs) > ITEMS_MAX:
            break
        fields = {"id": words.id_text(hold.id)}
        give_back(work, ordinal, "expire", fields, hold, EXPIRED, EXPIRED_BEFORE)
        ordinal += 1
    return ordinal


KINDS = {"reserve": reserve, "capture": capture, "void": void}
