"""Rates, firm quotes, conversions (chain/SPEC.md, "Foreign exchange")."""

from collections import namedtuple
from fractions import Fraction
from math import ceil, floor

from whole import days, holds, limits, words
from whole.book import DAY, MINOR_MAX, Refused, Unjudged
from whole.holds import at_leg
from whole.transfers import RESERVED, authorise, usable

# `execute` is (account in the base asset, account in the quote asset, the most as typed) or None.
Rate = namedtuple("Rate", "id bid ask begins ends execute")
# Of a hold that is a quote: by number who may use it and where it is paid to, and how much as typed.
Quote = namedtuple("Quote", "taker receive source")
# What is exchanged, minor units; `residue` is of the amount that was not stated.
Deal = namedtuple("Deal", "at source target residue receive pays hold")

PROVIDERS_MAX, LINES_MAX, AHEAD_MAX, DAYS_MAX = 32, 64, 8, 400
NOTHING = Fraction(0)
# How a quote ended, by how its hold did.
ENDED = {holds.CAPTURED_BEFORE: 187, holds.VOIDED_BEFORE: 188, holds.EXPIRED_BEFORE: 189}


def may_state(work):
    return work.book.providers.get(work.submitter, False)


def set_provider(work, book, i):
    participant = book.participants.get(i["participant"])
    if participant is None:
        raise Refused(40)
    number = participant.number
    if book.providers.get(number, False) == i["active"]:
        raise Refused(60)
    if participant.role != "bank":
        raise Refused(71)
    if i["active"] and sum(book.providers.values()) >= PROVIDERS_MAX:
        raise Refused(182)
    if number in book.vias:
        raise Refused(240)
    book.put(book.providers, number, i["active"])
    for key in [key for key, line in book.rates.items() if key[0] == number and line]:
        book.put(book.rates, key, ())
    return number


def line_of(work, book, i):
    for name in ("base", "quote"):
        if i[name] not in book.asset_ids:
            raise Refused(15)
    owner = work.submitter if may_state(work) else 0
    return owner, book.asset_ids[i["base"]], book.asset_ids[i["quote"]], i["source"]


def set_rate(work, book, i):
    key = owner, base, quote, _ = line_of(work, book, i)
    if any(book.assets[asset].status == "retired" for asset in (base, quote)):
        raise Refused(17)
    execute = executed(work, book, i["execute"], owner, base, quote) if "execute" in i else None
    begins = max(work.time, words.nanos(i["valid_from"]) if "valid_from" in i else 0)
    ends = words.nanos(i["valid_to"])
    if not begins < ends <= work.time + DAYS_MAX * DAY:
        raise Refused(35)
    bid, ask = Fraction(i["bid"]), Fraction(i["ask"])
    if base == quote or bid > ask:
        raise Refused(180)
    before = book.rates.get(key, ())
    line = [rate._replace(ends=min(rate.ends, begins)) for rate in before]
    line = [rate for rate in line if rate.ends > max(work.time, rate.begins)]
    lines = sum(owner == other[0] and bool(rates) for other, rates in book.rates.items())
    if not before and lines >= LINES_MAX or len(line) >= AHEAD_MAX:
        raise Refused(181)
    line.append(Rate(words.id_bytes(i["id"]), bid, ask, begins, ends, execute))
    book.put(book.rates, key, tuple(line))
    return 0


def executed(work, book, i, owner, base, quote):
    accounts = [book.account(i["base"]), book.account(i["quote"])]
    if None in accounts:
        raise Refused(13)
    if any(account.owner != owner for account in accounts):
        raise Refused(14)
    if [account.asset for account in accounts] != [base, quote]:
        raise Refused(16)
    most = positive(work, i["max"], base)
    if any(account.closed for account in accounts):
        raise Refused(24)
    if any(account.kind != "settlement" for account in accounts):
        raise Refused(52)
    return accounts[0].number, accounts[1].number, most


def positive(work, text, asset):
    """An amount as typed, which fits the asset as far as the log says how small its units are."""
    amount = words.amount(text)
    if amount[0] == 0:
        raise Refused(21)
    if asset in work.book.scales or work.stated[0] in (22, 23):
        work.book.minor(amount, asset)
    return amount


def withdraw_rate(work, book, i):
    key = line_of(work, book, i)
    if not book.rates.get(key):
        raise Refused(60)
    book.put(book.rates, key, ())
    return 0


def quote(work, ordinal, fields):
    """A hold of what the quote pays."""
    book = work.book
    receive = book.account(fields["receive"])
    if receive is None:
        raise Refused(13)
    leg = {"debit": fields["debit"], "credit": fields["credit"], "amount": fields["target_amount"]}
    (_, debit, _), = authorise(work, {"legs": [leg]})
    if debit.owner != receive.owner:
        raise Refused(14)
    if debit.asset == receive.asset:
        raise Refused(16)
    source = positive(work, fields["source_amount"], receive.asset)
    work.refuse(ordinal, "quote", fields, Refused(holds.RESERVED))
    legs = holds.reserve_legs(work, ordinal, fields, [leg])
    expires = words.nanos(fields["expires_at"])
    if not work.time < expires <= work.time + DAYS_MAX * DAY:
        raise Refused(35)
    taker = book.participants.get(fields["for"])
    if taker is None:
        raise Refused(40)
    terms = Quote(taker.number, receive.number, source)
    holds.open_hold(work, fields, legs, expires=expires, quote=terms)


def convert(work, ordinal, fields):
    """Two legs or none."""
    book = work.book
    debit, credit = book.account(fields["debit"]), book.account(fields["credit"])
    for n, account in enumerate((debit, credit)):
        if account is None:
            raise Refused(13, n)
    if debit.owner not in work.signers:
        raise Refused(14, 0)
    for n, account in enumerate((debit, credit)):
        at_leg(n, usable, book, account.asset)
    if "rate" in fields["at"]:
        days.admit(book, (debit, credit))
    pays = fields["fixed"] == "source"
    stated, other = (debit.asset, credit.asset) if pays else (credit.asset, debit.asset)
    amount, limit = words.amount(fields["amount"]), words.amount(fields["limit"])
    if amount[0] == 0:
        raise Refused(21)
    amount, limit = book.minor(amount, stated), book.minor(limit, other)
    found = quoted if "quote" in fields["at"] else rated
    deal = found(work, fields["at"], debit, credit, pays, amount)
    if deal.target < limit if pays else deal.source > limit:
        raise Refused(193)
    work.refuse(ordinal, "convert", fields, Refused(holds.SETTLED))
    residues = (NOTHING, deal.residue) if pays else (deal.residue, NOTHING)
    at_leg(0, pay, work, ordinal, 0, fields, debit, book.accounts[deal.receive], deal.source,
           deal.at, residues[0])
    if deal.hold is not None:
        at_leg(1, holds.deliver, work, ordinal, 1, fields, deal.hold)
        return
    try:
        pay(work, ordinal, 1, fields, book.accounts[deal.pays], credit, deal.target, deal.at,
            residues[1])
    except Refused as refused:
        # Of the account that deals nobody is told more than that it cannot pay.
        raise Refused(194 if refused.outcome in (25, 26, 64) else refused.outcome, 1) from None


def quoted(work, at, debit, credit, pays, amount):
    book, hold = work.book, holds.known(work, words.id_bytes(at["quote"]))
    if hold is None or hold.quote is None or hold.quote.taker not in work.signers:
        raise Refused(186)
    if hold.ended is not None:
        raise Refused(ENDED[hold.ended[0]], detail=hold.ended[1])
    (leg,), receive = hold.legs, book.accounts[hold.quote.receive]
    if leg.credit != credit.number or receive.asset != debit.asset:
        raise Refused(190)
    source, target = book.minor(hold.quote.source, receive.asset), leg.reserved
    if amount != (source if pays else target):
        raise Refused(193)
    return Deal(hold.id, source, target, NOTHING, receive.number, leg.debit, hold)


def rated(work, at, debit, credit, pays, amount):
    book, name = work.book, at["rate"]
    provider = book.participants.get(name["provider"])
    if provider is None:
        raise Refused(183)

    def line(base, quote):
        return book.rates.get((provider.number, base, quote, name["source"]), ())

    sells = bool(line(debit.asset, credit.asset))
    rates = line(debit.asset, credit.asset) if sells else line(credit.asset, debit.asset)
    rate = next((rate for rate in rates if rate.begins <= work.time < rate.ends), None)
    if rate is None:
        raise Refused(184 if any(rate.ends <= work.time for rate in rates) else 183)
    if rate.execute is None:
        raise Refused(185)
    scales = [book.scales.get(account.asset) for account in (debit, credit)]
    if None in scales:
        raise Unjudged("the scale of an asset")
    # Minor units of what is received for one of what is paid.
    price = (rate.bid if sells else 1 / rate.ask) * Fraction(10**scales[1], 10**scales[0])
    exact = amount * price if pays else amount / price
    other = floor(exact) if pays else ceil(exact)
    if other > MINOR_MAX:
        raise Refused(23)
    if other == 0:
        raise Refused(191)
    source, target = (amount, other) if pays else (other, amount)
    base, quote_account, most = rate.execute
    receive, pays_from = (base, quote_account) if sells else (quote_account, base)
    if (source if sells else target) > book.minor(most, book.accounts[base].asset):
        raise Refused(192)
    return Deal(rate.id, source, target, abs(exact - other), receive, pays_from, None)


def pay(work, ordinal, n, fields, debit, credit, amount, at, residue):
    """Checks and posts one leg."""
    book = work.book
    if debit.number == credit.number:
        raise Refused(19)
    if debit.kind in RESERVED or credit.kind in RESERVED \
            or not book.allows(debit.kind, credit.kind):
        raise Refused(20)
    amount = work.minor((amount, None), debit, credit)
    book.fits(debit.number, debits=amount)
    book.fits(credit.number, credits=amount)
    limits.count(work, debit, credit, amount, amount)
    work.leg("exchange", ordinal, n, fields, debit, credit, amount,
             ({"debits": amount}, {"credits": amount}), at=at,
             residue=(residue.numerator, residue.denominator))


GOVERN = {"set_provider": set_provider, "set_rate": set_rate, "withdraw_rate": withdraw_rate}
KINDS = {"quote": quote, "convert": convert}
