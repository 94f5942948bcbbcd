"""Limits that are counted, and freezes (SPEC: Limits and freezes).

What this verifier does here is newer than the rest, and by somebody who had seen the source of the
product.
"""
import datetime
from dataclasses import dataclass, field

import standing
from formats import NO_LEG
from instr import read_time
from refused import Refused

SECOND = 10**9
DAY = 86_400 * SECOND
FIRST_DATE = datetime.date(1970, 1, 1)
SLICES = 50
MOST_RULES, MOST_PAIRS, MOST_FREEZES, LONGEST = 4, 32, 16, 2_678_400
STOPS = {"debit": ("no_debit", "none_allowed"), "credit": ("no_credit", "none_allowed")}


@dataclass
class Freeze:
    """A freeze; the amount is as typed or None."""

    case: str
    level: str
    amount: str | None
    expires: int | None

    def runs(self, now):
        """Is its time not over?"""
        return self.expires is None or now < self.expires


@dataclass
class Window:
    """What moved in the slices of a window: {slice: [debits, their legs, credits, theirs, booked]}. A
    period of the calendar is a slice by itself."""

    length: int | str
    since: int
    slices: dict = field(default_factory=dict)

    def slice(self, time, opened):
        """The slice that a time lies in."""
        if isinstance(self.length, str):
            return period(self.length, time, opened)
        return time * SLICES // (self.length * SECOND)

    def total(self, column, now, oldest, opened):
        """The sum of a column over the slice of now and so many before it."""
        last = self.slice(now, opened)
        if isinstance(self.length, str):
            return self.slices.get(last, [0] * 5)[column]
        return sum(row[column] for at, row in self.slices.items() if at >= last - oldest)

    def add(self, opened, time, column, *values):
        """Count, or with values below zero take off."""
        row = self.slices.setdefault(self.slice(time, opened), [0] * 5)
        for at, value in enumerate(values, column):
            row[at] += value


def period(name, time, opened):
    """The day, week or month of a time, given when which business date opened: a text."""
    before = [date for began, date in opened if began <= time]
    kind = "business" if before else "utc"
    date = before[-1] if before else FIRST_DATE + datetime.timedelta(days=time // DAY)
    return kind + date.strftime({"day": "%Y-%m-%d", "week": "%G-%V", "month": "%Y-%m"}[name])


@dataclass
class Net:
    """What went net to one participant, or with other None to all, by days."""

    other: str | None
    since: int
    days: dict = field(default_factory=dict)

    def concerns(self, other):
        """Is a leg with this other side one of those looked at?"""
        return other is not None and self.other in (None, other)

    def add(self, opened, time, value):
        """Count, or with a value below zero take off or set off."""
        day = period("day", time, opened)
        self.days[day] = self.days.get(day, 0) + value


@dataclass
class Bounds:
    """Limits of an account, amounts as typed, and what is counted for them."""

    max_balance: str | None = None
    rules: list = field(default_factory=list)
    pairs: list = field(default_factory=list)
    multilateral: str | None = None
    windows: dict = field(default_factory=dict)
    nets: dict = field(default_factory=dict)


def _freezes(rules, account):
    owner = rules.state.participants[account.owner]
    return [one for one in account.freezes + owner.freezes if one.runs(rules.entry.time)]


def stopped(rules, account, side):
    """Does a freeze stop debits, or credits, of an account?"""
    return any(one.level in STOPS[side] for one in _freezes(rules, account))


def blocked(rules, account):
    """Minor units that freezes keep on an account."""
    return sum(rules.units(account, one.amount) for one in _freezes(rules, account)
               if one.level == "amount")


def not_frozen(rules, debit, credit, leg=NO_LEG):
    """Outcome 63."""
    if stopped(rules, debit, "debit") or stopped(rules, credit, "credit"):
        raise Refused(63, leg)


def suspended(rules, account):
    """Does the owner of an account pay nothing new?"""
    names = (account.owner, rules.state.signer(account.owner))
    return any(rules.state.participants[name].standing == "suspended" for name in names)


def may_join(rules, debit, credit, leg):
    """Outcomes 63, 64, 206 and 207."""
    not_frozen(rules, debit, credit, leg)
    if suspended(rules, debit):
        raise Refused(64, leg)
    standing.may_join(rules, debit, credit, leg)


def _told(rules, account, outcome, instead):
    return outcome if rules.signed & {account.owner, "operators"} else instead


def _other(account, there, settles):
    return there.owner if settles and account.owner != there.owner else None


def count(rules, debit, credit, value, booked, legs, leg, settles=True):
    """Outcomes 65 to 68; a leg that passes is counted on both accounts, which are as before it."""
    if value:
        _receives(rules, credit, value, legs, leg)
        _pays(rules, debit, value, legs, leg, _other(debit, credit, settles))
    now, opened = rules.entry.time, _opened(rules, debit)
    for window in debit.bounds.windows.values():
        window.add(opened, now, 0, value, legs)
    for window in credit.bounds.windows.values():
        window.add(opened, now, 2, value, legs, booked)
    for account, there, moved in ((debit, credit, value), (credit, debit, -booked)):
        for net in account.bounds.nets.values():
            if net.concerns(_other(account, there, settles)):
                net.add(opened, now, moved)


def _receives(rules, account, value, legs, leg):
    bounds = account.bounds
    if bounds.max_balance is not None:
        then = account.balance + account.counters[2] + value
        if then > rules.units(account, bounds.max_balance):
            raise Refused(65, leg)
    for rule in bounds.rules:
        if rule["direction"] == "credit" and _above(rules, account, rule, 2, value, legs):
            raise Refused(_told(rules, account, 66, 65), leg)


def _pays(rules, account, value, legs, leg, other):
    bounds, now = account.bounds, rules.entry.time
    for rule in bounds.rules:
        if rule["direction"] != "credit" and _above(rules, account, rule, 0, value, legs):
            raise Refused(_told(rules, account, 66, 26), leg)
    limits = [(67, who, most) for who, most in bounds.pairs if who == other]
    if other is not None and bounds.multilateral is not None:
        limits.append((68, None, bounds.multilateral))
    for outcome, who, most in limits:
        moved = bounds.nets[who].days.get(period("day", now, _opened(rules, account)), 0) + value
        if moved > rules.units(account, most):
            raise Refused(_told(rules, account, outcome, 26), leg)


def _above(rules, account, rule, column, value, legs):
    """Would a leg be too much, or one too often, for a velocity rule?"""
    now, opened = rules.entry.time, _opened(rules, account)
    window = account.bounds.windows[_window(rule)]
    moved = window.total(column, now, SLICES, opened) + value
    if rule["direction"] == "net":
        moved -= window.total(4, now, SLICES - 1, opened)
    if "amount" in rule and moved > rules.units(account, rule["amount"]):
        return True
    return "count" in rule and window.total(column + 1, now, SLICES, opened) + legs > rule["count"]


def _opened(rules, account):
    return rules.state.opened.get(account.asset, ())


def _window(rule):
    """What makes a rule the same rule: seconds or the name of a period, and the direction."""
    return rule.get("seconds", rule.get("period")), rule["direction"]


def give_back(rules, debit, credit, made, value, ends):
    """Take off what was reserved at a time and is no longer."""
    opened = _opened(rules, debit)
    for account, column in ((debit, 0), (credit, 2)):
        for window in account.bounds.windows.values():
            if made > window.since:
                window.add(opened, made, column, -value, -ends)
    for net in debit.bounds.nets.values():
        if made > net.since and net.concerns(_other(debit, credit, True)):
            net.add(opened, made, -value)


def capture(rules, debit, credit, over, take, number):
    """What a capture takes, of which some was perhaps not reserved: outcomes 64 to 68, and 26."""
    if over:
        if suspended(rules, debit):
            raise Refused(_told(rules, debit, 64, 26), number)
        if not rules.affords(debit, over):
            raise Refused(26, number)
    count(rules, debit, credit, over, take, 0, number)


def read_bounds(rules, account, wish):
    """Limits as a set_limits has them, with what is counted already: outcomes 22 to 69."""
    velocity, pairs = wish.get("velocity", []), wish.get("bilateral", [])
    typed = [wish[name] for name in ("credit_line", "min_balance", "per_transfer_max",
                                     "max_balance", "multilateral") if name in wish]
    typed += [one["amount"] for one in velocity + pairs if "amount" in one]
    for amount in typed:
        rules.amount(account.asset, amount)
    if account.closed:
        raise Refused(24)
    if not {one["counterparty"] for one in pairs} <= set(rules.state.participants):
        raise Refused(40)
    lends = wish.get("credit_line", "0").strip("0.") != ""
    if not rules.has_floor(account) or (account.kind != "settlement" and lends):
        raise Refused(52)
    if not _sound(account, velocity, pairs):
        raise Refused(69)
    now, old = rules.entry.time, account.bounds
    others = [one["counterparty"] for one in pairs]
    everybody = [None] if "multilateral" in wish else []
    return Bounds(
        wish.get("max_balance"), velocity, [(one["counterparty"], one["amount"]) for one in pairs],
        wish.get("multilateral"),
        {_window(rule): old.windows.get(_window(rule), Window(_window(rule)[0], now))
         for rule in velocity},
        {who: old.nets.get(who, Net(who, now)) for who in others + everybody})


def _sound(account, velocity, pairs):
    named = {_window(rule) for rule in velocity}
    others = {one["counterparty"] for one in pairs}
    if len(velocity) > min(MOST_RULES, len(named)) or len(pairs) > min(MOST_PAIRS, len(others)):
        return False
    if account.owner in others:
        return False
    for rule in velocity:
        known = {"amount", "count"} & set(rule)
        if ("seconds" in rule) == ("period" in rule):
            return False
        if not known or not 1 <= rule.get("seconds", 1) <= LONGEST:
            return False
        if rule["direction"] == "net" and "count" in known:
            return False
    return True


def _target(rules, wish):
    """(number, account or participant) that a freeze is for."""
    if ("account" in wish) == ("participant" in wish):
        raise Refused(70)
    if "participant" in wish:
        return rules.party(wish["participant"])
    account = rules.account({"address": wish["account"]})
    return account.number, account


def freeze(rules, wish):
    """Impose a freeze."""
    number, there = _target(rules, wish)
    now, on_account = rules.entry.time, "account" in wish
    with_amount = wish["level"] == "amount"
    if with_amount != ("amount" in wish) or (with_amount and not on_account):
        raise Refused(70)
    if with_amount:
        if rules.worthless(wish["amount"]):
            raise Refused(21)
        rules.amount(there.asset, wish["amount"])
    expires = read_time(wish["expires_at"]) if "expires_at" in wish else None
    if expires is not None and expires <= now:
        raise Refused(35)
    if on_account and not rules.has_floor(there):
        raise Refused(52)
    if not on_account and there.role != "bank":
        raise Refused(71)
    there.freezes = [one for one in there.freezes if one.runs(now)]
    if wish["case"] in [one.case for one in there.freezes]:
        raise Refused(72)
    if len(there.freezes) >= MOST_FREEZES:
        raise Refused(73)
    there.freezes.append(Freeze(wish["case"], wish["level"], wish.get("amount"), expires))
    return number


def lift(rules, wish):
    """Lift a freeze, by two operators."""
    number, there = _target(rules, wish)
    running = [one for one in there.freezes if one.runs(rules.entry.time)]
    left = [one for one in running if one.case != wish["case"]]
    if len(left) == len(running):
        raise Refused(74)
    if len(rules.state.participants["operators"].keys) > 1 and rules.operator_keys < 2:
        raise Refused(75)
    there.freezes = left
    return number


def reopen_account(rules, wish):
    """Open a closed account again."""
    account = rules.account(wish)
    if not account.closed:
        raise Refused(60)
    account.closed = False
    return account.number


KINDS = {"freeze": freeze, "lift": lift, "reopen_account": reopen_account}
