"""Providers, rates, quotes and conversions (SPEC: Foreign exchange).

As with holds: written by somebody who had seen the source of the product. Prices are pairs of whole
numbers here, and every rounding is a floor of whole numbers.
"""
import math
from dataclasses import dataclass

import days
import holds
import limits
from instr import id_bytes, minor_units, read_time
from refused import Refused
from state import QuoteTerms

DAY = 86_400 * 10**9
LIMIT = 2**96
MOST_PROVIDERS, MOST_LINES, MOST_RATES, LONGEST = 32, 64, 8, 400 * DAY
# What whoever uses a quote is told, by what whoever captures a hold is.
LATE = {29: 187, 30: 188, 31: 189}


@dataclass
class Rate:
    """A rate; `through` is (account in base, account in quote, most as typed), by address, or None."""

    id: bytes
    bid: tuple
    ask: tuple
    start: int
    end: int
    through: tuple | None


def _price(text):
    over, under = text.split("/")
    return int(over), int(under)


def may_state(rules):
    """Is the submitter a provider?"""
    return rules.submitter in rules.state.providers


def set_provider(rules, wish):
    """Make a bank a provider, or none."""
    state, name = rules.state, wish["participant"]
    number, party = rules.party(name)
    if (name in state.providers) == wish["active"]:
        raise Refused(60)
    if party.role != "bank":
        raise Refused(71)
    if not wish["active"]:
        state.providers.remove(name)
        state.rates = {key: line for key, line in state.rates.items() if key[0] != name}
        return number
    if len(state.providers) == MOST_PROVIDERS:
        raise Refused(182)
    if party.via is not None:
        raise Refused(240)
    state.providers.add(name)
    return number


def _key(rules, wish):
    for name in (wish["base"], wish["quote"]):
        if name not in rules.state.assets:
            raise Refused(15)
    owner = rules.submitter if may_state(rules) else "operators"
    return owner, wish["base"], wish["quote"], wish["source"]


def set_rate(rules, wish):
    """State a rate."""
    state, now, key = rules.state, rules.entry.time, _key(rules, wish)
    owner, base, quote, _ = key
    if "retired" in (state.assets[base].status, state.assets[quote].status):
        raise Refused(17)
    through = _through(rules, wish["execute"], key) if "execute" in wish else None
    start = max(now, read_time(wish["valid_from"]) if "valid_from" in wish else now)
    end = read_time(wish["valid_to"])
    if end <= start or end > now + LONGEST:
        raise Refused(35)
    bid, ask = _price(wish["bid"]), _price(wish["ask"])
    if base == quote or bid[0] * ask[1] > ask[0] * bid[1]:
        raise Refused(180)
    line = []
    for one in state.rates.get(key, []):
        end_of_it = min(one.end, start)
        if end_of_it > now and one.start < start:
            line.append(Rate(one.id, one.bid, one.ask, one.start, end_of_it, one.through))
    mine = [other for other in state.rates if other[0] == owner]
    if (key not in mine and len(mine) >= MOST_LINES) or len(line) >= MOST_RATES:
        raise Refused(181)
    line.append(Rate(id_bytes(wish["id"]), bid, ask, start, end, through))
    state.rates[key] = line
    return 0


def _through(rules, execute, key):
    owner, base, quote, _ = key
    accounts = [rules.state.accounts.get(execute[name]) for name in ("base", "quote")]
    if None in accounts:
        raise Refused(13)
    if {one.owner for one in accounts} != {owner}:
        raise Refused(14)
    if (accounts[0].asset, accounts[1].asset) != (base, quote):
        raise Refused(16)
    if rules.worthless(execute["max"]):
        raise Refused(21)
    rules.amount(base, execute["max"])
    if accounts[0].closed or accounts[1].closed:
        raise Refused(24)
    if {one.kind for one in accounts} != {"settlement"}:
        raise Refused(52)
    return accounts[0].address, accounts[1].address, execute["max"]


def withdraw_rate(rules, wish):
    """End all rates of a line."""
    if rules.state.rates.pop(_key(rules, wish), None) is None:
        raise Refused(60)
    return 0


def quote(rules, wish, first_item):
    """Reserve what a quote pays."""
    state = rules.state
    receive = state.accounts.get(wish["receive"])
    if receive is None:
        raise Refused(13)
    leg = {"debit": wish["debit"], "credit": wish["credit"], "amount": wish["target_amount"]}
    ((debit, _),) = rules.pairs([leg])
    if debit.owner != receive.owner:
        raise Refused(14)
    if debit.asset == receive.asset:
        raise Refused(16)
    if rules.worthless(wish["source_amount"]):
        raise Refused(21)
    rules.amount(receive.asset, wish["source_amount"])

    def terms(legs):
        now, expires = rules.entry.time, read_time(wish["expires_at"])
        if expires <= now or expires > now + LONGEST:
            raise Refused(35)
        rules.party(wish["for"])
        of = QuoteTerms(wish["for"], receive.address, wish["source_amount"])
        return holds.new(rules, wish, legs, expires, quote=of)

    return holds.reserve_legs(rules, [leg], first_item, terms)


def convert(rules, wish, first_item):
    """Exchange one amount for another."""
    debit, credit = (rules.state.accounts.get(wish[side]) for side in ("debit", "credit"))
    if debit is None:
        raise Refused(13, 0)
    if credit is None:
        raise Refused(13, 1)
    if debit.owner not in rules.signed:
        raise Refused(14, 0)
    rules.status(debit.asset, 0)
    rules.status(credit.asset, 1)
    if "rate" in wish["at"]:
        days.admit(rules.state, [debit, credit])
    pays = wish["fixed"] == "source"
    stated, other = (debit, credit) if pays else (credit, debit)
    if rules.worthless(wish["amount"]):
        raise Refused(21)
    amount = rules.amount(stated.asset, wish["amount"])
    limit = rules.amount(other.asset, wish["limit"])
    find = _quoted if "quote" in wish["at"] else _rated
    at, paid, got, residue, receive, through = find(rules, wish, debit, credit, pays, amount)
    if (got < limit) if pays else (paid > limit):
        raise Refused(193)
    nothing = (0, 1)
    residues = (nothing, residue) if pays else (residue, nothing)
    accounts, by_quote = rules.state.accounts, "quote" in wish["at"]
    dealer = accounts[through.legs[0].debit if by_quote else through]
    with rules.undone([(debit, accounts[receive]), (dealer, credit)]):
        first = _pay(rules, debit, accounts[receive], paid, 0, first_item + 1, at, residues[0])
        if by_quote:
            second = holds.deliver(rules, through, 1, first_item + 2)
        else:
            second = _second(rules, dealer, credit, got, first_item + 2, at, residues[1])
    return [first, second]


def _second(rules, debit, credit, value, item, at, residue):
    try:
        return _pay(rules, debit, credit, value, 1, item, at, residue)
    except Refused as no:
        # 194 stands for all that is the matter with who deals.
        raise Refused(194 if no.outcome in (25, 26, 64) else no.outcome, 1) from no


def _pay(rules, debit, credit, value, leg, item, at, residue):
    if debit is credit:
        raise Refused(19, leg)
    if {"issuance", "netting"} & {debit.kind, credit.kind} \
            or (debit.kind, credit.kind) in rules.state.stopped:
        raise Refused(20, leg)
    rules.may_debit(debit, credit, f"{value} minor units", leg)
    rules.fits(debit, credit, (0, value), leg)
    limits.count(rules, debit, credit, value, value, 1, leg)
    parts = rules.move(debit, credit, (0, value), leg, item)
    return debit, credit, value, parts, *[None] * 8, at, residue


def _quoted(rules, wish, debit, credit, pays, amount):
    hold = rules.state.holds.get(id_bytes(wish["at"]["quote"]))
    if hold is None or hold.quote is None or not hold.known(rules.floor) \
            or hold.quote.taker not in rules.signed:
        raise Refused(186)
    if hold.ended is not None:
        raise Refused(LATE[hold.ended[0]], detail=hold.ended[1])
    receive, leg = rules.state.accounts[hold.quote.receive], hold.legs[0]
    if leg.credit != credit.address or receive.asset != debit.asset:
        raise Refused(190)
    source = rules.amount(receive.asset, hold.quote.source)
    if amount != (source if pays else leg.reserved):
        raise Refused(193)
    return hold.id, source, leg.reserved, (0, 1), receive.address, hold


def _rated(rules, wish, debit, credit, pays, amount):
    """(rate, paid, received, residue, account that receives, account that pays); by a quote, its hold
    instead of the last."""
    name, now, rates = wish["at"]["rate"], rules.entry.time, rules.state.rates
    sold = name["provider"], debit.asset, credit.asset, name["source"]
    bought = name["provider"], credit.asset, debit.asset, name["source"]
    sells = sold in rates
    line = rates[sold] if sells else rates.get(bought, [])
    running = [one for one in line if one.start <= now < one.end]
    if not running:
        raise Refused(184 if [one for one in line if one.end <= now] else 183)
    rate = running[0]
    if rate.through is None:
        raise Refused(185)
    scales = [rules.state.assets[one.asset].scale for one in (debit, credit)]
    if None in scales:
        rules.unjudged.append(f"outcome {rules.recorded}: a scale unknown")
        raise Refused(rules.recorded)
    over, under = rate.bid if sells else (rate.ask[1], rate.ask[0])
    over, under = over * 10 ** scales[1], under * 10 ** scales[0]
    if pays:
        other, left = divmod(amount * over, under)
        residue = _lowest(left, under)
    else:
        other = -(-amount * under // over)
        residue = _lowest(other * over - amount * under, over)
    if other >= LIMIT:
        raise Refused(23)
    if other == 0:
        raise Refused(191)
    paid, got = (amount, other) if pays else (other, amount)
    base, quote_account, most = rate.through
    receive, payer = (base, quote_account) if sells else (quote_account, base)
    most = minor_units(most, scales[0] if sells else scales[1])
    if (paid if sells else got) > most:
        raise Refused(192)
    return rate.id, paid, got, residue, receive, payer


def _lowest(part, whole):
    by = math.gcd(part, whole)
    return part // by, whole // by


GOVERN = {"set_provider": set_provider, "set_rate": set_rate, "withdraw_rate": withdraw_rate}
KINDS = {"quote": quote, "convert": convert}
