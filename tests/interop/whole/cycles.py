"""Netting cycles: models, windows, nets (chain/SPEC.md, "Netting cycles")."""

from collections import namedtuple

from whole import limits, reservations, standing, words
from whole.book import MINOR_MAX, NO_LIMITS, SECOND, Account, Refused
from whole.holds import at_leg
from whole.transfers import usable

# `closed` is whether it is; `settled` the number of the last window that has.
Model = namedtuple("Model", "number name id asset account every funding strict closed "
                            "window begins since settled day pool")
# `cap` is as it was typed; sums in the open window, and in those that wait; `owed` to the pool.
Member = namedtuple("Member", "account cap sent received late_sent late_received owed")
# `nets` are (participant, account, sent, received); `said` whether the default is in the log.
Closed = namedtuple("Closed", "time nets said")

CLEARED, SETTLED, ON_TIME, DEFAULTED = 102, 1, 100, 101
MODELS_MAX, MEMBERS_MAX, WAITING_MAX = 32, 500, 16
EVERY_MIN, MONTH = 10, 31 * 86_400


def open_model(work, book, i):
    asset = book.asset_ids.get(i["asset"])
    if asset is None:
        raise Refused(15)
    if book.assets[asset].status == "retired":
        raise Refused(17)
    address = "operators:netting.%s" % i["model"]
    if i["model"] in book.models:
        raise Refused(108)
    if address in book.addresses:
        raise Refused(50)
    if len(book.models) >= MODELS_MAX:
        raise Refused(109)
    every = None if i["close"] == "manual" else i["close"]["every_s"]
    if every is not None and not EVERY_MIN <= every <= MONTH or i["funding_s"] > MONTH:
        raise Refused(114)
    pool = pool_of(book, asset, i["pool"]) if "pool" in i else None
    if "close_with_day" in i and asset not in book.calendars:
        raise Refused(127)
    number, account = len(book.models), len(book.accounts)
    book.open(Account(account, address, 0, "netting", asset, False, NO_LIMITS))
    strict = i.get("count_unsettled_credits") == "none"
    put(book, Model(number, i["model"], words.id_bytes(i["id"]), asset, account, every,
                    i["funding_s"], strict, False, 1, work.index, work.time, 0,
                    i.get("close_with_day"), pool))
    return number


def pool_of(book, asset, address):
    account = book.account(str(address))
    if account is None:
        raise Refused(13)
    if account.asset != asset:
        raise Refused(16)
    if account.closed:
        raise Refused(24)
    if account.kind != "pool":
        raise Refused(52)
    return account.number


def is_pool(book, number):
    """Whether a model that is not over draws from an account."""
    return any(model.pool == number and (not model.closed or waiting(model))
               for model in book.models.values())


def put(book, model):
    book.put(book.models, model.name, model)


def known(book, i):
    model = book.models.get(i["model"])
    if model is None:
        raise Refused(103)
    return model


def takes_payments(work, model):
    if model.closed:
        raise Refused(105)
    if model.begins > work.index:
        raise Refused(106)


def waiting(model):
    return model.window - 1 - model.settled


def close_window(work, book, i):
    model = known(book, i)
    takes_payments(work, model)
    if waiting(model) >= WAITING_MAX:
        raise Refused(113)
    return close(work, model)


def close_model(work, book, i):
    model = known(book, i)
    takes_payments(work, model)
    return close(work, model._replace(closed=True))


def members(book, model):
    """(participant, member) by number of the participant."""
    return sorted((key[1], member) for key, member in book.members.items()
                  if key[0] == model.number)


def close(work, model):
    """Ends the open window with this entry; gives its number."""
    book, nets = work.book, []
    for participant, member in members(book, model):
        if member.sent or member.received:
            nets.append((participant, member.account, member.sent, member.received))
    at_once = not waiting(model) and all(sent == received for *_, sent, received in nets)
    for participant, account, sent, received in nets:
        member = book.members[model.number, participant]
        late = (0, 0) if at_once else (sent, received)
        book.put(book.members, (model.number, participant), member._replace(
            sent=0, received=0, late_sent=member.late_sent + late[0],
            late_received=member.late_received + late[1]))
    window = model.window
    if not at_once:
        book.put(book.windows, (model.number, window), Closed(work.time, tuple(nets), False))
    put(book, model._replace(window=window + 1, begins=work.index + 1, since=work.time,
                             settled=window if at_once else model.settled))
    return window


def join_model(work, book, i):
    account = book.account(str(i["account"]))
    if account is None:
        raise Refused(13)
    model = known(book, i)
    if account.asset != model.asset:
        raise Refused(16)
    cap = words.amount(i["net_debit_cap"])
    if account.asset in book.scales:
        book.minor(cap, account.asset)
    still = words.amount(i["still_owed"]) if "still_owed" in i else None
    if still is not None and account.asset in book.scales:
        book.minor(still, account.asset)
    if account.closed:
        raise Refused(24)
    if account.kind != "settlement":
        raise Refused(52)
    before = book.members.get((model.number, account.owner))
    owed = 0 if before is None else before.owed
    left = owed if still is None else book.minor(still, account.asset)
    if (before is not None and before.account == account.number and same(before.cap, cap)
            and left == owed):
        raise Refused(60)
    if model.closed and (before is None or still is None):
        raise Refused(105)
    if before is not None and before.account != account.number:
        raise Refused(110)
    if left > owed:
        raise Refused(227)
    if before is None:
        if joined(book, account):
            raise Refused(111)
        if len(members(book, model)) >= MEMBERS_MAX:
            raise Refused(112)
        if account.owner in book.vias:
            raise Refused(240)
        before = Member(account.number, cap, 0, 0, 0, 0, 0)
    book.put(book.members, (model.number, account.owner), before._replace(
        cap=cap, owed=left))
    return account.owner


def same(one, other):
    """The same amount, typed twice."""
    return one[0] * 10 ** other[1] == other[0] * 10 ** one[1]


def joined(book, account):
    """Whether nets may still be settled on an account."""
    for model in book.models.values():
        member = book.members.get((model.number, account.owner))
        over = model.closed and not waiting(model)
        if member is not None and member.account == account.number and not over:
            return True
    return False


def clear(work, ordinal, fields):
    book, model = work.book, known(work.book, fields)
    if not work.quorum() and not any((model.number, who) in book.members for who in work.signers):
        raise Refused(103)
    parties, not_owned = [], None
    for n, payment in enumerate(fields["payments"]):
        pair = [book.participants.get(payment[side]) for side in ("from", "to")]
        if not all(who and (model.number, who.number) in book.members for who in pair):
            raise Refused(104, n)
        if not_owned is None and pair[0].number not in work.signers:
            not_owned = n
        parties.append([who.number for who in pair])
    if not_owned is not None:
        raise Refused(14, not_owned)
    usable(book, model.asset)
    amounts = [amount(book, model, n, pair, fields["payments"][n])
               for n, pair in enumerate(parties)]
    takes_payments(work, model)
    if overdue(book, model):
        raise Refused(113)
    work.refuse(ordinal, "clear", fields, Refused(CLEARED))
    for n, (pair, value) in enumerate(zip(parties, amounts)):
        count(work, ordinal, n, fields, model, pair, value)


def amount(book, model, n, pair, payment):
    try:
        value = words.amount(payment["amount"])
        if pair[0] == pair[1]:
            raise Refused(19)
        if value[0] == 0:
            raise Refused(21)
        return book.minor(value, model.asset)
    except Refused as refused:
        raise Refused(refused.outcome, n) from None


def count(work, ordinal, n, fields, model, pair, value):
    """A payment in the positions of both its parties."""
    book, keys = work.book, [(model.number, who) for who in pair]
    payer, payee = (book.members[key] for key in keys)
    debit, credit = (book.accounts[member.account] for member in (payer, payee))
    at_leg(n, limits.may_join, work, debit, credit)
    at_leg(n, standing.may_net, book, debit, credit)
    payer = payer._replace(sent=payer.sent + value)
    payee = payee._replace(received=payee.received + value)
    if max(payer.sent + payer.late_sent, payee.received + payee.late_received) > MINOR_MAX:
        raise Refused(27, n)
    counted = payer.sent + payer.late_sent
    if not model.strict:
        counted -= payer.received + payer.late_received
    if counted > book.minor(payer.cap, model.asset):
        raise Refused(107, n)
    for key, member in zip(keys, (payer, payee)):
        book.put(book.members, key, member)
    work.leg("clear", ordinal, n, fields, debit, credit, value, ({}, {}), CLEARED,
             model=model.name, window=model.window)


def front(book, model):
    return book.windows.get((model.number, model.settled + 1))


def owed(window):
    """(account, amount): what each pays, negative, or receives."""
    return [(account, received - sent) for _, account, sent, received in window.nets
            if sent != received]


def funded(work, model):
    """Whether the window that is next can settle as a whole: with what its debtors have, or the pool."""
    book, window = work.book, front(work.book, model)
    if window is None or book.assets[model.asset].status != "active":
        return False
    through = sum(net for _, net in owed(window) if net > 0)
    own, lacking = book.counters[model.account], dict(lacks(work, window))
    fits = all(max(counters.debits - min(net, 0),
                   counters.credits + max(net, lacking.get(number, 0))) <= MINOR_MAX
               for number, net, counters in [(number, net, book.counters[number])
                                             for number, net in owed(window)])
    stopped = any(limits.stops(work, book.accounts[number],
                               limits.NO_CREDIT if net > 0 else limits.NO_DEBIT)
                  for number, net in owed(window))
    return (fits and max(own.debits, own.credits) + through <= MINOR_MAX and not stopped
            and (not lacking or covers(work, model, window, sum(lacking.values()))))


def lacks(work, window):
    """(account, amount): what net debtors have too little; what waits urgently for funds keeps them
    from no net."""
    found = [(number, -net - max(0, free(work, work.book.accounts[number])))
             for number, net in owed(window) if net < 0]
    return [one for one in found if one[1] > 0]


def covers(work, model, window, total):
    """Whether the pool has so much for a window of which the default was told."""
    if model.pool is None or not window.said:
        return False
    pool = work.book.accounts[model.pool]
    return (total <= free(work, pool) and not limits.stops(work, pool, limits.NO_DEBIT)
            and work.book.counters[pool.number].debits + total <= MINOR_MAX)


def free(work, account):
    """What is available beside what freezes keep."""
    return work.book.available(account) - limits.blocked(work, account)


def overdue(book, model):
    """Whether the date is over in which the open window began."""
    calendar = book.calendars.get(model.asset)
    if model.day is None or model.closed or not calendar or not calendar.over:
        return False
    last = calendar.begins - 1 if calendar.ends is None else calendar.ends
    return model.begins <= last


def close_with(work, asset, event):
    """Closes the windows that end with an event of a day, or with the date."""
    for model in sorted(work.book.models.values()):
        with_it = model.day is not None and event in (model.day, "SYSC")
        if with_it and model.asset == asset and not model.closed \
                and waiting(model) < WAITING_MAX:
            close_on_time(work, model)


def closes(book, model):
    """When the open window closes by itself, but for events of the day; None if it does not."""
    if overdue(book, model) and waiting(model) < WAITING_MAX:
        return 0
    if model.every is None or model.closed or waiting(model) >= WAITING_MAX:
        return None
    every = model.every * SECOND
    return (model.since // every + 1) * every


def late(work, model):
    window = front(work.book, model)
    return (window is not None and not window.said
            and work.book.assets[model.asset].status == "active"
            and window.time + model.funding * SECOND <= work.time)


def due(work):
    """The one thing that is to be done next: (what, model), or None."""
    models = sorted(work.book.models.values())
    for model in models:
        if funded(work, model):
            return settle, model
    closing = [(closes(work.book, model), model.number, model) for model in models]
    closing = sorted(one for one in closing if one[0] is not None and one[0] <= work.time)
    if closing:
        return close_on_time, closing[0][2]
    for model in models:
        if late(work, model):
            return say, model
    return None


def step(work):
    """Does what is due at the time of a system entry."""
    todo = due(work)
    if todo is None:
        return 0
    todo[0](work, todo[1])
    return 1


def settle(work, model):
    """Net debtors pay the model's own account, and net creditors are paid from it."""
    book, own = work.book, work.book.accounts[model.account]
    nets, fields = owed(front(book, model)), {"id": words.id_text(model.id)}
    lacking = dict(lacks(work, front(book, model)))
    drawn = [("draw", book.accounts[model.pool], book.accounts[number], lack)
             for number, lack in lacking.items()]
    paid = [("net", book.accounts[number], own, -net) for number, net in nets if net < 0]
    received = [("net", own, book.accounts[number], net) for number, net in nets if net > 0]
    for n, (kind, debit, credit, value) in enumerate(drawn + paid + received):
        if credit is own:
            # As what is urgent.
            kept = reservations.after(reservations.of(book, debit), max(0, free(work, debit)),
                                      (value, 0, 0))
            reservations.keep(book, debit, kept)
        work.leg(kind, 0, n, fields, debit, credit, value,
                 ({"debits": value}, {"credits": value}), SETTLED,
                 model=model.name, window=model.settled + 1)
    window = front(book, model)
    while window is not None:
        for participant, account, sent, received in window.nets:
            member = book.members[model.number, participant]
            member = member._replace(owed=member.owed + lacking.pop(account, 0))
            book.put(book.members, (model.number, participant), member._replace(
                late_sent=member.late_sent - sent,
                late_received=member.late_received - received))
        model = model._replace(settled=model.settled + 1)
        window = front(book, model)
        if window is not None and owed(window):
            break
    put(book, model)


def notice(work, model, outcome, window, json):
    work.done.append({
        "item": "instruction", "instruction": 0, "outcome": outcome, "leg": 0xFFFF,
        "id": model.id, "detail": window, "json": json,
    })


def close_on_time(work, model):
    fields = {"id": words.id_text(model.id), "model": model.name}
    notice(work, model, ON_TIME, close(work, model), words.canonical("close_window", fields))


def say(work, model):
    """Who had too little when the time for funding was over."""
    book, window = work.book, front(work.book, model)
    names = {party.number: party.id for party in book.participants.values()}
    short = []
    for participant, account, sent, received in window.nets:
        missing = sent - received - free(work, book.accounts[account])
        if sent > received and missing > 0:
            short.append({"participant": names[participant],
                          "amount": spelled(missing, book.scales[model.asset])})
    book.put(book.windows, (model.number, model.settled + 1), window._replace(said=True))
    notice(work, model, DEFAULTED, model.settled + 1, words.compact({"window_defaulted": {
        "id": words.id_text(model.id), "model": model.name, "window": model.settled + 1,
        "short": short}}))


def spelled(minor, scale):
    digits = str(minor).rjust(scale + 1, "0")
    return digits[:-scale] + "." + digits[-scale:] if scale else digits


GOVERN = {"open_model": open_model, "close_model": close_model, "join_model": join_model,
          "close_window": close_window}
KINDS = {"clear": clear}
