"""Fees: schedules, what is due on legs that settle, and what is due for months (chain/SPEC.md, "Fees")."""

from collections import namedtuple
from fractions import Fraction
from math import floor

from whole import limits, reservations, standing, words
from whole.book import Refused

# Amounts as typed. `account` and `tax` are numbers of accounts; `rules` and `monthly` are as JSON has
# them.
Schedule = namedtuple("Schedule", "version account tax rules id monthly")

EXCEEDS, NOT_COVERED, NOT_IN_BATCH, INVALID, IN_USE, OWED = range(196, 202)
RULES_MAX, TIERS_MAX, BPS = 64, 16, 10_000
CHARGED = ("settlement", "customer")


def set_fees(work, book, i):
    tax, rules, monthly = i.get("tax"), i["rules"], i.get("periodic", [])
    named = [i["account"]] if "account" in i else []
    accounts = [book.account(str(address)) for address in named + ([tax["account"]] if tax else [])]
    if None in accounts:
        raise Refused(13)
    asset = book.asset_ids.get(i["asset"])
    if asset is None:
        raise Refused(15)
    if any(account.asset != asset for account in accounts):
        raise Refused(16)
    if book.assets[asset].status == "retired":
        raise Refused(17)
    typed = [amount for rule in rules for amount in amounts(rule)]
    for amount in typed + [words.amount(fee["flat"]) for fee in monthly]:
        if asset in book.scales or work.stated[0] in (22, 23):
            book.minor(amount, asset)
    if any(account.closed for account in accounts):
        raise Refused(24)
    owners = [rule[side] for rule in rules for side in ("debit_owner", "credit_owner")
              if side in rule] + [fee["account_owner"] for fee in monthly if "account_owner" in fee]
    if any(owner not in book.participants for owner in owners):
        raise Refused(40)
    kinds = [rule[side] for rule in rules for side in ("debit_kind", "credit_kind") if side in rule]
    kinds += [fee["account_kind"] for fee in monthly if "account_kind" in fee]
    if any(account.kind != "fee" for account in accounts) or set(kinds) - set(CHARGED):
        raise Refused(52)
    before = book.fees.get(asset)
    if not rules and not monthly and (before is None or not charges(before)):
        raise Refused(60)
    if len(book.participants["operators"].keys) > 1 and work.operator_keys < 2:
        raise Refused(75)
    if monthly and asset not in book.calendars:
        raise Refused(127)
    if not sound(book, asset, i):
        raise Refused(INVALID)
    version = 1 if before is None else before.version + 1
    numbers = [account.number for account in accounts]
    book.put(book.fees, asset, Schedule(
        version, numbers[0] if numbers else None, (numbers[-1], tax["bps"]) if tax else None,
        tuple(rules), i["id"], tuple(monthly)))
    return version


def tiers(rule):
    """What is due by amounts, as (up to, flat, bps); nothing is an empty list."""
    basis = rule["basis"]
    if basis == "none":
        return []
    if "tiered" not in basis:
        basis = {"tiered": [basis]}
    zero = (0, None)
    return [(words.amount(tier["up_to"]) if "up_to" in tier else None,
             words.amount(tier["flat"]) if "flat" in tier else zero, tier.get("bps", 0))
            for tier in basis["tiered"]]


def amounts(rule):
    """All amounts of a rule, in the order in which they are looked at."""
    if rule["basis"] != "none":
        for up_to, flat, _ in tiers(rule):
            yield from (amount for amount in (up_to, flat) if amount is not None)
    for name in ("min", "max"):
        if name in rule:
            yield words.amount(rule[name])


def charges(schedule):
    """Is anything due by it?"""
    return bool(schedule.rules or schedule.monthly)


def sound(book, asset, i):
    rules, tax, monthly = i["rules"], i.get("tax"), i.get("periodic", [])
    if not rules and not monthly:
        if "account" in i or tax:
            return False
    elif "account" not in i:
        return False
    if max(len(rules), len(monthly)) > RULES_MAX or tax and not 1 <= tax["bps"] <= BPS:
        return False
    return all(clear(book, asset, rule) for rule in rules)


def clear(book, asset, rule):
    """Whether a rule says what is due."""
    if rule["basis"] == "none":
        return not {"payer", "min", "max"} & set(rule)
    found = tiers(rule)
    ends = [None if up_to is None else book.units(up_to, asset) for up_to, _, _ in found]
    if "payer" not in rule or not 1 <= len(found) <= TIERS_MAX:
        return False
    if ends[-1] is not None or None in ends[:-1] or ends[:-1] != sorted(set(ends[:-1])):
        return False
    low, high = (book.units(words.amount(rule[name]), asset) if name in rule else None
                 for name in ("min", "max"))
    return all(bps <= BPS for _, _, bps in found) and (
        high is None or (low or 0) <= high)


def rule_for(work, debit, credit):
    """The schedule and the rule by which something is due on a leg, or None."""
    schedule = work.book.fees.get(debit.asset)
    if schedule is None or not {debit.kind, credit.kind} <= set(CHARGED):
        return None
    for rule in schedule.rules:
        owners = [work.book.participants[rule[side]].number if side in rule else None
                  for side in ("debit_owner", "credit_owner")]
        fits = (rule.get("debit_kind", debit.kind) == debit.kind
                and rule.get("credit_kind", credit.kind) == credit.kind
                and owners[0] in (None, debit.owner) and owners[1] in (None, credit.owner))
        if fits:
            return (schedule, rule) if "payer" in rule else None
    return None


def half_up(exact):
    return floor(exact + Fraction(1, 2))


def fee_on(book, asset, rule, amount):
    """The fee on an amount; both are in units of the asset, or in proportion as `units` gives them."""
    for up_to, flat, bps in tiers(rule):
        if up_to is None or amount <= book.units(up_to, asset):
            fee = half_up(book.units(flat, asset) + Fraction(amount * bps, BPS))
            break
    if "min" in rule:
        fee = max(fee, book.units(words.amount(rule["min"]), asset))
    return min(fee, book.units(words.amount(rule["max"]), asset)) if "max" in rule else fee


def due(work, debit, credit, amount, payer=None):
    """What is due on a leg: [(kind, account that pays, account that receives, amount)]."""
    found = rule_for(work, debit, credit)
    if found is None:
        return []
    schedule, rule = found
    account, tax = schedule.account, schedule.tax
    fee = fee_on(work.book, debit.asset, rule, amount)
    payer = payer or rule["payer"]
    parts = {"debtor": {debit.number: fee}, "creditor": {credit.number: fee},
             "shared": {debit.number: fee - fee // 2, credit.number: fee // 2}}[payer]
    legs = []
    for number, part in parts.items():
        legs.append(("fee", number, account, part))
        if tax is not None:
            legs.append(("fee_tax", number, tax[0], half_up(Fraction(part * tax[1], BPS))))
    if credit.number in parts:
        if limits.stops(work, credit, limits.NO_DEBIT):
            raise Refused(63)
        if paid(legs, credit) > amount:
            raise Refused(EXCEEDS)
    return legs


def paid(legs, account):
    return sum(amount for _, payer, _, amount in legs if payer == account.number)


def due_on_typed(work, leg):
    """The same of a leg of a set: two numbers of accounts, and an amount as typed."""
    debit, credit = (work.book.accounts[account] for account in leg[:2])
    return due(work, debit, credit, work.book.units(leg[2], debit.asset))


def moves(legs, dues):
    """Legs, and what is due on them."""
    return list(legs) + [one[1:] for several in dues for one in several]


def charge(work, ordinal, n, fields, debit, credit, amount, left, payer=None):
    """Takes what is due on a leg that was posted just now; `left` legs are still to come."""
    from whole import holds  # which imports this module
    legs = due(work, debit, credit, amount, payer)
    if not legs:
        return
    pays = paid(legs, debit)
    if pays and not work.affords(debit, pays):
        raise Refused(NOT_COVERED)
    if not work.agreed:
        work.look_behind()
    behind = sum(holds.at_least(kind, wish) for kind, wish in work.behind)
    if len(work.done) + len(legs) + left + behind > holds.ITEMS_MAX:
        raise Refused(39)
    post(work, ordinal, n, fields, legs)


def post(work, ordinal, n, fields, legs):
    accounts = work.book.accounts
    for kind, payer, account, amount in legs:
        work.leg(kind, ordinal, n, {"id": fields["id"]}, accounts[payer], accounts[account], amount,
                 ({"debits": amount}, {"credits": amount}))


def in_use(book, account):
    """Does a schedule in force name an account?"""
    schedule = book.fees.get(account.asset)
    return schedule is not None and charges(schedule) and account.number in (
        schedule.account, schedule.tax[0] if schedule.tax else None)


def of_month(book, asset):
    """What a month costs: [(account, fee, tax)], by number."""
    schedule, found = book.fees.get(asset), []
    if schedule is None or book.assets[asset].status == "retired":
        return found
    for number, account in sorted(book.accounts.items()):
        if account.asset != asset or account.closed or account.kind not in CHARGED:
            continue
        if standing.of(book, account.owner).state not in ("active", "suspended"):
            continue
        for rule in schedule.monthly:
            owner = rule.get("account_owner")
            if rule.get("account_kind", account.kind) == account.kind and (
                    owner is None or book.participants[owner].number == account.owner):
                fee = book.units(words.amount(rule["flat"]), asset)
                rate = schedule.tax[1] if schedule.tax else 0
                if fee:
                    found.append((number, fee, half_up(Fraction(fee * rate, BPS))))
                break
    return found


def charge_month(work, month, due):
    """Takes what is due for a month, or says that it is owed; `due` are as `of_month` has them."""
    book = work.book
    for ordinal, (number, fee, tax) in enumerate(due, 1):
        account = book.accounts[number]
        schedule = book.fees[account.asset]
        legs = [("period_fee", schedule.account, fee)]
        if schedule.tax:
            legs.append(("period_tax", schedule.tax[0], tax))
        fields, stated = {"id": schedule.id}, {"month": month[0] * 100 + month[1]}
        if can_pay(work, account, legs):
            # It ranks with nets, and what is reserved is used as by what is urgent.
            own = book.available(account) - limits.blocked(work, account)
            kept = reservations.after(reservations.of(book, account), max(0, own),
                                      (fee + tax, 0, 0))
            reservations.keep(book, account, kept)
            for kind, to, amount in legs:
                work.leg(kind, ordinal, 0, fields, account, book.accounts[to], amount,
                         ({"debits": amount}, {"credits": amount}), **stated)
        else:
            work.leg("owed", ordinal, 0, fields, account, book.accounts[schedule.account],
                     fee + tax, ({}, {}), OWED, **stated)


def can_pay(work, account, legs):
    book = work.book
    if book.assets[account.asset].status != "active" or limits.suspended(work, account):
        return False
    if limits.stops(work, account, limits.NO_DEBIT):
        return False
    gets = {}
    for _, to, amount in legs:
        gets[to] = gets.get(to, 0) + amount
    own = book.available(account) - limits.blocked(work, account)
    if sum(gets.values()) > max(0, own):
        return False
    try:
        book.fits(account.number, debits=sum(gets.values()))
        for to, amount in gets.items():
            book.fits(to, credits=amount)
    except Refused:
        return False
    return True


GOVERN = {"set_fees": set_fees}
