"""Fees: schedules, and what is due on legs (SPEC: Fees).

Like what is in `holds.py`, this is by somebody who had seen the source of the product. Fees are worked
out with whole numbers here, and not with fractions.
"""
from dataclasses import dataclass, field

import holds
import limits
import reserving
from formats import FEE, FEE_TAX, NO_LEG, OWED, PERIOD_FEE, PERIOD_TAX
from instr import id_bytes, minor_units
from refused import Refused

EXCEEDS, NOT_COVERED, NOT_IN_BATCH, INVALID, IN_USE, OWED_OUTCOME = 196, 197, 198, 199, 200, 201
WHOLE = 10_000


class Due(tuple):
    """The posting of a fee, or of tax on one: its kind, and the leg that it is due on."""

    kind, leg, outcome, month = None, None, 1, None

    @staticmethod
    def of(kind, leg, posting):
        """A posting with these two."""
        made = Due(posting)
        made.kind, made.leg = kind, leg
        return made


@dataclass(frozen=True)
class Schedule:
    """What an instruction set: amounts as typed, accounts by address."""

    version: int
    account: str | None
    tax: tuple | None
    rules: tuple
    id: bytes
    monthly: tuple = field(default=())

    @property
    def charges(self):
        """Is anything due by it?"""
        return bool(self.rules or self.monthly)

    def names(self, address):
        """Does it send fees, or tax, to an account?"""
        return self.charges and address in (self.account, self.tax and self.tax[0])


def _bands(rule):
    basis = rule["basis"]
    if basis == "none":
        return []
    return basis["tiered"] if "tiered" in basis else [basis]


def _texts(rule):
    for band in _bands(rule):
        yield from (band[name] for name in ("up_to", "flat") if name in band)
    yield from (rule[name] for name in ("min", "max") if name in rule)


def set_fees(rules, wish):
    """Two operators set the schedule of an asset."""
    state, tax, monthly = rules.state, wish.get("tax"), wish.get("periodic", [])
    addresses = [wish[name] for name in ("account",) if name in wish]
    addresses += [tax["account"]] if tax else []
    accounts = [state.accounts.get(address) for address in addresses]
    if None in accounts:
        raise Refused(13)
    asset = state.assets.get(wish["asset"])
    if asset is None:
        raise Refused(15)
    for account in accounts:
        if account.asset != asset.name:
            raise Refused(16)
    if asset.status == "retired":
        raise Refused(17)
    for rule in wish["rules"]:
        for text in _texts(rule):
            rules.amount(asset.name, text)
    for fee in monthly:
        rules.amount(asset.name, fee["flat"])
    if any(account.closed for account in accounts):
        raise Refused(24)
    for rule in wish["rules"]:
        for side in ("debit_owner", "credit_owner"):
            if side in rule:
                rules.party(rule[side])
    for fee in monthly:
        if "account_owner" in fee:
            rules.party(fee["account_owner"])
    sides = [rule.get(side, "customer") for rule in wish["rules"]
             for side in ("debit_kind", "credit_kind")]
    sides += [fee.get("account_kind", "customer") for fee in monthly]
    if {account.kind for account in accounts} - {"fee"} or set(sides) - {"customer", "settlement"}:
        raise Refused(52)
    before = state.fees.get(asset.name)
    if not wish["rules"] and not monthly and not (before and before.charges):
        raise Refused(60)
    if len(state.participants["operators"].keys) > 1 and rules.operator_keys < 2:
        raise Refused(75)
    if monthly and asset.name not in state.calendars:
        raise Refused(127)
    if not _is_sound(rules, asset.name, wish):
        raise Refused(INVALID)
    version = before.version + 1 if before else 1
    state.fees[asset.name] = Schedule(version, wish.get("account"),
                                      (tax["account"], tax["bps"]) if tax else None,
                                      tuple(wish["rules"]), id_bytes(wish["id"]), tuple(monthly))
    return version


def _is_sound(rules, asset, wish):
    tax = wish.get("tax", {"bps": 1})
    any_rules = bool(wish["rules"] or wish.get("periodic"))
    if any_rules != ("account" in wish) or not any_rules and "tax" in wish:
        return False
    return (len(wish["rules"]) <= 64 and len(wish.get("periodic", [])) <= 64 and 1 <= tax["bps"] <= WHOLE
            and all(_says(rules, asset, rule) for rule in wish["rules"]))


def _says(rules, asset, rule):
    bands, stated = _bands(rule), {"payer", "min", "max"} & set(rule)
    if rule["basis"] == "none":
        return not stated
    if "payer" not in rule or not 0 < len(bands) <= 16 or "up_to" in bands[-1]:
        return False
    last = -1
    for band in bands[:-1]:
        if "up_to" not in band or _units(rules, asset, band["up_to"]) <= last:
            return False
        last = _units(rules, asset, band["up_to"])
    if any(band.get("bps", 0) > WHOLE for band in bands):
        return False
    low = _units(rules, asset, rule.get("min", "0"))
    return "max" not in rule or low <= _units(rules, asset, rule["max"])


def _units(rules, asset, text):
    scale = rules.state.assets[asset].scale
    return minor_units(text, 18 if scale is None else scale)


def rule_of(state, debit, credit):
    """(schedule, rule) that something is due by on a leg between two accounts, or None."""
    schedule = state.fees.get(debit.asset)
    if schedule is None or {debit.kind, credit.kind} - {"settlement", "customer"}:
        return None
    wanted = {"debit_kind": debit.kind, "credit_kind": credit.kind, "debit_owner": debit.owner,
              "credit_owner": credit.owner}
    for rule in schedule.rules:
        if all(rule.get(name, value) == value for name, value in wanted.items()):
            return (schedule, rule) if rule["basis"] != "none" else None
    return None


def _rounded(value, bps):
    """So many hundredths of a percent, a half and more up."""
    whole, rest = divmod(value * bps, WHOLE)
    return whole + (2 * rest >= WHOLE)


def _fee(rules, asset, rule, value):
    for band in _bands(rule):
        if "up_to" not in band or value <= _units(rules, asset, band["up_to"]):
            fee = _units(rules, asset, band.get("flat", "0")) + _rounded(value, band.get("bps", 0))
            break
    fee = max(fee, _units(rules, asset, rule.get("min", "0")))
    if "max" in rule:
        fee = min(fee, _units(rules, asset, rule["max"]))
    return fee


def due(rules, debit, credit, value, leg=NO_LEG, payee_pays=False):
    """[(kind, address that pays, address that receives, minor units)] on a leg."""
    found = rule_of(rules.state, debit, credit)
    if found is None:
        return []
    schedule, rule = found
    fee, payer = _fee(rules, debit.asset, rule, value), rule["payer"]
    halves = {"debtor": (fee, None), "creditor": (None, fee), "shared": (fee - fee // 2, fee // 2)}
    shares = (None, fee) if payee_pays else halves[payer]
    legs = []
    for account, share in zip((debit, credit), shares):
        if share is not None:
            legs.append((FEE, account.address, schedule.account, share))
            if schedule.tax:
                to, bps = schedule.tax
                legs.append((FEE_TAX, account.address, to, _rounded(share, bps)))
    if shares[1] is not None:
        if limits.stopped(rules, credit, "debit"):
            raise Refused(63, leg)
        if _paid(legs, credit) > value:
            raise Refused(EXCEEDS, leg)
    return legs


def _paid(legs, account):
    return sum(value for _, payer, _, value in legs if payer == account.address)


def due_by_address(rules, leg, number=NO_LEG):
    """The same of a leg of a set."""
    debit, credit, value = leg
    accounts = rules.state.accounts
    return due(rules, accounts[debit], accounts[credit], value, number)


def take(rules, pair, value, leg, item, left, payee_pays=False):
    """Postings of what is due on a leg just posted, from this item on; `left` legs are to come."""
    debit, credit = pair
    legs = due(rules, debit, credit, value, leg, payee_pays)
    pays = _paid(legs, debit)
    if pays and not rules.affords(debit, pays):
        raise Refused(NOT_COVERED, leg)
    behind = sum(holds.least(step) for step in rules.behind)
    if legs and item - 1 + len(legs) + left + behind > holds.MOST_ITEMS:
        raise Refused(39, leg)
    return post(rules, legs, leg, item)


def post(rules, legs, leg, item):
    """Postings of what is due, from this item on."""
    found, accounts = [], rules.state.accounts
    for kind, payer, to, value in legs:
        debit, credit = accounts[payer], accounts[to]
        parts = rules.move(debit, credit, (0, value), leg, item + len(found))
        found.append(Due.of(kind, leg, (debit, credit, value, parts, None, None)))
    return found


def monthly(rules, asset):
    """[(account, minor units of a fee, of the tax on it)] for a month, by number of the account."""
    state, found = rules.state, []
    schedule = state.fees.get(asset)
    if schedule is None or state.assets[asset].status == "retired":
        return []
    for account in sorted(state.accounts.values(), key=lambda one: one.number):
        takes_part = state.participants[account.owner].standing in ("active", "suspended")
        charged = account.kind in ("settlement", "customer") and not account.closed and takes_part
        if account.asset != asset or not charged:
            continue
        mine = {"account_kind": account.kind, "account_owner": account.owner}
        fee = next((fee for fee in schedule.monthly
                    if all(fee.get(name, value) == value for name, value in mine.items())), None)
        value = _units(rules, asset, fee["flat"]) if fee else 0
        if value:
            tax = _rounded(value, schedule.tax[1]) if schedule.tax else 0
            found.append((account, value, tax))
    return found


def take_month(rules, month, account, value, tax, item):
    """Postings of what is due of an account for a month, from this item on, and the schedule."""
    schedule, accounts = rules.state.fees[account.asset], rules.state.accounts
    legs = [(PERIOD_FEE, schedule.account, value)]
    legs += [(PERIOD_TAX, schedule.tax[0], tax)] if schedule.tax else []
    pays = _can_pay(rules, account, value + tax, [leg[1:] for leg in legs])
    if not pays:
        legs = [(OWED, schedule.account, value + tax)]
    if pays:
        reserving.owed(rules, account, value + tax)
    found = []
    for kind, to, amount in legs:
        moved = amount if pays else 0
        parts = rules.move(account, accounts[to], (0, moved), 0, item + len(found))
        due_now = Due.of(kind, 0, (account, accounts[to], amount, parts, None, None))
        due_now.month = month
        if not pays:
            due_now.outcome = OWED_OUTCOME
        found.append(due_now)
    return schedule, found


def _can_pay(rules, account, value, credits):
    if rules.state.assets[account.asset].status != "active":
        return False
    if limits.suspended(rules, account) or limits.stopped(rules, account, "debit"):
        return False
    room = account.counters[1] + value < 2**96
    for name in {to for to, _ in credits}:
        gets = sum(amount for to, amount in credits if to == name)
        room = room and rules.state.accounts[name].counters[3] + gets < 2**96
    return room and value <= rules.available(account)


def touched(state):
    """Accounts that fees go to."""
    names = {name for one in state.fees.values()
             for name in (one.account, one.tax and one.tax[0]) if name}
    return [state.accounts[name] for name in names]


def in_use(state, account):
    """Does a schedule in force name an account?"""
    return account.asset in state.fees and state.fees[account.asset].names(account.address)


GOVERN = {"set_fees": set_fees}
