"""How far participants take part (SPEC: Participants).

Like what is in `holds.py`, this is by somebody who had seen the source of the product.
"""
import datetime

from base import need
from formats import NO_LEG
from refused import Refused

DEBTOR, CREDITOR, STATE, TAKEN, BALANCE, HOLD, WAITS, POSITION, CASE = (
    206, 207, 209, 210, 211, 212, 213, 214, 215)
INDIRECT, DIRECT, LEFT = 240, 241, 242
FIRST_DATE = datetime.datetime(1970, 1, 1)
WAYS = {"onboarding": ("test", "active"), "test": ("active",)}


def _owner(rules, account):
    return rules.state.participants[account.owner]


def _apart(rules, account, other):
    """Does the owner of an account not take part in a leg with another?"""
    state = _owner(rules, account).standing
    if state == "test":
        return other.kind != "issuance" and _owner(rules, other).standing != "test"
    return state in ("onboarding", "terminated")


def _shut(rules, account, other):
    return _apart(rules, account, other) or _owner(rules, account).refuses


def lets(rules, debit, credit):
    """Do both owners take part?"""
    return not _apart(rules, debit, credit) and not _shut(rules, credit, debit)


def may_join(rules, debit, credit, leg):
    """Outcomes 206 and 207."""
    if _apart(rules, debit, credit):
        raise Refused(DEBTOR, leg)
    if _shut(rules, credit, debit):
        raise Refused(CREDITOR, leg)


def may_net(rules, debit, credit, leg):
    """The same of what is cleared."""
    for account, outcome in ((debit, DEBTOR), (credit, CREDITOR)):
        if _owner(rules, account).standing == "test":
            raise Refused(outcome, leg)


def may_split(rules, payers, payees):
    """The same of a split, with places."""
    for place, account in enumerate(payers):
        if any(_apart(rules, account, other) for other in payees):
            raise Refused(DEBTOR, place)
    for place, account in enumerate(payees, len(payers)):
        if any(_shut(rules, account, other) for other in payers):
            raise Refused(CREDITOR, place)


def _bank(rules, wish):
    number, party = rules.party(wish["participant"])
    if party.role != "bank":
        raise Refused(71)
    return number, party


def _head(bic):
    return bic and bic[:8] + (bic[8:] or "XXX")


def unique(rules, own, wish):
    """Outcome 210."""
    bic, lei = wish.get("bic"), wish.get("lei")
    for other in rules.state.participants.values():
        if other is own or other.standing == "terminated":
            continue
        if bic and _head(bic) == _head(other.bic) or lei and lei == other.lei:
            raise Refused(TAKEN)


def first_state(wish):
    """How a new participant stands."""
    state = wish.get("state", "active")
    if "state" in wish and wish["role"] != "bank":
        raise Refused(71)
    if state not in ("onboarding", "active"):
        raise Refused(STATE)
    return state


def not_over(party):
    """Outcome 209 for who is terminated."""
    if party.standing == "terminated":
        raise Refused(STATE)


def _two(rules):
    if len(rules.state.participants["operators"].keys) > 1 and rules.operator_keys < 2:
        raise Refused(75)


def identify(rules, wish):
    """Set BIC and LEI."""
    number, party = rules.party(wish["participant"])
    not_over(party)
    if (party.bic, party.lei) == (wish.get("bic"), wish.get("lei")):
        raise Refused(60)
    unique(rules, party, wish)
    party.bic, party.lei = wish.get("bic"), wish.get("lei")
    return number


def admit(rules, wish):
    """Let a bank take part."""
    number, party = _bank(rules, wish)
    if wish["to"] == party.standing:
        raise Refused(60)
    if wish["to"] not in WAYS.get(party.standing, ()):
        raise Refused(STATE)
    if party.standing == "test":
        _bare(rules, party)
    party.standing = wish["to"]
    return number


def suspend(rules, wish, first_item, _ordinal):
    """Stop a bank from paying; gives its number, and the postings of what is revoked."""
    import holds  # these two import this module
    import waiting
    if "operators" not in rules.signed:
        raise Refused(12)
    number, party = _bank(rules, wish)
    if party.standing not in ("active", "suspended"):
        raise Refused(STATE)
    refuses, gone = wish.get("incoming") == "refuse", []
    if wish.get("queued") == "revoke":
        owns = [address for address, one in rules.state.accounts.items()
                if one.owner == party.name]
        gone = sorted((one for one in rules.state.queue.values() if one.payers & set(owns)),
                      key=lambda one: (one.number, one.id))
    if party.standing == "suspended" and party.refuses == refuses and not gone:
        raise Refused(60)
    holds.room(rules, first_item, sum(len(one.legs) for one in gone))
    postings = Revoked()
    for one in gone:
        del rules.state.queue[one.submitter, one.id]
        waiting.uncount(rules, one)
        for at, leg in enumerate(one.legs):
            item = first_item + 1 + len(postings)
            postings.append(waiting.move(rules, leg, item, 0, one.index))
            postings.of.append((at, one.id))
    party.standing, party.refuses = "suspended", refuses
    return number, postings


class Revoked(list):
    """Postings of payments that were revoked; `of` has for each its leg and the payment's id."""

    def __init__(self):
        super().__init__()
        self.of = []


def compare(legs, postings):
    """Leg items behind a suspension."""
    for leg, (number, one) in zip(legs, postings.of):
        need((leg.leg, leg.id, leg.outcome) == (number, one, 208), "a payment that was revoked")


def resume(rules, wish):
    """Let a bank go on, by two operators."""
    number, party = _bank(rules, wish)
    if party.standing == "active":
        raise Refused(60)
    if party.standing != "suspended":
        raise Refused(STATE)
    _two(rules)
    party.standing, party.refuses = "active", False
    return number


def terminate(rules, wish):
    """End a bank's part, by two operators."""
    number, party = _bank(rules, wish)
    if party.standing == "terminated":
        raise Refused(60)
    _two(rules)
    _bare(rules, party)
    _done(rules, party)
    for place, other in enumerate(rules.state.participants.values()):
        if other.via == party.name and other.standing != "terminated":
            raise Refused(LEFT, NO_LEG, place)
    party.standing, party.refuses = "terminated", False
    for key in party.keys:
        key.revoked = True
    return number


def _direct(party):
    if party.standing != "active":
        raise Refused(STATE)
    if party.via is not None:
        raise Refused(INDIRECT)


def reached(rules, wish, keys):
    """May a new participant be reached via another?"""
    _, direct = _bank(rules, {"participant": wish["via"]})
    if wish["role"] != "bank":
        raise Refused(71)
    _direct(direct)
    if keys:
        raise Refused(INDIRECT)


def set_via(rules, wish):
    """Reach somebody via another, by two operators."""
    import waiting
    number, party = rules.party(wish["participant"])
    _, direct = rules.party(wish["via"])
    if party.via == direct.name:
        raise Refused(60)
    if {party.role, direct.role} != {"bank"}:
        raise Refused(71)
    _two(rules)
    not_over(party)
    _direct(direct)
    if party.via is None:
        raise Refused(DIRECT)
    party.via = direct.name
    waiting.hand_over(rules.state, party)
    return number


def set_days(rules, wish):
    """State the days on which a bank is closed."""
    number, party = rules.party(wish["participant"])
    found = tuple(datetime.date.fromisoformat(text) for text in wish["holidays"])
    today = (FIRST_DATE + datetime.timedelta(seconds=rules.entry.time // 10**9)).date()
    if found == party.holidays:
        raise Refused(60)
    if party.role != "bank":
        raise Refused(71)
    if list(found) != sorted(set(found)) or len(found) > 400 \
            or found and (found[-1] - today).days > 3_660:
        raise Refused(133)
    change = set(found) ^ set(party.holidays)
    for calendar in rules.state.calendars.values():
        if calendar.date in change and not calendar.at("ahead", "night"):
            raise Refused(134)
    not_over(party)
    party.holidays = found
    return number


def _bare(rules, party):
    """Outcomes 211 to 213: nothing is on its accounts, or waits to be."""
    state = rules.state
    for address, account in state.accounts.items():
        if account.owner != party.name:
            continue
        queued = any(address in leg[:2] for one in state.queue.values() for leg in one.legs)
        for outcome, there in ((BALANCE, account.balance), (HOLD, account.counters[0]),
                               (HOLD, account.counters[2]), (WAITS, queued)):
            if there:
                raise Refused(outcome, NO_LEG, account.number)


def _done(rules, party):
    """Outcomes 214 and 215: nothing it cleared is unsettled, and nobody waits for it."""
    state = rules.state
    for model in sorted(state.models.values(), key=lambda one: one.number):
        if model.sent(party.name) or model.received(party.name):
            raise Refused(POSITION, NO_LEG, model.number)
    for _, paper in sorted(state.proposals.items()):
        if paper.ended is None and party.name in paper.asked:
            raise Refused(CASE, NO_LEG, paper.index)
    for _, case in sorted(state.recalls.items()):
        for number in (case.leg.debit, case.leg.credit):
            if state.account(number).owner == party.name:
                raise Refused(CASE, NO_LEG, case.index)


GOVERN = {"admit_participant": admit, "resume_participant": resume,
          "terminate_participant": terminate, "identify_participant": identify, "set_via": set_via,
          "set_participant_days": set_days}
