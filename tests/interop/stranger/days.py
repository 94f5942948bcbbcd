"""Business days (SPEC: Business days).

Like what is in `holds.py`, this is by somebody who had seen the source of the product.
"""
import datetime
import json
from dataclasses import dataclass, field, replace

import charges
import cycles
import holds
import waiting
from formats import NO_LEG
from instr import id_bytes, read_time, write_time
from refused import Refused

SECOND = 10**9
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FIRST_DATE, LAST_DATE = datetime.date(1970, 1, 1), datetime.date(2399, 12, 31)
ONE_DAY = datetime.timedelta(days=1)
# How far a day has come, in this order.
STAGES = ("ahead", "night", "open", "interbank", "cutoff", "over")
CODES = {120: "STDY", 121: "CUSC", 122: "IBKC", 123: "SYSC", 124: "next_date",
         202: "fees"}
RELEASED, REVOKED, WAREHOUSED, ROLLED = 6, 132, 125, 126
PATIENCE = 600 * SECOND
HORIZON = 7 * 401


def read_date(text):
    """A date of an instruction."""
    return datetime.date.fromisoformat(text)


def number_of(date):
    """A date as the detail of an outcome."""
    return int(date.strftime("%Y%m%d"))


def later(date, days):
    """So many days later, and never after the last date there is."""
    return min(date + days * ONE_DAY, LAST_DATE) if (LAST_DATE - date).days > days else LAST_DATE


def minutes(text):
    """Minutes since midnight."""
    return int(text[:2]) * 60 + int(text[3:])


@dataclass(frozen=True)
class Plan:
    """What one instruction says of days; `text` are its fields."""

    text: dict

    @property
    def since(self):
        """The first date that it is for."""
        return read_date(self.text["valid_from"])

    @property
    def changes(self):
        """[(second, offset in minutes)]."""
        return [(read_time(one["at"]) // SECOND, one["offset_min"])
                for one in self.text.get("offset_changes", ())]

    def sound(self):
        """Does it hang together, within its bounds?"""
        good = [WEEK.index(day) for day in self.text["good_days"]]
        free = [read_date(day) for day in self.text["holidays"]]
        changes = self.changes
        exact = [read_time(one["at"]) for one in self.text.get("offset_changes", ())]
        offsets = [self.text["offset_min"]] + [offset for _, offset in changes]
        opens, customers, banks, closes = (minutes(self.text[name]) for name in (
            "opens", "customer_cutoff", "interbank_cutoff", "closes"))
        begins = opens >= closes if self.text.get("opens_day_before") else opens < customers
        far = free and (free[-1] - self.since).days > 3_660
        return (good != [] and good == sorted(set(good)) and free == sorted(set(free))
                and len(free) <= 400 and not far and len(changes) <= 40
                and exact == sorted(set(exact)) and max(map(abs, offsets)) <= 840
                and begins and customers <= banks <= closes
                and self.text["max_warehouse_days"] <= 366
                and self.text.get("back_value_days", 0) <= 31)

    def good(self, date):
        """Is a date a good day by it?"""
        return WEEK[date.weekday()] in self.text["good_days"] \
            and date.isoformat() not in self.text["holidays"]

    def moment(self, date, name):
        """When a time of the day comes, nanoseconds."""
        early = name == "opens" and self.text.get("opens_day_before", False)
        local = ((date - FIRST_DATE).days - early) * 86_400 + minutes(self.text[name]) * 60
        periods = [(None, self.text["offset_min"])] + self.changes
        for number, (begin, offset) in enumerate(periods):
            second = local - offset * 60
            last = number + 1 == len(periods)
            if last or second < periods[number + 1][0]:
                return max(second, begin if begin is not None else second, 0) * SECOND
        return None

    def today(self, time):
        """The local date of a moment."""
        past = [offset for second, offset in self.changes if second <= time // SECOND]
        offset = past[-1] if past else self.text["offset_min"]
        days = (time // SECOND + offset * 60) // 86_400
        return later(FIRST_DATE, max(days, 0))


@dataclass
class Calendar:
    """The calendar of an asset and its present day."""

    number: int
    asset: str
    plans: list
    date: datetime.date
    begin: int
    stage: str = "ahead"
    busy: bool = False
    end: int | None = None
    sealed: bool = False
    made: int = 1
    dates_over: tuple = ()
    # Of the last of them, while it goes on; those that are over and to be charged; from which account on.
    month: tuple | None = None
    months: tuple = ()
    next_account: int = 0

    def at(self, *stages):
        """Is the day at one of these stages?"""
        return self.stage in stages

    def plan(self, date=None):
        """What holds for a date."""
        date = self.date if date is None else date
        before = [plan for plan in self.plans if plan.since <= date]
        return before[-1] if before else self.plans[0]

    def good(self, date):
        """Is it a good day?"""
        plan = self.plan(date)
        return plan.since <= date and plan.good(date)

    def next_good(self, date):
        """The first good day at a date or after."""
        for n in range(HORIZON):
            if self.good(later(date, n)):
                return later(date, n)
        raise Refused(131)

    def tidy(self):
        """Forget what is for no date any more."""
        while len(self.plans) > 1 and self.plans[1].since <= self.date:
            self.plans.pop(0)

    def planned(self):
        """When the next event was to come."""
        if self.busy or self.at("over"):
            return 0
        name = {"open": "customer_cutoff", "interbank": "interbank_cutoff", "cutoff": "closes"}
        return self.plan().moment(self.date, name.get(self.stage, "opens"))

    def comes(self, sealing):
        """When it comes: a close waits for a seal, for some minutes."""
        waits = sealing and self.at("cutoff") and not self.busy
        return self.planned() + PATIENCE * waits

    def shut(self, free):
        """Is its date one of these, on which somebody is closed?"""
        return self.date in free and not self.at("ahead")

    def takes(self, customer, free):
        """Does the day take a payment now?"""
        if self.shut(free):
            return False
        if self.at("interbank"):
            return not customer
        return self.at("ahead") or self.at("open") and not self.busy

    def over_for(self, customer, free):
        """Is it over for such payments, or never was there?"""
        return self.shut(free) or STAGES.index(self.stage) >= STAGES.index("interbank" if customer else "cutoff")


def set_calendar(rules, wish):
    """Set the calendar of an asset from a date on."""
    state = rules.state
    if wish["asset"] not in state.assets:
        raise Refused(15)
    plan, known = Plan(wish), state.calendars.get(wish["asset"])
    if not plan.sound():
        raise Refused(133)
    if known is None:
        if plan.since < plan.today(rules.entry.time):
            raise Refused(134)
        if len(state.calendars) >= 64:
            raise Refused(135)
        known = Calendar(len(state.calendars), wish["asset"], [plan], plan.since,
                         rules.entry.index + 1)
        known.date = known.next_good(plan.since)
        state.calendars[wish["asset"]] = known
        return 1
    fixed = not known.at("ahead", "night")
    if plan.since < known.date or fixed and plan.since == known.date:
        raise Refused(134)
    after = replace(known, made=known.made + 1, plans=sorted(
        [one for one in known.plans if one.since != plan.since] + [plan],
        key=lambda one: one.since))
    after.tidy()
    if len(after.plans) > 8:
        raise Refused(135)
    if not fixed:
        after.date = after.next_good(known.date)
        after.tidy()
    state.calendars[wish["asset"]] = after
    return after.made


def of(state, assets):
    """The calendars of some assets, each once, in this order."""
    return [state.calendars[asset] for asset in dict.fromkeys(assets) if asset in state.calendars]


def closed(state, accounts):
    """The dates on which an owner of these accounts is closed."""
    return {date for one in accounts for date in state.participants[one.owner].holidays}


def admit(state, accounts, assets=None, leg=NO_LEG):
    """Do the days of the assets of accounts, or of others, take what moves between them now?"""
    customer, free = "customer" in [account.kind for account in accounts], closed(state, accounts)
    found = of(state, assets or [one.asset for one in accounts])
    if not all(one.takes(customer, free) for one in found):
        raise Refused(128, leg)


@dataclass(frozen=True)
class Settles:
    """When a transfer settles that waits for a date."""

    date: datetime.date
    rolled: bool

    @property
    def outcome(self):
        """The outcome that says so."""
        return ROLLED if self.rolled else WAREHOUSED


def timing(rules, wish, pairs):
    """When a transfer settles: None for now."""
    terms = wish.get("queue", {})
    asked = wish.get("settlement_date")
    found = of(rules.state, [debit.asset for debit, _ in pairs])
    if not found:
        if asked is not None or "until" in terms:
            raise Refused(127)
        return None
    if "settle_from" in terms and read_time(terms["settle_from"]) > rules.entry.time:
        if asked is not None:
            raise Refused(81)
        return None
    customer = any("customer" in (debit.kind, credit.kind) for debit, credit in pairs)
    free = closed(rules.state, [one for pair in pairs for one in pair])
    rejects = any(one.plan().text["cutoff_policy"] == "reject" for one in found)
    if asked is None:
        if all(one.takes(customer, free) for one in found):
            return None
        if rejects or any(rules.state.signer(debit.owner) != rules.submitter for debit, _ in pairs):
            raise Refused(128)
        return Settles(both_good(found, free, soonest(found, customer, free)),
                       any(one.over_for(customer, free) for one in found))
    asked, present = read_date(asked), max(one.date for one in found)
    if asked < present:
        raise Refused(130)
    if asked > later(present, min(one.plan().text["max_warehouse_days"] for one in found)):
        raise Refused(131)
    date = roll(found, free, present, asked)
    if date < soonest(found, customer, free):
        if rejects:
            raise Refused(128)
        date = both_good(found, free, soonest(found, customer, free))
    if all(begun(one, customer, free, date) for one in found):
        return None
    return Settles(date, date != asked)


def begun(calendar, customer, free, date):
    """Has a date come, and does it take a payment?"""
    return not calendar.at("ahead") and calendar.date >= date and calendar.takes(customer, free)


def soonest(found, customer, free):
    """The first date that is not over, as each calendar by itself has it."""
    return max(one.next_good(later(one.date, 1)) if one.over_for(customer, free) else one.date
               for one in found)


def is_good(found, free, date):
    return date not in free and all(one.date <= date and one.good(date) for one in found)


def both_good(found, free, date):
    """The first date that is good for all."""
    for n in range(HORIZON):
        if is_good(found, free, later(date, n)):
            return later(date, n)
    raise Refused(131)


def roll(found, free, present, asked):
    """The good day that a date stands for."""
    rules = [one.plan().text["roll"] for one in found]
    if is_good(found, free, asked):
        return asked
    if "none" in rules:
        raise Refused(129)
    if rules[0] == "following":
        return both_good(found, free, asked)
    if rules[0] == "modified_following":
        after = both_good(found, free, asked)
        if (after.year, after.month) == (asked.year, asked.month):
            return after
    date = asked
    while date > present:
        date -= ONE_DAY
        if is_good(found, free, date):
            return date
    raise Refused(129)


def payment_lets(state, payment):
    """Do the days take a payment that waits for funds?"""
    customer, free, found = kind_of(state, payment)
    return all(one.takes(customer, free) for one in found)


def kind_of(state, payment):
    """(whether it is one of customers, when somebody is closed, its calendars)."""
    accounts = [state.accounts[address] for leg in payment.legs for address in leg[:2]]
    customer = any(one.kind == "customer" for one in accounts)
    return customer, closed(state, accounts), of(state, [one.asset for one in accounts[::2]])


def next_one(state, sealing, time):
    """The calendar that goes on next, if its time has come."""
    found = sorted(state.calendars.values(), key=lambda one: (one.comes(sealing), one.number))
    return found[0] if found and found[0].comes(sealing) <= time else None


def before_others(state, sealing, time):
    """Does a day go on before holds and payments whose time has come?"""
    calendar = next_one(state, sealing, time)
    others = [hold.expires for hold in state.due(2**64)[:1]]
    others += [payment.next_time for payment in waiting.due(state, 2**64)[:1]]
    return calendar is not None and all(calendar.comes(sealing) <= time for time in others)


def to_seal(state, size):
    """Has a day closed, with the last of so many entries, that has a seal to come?"""
    return any(one.at("over") and one.sealed and one.end == size - 1
               for one in state.calendars.values())


def closing(state, time):
    """Does a day close by a time?"""
    return any(one.at("cutoff") and not one.busy and one.planned() <= time
               for one in state.calendars.values())


@dataclass
class Done:
    """What a system entry says: notices (outcome, detail, id, JSON), then payments with postings."""

    notices: list = field(default_factory=list)
    payments: list = field(default_factory=list)


def step(rules, sealing):
    """What the node does next for a day; None if nothing is due."""
    state, done = rules.state, Done()
    calendar = next_one(state, sealing, rules.entry.time)
    if calendar is None:
        return None
    if calendar.busy:
        (_charge if calendar.at("over") else _go_on)(rules, calendar, done)
        return done
    if calendar.at("cutoff", "over"):
        for one in sorted(state.calendars.values(), key=lambda one: one.number):
            if one.stage == calendar.stage and not one.busy \
                    and one.comes(sealing) <= rules.entry.time:
                _turn(rules, one, done, sealing)
        return done
    code, stage = {"ahead": (120, "open"), "night": (120, "open"), "open": (121, "interbank"),
                   "interbank": (122, "cutoff")}[calendar.stage]
    _say(calendar, code, done, due=write_time(calendar.planned()))
    calendar.stage = stage
    if code == 120:
        state.opened.setdefault(calendar.asset, []).append((rules.entry.time, calendar.date))
    calendar.busy = bool(_concerned(state, calendar))
    event = {121: "CUSC", 122: "IBKC"}.get(code)
    done.notices += cycles.close_with(rules, calendar.asset, event) if event else []
    return done


def _turn(rules, calendar, done, sealing):
    """A day closes, or the next one begins."""
    if calendar.at("cutoff"):
        _say(calendar, 123, done, due=write_time(calendar.planned()),
             range={"from_index": calendar.begin, "to_index": rules.entry.index,
                    "sealed": not sealing})
        calendar.stage, calendar.end, calendar.sealed = "over", rules.entry.index, not sealing
        calendar.dates_over += (calendar.date,)
        _end_months(rules, calendar)
        done.notices += cycles.close_with(rules, calendar.asset, "SYSC")
        return
    calendar.date = calendar.next_good(later(calendar.date, 1))
    calendar.begin, calendar.stage, calendar.sealed = calendar.end + 1, "night", False
    calendar.tidy()
    _say(calendar, 124, done, due=write_time(calendar.planned()))


def _end_months(rules, calendar):
    """Which months are over as a day closes: that before it if it was not charged, and its own."""
    try:
        after = calendar.next_good(later(calendar.date, 1))
    except Refused:
        after = None
    own = (calendar.date.year, calendar.date.month)
    ends = after is None or (after.year, after.month) != own
    over = [] if calendar.month in (None, own) else [calendar.month]
    over += [own] if ends else []
    calendar.month = None if ends else own
    calendar.months = tuple(over) if charges.monthly(rules, calendar.asset) else ()
    calendar.busy, calendar.next_account = bool(calendar.months), 0


def _charge(rules, calendar, done):
    """Takes what is due for a month, of as many accounts as there is room for."""
    year, number = calendar.months[0]
    todo = [one for one in charges.monthly(rules, calendar.asset)
            if one[0].number >= calendar.next_account]
    each = 2 if rules.state.fees[calendar.asset].tax else 1
    most, items = (holds.MOST_ITEMS - 1) // each, 2
    for one in todo[:most]:
        schedule, postings = charges.take_month(rules, year * 100 + number, *one, items)
        items += len(postings)
        done.payments.append((schedule, 201, postings))
    if todo[most:]:
        calendar.next_account = todo[most][0].number
    else:
        calendar.months, calendar.next_account = calendar.months[1:], 0
    calendar.busy = bool(calendar.months)
    _say(calendar, 202, done, step="more" if calendar.busy else "done",
         month="%04d-%02d" % (year, number))


def _go_on(rules, calendar, done):
    todo, items = _concerned(rules.state, calendar), 1
    opens = calendar.at("open")
    for one in todo:
        if items + len(one.legs) > holds.MOST_ITEMS:
            break
        postings = [waiting.move(rules, leg, items + 1 + n, 0, one.index)
                    for n, leg in enumerate(one.legs)]
        items += len(one.legs)
        done.payments.append((one, RELEASED if opens else REVOKED, postings))
        if opens:
            rules.state.queue[one.submitter, one.id] = replace(one, day=None)
        else:
            del rules.state.queue[one.submitter, one.id]
            waiting.uncount(rules, one)
    calendar.busy = len(done.payments) < len(todo)
    code = {"open": 120, "interbank": 121, "cutoff": 122}[calendar.stage]
    _say(calendar, code, done, step="more" if calendar.busy else "done")


def _concerned(state, calendar):
    """Payments to be released or revoked, as they were accepted."""
    found = []
    for one in state.queue.values():
        customer, free, calendars = kind_of(state, one)
        if calendar not in calendars:
            continue
        if calendar.at("open"):
            chosen = one.day is not None and all(
                other.date >= one.day and not other.shut(free) if other is calendar
                else begun(other, customer, free, one.day) for other in calendars)
        else:
            chosen = one.of_a_day and one.waits and calendar.over_for(customer, ()) \
                and not calendar.shut(free)
        if chosen:
            found.append(one)
    return sorted(found, key=lambda one: (one.index, one.number, one.id))


def _say(calendar, code, done, **more):
    name = calendar.plan().text["id"]
    told = {"id": name, "asset": calendar.asset, "date": calendar.date.isoformat(),
            "event": CODES[code], **more}
    text = json.dumps({"business_day": told}, ensure_ascii=False, separators=(",", ":"))
    done.notices.append((code, number_of(calendar.date), id_bytes(name), text))


GOVERN = {"set_calendar": set_calendar}
