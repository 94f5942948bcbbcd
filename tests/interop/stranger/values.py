"""Value dates (SPEC: Value dates).

Like what is in `holds.py`, this is by somebody who had seen the source of the product.
"""
from refused import Refused

# What a payment that has a value date does not say.
NEVER = {"queue", "settlement_date", "mandate"}


def check(rules, wish, pairs, settles, read_date):
    """The value date of a transfer, whose accounts are known; None if it says none."""
    if "value_date" not in wish:
        return None
    if NEVER & set(wish):
        raise Refused(236)
    if settles is not None:
        raise Refused(128)
    date = read_date(wish["value_date"])
    operators = rules.state.participants["operators"]
    two = len(operators.keys) <= 1 or rules.operator_keys >= 2
    for number, (debit, _) in enumerate(pairs):
        calendar = rules.state.calendars.get(debit.asset)
        if calendar is None:
            raise Refused(127, number)
        back = (calendar.date - date).days
        if back < 0:
            raise Refused(237, number)
        if back > calendar.plan().text.get("back_value_days", 0):
            raise Refused(238, number)
        if back and date not in calendar.dates_over:
            raise Refused(239, number)
        if back and debit.owner == "operators" and not two:
            raise Refused(75, number)
    return date


def keep(rules, date, postings):
    """What is booked now counts from a date on: the closes since then differ by it."""
    for debit, credit, value, *_ in postings:
        over = rules.state.calendars[debit.asset].dates_over
        for day in [one for one in over if one >= date]:
            for account, by in ((debit, -value), (credit, value)):
                key = account.address, day.isoformat()
                rules.state.values[key] = rules.state.values.get(key, 0) + by


def days_of(date):
    """A date as leg items state it."""
    return None if date is None else date.toordinal() - 719_163


def compare(state, questions, wrong):
    """What a node answered about value-dated balances, with the state at the index that it names."""
    for one in questions:
        account = state.accounts[one["account"]]
        scale = state.assets[account.asset].scale
        booked, valued = (round_free(one[name], scale) for name in ("booked", "balance"))
        expected = state.values.get((one["account"], one["business_date"]), 0)
        if valued - booked != expected:
            wrong(f"value-dated balance of {one['account']} on {one['date']}",
                  expected, valued - booked)


def round_free(text, scale):
    """Minor units of an amount that has exactly so many decimal places."""
    whole, _, part = text.partition(".")
    sign = -1 if text.startswith("-") else 1
    if len(part) != scale:
        raise ValueError(f"decimal places of {text}")
    return sign * int(whole.lstrip("-") + part)
