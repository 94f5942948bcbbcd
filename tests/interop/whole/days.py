"""Calendars and the business day (chain/SPEC.md, "Business days")."""

import datetime
from collections import namedtuple

from whole import fees, cycles, queues, standing, words
from whole.book import SECOND, Refused
from whole.holds import ITEMS_MAX

# Dates are days since 1970; times of day minutes; offsets minutes that local time is ahead of UTC.
Version = namedtuple("Version", "id since good holidays offset changes opens evening customers "
                                "banks closes roll rejects ahead back")
# `count` is how many versions were ever set; `begins` the first index of the date, `ends` its last
# once it is over; `busy` whether payments are still to be released or revoked, or fees charged; `over` the
# dates before. `month` is that of the last of them while it goes on; `months` are over and to be charged,
# the first from account `account` on. A month is (year, number).
Calendar = namedtuple("Calendar", "number asset count versions date phase busy begins ends sealed "
                                  "over month months account")

AHEAD, NIGHT, OPEN, INTERBANK, CUTOFF, CLOSED = range(6)
OPENED, CUSTOMERS, BANKS, SHUT, NEXT, FEES = 120, 121, 122, 123, 124, 202
EVENTS = {OPENED: "STDY", CUSTOMERS: "CUSC", BANKS: "IBKC", SHUT: "SYSC", NEXT: "next_date",
          FEES: "fees"}
NOTICES = tuple(EVENTS)
WAREHOUSED, ROLLED, REVOKED = 125, 126, 132
UNKNOWN, PASSED, NOT_GOOD, PAST, TOO_FAR, INVALID, TOO_EARLY, TOO_MANY = (
    127, 128, 129, 130, 131, 133, 134, 135)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
EPOCH = datetime.date(1970, 1, 1)
CALENDARS_MAX, VERSIONS_MAX, HOLIDAYS_MAX, SPAN_MAX = 64, 8, 400, 3_660
CHANGES_MAX, OFFSET_MAX, AHEAD_MAX, SEARCH, GRACE = 40, 840, 366, 7 * 401, 600 * SECOND
LAST, BACK_MAX = 157_053, 31


def rising(values):
    return all(one < other for one, other in zip(values, values[1:]))


def version_of(i):
    """What an instruction sets, or None if it contradicts itself."""
    good = [DAYS.index(day) for day in i["good_days"]]
    holidays = [words.date(text) for text in i["holidays"]]
    since = words.date(i["valid_from"])
    changes = [(words.nanos(one["at"]), one["offset_min"]) for one in i.get("offset_changes", ())]
    opens, customers, banks, closes = (words.minute(i[name]) for name in (
        "opens", "customer_cutoff", "interbank_cutoff", "closes"))
    evening = i.get("opens_day_before", False)
    sound = (good and rising(good) and len(holidays) <= HOLIDAYS_MAX and rising(holidays)
             and (not holidays or holidays[-1] - since <= SPAN_MAX)
             and len(changes) <= CHANGES_MAX and rising([at for at, _ in changes])
             and all(abs(one) <= OFFSET_MAX for one in [i["offset_min"], *(o for _, o in changes)])
             and (opens >= closes if evening else opens < customers)
             and customers <= banks <= closes and i["max_warehouse_days"] <= AHEAD_MAX
             and i.get("back_value_days", 0) <= BACK_MAX)
    if not sound:
        return None
    return Version(i["id"], since, frozenset(good), frozenset(holidays), i["offset_min"],
                   tuple(changes), opens, evening, customers, banks, closes, i["roll"],
                   i["cutoff_policy"] == "reject", i["max_warehouse_days"],
                   i.get("back_value_days", 0))


def instant(version, date, minute):
    """When a local time comes, nanoseconds. What a change leaves out comes with it; of what comes
    twice, the first."""
    local = date * 86_400 + minute * 60
    offset, since = version.offset, None
    for at, changed in version.changes:
        if local - offset * 60 < at // SECOND:
            break
        offset, since = changed, at // SECOND
    second = local - offset * 60
    return max(second, 0 if since is None else since, 0) * SECOND


def local_date(version, time):
    offset = version.offset
    for at, changed in version.changes:
        if at // SECOND <= time // SECOND:
            offset = changed
    return min(max((time // SECOND + offset * 60) // 86_400, 0), LAST)


def in_force(calendar, date):
    then = [version for version in calendar.versions if version.since <= date]
    return then[-1] if then else calendar.versions[0]


def is_good(calendar, date):
    version = in_force(calendar, date)
    return version.since <= date and (date + 3) % 7 in version.good and date not in version.holidays


def good_from(calendar, date):
    return next((one for one in (min(date + n, LAST) for n in range(SEARCH))
                 if is_good(calendar, one)), None)


def trimmed(calendar):
    """Without versions that hold for no date from the present one on."""
    old = [version for version in calendar.versions if version.since <= calendar.date]
    return calendar._replace(versions=calendar.versions[max(0, len(old) - 1):])


def put(book, calendar):
    book.put(book.calendars, calendar.asset, calendar)


def every(book):
    return sorted(book.calendars.values())


def set_calendar(work, book, i):
    asset = book.asset_ids.get(i["asset"])
    if asset is None:
        raise Refused(15)
    version, known = version_of(i), book.calendars.get(asset)
    if version is None:
        raise Refused(INVALID)
    if known is None:
        if version.since < local_date(version, work.time):
            raise Refused(TOO_EARLY)
        calendar = Calendar(len(book.calendars), asset, 1, (version,), version.since, AHEAD, False,
                            work.index + 1, None, False, (), None, (), 0)
        calendar = calendar._replace(date=good_from(calendar, version.since))
        if len(book.calendars) >= CALENDARS_MAX:
            raise Refused(TOO_MANY)
    else:
        opened = known.phase > NIGHT
        if version.since < known.date + opened:
            raise Refused(TOO_EARLY)
        others = [one for one in known.versions if one.since != version.since]
        versions = tuple(sorted([*others, version], key=lambda one: one.since))
        calendar = trimmed(known._replace(count=known.count + 1, versions=versions))
        if len(calendar.versions) > VERSIONS_MAX:
            raise Refused(TOO_MANY)
        if not opened:
            calendar = trimmed(calendar._replace(date=good_from(calendar, known.date)))
    put(book, calendar)
    return calendar.count


def scheduled(calendar):
    """When the next event of the day was to come."""
    date, version = calendar.date, in_force(calendar, calendar.date)
    if calendar.busy or calendar.phase == CLOSED:
        return 0
    if calendar.phase <= NIGHT:
        return instant(version, date - version.evening, version.opens)
    return instant(version, date, {OPEN: version.customers, INTERBANK: version.banks,
                                   CUTOFF: version.closes}[calendar.phase])


def when(calendar, sealing):
    """The same, but that a close waits for a seal that is outstanding, for a while."""
    waits = sealing and calendar.phase == CUTOFF and not calendar.busy
    return scheduled(calendar) + (GRACE if waits else 0)


def first(book, sealing, time):
    """The calendar whose day goes on next, at or before `time`."""
    found = min(((when(one, sealing), one.number, one) for one in every(book)), default=None)
    return found[2] if found is not None and found[0] <= time else None


def to_seal(book, size):
    return any(one.phase == CLOSED and one.sealed and one.ends + 1 == size for one in every(book))


def closes_by(book, time):
    return any(one.phase == CUTOFF and not one.busy and scheduled(one) <= time
               for one in every(book))


def goes_first(book, sealing, time):
    """Does a day go on before holds expire and payments are released or revoked?"""
    calendar = first(book, sealing, time)
    if calendar is None:
        return False
    hold, payment = book.first_due(2**64), queues.due(book, 2**64)
    others = [hold.expires] if hold else []
    others += [payment[0]] if payment else []
    return all(when(calendar, sealing) <= other for other in others)


def step(work, sealing):
    """What the node says and does for a day in a system entry; says whether anything."""
    calendar = first(work.book, sealing, work.time)
    if calendar is None:
        return False
    if calendar.busy and calendar.phase == CLOSED:
        charge(work, calendar)
    elif calendar.busy:
        go_on(work, calendar)
    elif calendar.phase in (CUTOFF, CLOSED):
        for one in every(work.book):
            if one.phase == calendar.phase and not one.busy and when(one, sealing) <= work.time:
                (close if one.phase == CUTOFF else next_date)(work, one, sealing)
    else:
        phase, outcome = {AHEAD: (OPEN, OPENED), NIGHT: (OPEN, OPENED), OPEN: (INTERBANK, CUSTOMERS),
                          INTERBANK: (CUTOFF, BANKS)}[calendar.phase]
        say(work, calendar, outcome, due=words.time_text(scheduled(calendar)))
        calendar = calendar._replace(phase=phase)
        if outcome == OPENED:
            before = work.book.opened.get(calendar.asset, ())
            work.book.put(work.book.opened, calendar.asset,
                          before + ((work.time, calendar.date),))
        put(work.book, calendar._replace(busy=bool(concerned(work.book, calendar))))
        if outcome != OPENED:
            cycles.close_with(work, calendar.asset, EVENTS[outcome])
    return True


def go_on(work, calendar):
    """Payments are released as the day opens, and revoked as it is cut off."""
    book, todo, legs, now = work.book, concerned(work.book, calendar), 1, []
    for payment in todo:
        legs += len(payment.legs)
        if legs > ITEMS_MAX:
            break
        now.append(payment)
    more = len(now) < len(todo)
    outcome = {OPEN: OPENED, INTERBANK: CUSTOMERS, CUTOFF: BANKS}[calendar.phase]
    say(work, calendar, outcome, step="more" if more else "done")
    for ordinal, payment in enumerate(now, 1):
        opens = calendar.phase == OPEN
        queues.notices(work, ordinal, payment, queues.QUEUED if opens else REVOKED)
        if not opens:
            queues.uncount(work, payment)
        book.put(book.queue, payment.rank[3:], payment._replace(day=None) if opens else None)
    put(book, calendar._replace(busy=more))


def concerned(book, calendar):
    """What is released or revoked, as it was accepted."""
    found = []
    for payment in book.queue.values():
        if payment is None or calendar.asset not in assets_of(book, payment):
            continue
        if calendar.phase == OPEN:
            take = payment.day is not None and comes(book, payment, calendar)
        else:
            take = (payment.until_cutoff and queues.waits(payment)
                    and passed(calendar, of_customers(book, payment))
                    and not shut(calendar, closed_dates(book, accounts_of(book, payment))))
        if take:
            found.append(payment)
    return sorted(found, key=lambda one: (one.index, one.rank[3:]))


def comes(book, payment, opening):
    """Have the days come on which a payment settles? `opening` opens just now."""
    customer = of_customers(book, payment)
    for asset in assets_of(book, payment):
        calendar = book.calendars.get(asset)
        if calendar is None:
            continue
        if calendar.date < payment.day:
            return False
        opened = opening if asset == opening.asset else calendar
        if shut(opened, closed_dates(book, accounts_of(book, payment))):
            return False
        if asset != opening.asset and not (calendar.phase != AHEAD and takes(calendar, customer)):
            return False
    return True


def close(work, calendar, sealing):
    say(work, calendar, SHUT, due=words.time_text(scheduled(calendar)), range={
        "from_index": calendar.begins, "to_index": work.index, "sealed": not sealing})
    present, after = month_of(calendar.date), good_from(calendar, calendar.date + 1)
    over = after is None or month_of(after) != present
    months = [calendar.month] if calendar.month not in (None, present) else []
    months += [present] if over else []
    if not fees.of_month(work.book, calendar.asset):
        months = []
    put(work.book, calendar._replace(
        phase=CLOSED, ends=work.index, sealed=not sealing, over=(*calendar.over, calendar.date),
        month=None if over else present, months=tuple(months), account=0, busy=bool(months)))
    cycles.close_with(work, calendar.asset, EVENTS[SHUT])


def month_of(date):
    day = EPOCH + datetime.timedelta(days=date)
    return day.year, day.month


def charge(work, calendar):
    """What is due for a month that is over, of as many accounts as an entry has room for."""
    book, month = work.book, calendar.months[0]
    due = [one for one in fees.of_month(book, calendar.asset) if one[0] >= calendar.account]
    most = (ITEMS_MAX - 1) // (2 if book.fees[calendar.asset].tax else 1)
    now, left = due[:most], due[most:]
    months = calendar.months if left else calendar.months[1:]
    say(work, calendar, FEES, step="more" if months else "done", month="%04d-%02d" % month)
    fees.charge_month(work, month, now)
    put(book, calendar._replace(months=months, account=left[0][0] if left else 0,
                                busy=bool(months)))


def next_date(work, calendar, _sealing):
    after = trimmed(calendar._replace(
        date=good_from(calendar, calendar.date + 1), phase=NIGHT, begins=calendar.ends + 1,
        ends=None, sealed=False))
    say(work, after, NEXT, due=words.time_text(scheduled(after)))
    put(work.book, after)


def say(work, calendar, outcome, **more):
    version = in_force(calendar, calendar.date)
    told = {"id": version.id, "asset": work.book.assets[calendar.asset].id,
            "date": str(EPOCH + datetime.timedelta(days=calendar.date)),
            "event": EVENTS[outcome], **more}
    work.done.append({
        "item": "instruction", "instruction": 0, "outcome": outcome, "leg": 0xFFFF,
        "id": words.id_bytes(version.id), "detail": written(calendar.date),
        "json": words.compact({"business_day": told}),
    })


def written(date):
    """20261224."""
    day = EPOCH + datetime.timedelta(days=date)
    return day.year * 10_000 + day.month * 100 + day.day


def takes(calendar, customer):
    """Does the day take a payment now?"""
    if calendar.phase == INTERBANK:
        return not customer
    return calendar.phase == AHEAD or calendar.phase == OPEN and not calendar.busy


def closed_dates(book, accounts):
    """When one of the owners of accounts is closed."""
    return {date for account in accounts for date in book.closed.get(account.owner, ())}


def shut(calendar, closed):
    """Is the present date one on which somebody is closed?"""
    return calendar.phase != AHEAD and calendar.date in closed


def open_to(book, assets, accounts):
    """Do the days of assets take what moves between accounts now?"""
    customer = any(account.kind == "customer" for account in accounts)
    closed, found = closed_dates(book, accounts), [book.calendars.get(one) for one in assets]
    return all(takes(calendar, customer) and not shut(calendar, closed)
               for calendar in found if calendar is not None)


def admit(book, accounts):
    """Do the days of these accounts' assets take what moves between them now?"""
    if not open_to(book, [account.asset for account in accounts], accounts):
        raise Refused(PASSED)


def passed(calendar, customer):
    return calendar.phase >= (INTERBANK if customer else CUTOFF)


def assets_of(book, payment):
    return {book.accounts[leg[0]].asset for leg in payment.legs}


def accounts_of(book, payment):
    return [book.accounts[account] for leg in payment.legs for account in leg[:2]]


def of_customers(book, payment):
    return any(account.kind == "customer" for account in accounts_of(book, payment))


def lets(book, payment):
    """Do the days of its assets let a payment settle that waits for funds?"""
    return open_to(book, assets_of(book, payment), accounts_of(book, payment))


class Concern:
    """What a transfer concerns: calendars, and whose accounts."""

    def __init__(self, book, pairs):
        self.found = []
        for debit, _ in pairs:
            calendar = book.calendars.get(debit.asset)
            if calendar is not None and calendar not in self.found:
                self.found.append(calendar)
        both = [one for pair in pairs for one in pair]
        self.customer = any(one.kind == "customer" for one in both)
        self.closed = closed_dates(book, both)

    def takes(self, calendar):
        return takes(calendar, self.customer) and not shut(calendar, self.closed)

    def passed(self, calendar):
        return passed(calendar, self.customer) or shut(calendar, self.closed)

    def rejects(self):
        return any(in_force(one, one.date).rejects for one in self.found)

    def good(self, date):
        return date not in self.closed and all(
            date >= one.date and is_good(one, date) for one in self.found)

    def joint(self, date):
        for one in (min(date + n, LAST) for n in range(SEARCH)):
            if self.good(one):
                return one
        raise Refused(TOO_FAR)

    def earliest(self):
        dates = [good_from(one, one.date + 1) if self.passed(one) else one.date
                 for one in self.found]
        if None in dates:
            raise Refused(TOO_FAR)
        return max(dates)


def timing(work, fields, pairs):
    """When a transfer between these accounts settles: None for now, or (date, whether rolled)."""
    book, terms = work.book, fields.get("queue") or {}
    asks = "settlement_date" in fields or terms.get("until") == "cutoff"
    of = Concern(book, pairs)
    if not of.found:
        if asks:
            raise Refused(UNKNOWN)
        return None
    later = "settle_from" in terms and words.nanos(terms["settle_from"]) > work.time
    if later and "settlement_date" in fields:
        raise Refused(81)
    if later:
        return None
    if "settlement_date" in fields:
        return dated(of, words.date(fields["settlement_date"]))
    if all(of.takes(one) for one in of.found):
        return None
    if of.rejects() or any(work.book.signer(debit.owner) != work.submitter for debit, _ in pairs):
        raise Refused(PASSED)
    return of.joint(of.earliest()), any(of.passed(one) for one in of.found)


def dated(of, asked):
    present = max(one.date for one in of.found)
    if asked < present:
        raise Refused(PAST)
    if asked > min(present + min(in_force(one, one.date).ahead for one in of.found), LAST):
        raise Refused(TOO_FAR)
    date, soonest = rolled(of, present, asked), of.earliest()
    if date < soonest:
        if of.rejects():
            raise Refused(PASSED)
        date = of.joint(soonest)
    if all(one.phase != AHEAD and one.date >= date and of.takes(one) for one in of.found):
        return None
    return date, date != asked


def rolled(of, present, asked):
    """A date that is good, by the rule of the first calendar; none rolls if one of them does not."""
    if of.good(asked):
        return asked
    rules = [in_force(one, one.date).roll for one in of.found]
    if "none" in rules:
        raise Refused(NOT_GOOD)
    before = next((date for date in range(asked - 1, present - 1, -1) if of.good(date)), None)
    if rules[0] != "preceding":
        after = of.joint(asked)
        if rules[0] == "following" or written(after) // 100 == written(asked) // 100:
            return after
    if before is None:
        raise Refused(NOT_GOOD)
    return before


def set_participant_days(work, book, i):
    """The days on which a bank is closed."""
    found, _ = standing.party(book, i)
    dates, before = tuple(map(words.date, i["holidays"])), book.closed.get(found.number, ())
    if dates == before:
        raise Refused(60)
    standing.bank(book, i)
    today = work.time // SECOND // 86_400
    if len(dates) > HOLIDAYS_MAX or not rising(dates) or any(
            date - today > SPAN_MAX for date in dates):
        raise Refused(INVALID)
    for calendar in every(book):
        if calendar.phase > NIGHT and (calendar.date in dates) != (calendar.date in before):
            raise Refused(TOO_EARLY)
    standing.not_over(book, found)
    book.put(book.closed, found.number, dates)
    return found.number


GOVERN = {"set_calendar": set_calendar, "set_participant_days": set_participant_days}
