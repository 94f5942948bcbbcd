"""Limits that are counted, and freezes (chain/SPEC.md, "Limits and freezes").

Of every account with such limits all moves are kept, and summed up anew at each question.
"""

import datetime
from collections import namedtuple

from whole import standing, words
from whole.book import DAY, FLOORED, SECOND, Refused

# Amounts as typed. `windows` and `days` say from where on is counted: of a rule, by its window and
# direction, and by the number of the participant on the other side (None: all). A window is a number
# of seconds, or the name of a period.
Bounds = namedtuple("Bounds", "most rules pairs all windows days")
Rule = namedtuple("Rule", "window direction amount count")
Since = namedtuple("Since", "place time")
Move = namedtuple("Move", "time back pays other amount booked legs")
Freeze = namedtuple("Freeze", "case level amount expires")

NONE = Bounds(None, (), (), None, {}, {})
SLICES, RULES_MAX, PAIRS_MAX, FREEZES_MAX, SECONDS_MAX = 50, 4, 32, 16, 2_678_400
NO_DEBIT, NO_CREDIT = ("no_debit", "none_allowed"), ("no_credit", "none_allowed")


def in_force(work, account):
    """Freezes of an account and of its owner."""
    for target in (("account", account.number), ("participant", account.owner)):
        for freeze in work.book.freezes.get(target, ()):
            if runs(work, freeze):
                yield freeze


def runs(work, freeze):
    return freeze.expires is None or work.time < freeze.expires


def stops(work, account, levels):
    return any(freeze.level in levels for freeze in in_force(work, account))


def blocked(work, account):
    return sum(work.book.units(freeze.amount, account.asset)
               for freeze in in_force(work, account) if freeze.level == "amount")


def frozen(work, debit, credit):
    if stops(work, debit, NO_DEBIT) or stops(work, credit, NO_CREDIT):
        raise Refused(63)


def suspended(work, account):
    return standing.suspended(work.book, account)


def may_join(work, debit, credit):
    frozen(work, debit, credit)
    if suspended(work, debit):
        raise Refused(64)
    standing.may_join(work.book, debit, credit)


def knows(work, account):
    return account.owner in work.signers or work.quorum()


def moves(work, debit, credit, amount, booked, legs, settles):
    other = settles and debit.owner != credit.owner
    return [Move(work.time, False, pays, there.owner if other else None, amount, booked, legs)
            for pays, there in ((True, credit), (False, debit))]


def count(work, debit, credit, amount, booked, legs=1, settles=True):
    """Checks a leg against the limits of both accounts, as they are before it, and counts it."""
    paid, received = moves(work, debit, credit, amount, booked, legs, settles)
    if amount:
        may_receive(work, credit, received)
        may_pay(work, debit, paid)
    keep(work, debit, paid)
    keep(work, credit, received)


def keep(work, account, move):
    bounds = work.book.bounds.get(account.number, NONE)
    if bounds.windows or bounds.days:
        tape = work.book.tapes.get(account.number, ())
        work.book.put(work.book.tapes, account.number, tape + (move,))


def may_receive(work, account, move):
    book = work.book
    bounds = book.bounds.get(account.number, NONE)
    counters = book.counters[account.number]
    then = counters.credits - counters.debits + counters.credits_pending + move.amount
    if bounds.most is not None and then > book.units(bounds.most, account.asset):
        raise Refused(65)
    if not velocity(work, account, bounds, move):
        raise Refused(66 if knows(work, account) else 65)


def may_pay(work, account, move):
    bounds = work.book.bounds.get(account.number, NONE)
    outcome = None
    if not velocity(work, account, bounds, move):
        outcome = 66
    elif move.other is not None:
        outcome = daily(work, account, bounds, move)
    if outcome is not None:
        raise Refused(outcome if knows(work, account) else 26)


def counted(work, account, since):
    for place, move in enumerate(work.book.tapes.get(account.number, ())):
        if place >= since.place and (not move.back or move.time > since.time):
            yield move


def velocity(work, account, bounds, new):
    """Whether the rules of an account let one more leg through."""
    for rule in bounds.rules:
        if new.pays != (rule.direction != "credit"):
            continue
        moved, legs = new.amount, new.legs
        for move in counted(work, account, bounds.windows[rule[:2]]):
            age = age_of(work, account, rule.window, move.time)
            if move.pays == new.pays and age <= SLICES:
                moved += move.amount
                legs += move.legs
            if rule.direction == "net" and not move.pays and age < SLICES:
                moved -= move.booked
        if rule.amount is not None and moved > work.book.units(rule.amount, account.asset):
            return False
        if rule.count is not None and legs > rule.count:
            return False
    return True


def age_of(work, account, window, time):
    """How many slices back something lies; of a period 0 if it is the present one, else too many."""
    if isinstance(window, int):
        slice_length = window * SECOND // SLICES
        return work.time // slice_length - time // slice_length
    then, now = (period_of(work.book, account.asset, window, one) for one in (time, work.time))
    return 0 if then == now else SLICES + 1


def period_of(book, asset, period, time):
    """Which day, week or month of an asset a time lies in, and whether by its business dates."""
    opened = [date for began, date in book.opened.get(asset, ()) if began <= time]
    date = opened[-1] if opened else time // DAY
    day = datetime.date(1970, 1, 1) + datetime.timedelta(days=date)
    number = {"day": date, "week": day.isocalendar()[:2], "month": (day.year, day.month)}[period]
    return bool(opened), number


def daily(work, account, bounds, new):
    """The outcome of a limit of the day that does not let a debit through."""
    def net(other):
        return new.amount + sum(
            move.amount if move.pays else -move.booked
            for move in counted(work, account, bounds.days[other])
            if move.other is not None and age_of(work, account, "day", move.time) == 0
            and other in (None, move.other))
    for other, most in bounds.pairs:
        if other == new.other and net(other) > work.book.units(most, account.asset):
            return 67
    if bounds.all is not None and net(None) > work.book.units(bounds.all, account.asset):
        return 68
    return None


def take(work, debit, credit, over, amount):
    """What a capture takes, of which `over` was not reserved."""
    if over:
        if suspended(work, debit):
            raise Refused(64 if knows(work, debit) else 26)
        if not work.affords(debit, over):
            raise Refused(26)
    count(work, debit, credit, over, amount, legs=0)


def give_back(work, debit, credit, made, amount, legs):
    """Takes off what was reserved at the time `made` and is no longer."""
    for account, move in zip((debit, credit),
                             moves(work, debit, credit, -amount, 0, -legs, True)):
        keep(work, account, move._replace(time=made, back=True))


def set_limits(work, book, i, limits_of):
    """All limits of an account anew."""
    account = book.account(str(i["address"]))
    if account is None:
        raise Refused(13)
    limits = limits_of(i)
    rules = tuple(Rule(window_of(rule), rule["direction"], typed(rule), rule.get("count"))
                  for rule in i.get("velocity", ()))
    pairs = [(pair["counterparty"], typed(pair)) for pair in i.get("bilateral", ())]
    most, all_others = typed(i, "max_balance"), typed(i, "multilateral")
    amounts = (*limits, most, all_others, *(r.amount for r in rules), *(p[1] for p in pairs))
    for amount in amounts:
        if amount is not None and account.asset in book.scales:
            book.minor(amount, account.asset)
    if account.closed:
        raise Refused(24)
    if any(name not in book.participants for name, _ in pairs):
        raise Refused(40)
    if account.kind not in FLOORED or (account.kind != "settlement" and limits.credit_line[0] != 0):
        raise Refused(52)
    pairs = tuple((book.participants[name].number, amount) for name, amount in pairs)
    if not sound(account, rules, pairs):
        raise Refused(69)
    book.put(book.accounts, account.number, account._replace(limits=limits))
    old = book.bounds.get(account.number, NONE)
    since = Since(len(book.tapes.get(account.number, ())), work.time)
    days = [number for number, _ in pairs] + ([None] if all_others is not None else [])
    book.put(book.bounds, account.number, Bounds(
        most, rules, pairs, all_others,
        {rule[:2]: old.windows.get(rule[:2], since) for rule in rules},
        {other: old.days.get(other, since) for other in days}))
    return account.number


def window_of(rule):
    """Its seconds or the name of its period; None if it has both or neither."""
    given = [rule[name] for name in ("seconds", "period") if name in rule]
    return given[0] if len(given) == 1 else None


def typed(fields, name="amount"):
    return words.amount(fields[name]) if name in fields else None


def sound(account, rules, pairs):
    named, others = [rule[:2] for rule in rules], [number for number, _ in pairs]
    return (len(rules) <= RULES_MAX and len(pairs) <= PAIRS_MAX
            and len(set(named)) == len(named) and len(set(others)) == len(others)
            and account.owner not in others
            and all(rule.window is not None for rule in rules)
            and all(1 <= rule.window <= SECONDS_MAX for rule in rules
                    if isinstance(rule.window, int))
            and all(rule.amount is not None or rule.count is not None for rule in rules)
            and not any(rule.direction == "net" and rule.count is not None for rule in rules))


def target(book, i):
    """Whom a freeze is for: its key in the book, and the account or participant."""
    if ("account" in i) == ("participant" in i):
        raise Refused(70)
    if "account" in i:
        account = book.account(str(i["account"]))
        if account is None:
            raise Refused(13)
        return ("account", account.number), account
    participant = book.participants.get(i["participant"])
    if participant is None:
        raise Refused(40)
    return ("participant", participant.number), participant


def freeze(work, book, i):
    key, of = target(book, i)
    amount = None
    if (i["level"] == "amount") != ("amount" in i) or "amount" in i and key[0] != "account":
        raise Refused(70)
    if "amount" in i:
        amount = words.amount(i["amount"])
        if amount[0] == 0:
            raise Refused(21)
        if of.asset in book.scales:
            book.minor(amount, of.asset)
    expires = words.nanos(i["expires_at"]) if "expires_at" in i else None
    if expires is not None and expires <= work.time:
        raise Refused(35)
    if key[0] == "account" and of.kind not in FLOORED:
        raise Refused(52)
    if key[0] == "participant" and of.role != "bank":
        raise Refused(71)
    there = tuple(one for one in book.freezes.get(key, ()) if runs(work, one))
    if any(one.case == i["case"] for one in there):
        raise Refused(72)
    if len(there) >= FREEZES_MAX:
        raise Refused(73)
    book.put(book.freezes, key, there + (Freeze(i["case"], i["level"], amount, expires),))
    return of.number


def lift(work, book, i):
    key, of = target(book, i)
    there = tuple(one for one in book.freezes.get(key, ()) if runs(work, one))
    left = tuple(one for one in there if one.case != i["case"])
    if left == there:
        raise Refused(74)
    if len(book.participants["operators"].keys) > 1 and work.operator_keys < 2:
        raise Refused(75)
    book.put(book.freezes, key, left)
    return of.number


def reopen_account(work, book, i):
    account = book.account(str(i["address"]))
    if account is None:
        raise Refused(13)
    if not account.closed:
        raise Refused(60)
    book.put(book.accounts, account.number, account._replace(closed=False))
    return account.number


KINDS = {"freeze": freeze, "lift": lift, "reopen_account": reopen_account}
