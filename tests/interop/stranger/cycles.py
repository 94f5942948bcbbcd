"""Payments that settle as nets (SPEC: Netting cycles).

Payments that wait are kept one by one, and added up whenever somebody asks. As what this verifier does
with holds, it is by somebody who had seen the source of the product.
"""
from dataclasses import dataclass, field

import limits
import reserving
import standing
from base import write_json
from formats import NO_LEG
from instr import id_bytes
from refused import Refused

SECOND = 10**9
MONTH = 31 * 86_400
MOST_MODELS, MOST_MEMBERS, MOST_WAITING = 32, 500, 16
BY_SCHEDULE, DEFAULTED = 100, 101


@dataclass
class Payment:
    """A payment that has not settled: between participants, minor units."""

    window: int
    payer: str
    payee: str
    value: int


@dataclass
class Model:
    """A settlement model; `members` are {participant: [address, cap as typed]}, `owed` what they owe."""

    number: int
    name: str
    id: bytes
    asset: str
    account: str
    every: int | None
    funding: int
    strict: bool
    begins: int
    since: int
    day: str | None
    pool: str | None
    window: int = 1
    settled: int = 0
    closed: bool = False
    members: dict = field(default_factory=dict)
    payments: list = field(default_factory=list)
    ends: dict = field(default_factory=dict)
    said: set = field(default_factory=set)
    owed: dict = field(default_factory=dict)

    @property
    def waiting(self):
        """How many windows are closed and not settled."""
        return self.window - 1 - self.settled

    def nets(self, window):
        """{participant: what it receives less what it sends in a window}, if that is not nothing."""
        found = dict.fromkeys(self.members, 0)
        for one in self.payments:
            if one.window == window:
                found[one.payer] -= one.value
                found[one.payee] += one.value
        return {name: net for name, net in found.items() if net}

    def sent(self, name):
        """What a participant sent and has not settled."""
        return sum(one.value for one in self.payments if one.payer == name)

    def received(self, name):
        """What it received."""
        return sum(one.value for one in self.payments if one.payee == name)

    def closes(self):
        """When the open window closes by schedule."""
        if self.every is None or self.closed or self.waiting >= MOST_WAITING:
            return None
        step = self.every * SECOND
        return self.since - self.since % step + step

    def pass_over(self):
        """Windows that nobody has anything to pay for settle with the one before."""
        while self.waiting and not self.nets(self.settled + 1):
            self.forget_next()

    def forget_next(self):
        """The window that is next has settled."""
        self.settled += 1
        self.payments = [one for one in self.payments if one.window != self.settled]
        self.ends.pop(self.settled)

    def end(self, entry):
        """Closes the open window with an entry."""
        window = self.window
        self.ends[window] = entry.time
        self.window, self.begins, self.since = window + 1, entry.index + 1, entry.time
        if self.waiting == 1:
            self.pass_over()
        return window


def open_model(rules, wish):
    """Open a model with its account and its first window."""
    state, name = rules.state, wish["model"]
    asset = state.assets.get(wish["asset"])
    if asset is None:
        raise Refused(15)
    if asset.status == "retired":
        raise Refused(17)
    if name in state.models:
        raise Refused(108)
    address = f"operators:netting.{name}"
    if address in state.accounts:
        raise Refused(50)
    if len(state.models) == MOST_MODELS:
        raise Refused(109)
    every = None if wish["close"] == "manual" else wish["close"]["every_s"]
    if (every is not None and not 10 <= every <= MONTH) or wish["funding_s"] > MONTH:
        raise Refused(114)
    if "pool" in wish:
        _may_be_pool(state, asset, wish["pool"])
    if "close_with_day" in wish and asset.name not in state.calendars:
        raise Refused(127)
    state.open(address, "operators", "netting", asset.name)
    model = Model(len(state.models), name, id_bytes(wish["id"]), asset.name, address, every,
                  wish["funding_s"], wish.get("count_unsettled_credits") == "none",
                  rules.entry.index, rules.entry.time, wish.get("close_with_day"),
                  wish.get("pool"))
    state.models[name] = model
    return model.number


def _may_be_pool(state, asset, address):
    account = state.accounts.get(address)
    if account is None:
        raise Refused(13)
    if account.asset != asset.name:
        raise Refused(16)
    if account.closed:
        raise Refused(24)
    if account.kind != "pool":
        raise Refused(52)


def is_pool(state, account):
    """May a window still be funded from an account?"""
    return any(model.pool == account.address for model in state.models.values()
               if not model.closed or model.waiting)


def overdue(state, model):
    """Is the date over in which the open window began?"""
    calendar = state.calendars.get(model.asset)
    if model.day is None or model.closed or calendar is None or calendar.end is None:
        return False
    return model.begins <= calendar.end


def close_with(rules, asset, event):
    """Notices of the windows that close with an event of the day of an asset."""
    models = sorted(rules.state.models.values(), key=lambda one: one.number)
    return [_close(rules, model) for model in models
            if model.asset == asset and not model.closed and model.waiting < MOST_WAITING
            and (model.day == event or model.day is not None and event == "SYSC")]


def _model(rules, wish):
    if wish["model"] not in rules.state.models:
        raise Refused(103)
    return rules.state.models[wish["model"]]


def _open(rules, model):
    if model.closed:
        raise Refused(105)
    if model.begins > rules.entry.index:
        raise Refused(106)


def close_window(rules, wish):
    """End the open window."""
    model = _model(rules, wish)
    _open(rules, model)
    if model.waiting >= MOST_WAITING:
        raise Refused(113)
    return model.end(rules.entry)


def close_model(rules, wish):
    """End a model."""
    model = _model(rules, wish)
    _open(rules, model)
    model.closed = True
    return model.end(rules.entry)


def join_model(rules, wish):
    """A participant joins, or its cap changes."""
    state, account = rules.state, rules.state.accounts.get(wish["account"])
    if account is None:
        raise Refused(13)
    model, cap = _model(rules, wish), wish["net_debit_cap"]
    if account.asset != model.asset:
        raise Refused(16)
    value = rules.amount(account.asset, cap)
    owed = model.owed.get(account.owner, 0)
    left = rules.amount(account.asset, wish["still_owed"]) if "still_owed" in wish else owed
    if account.closed:
        raise Refused(24)
    if account.kind != "settlement":
        raise Refused(52)
    owner, known = account.owner, model.members.get(account.owner)
    if known and known[0] == account.address and left == owed \
            and rules.amount(account.asset, known[1]) == value:
        raise Refused(60)
    if model.closed and not (known and "still_owed" in wish):
        raise Refused(105)
    if known and known[0] != account.address:
        raise Refused(110)
    if left > owed:
        raise Refused(227)
    if not known and joined(state, account):
        raise Refused(111)
    if not known and len(model.members) == MOST_MEMBERS:
        raise Refused(112)
    if not known and state.signer(owner) != owner:
        raise Refused(240)
    model.owed[owner] = left
    model.members[owner] = [account.address, cap]
    return list(state.participants).index(owner)


def joined(state, account):
    """May nets still be settled on an account?"""
    return any(model.members.get(account.owner, [None])[0] == account.address
               for model in state.models.values() if not model.closed or model.waiting)


def clear(rules, wish, first_item):
    """Payments in the open window; a refusal takes all of them back."""
    model = _model(rules, wish)
    if not rules.signed & {"operators", *model.members}:
        raise Refused(103)
    payments = wish["payments"]
    for number, one in enumerate(payments):
        if not {one["from"], one["to"]} <= set(model.members):
            raise Refused(104, number)
    for number, one in enumerate(payments):
        if one["from"] not in rules.signed:
            raise Refused(14, number)
    rules.status(model.asset, NO_LEG)
    values = []
    for number, one in enumerate(payments):
        if one["from"] == one["to"]:
            raise Refused(19, number)
        if rules.worthless(one["amount"]):
            raise Refused(21, number)
        values.append(rules.amount(model.asset, one["amount"], number))
    _open(rules, model)
    if overdue(rules.state, model):
        raise Refused(113)
    before, postings = list(model.payments), []
    accounts = rules.state.accounts
    pairs = [tuple(accounts[model.members[one[side]][0]] for side in ("from", "to"))
             for one in payments]
    try:
        with rules.undone(pairs):
            for number, (one, value, pair) in enumerate(zip(payments, values, pairs)):
                limits.may_join(rules, *pair, number)
                standing.may_net(rules, *pair, number)
                _count(rules, model, Payment(model.window, one["from"], one["to"], value), number)
                parts = rules.move(*pair, (0, 0), number, first_item + 1 + number)
                postings.append((*pair, value, parts, None, None, None, model.name,
                                 model.window))
    except Refused:
        model.payments = before
        raise
    return postings


def _count(rules, model, payment, number):
    model.payments.append(payment)
    sent = model.sent(payment.payer)
    if max(sent, model.received(payment.payee)) >= 2**96:
        raise Refused(27, number)
    counted = sent if model.strict else sent - model.received(payment.payer)
    if counted > rules.amount(model.asset, model.members[payment.payer][1]):
        raise Refused(107, number)


def due(rules):
    """What is next at the time of the entry: ("settle" | "close" | "say", model), or None."""
    now, models = rules.entry.time, sorted(rules.state.models.values(), key=lambda one: one.number)
    for model in models:
        if model.waiting and _lacks(rules, model) is not None:
            return "settle", model
    times = [(_closes(rules, model), model.number, model) for model in models]
    times = [one for one in times if one[0] is not None and one[0] <= now]
    if times:
        return "close", min(times)[2]
    for model in models:
        window = model.settled + 1
        if model.waiting and window not in model.said and _moves(rules, model) \
                and model.ends[window] + model.funding * SECOND <= now:
            return "say", model
    return None


def _closes(rules, model):
    if overdue(rules.state, model) and model.waiting < MOST_WAITING:
        return 0
    return model.closes()


def _moves(rules, model):
    return rules.state.assets[model.asset].status == "active"


def _lacks(rules, model):
    """[(name, what it lacks)] of the window that is next if it can settle, else None."""
    accounts, lacks = rules.state.accounts, []
    if not _moves(rules, model):
        return None
    nets = _order(rules, model)
    for name, net in nets:
        account = accounts[model.members[name][0]]
        if limits.stopped(rules, account, "debit" if net < 0 else "credit"):
            return None
        lack = max(0, -net - max(0, rules.available(account)))
        if lack:
            lacks.append((name, lack))
        if max(account.counters[3] + max(net, lack), account.counters[1] - min(net, 0)) >= 2**96:
            return None
    through = sum(net for _, net in nets if net > 0)
    own = accounts[model.account].counters
    if max(own[1], own[3]) + through >= 2**96:
        return None
    return lacks if not lacks or _covered(rules, model, sum(lack for _, lack in lacks)) else None


def _covered(rules, model, total):
    """Is so much in the pool, and the window one of which the default was told?"""
    if model.pool is None or model.settled + 1 not in model.said:
        return False
    pool = rules.state.accounts[model.pool]
    return (total <= rules.available(pool) and pool.counters[1] + total < 2**96
            and not limits.stopped(rules, pool, "debit"))


def step(rules):
    """(notice, postings) of the one thing that is due, or None.

    A notice is (outcome, detail, id, JSON); there is none for nets.
    """
    todo = due(rules)
    if todo is None:
        return None
    what, model = todo
    if what == "settle":
        return None, _settle(rules, model)
    return (_close if what == "close" else _say)(rules, model), []


def _order(rules, model):
    numbers = {name: number for number, name in enumerate(rules.state.participants)}
    return sorted(model.nets(model.settled + 1).items(), key=lambda one: numbers[one[0]])


def _settle(rules, model):
    accounts = rules.state.accounts
    own, nets = accounts[model.account], _order(rules, model)
    lacks = _lacks(rules, model)
    legs = [(accounts[model.pool], accounts[model.members[name][0]], lack)
            for name, lack in lacks]
    legs += [(accounts[model.members[name][0]], own, -net) for name, net in nets if net < 0]
    legs += [(own, accounts[model.members[name][0]], net) for name, net in nets if net > 0]
    postings = []
    for number, (debit, credit, value) in enumerate(legs):
        if credit is own:
            reserving.owed(rules, debit, value)
        parts = rules.move(debit, credit, (0, value), number, 1 + number)
        postings.append((debit, credit, value, parts, None, None, None, model.name,
                         model.settled + 1))
    for name, lack in lacks:
        model.owed[name] = model.owed.get(name, 0) + lack
    model.forget_next()
    model.pass_over()
    return postings


def _text(model):
    text = model.id.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def _close(rules, model):
    asked = {"close_window": {"id": _text(model), "model": model.name}}
    return BY_SCHEDULE, model.end(rules.entry), model.id, write_json(asked)


def _say(rules, model):
    window, short = model.settled + 1, []
    scale = rules.state.assets[model.asset].scale
    for name, net in _order(rules, model):
        account = rules.state.accounts[model.members[name][0]]
        missing = -net - rules.available(account)
        if net < 0 < missing:
            digits = str(missing).rjust(scale + 1, "0")
            typed = f"{digits[:-scale]}.{digits[-scale:]}" if scale else digits
            short.append({"participant": name, "amount": typed})
    model.said.add(window)
    said = {"window_defaulted": {"id": _text(model), "model": model.name, "window": window,
                                 "short": short}}
    return DEFAULTED, window, model.id, write_json(said)


GOVERN = {"open_model": open_model, "close_model": close_model, "join_model": join_model,
          "close_window": close_window}
