"""Splits, conditions, mandates and the posting matrix (chain/SPEC.md, "Forms")."""

import datetime
from collections import namedtuple

from whole import fees, limits, reservations, standing, values, words
from whole.book import FLOORED, MINOR_MAX, SECOND, Refused
from whole.holds import at_leg
from whole.transfers import RESERVED, authorise, check_leg, usable

# `debits` are (time, minor units), all that were ever made; bounds are as they were typed.
Mandate = namedtuple("Mandate", "id account owner to each total period most expires creditors debits")

SETTLED, EXISTS_AS_SUCH = 1, 60
SPLIT_INVALID, UNBALANCED, CONDITION = 140, 141, 142
UNKNOWN, OVER, EXCEEDED, CREDITOR, INVALID, KNOWN, TOO_MANY = range(143, 150)
OF_ACCOUNT, OF_OWNER, CREDITORS_MAX, PERIOD_MAX = 64, 100_000, 16, 366 * 86_400
MASKED = {25: 26, 64: 26}


def is_told(kind, fields):
    """A transfer that says more than its legs, and is no set."""
    return kind == "transfer" and bool({"conditions", "mandate", "value_date"} & set(fields))


def conditions(work, fields):
    for number, condition in enumerate(fields.get("conditions", ())):
        try:
            (name, asked), = condition.items()
            holds = CONDITIONS[name](work, asked)
        except Refused as refused:
            raise Refused(refused.outcome, detail=number) from None
        if not holds:
            raise Refused(CONDITION, detail=number)


def own(work, address):
    account = work.book.account(address)
    if account is None:
        raise Refused(13)
    if account.owner not in work.signers:
        raise Refused(14)
    return account


def balance_at_least(work, asked):
    account = own(work, asked["account"])
    least = work.book.minor(words.amount(asked["amount"]), account.asset)
    counters = work.book.counters[account.number]
    return counters.credits - counters.debits >= least


def account_version(work, asked):
    last = work.book.last.get(own(work, asked["account"]).number)
    return last is None or last[0] <= asked["index"]


CONDITIONS = {
    "not_after": lambda work, time: work.time <= words.nanos(time),
    "balance_at_least": balance_at_least, "account_version": account_version,
}


def mandated(work, fields):
    """The legs with their accounts, and the mandate that they are under, if they are."""
    if "mandate" not in fields:
        return authorise(work, fields), None
    book, legs = work.book, []
    for n, leg in enumerate(fields["legs"]):
        debit, credit = book.account(leg["debit"]), book.account(leg["credit"])
        if debit is None or credit is None:
            raise Refused(13, n)
        legs.append((leg, debit, credit))
    mandate = book.mandates.get(words.id_bytes(fields["mandate"]))
    if (mandate is None or mandate.to not in work.signers
            or all(debit.number != mandate.account for _, debit, _ in legs)):
        raise Refused(UNKNOWN)
    if mandate.expires is not None and mandate.expires <= work.time:
        raise Refused(OVER)
    for n, (_, debit, _) in enumerate(legs):
        if debit.number != mandate.account and debit.owner not in work.signers:
            raise Refused(14, n)
    return legs, mandate.id


def take(work, mandate_id, amount, debit, credit):
    """Asks the mandate about a leg, and counts it; says whether the leg is under it."""
    book = work.book
    mandate = book.mandates[mandate_id] if mandate_id else None
    if mandate is None or debit.number != mandate.account:
        return False
    if amount[0] == 0:
        raise Refused(21)
    amount = book.minor(amount, debit.asset)
    if mandate.creditors and credit.number not in mandate.creditors:
        raise Refused(CREDITOR)
    debits = mandate.debits + ((work.time, amount),)
    now = span(mandate.period, work.time)
    sums = ((mandate.each, amount), (mandate.total, sum(more for _, more in debits)),
            (mandate.most, sum(more for time, more in debits
                               if span(mandate.period, time) == now)))
    for most, used in sums:
        if most is not None and used > book.minor(most, debit.asset):
            raise Refused(EXCEEDED)
    book.put(book.mandates, mandate_id, mandate._replace(debits=debits))
    return True


def span(period, time):
    seconds = time // SECOND
    if period == "month":
        date = datetime.date(1970, 1, 1) + datetime.timedelta(days=seconds // 86_400)
        return date.year, date.month
    return seconds // (86_400 if period in (None, "day") else period["every_s"])


def masked(work, under, debit, function, *arguments):
    """What may be told of a leg under a mandate to who has not signed for the account."""
    try:
        return function(*arguments)
    except Refused as refused:
        hide = under and not limits.knows(work, debit)
        raise Refused(MASKED.get(refused.outcome, refused.outcome) if hide
                      else refused.outcome) from None


def under_words(mandate_id, under, date):
    """Kind of a leg of a transfer, and what it says of its mandate, or of its value date."""
    if date is not None:
        return "valued", {"value_date": date}
    return ("mandated", {"mandate": mandate_id}) if under else ("transfer", {})


def transfer(work, ordinal, fields):
    """Leg by leg, if its conditions hold and its mandate lets it."""
    legs, mandate_id = mandated(work, fields)
    conditions(work, fields)
    date = values.asked(work, fields, legs, None)
    work.refuse(ordinal, "transfer", fields, Refused(SETTLED))
    for n, (leg, debit, credit) in enumerate(legs):
        at_leg(n, one_leg, work, ordinal, n, fields, (mandate_id, date), leg, debit, credit)


def one_leg(work, ordinal, n, fields, of, leg, debit, credit):
    mandate_id, date = of
    amount = words.amount(leg["amount"])
    check_leg(work.book, leg.get("asset"), debit, credit)
    under = take(work, mandate_id, amount, debit, credit)
    amount = masked(work, under, debit, work.minor, amount, debit, credit)
    work.book.fits(debit.number, debits=amount)
    work.book.fits(credit.number, credits=amount)
    limits.count(work, debit, credit, amount, amount)
    kind, more = under_words(mandate_id, under, date)
    by = {"debits": amount}, {"credits": amount}
    work.leg(kind, ordinal, n, fields, debit, credit, amount, by, SETTLED, **more)
    if date is not None:
        values.note(work, date, debit, credit, amount)
    fees.charge(work, ordinal, n, fields, debit, credit, amount, len(fields["legs"]) - n - 1)


def grant_mandate(work, book, i):
    account = own(work, i["account"])
    creditors = []
    for address in i.get("creditors", ()):
        creditor = book.account(address)
        if creditor is None:
            raise Refused(13)
        if creditor.asset != account.asset:
            raise Refused(16)
        creditors.append(creditor.number)
    bounds = []
    for name in ("per_transfer_max", "total_max", "period_max"):
        bounds.append(words.amount(i[name]) if name in i else None)
        if bounds[-1] is not None:
            if bounds[-1][0] == 0:
                raise Refused(21)
            if work.stated[0] in (22, 23):
                book.minor(bounds[-1], account.asset)
    if account.closed:
        raise Refused(24)
    expires = words.nanos(i["expires_at"]) if "expires_at" in i else None
    if expires is not None and expires <= work.time:
        raise Refused(35)
    to = book.participants.get(i["to"])
    if to is None:
        raise Refused(40)
    if account.kind not in FLOORED:
        raise Refused(52)
    every = i["period"].get("every_s") if isinstance(i.get("period"), dict) else 1
    if (to.number == account.owner or to.role == "auditor" or not any(bounds)
            or ("period" in i) != ("period_max" in i) or not 1 <= every <= PERIOD_MAX
            or "creditors" in i and not 1 <= len(creditors) <= CREDITORS_MAX):
        raise Refused(INVALID)
    for one in list(book.mandates.values()):
        if (one is not None and one.account == account.number and one.expires is not None
                and one.expires <= work.time):
            book.put(book.mandates, one.id, None)
    mandate_id = words.id_bytes(i["id"])
    if book.mandates.get(mandate_id) is not None:
        raise Refused(KNOWN)
    known = [one for one in book.mandates.values() if one is not None]
    if (sum(one.account == account.number for one in known) >= OF_ACCOUNT
            or sum(one.owner == account.owner for one in known) >= OF_OWNER):
        raise Refused(TOO_MANY)
    each, total, most = bounds
    book.put(book.mandates, mandate_id, Mandate(
        mandate_id, account.number, account.owner, to.number, each, total, i.get("period"), most,
        expires, tuple(creditors), ()))
    return to.number


def revoke_mandate(work, book, i):
    mandate = book.mandates.get(words.id_bytes(i["mandate"]))
    if mandate is None or not {mandate.owner, mandate.to} & set(work.signers):
        raise Refused(UNKNOWN)
    book.put(book.mandates, mandate.id, None)
    return mandate.to


def set_posting(work, book, i):
    pair = i["debit"], i["credit"]
    if "netting" in pair or pair == ("issuance", "issuance"):
        raise Refused(52)
    if book.allows(*pair) == i["allowed"]:
        raise Refused(EXISTS_AS_SUCH)
    book.put(book.stopped, pair, not i["allowed"])
    return 0


def one_form(party, forms):
    """The one of these fields that a party states, if there is one and it says something."""
    stated = [name for name in forms if name in party]
    if len(stated) != 1 or party[stated[0]] is False or party[stated[0]] == 0:
        return None
    return stated[0]


def sound(fields):
    pays = [one_form(payer, ("amount", "up_to", "all_available")) for payer in fields["payers"]]
    gets = [one_form(payee, ("amount", "ratio", "remainder")) for payee in fields["payees"]]
    exact = any(form == "amount" and "at_least" in payer
                for form, payer in zip(pays, fields["payers"]))
    rests = gets.count("remainder")
    return (pays and gets and None not in pays + gets and not exact and rests <= 1
            and not (rests and (gets[-1] != "remainder" or "ratio" in gets)))


def find(work, fields):
    """The accounts of all parties, by their places."""
    book, accounts, not_owned = work.book, [], None
    for place, party in enumerate(fields["payers"] + fields["payees"]):
        account = book.account(party["account"])
        if account is None:
            raise Refused(13, place)
        pays = place < len(fields["payers"])
        if pays and not_owned is None and account.owner not in work.signers:
            not_owned = place
        accounts.append(account)
    if not_owned is not None:
        raise Refused(14, not_owned)
    return accounts


def may_join(work, fields, accounts):
    book, payers = work.book, accounts[:len(fields["payers"])]
    asset = book.asset_ids.get(fields["asset"])
    if asset is None:
        raise Refused(15)
    for place, account in enumerate(accounts):
        if account.asset != asset:
            raise Refused(16, place)
    usable(book, asset)
    for place, account in enumerate(accounts):
        if account in accounts[:place]:
            raise Refused(19, place)
    for place, account in enumerate(accounts):
        bars = place >= len(payers) and not all(book.allows(one.kind, account.kind)
                                                for one in payers)
        if account.kind in RESERVED or bars:
            raise Refused(20, place)
    return asset


def typed(book, asset, place, text, may_be_zero=False):
    amount = words.amount(text)
    if amount[0] == 0 and not may_be_zero:
        raise Refused(21, place)
    return at_leg(place, book.minor, amount, asset)


def stated(book, fields, asset):
    """Amounts of payers, each (most, least), and of payees, None if they state none."""
    pays, gets = [], []
    for place, payer in enumerate(fields["payers"]):
        text = payer.get("amount", payer.get("up_to"))
        most = None if text is None else typed(book, asset, place, text)
        least = typed(book, asset, place, payer["at_least"], True) if "at_least" in payer else 1
        pays.append((most, most if "amount" in payer else least))
    for place, payee in enumerate(fields["payees"], len(pays)):
        text = payee.get("amount")
        gets.append(None if text is None else typed(book, asset, place, text))
    return pays, gets


def may_move(work, fields, accounts):
    count = len(fields["payers"])

    def first(outcome, wrong):
        for place, account in enumerate(accounts):
            if wrong(place, account):
                raise Refused(outcome, place)

    first(24, lambda place, account: account.closed)
    first(63, lambda place, account: limits.stops(
        work, account, limits.NO_DEBIT if place < count else limits.NO_CREDIT))
    first(64, lambda place, account: place < count and limits.suspended(work, account))
    standing.may_split(work.book, accounts, count)


def paid(work, payer, account, most, least):
    """What one payer pays."""
    from whole import queues  # which imports this module
    book = work.book
    free = reservations.free(work, account)
    if account.kind in FLOORED and queues.kept(book, account.number):
        free = 0
    exact = "amount" in payer
    amount = most if exact else free if most is None else min(most, free)
    limit = account.limits.per_transfer_max
    if limit is not None and amount > book.minor(limit, account.asset):
        raise Refused(25)
    if amount < least or exact and account.kind in FLOORED and amount > free:
        raise Refused(26)
    return amount


def shares(fields, whole, gets):
    """What the payees get: the method of the largest remainder."""
    rest = whole - sum(amount or 0 for amount in gets)
    weights = [None if amount is not None else payee.get("ratio", 1)
               for payee, amount in zip(fields["payees"], gets)]
    total = sum(weight or 0 for weight in weights)
    if rest < 0 or rest and not total:
        raise Refused(UNBALANCED)
    found = [amount if weight is None else rest * weight // total
             for amount, weight in zip(gets, weights)]
    left = whole - sum(found)
    lost = sorted((-(rest * weight % total), n)
                  for n, weight in enumerate(weights) if weight is not None)
    for _, n in lost[:left]:
        found[n] += 1
    return found


def split(work, ordinal, fields):
    from whole import days  # which imports this module by another
    book, accounts = work.book, find(work, fields)
    count = len(fields["payers"])
    conditions(work, fields)
    days.admit(book, accounts)
    if not sound(fields):
        raise Refused(SPLIT_INVALID)
    asset = may_join(work, fields, accounts)
    asks, gets = stated(book, fields, asset)
    may_move(work, fields, accounts)
    pays = [at_leg(place, paid, work, payer, accounts[place], *asks[place])
            for place, payer in enumerate(fields["payers"])]
    if sum(pays) > MINOR_MAX:
        raise Refused(27)
    gets = shares(fields, sum(pays), gets)
    for place, amount in enumerate(pays + gets):
        by = {"debits" if place < count else "credits": amount}
        at_leg(place, lambda: book.fits(accounts[place].number, **by))
    work.refuse(ordinal, "split", fields, Refused(SETTLED))
    payer, payee, n = 0, 0, 0
    while True:
        amount = min(pays[payer], gets[payee])
        debit, credit = accounts[payer], accounts[count + payee]
        if amount:
            at_leg(count + payee, limits.count, work, debit, credit, amount, amount)
        work.leg("split", ordinal, n, fields, debit, credit, amount,
                 ({"debits": amount}, {"credits": amount}), SETTLED)
        pays[payer], gets[payee], n = pays[payer] - amount, gets[payee] - amount, n + 1
        done = pays[payer] == 0 and payer + 1 < count, \
            gets[payee] == 0 and payee + 1 < len(gets)
        if not any(done):
            return
        payer, payee = payer + done[0], payee + done[1]


KINDS = {"split": split}
GOVERN = {"grant_mandate": grant_mandate, "revoke_mandate": revoke_mandate,
          "set_posting": set_posting}
