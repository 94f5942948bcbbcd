"""Value dates (chain/SPEC.md, "Value dates")."""

from whole import words
from whole.book import Refused

NOT_TAKEN, AHEAD, TOO_OLD, NOT_GOOD = 236, 237, 238, 239
UNKNOWN, PASSED, EYES = 127, 128, 75
OPERATORS = 0
WAITS = ("queue", "settlement_date", "mandate")


def asked(work, fields, legs, waits_for):
    """From which date on a transfer counts, days since 1970; None if it does not say."""
    if "value_date" not in fields:
        return None
    if any(name in fields for name in WAITS):
        raise Refused(NOT_TAKEN)
    if waits_for is not None:
        raise Refused(PASSED)
    date = words.date(fields["value_date"])
    for n, (_, debit, _) in enumerate(legs):
        lets(work, n, debit, date)
    return date


def lets(work, n, debit, date):
    calendar = work.book.calendars.get(debit.asset)
    if calendar is None:
        raise Refused(UNKNOWN, n)
    if date > calendar.date:
        raise Refused(AHEAD, n)
    in_force = [version for version in calendar.versions if version.since <= calendar.date]
    window = (in_force or calendar.versions)[-1 if in_force else 0].back
    if date < calendar.date - window:
        raise Refused(TOO_OLD, n)
    if date == calendar.date:
        return
    if date not in calendar.over:
        raise Refused(NOT_GOOD, n)
    alone = len(work.book.participants["operators"].keys) == 1
    if debit.owner == OPERATORS and not alone and work.operator_keys < 2:
        raise Refused(EYES, n)


def note(work, date, debit, credit, amount):
    """Balances at the closes since the date are without what is booked now: by how much they differ."""
    book = work.book
    for day in book.calendars[debit.asset].over:
        if day >= date:
            for account, by in ((debit, -amount), (credit, amount)):
                key = account.number, day
                book.put(book.values, key, book.values.get(key, 0) + by)


def compare(book, told):
    """What a node said of value-dated balances; gives what does not agree, as (what, expected, found)."""
    for one in told:
        account = book.account(one["account"])
        scale = book.scales[account.asset]
        units = [book.minor(words.amount(one[name].removeprefix("-")), account.asset)
                 * (-1 if one[name].startswith("-") else 1) for name in ("booked", "balance")]
        places = {len(one[name].partition(".")[2]) for name in ("booked", "balance")}
        expected = book.values.get((account.number, words.date(one["business_date"])), 0)
        if units[1] - units[0] != expected or places != {scale}:
            yield ("the value-dated balance of %s on %s less the booked one"
                   % (one["account"], one["date"]), expected, units[1] - units[0])
