"""Splits, conditions, mandates, and which kinds may pay which (SPEC: Forms).

Like what is in `holds.py`, this is by somebody who had seen the source of the product.
"""
import datetime
from dataclasses import dataclass, field, replace
from fractions import Fraction

import days
import charges
import limits
import reserving
import values
import standing
from formats import NO_LEG
from instr import id_bytes, read_time
from refused import Refused

SECOND, DAY, LIMIT = 10**9, 86_400, 2**96


@dataclass(frozen=True)
class Mandate:
    """Who may debit an account; amounts are as typed, `uses` are (time, minor units)."""

    id: bytes
    account: str
    owner: str
    to: str
    each: str | None
    total: str | None
    period: object
    most: str | None
    until: int | None
    creditors: tuple | None
    uses: tuple = field(default=())

    def over(self, now):
        """Is its time over?"""
        return self.until is not None and self.until <= now

    def spent(self, now=None):
        """What was debited, or what was in the span of a time."""
        same = [value for time, value in self.uses
                if now is None or span(self.period, time) == span(self.period, now)]
        return sum(same)


def span(period, time):
    """Which day, month or span of seconds a time is in."""
    if isinstance(period, dict):
        return time // (period["every_s"] * SECOND)
    day = time // (DAY * SECOND)
    date = datetime.date(1970, 1, 1) + datetime.timedelta(days=day)
    return (date.year, date.month) if period == "month" else date


def is_told(kind, wish):
    """Does a transfer say more than its legs and its queue?"""
    return kind == "transfer" and bool({"conditions", "mandate", "value_date"} & set(wish))


def hold(rules, wish):
    """Do the conditions of a wish hold?"""
    for number, one in enumerate(wish.get("conditions", [])):
        (name, what), = one.items()
        try:
            good = getattr(Conditions, name)(rules, what)
        except Refused as no:
            raise Refused(no.outcome, detail=number) from no
        if not good:
            raise Refused(142, detail=number)


class Conditions:
    """Each says whether it holds."""

    @staticmethod
    def not_after(rules, text):
        """It is not later than that."""
        return rules.entry.time <= read_time(text)

    @staticmethod
    def balance_at_least(rules, what):
        """So much is booked."""
        account = _own(rules, what["account"])
        return account.balance >= rules.amount(account.asset, what["amount"])

    @staticmethod
    def account_version(rules, what):
        """Nothing changed it since."""
        account = _own(rules, what["account"])
        return account.last is None or account.last[0] <= what["index"]


def _own(rules, address):
    account = rules.state.account(address)
    if account is None:
        raise Refused(13)
    if account.owner not in rules.signed:
        raise Refused(14)
    return account


class Under:
    """What a transfer may do under a mandate; nothing is kept of it before `keep`."""

    def __init__(self, rules, wish):
        self.rules, self.mandate = rules, None
        if "mandate" not in wish:
            self.pairs = rules.pairs(wish["legs"])
            return
        find = rules.state.account
        self.pairs = [(find(leg["debit"]), find(leg["credit"])) for leg in wish["legs"]]
        for number, pair in enumerate(self.pairs):
            if None in pair:
                raise Refused(13, number)
        mandate = rules.state.mandates.get(id_bytes(wish["mandate"]))
        debited = [debit.address for debit, _ in self.pairs]
        if mandate is None or mandate.to not in rules.signed or mandate.account not in debited:
            raise Refused(143)
        if mandate.over(rules.entry.time):
            raise Refused(144)
        for number, (debit, _) in enumerate(self.pairs):
            if debit.address != mandate.account and debit.owner not in rules.signed:
                raise Refused(14, number)
        self.mandate = mandate

    def id_of(self, debit):
        """Of the mandate, if a leg that debits this account is under it."""
        covered = self.mandate is not None and self.mandate.account == debit.address
        return self.mandate.id if covered else None

    def take(self, leg, debit, credit, number):
        """Is a leg within the mandate?"""
        if self.id_of(debit) is None:
            return
        rules, now, one = self.rules, self.rules.entry.time, self.mandate
        if rules.worthless(leg["amount"]):
            raise Refused(21, number)
        value = rules.amount(debit.asset, leg["amount"], number)
        if one.creditors is not None and credit.address not in one.creditors:
            raise Refused(146, number)
        self.mandate = one = replace(one, uses=(*one.uses, (now, value)))
        for most, used in ((one.each, value), (one.total, one.spent()),
                           (one.most, one.spent(now) if one.most else 0)):
            if most is not None and used > rules.amount(debit.asset, most, number):
                raise Refused(145, number)

    def told(self, debit, function, *arguments):
        """Who has not signed for the account is told of its funds alone."""
        try:
            return function(*arguments)
        except Refused as no:
            hidden = self.id_of(debit) is not None \
                and not {debit.owner, "operators"} & set(self.rules.signed)
            if hidden and no.outcome in (25, 64):
                raise Refused(26, no.leg) from no
            raise

    def keep(self):
        """The transfer took effect."""
        if self.mandate is not None:
            self.rules.state.mandates[self.mandate.id] = self.mandate


def posting(debit, credit, value, parts, mandate, date=None):
    """A leg of a transfer that is told, as leg items state it."""
    return (debit, credit, value, parts, *[None] * 7, mandate, None, None, values.days_of(date))


def transfer(rules, wish, first_item):
    """Leg by leg, with conditions, under a mandate or with a value date."""
    under = Under(rules, wish)
    hold(rules, wish)
    date = values.check(rules, wish, under.pairs, None, datetime.date.fromisoformat)
    postings = []
    with rules.undone(under.pairs):
        for number, (leg, (debit, credit)) in enumerate(zip(wish["legs"], under.pairs)):
            rules.leg(leg, debit, credit, number)
            under.take(leg, debit, credit, number)
            value = under.told(debit, rules.may_debit, debit, credit, leg["amount"], number)
            rules.fits(debit, credit, (0, value), number)
            limits.count(rules, debit, credit, value, value, 1, number)
            parts = rules.move(debit, credit, (0, value), number, first_item + 1 + len(postings))
            postings.append(posting(debit, credit, value, parts, under.id_of(debit), date))
            postings += charges.take(rules, (debit, credit), value, number,
                                     first_item + 1 + len(postings),
                                     len(wish["legs"]) - number - 1)
    under.keep()
    if date is not None:
        values.keep(rules, date, postings)
    return postings


def grant_mandate(rules, wish):
    """An owner lets somebody debit an account."""
    state, now = rules.state, rules.entry.time
    account = _own(rules, wish["account"])
    creditors = wish.get("creditors")
    for address in creditors or ():
        if address not in state.accounts:
            raise Refused(13)
        if state.accounts[address].asset != account.asset:
            raise Refused(16)
    bounds = [wish.get(name) for name in ("per_transfer_max", "total_max", "period_max")]
    for text in bounds:
        if text is not None:
            if rules.worthless(text):
                raise Refused(21)
            rules.amount(account.asset, text)
    if account.closed:
        raise Refused(24)
    until = read_time(wish["expires_at"]) if "expires_at" in wish else None
    if until is not None and until <= now:
        raise Refused(35)
    number, party = rules.party(wish["to"])
    if not rules.has_floor(account):
        raise Refused(52)
    period = wish.get("period")
    every = period["every_s"] if isinstance(period, dict) else DAY
    sound = (party.name != account.owner and party.role != "auditor"
             and any(text is not None for text in bounds)
             and (period is None) == (bounds[2] is None) and 1 <= every <= 366 * DAY
             and (creditors is None or 1 <= len(creditors) <= 16))
    if not sound:
        raise Refused(147)
    rest = {one.id: one for one in state.mandates.values()
            if one.account != account.address or not one.over(now)}
    new = id_bytes(wish["id"])
    if new in rest:
        raise Refused(148)
    if (len([one for one in rest.values() if one.account == account.address]) >= 64
            or len([one for one in rest.values() if one.owner == account.owner]) >= 100_000):
        raise Refused(149)
    rest[new] = Mandate(new, account.address, account.owner, party.name, bounds[0], bounds[1],
                        period, bounds[2], until, None if creditors is None else tuple(creditors))
    state.mandates = rest
    return number


def revoke_mandate(rules, wish):
    """One of its two parties ends it."""
    one = rules.state.mandates.get(id_bytes(wish["mandate"]))
    if one is None or not {one.owner, one.to} & set(rules.signed):
        raise Refused(143)
    del rules.state.mandates[one.id]
    return list(rules.state.participants).index(one.to)


def set_posting(rules, wish):
    """The operators let one kind pay another, or stop it."""
    pair, stopped = (wish["debit"], wish["credit"]), rules.state.stopped
    if "netting" in pair or set(pair) == {"issuance"}:
        raise Refused(52)
    if wish["allowed"] != (pair in stopped):
        raise Refused(60)
    rules.state.stopped = stopped ^ {pair}
    return 0


def split(rules, wish, first_item):
    """What some pay is divided among others."""
    shares = Shares(rules, wish)
    hold(rules, wish)
    days.admit(rules.state, shares.payers + shares.payees)
    shares.check()
    pays, gets = shares.pays(), None
    if sum(pays) >= LIMIT:
        raise Refused(27)
    gets = shares.gets(sum(pays))
    payers, payees = shares.payers, shares.payees
    for place, (account, value) in enumerate(zip(payers + payees, pays + gets)):
        if account.counters[1 if place < len(payers) else 3] + value >= LIMIT:
            raise Refused(27, place)
    postings = []
    with rules.undone([(account,) for account in payers + payees]):
        for number, (left, right, value) in enumerate(matched(pays, gets)):
            debit, credit = payers[left], payees[right]
            place = len(payers) + right
            if value:
                limits.count(rules, debit, credit, value, value, 1, place)
            parts = rules.move(debit, credit, (0, value), place, first_item + 1 + number)
            postings.append((debit, credit, value, parts, None, None))
    return postings


def matched(pays, gets):
    """(payer, payee, value): who is done makes room for the next, on either side or on both."""
    left, right, found = 0, 0, []
    owed, due = list(pays), list(gets)
    while left < len(owed) and right < len(due):
        value = min(owed[left], due[right])
        found.append((left, right, value))
        owed[left] -= value
        due[right] -= value
        ends = left + 1 == len(owed) and right + 1 == len(due)
        steps = (not owed[left] and left + 1 < len(owed), not due[right] and right + 1 < len(due))
        if ends or not any(steps):
            break
        left, right = left + steps[0], right + steps[1]
    return found


class Shares:
    """The parties of a split."""

    def __init__(self, rules, wish):
        self.rules, self.wish = rules, wish
        found = [rules.state.account(one["account"]) for one in wish["payers"] + wish["payees"]]
        if None in found:
            raise Refused(13, found.index(None))
        self.payers = found[:len(wish["payers"])]
        self.payees = found[len(wish["payers"]):]
        for place, account in enumerate(self.payers):
            if account.owner not in rules.signed:
                raise Refused(14, place)

    def check(self):
        """All that comes before what is available."""
        self._forms()
        self._kinds()
        self._amounts()
        self._state()

    def _forms(self):
        lists = ((self.wish["payers"], ("amount", "up_to", "all_available")),
                 (self.wish["payees"], ("amount", "ratio", "remainder")))
        for parties, names in lists:
            for party in parties:
                stated = [name for name in names if name in party]
                if len(stated) != 1 or party[stated[0]] in (False, 0):
                    raise Refused(140)
                if stated == ["amount"] and "at_least" in party:
                    raise Refused(140)
        rests = ["remainder" in one for one in self.wish["payees"]]
        ratios = any("ratio" in one for one in self.wish["payees"])
        if sum(rests) > 1 or any(rests) and (ratios or not rests[-1]):
            raise Refused(140)

    def _kinds(self):
        rules, wish, all_of = self.rules, self.wish, self.payers + self.payees
        if wish["asset"] not in rules.state.assets:
            raise Refused(15)
        for place, account in enumerate(all_of):
            if account.asset != wish["asset"]:
                raise Refused(16, place)
        rules.status(wish["asset"], NO_LEG)
        for place, account in enumerate(all_of):
            if any(account is other for other in all_of[:place]):
                raise Refused(19, place)
        for place, account in enumerate(all_of):
            stopped = place >= len(self.payers) and any(
                (payer.kind, account.kind) in rules.state.stopped for payer in self.payers)
            if account.kind in ("issuance", "netting") or stopped:
                raise Refused(20, place)

    def _amounts(self):
        rules = self.rules
        for place, party in enumerate(self.wish["payers"] + self.wish["payees"]):
            for name in ("amount", "up_to", "at_least"):
                if name in party:
                    if rules.worthless(party[name]) and name != "at_least":
                        raise Refused(21, place)
                    rules.amount(self.wish["asset"], party[name], place)

    def _state(self):
        rules, all_of = self.rules, self.payers + self.payees
        for place, account in enumerate(all_of):
            if account.closed:
                raise Refused(24, place)
        for place, account in enumerate(all_of):
            side = "debit" if place < len(self.payers) else "credit"
            if limits.stopped(rules, account, side):
                raise Refused(63, place)
        for place, account in enumerate(self.payers):
            if limits.suspended(rules, account):
                raise Refused(64, place)
        standing.may_split(rules, self.payers, self.payees)

    def pays(self):
        """What each payer pays."""
        rules, asset, found = self.rules, self.wish["asset"], []
        for place, (party, account) in enumerate(zip(self.wish["payers"], self.payers)):
            free = 0 if rules.kept(account) else reserving.unreserved(rules, account)
            if "amount" in party:
                value = least = rules.amount(asset, party["amount"], place)
            else:
                value = free
                if "up_to" in party:
                    value = min(free, rules.amount(asset, party["up_to"], place))
                least = rules.amount(asset, party["at_least"], place) if "at_least" in party else 1
            if account.per_transfer_max is not None \
                    and value > rules.units(account, account.per_transfer_max):
                raise Refused(25, place)
            if value < least or "amount" in party and rules.has_floor(account) and value > free:
                raise Refused(26, place)
            found.append(value)
        return found

    def gets(self, whole):
        """What each payee gets, by exact fractions."""
        asset, parties = self.wish["asset"], self.wish["payees"]
        stated = [self.rules.amount(asset, one["amount"]) if "amount" in one else None
                  for one in parties]
        rest = whole - sum(value for value in stated if value is not None)
        ratios = [0 if "amount" in one else one.get("ratio", 1) for one in parties]
        if rest < 0 or rest > 0 and not sum(ratios):
            raise Refused(141)
        exact = [Fraction(rest * ratio, sum(ratios) or 1) for ratio in ratios]
        found = [part.numerator // part.denominator if value is None else value
                 for part, value in zip(exact, stated)]
        sharing = [place for place, value in enumerate(stated) if value is None]
        while sum(found) < whole:
            place = max(sharing, key=lambda one: (exact[one] - found[one], -one))
            found[place] += 1
        return found


GOVERN = {"grant_mandate": grant_mandate, "revoke_mandate": revoke_mandate,
          "set_posting": set_posting}
