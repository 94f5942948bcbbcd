"""How far participants take part (chain/SPEC.md, "Participants")."""

from collections import namedtuple

from whole.book import Refused

# A BIC or LEI is None if there is none.
Stand = namedtuple("Stand", "state refuses bic lei")

UNKNOWN, NO_CHANGE, NOT_BANK, FOUR_EYES = 40, 60, 71, 75
DEBTOR, CREDITOR, REVOKED, NOT_ALLOWED, TAKEN, BALANCE, HOLD, WAITS, POSITION, CASE = range(206, 216)
INDIRECT, DIRECT, LEFT = 240, 241, 242
STATES = ("onboarding", "test", "active", "suspended", "terminated")
# From where to where operators let a bank go.
ADMITTED = {("onboarding", "test"), ("onboarding", "active"), ("test", "active")}


def of(book, number):
    return book.stands.get(number, Stand("active", False, None, None))


def suspended(book, account):
    return "suspended" in (of(book, number).state
                           for number in (account.owner, book.signer(account.owner)))


def takes_part(book, account, other):
    state = of(book, account.owner).state
    if state == "test":
        return other.kind == "issuance" or of(book, other.owner).state == "test"
    return state in ("active", "suspended")


def takes(book, account, other):
    return takes_part(book, account, other) and not of(book, account.owner).refuses


def may_join(book, debit, credit):
    if not takes_part(book, debit, credit):
        raise Refused(DEBTOR)
    if not takes(book, credit, debit):
        raise Refused(CREDITOR)


def may_net(book, debit, credit):
    """The same of what is cleared: nothing is, in tests."""
    for account, outcome in ((debit, DEBTOR), (credit, CREDITOR)):
        if of(book, account.owner).state == "test":
            raise Refused(outcome)


def may_split(book, accounts, count):
    """The same of all payers, the first so many accounts, with all payees."""
    payers, payees = accounts[:count], accounts[count:]
    for place, payer in enumerate(payers):
        if not all(takes_part(book, payer, payee) for payee in payees):
            raise Refused(DEBTOR, place)
    for place, payee in enumerate(payees, count):
        if not all(takes(book, payee, payer) for payer in payers):
            raise Refused(CREDITOR, place)


def party(book, i):
    found = book.participants.get(i["participant"])
    if found is None:
        raise Refused(UNKNOWN)
    return found, of(book, found.number)


def bank(book, i):
    found, stand = party(book, i)
    if found.role != "bank":
        raise Refused(NOT_BANK)
    return found, stand


def put(book, participant, stand):
    book.put(book.stands, participant.number, stand)
    return participant.number


def not_over(book, participant):
    if of(book, participant.number).state == "terminated":
        raise Refused(NOT_ALLOWED)


def office(bic):
    """A BIC with its branch."""
    return bic if bic is None or len(bic) == 11 else bic + "XXX"


def free(book, own, bic, lei):
    for number, other in book.stands.items():
        if number == own or other.state == "terminated":
            continue
        if bic is not None and office(bic) == office(other.bic):
            raise Refused(TAKEN)
        if lei is not None and lei == other.lei:
            raise Refused(TAKEN)


def first(book, number, i):
    """How a new participant stands, if it may."""
    state = i.get("state")
    if state is not None and i["role"] != "bank":
        raise Refused(NOT_BANK)
    if state not in (None, "onboarding", "active"):
        raise Refused(NOT_ALLOWED)
    bic, lei = i.get("bic"), i.get("lei")
    free(book, None, bic, lei)
    book.put(book.stands, number, Stand(state or "active", False, bic, lei))


def identify_participant(_work, book, i):
    found, stand = party(book, i)
    not_over(book, found)
    named = stand._replace(bic=i.get("bic"), lei=i.get("lei"))
    if named == stand:
        raise Refused(NO_CHANGE)
    free(book, found.number, named.bic, named.lei)
    return put(book, found, named)


def admit_participant(_work, book, i):
    found, stand = bank(book, i)
    if stand.state == i["to"]:
        raise Refused(NO_CHANGE)
    if (stand.state, i["to"]) not in ADMITTED:
        raise Refused(NOT_ALLOWED)
    if stand.state == "test":
        nothing_left(book, found.number)
    return put(book, found, stand._replace(state=i["to"]))


def suspend(work, ordinal, i):
    from whole import queues  # which imports this module
    book = work.book
    if not work.quorum():
        raise Refused(12)
    found, stand = bank(book, i)
    if stand.state not in ("active", "suspended"):
        raise Refused(NOT_ALLOWED)
    revoked = []
    if i.get("queued") == "revoke":
        revoked = [payment for _, payment in sorted(book.queue.items()) if payment is not None
                   and any(book.accounts[leg[0]].owner == found.number for leg in payment.legs)]
    after = stand._replace(state="suspended", refuses=i.get("incoming") == "refuse")
    if after == stand and not revoked:
        raise Refused(NO_CHANGE)
    queues.room(work, sum(len(payment.legs) for payment in revoked))
    work.refuse(ordinal, "suspend_participant", i, Refused(2, detail=found.number))
    for payment in revoked:
        queues.notices(work, ordinal, payment, REVOKED)
        queues.uncount(work, payment)
        book.put(book.queue, payment.rank[3:], None)
    put(book, found, after)


def two_operators(work):
    if len(work.book.participants["operators"].keys) > 1 and work.operator_keys < 2:
        raise Refused(FOUR_EYES)


def resume_participant(work, book, i):
    found, stand = bank(book, i)
    if stand.state == "active":
        raise Refused(NO_CHANGE)
    if stand.state != "suspended":
        raise Refused(NOT_ALLOWED)
    two_operators(work)
    return put(book, found, stand._replace(state="active", refuses=False))


def terminate_participant(work, book, i):
    found, stand = bank(book, i)
    if stand.state == "terminated":
        raise Refused(NO_CHANGE)
    two_operators(work)
    nothing_left(book, found.number)
    nothing_open(book, found.number)
    for number, via in sorted(book.vias.items()):
        if via == found.number and of(book, number).state != "terminated":
            raise Refused(LEFT, detail=number)
    book.put(book.participants, found.id, found._replace(
        keys=tuple(key._replace(revoked=True) for key in found.keys)))
    return put(book, found, stand._replace(state="terminated", refuses=False))


def reaches(book, found, stand):
    """Whether somebody may be reached via a bank."""
    if stand.state != "active":
        raise Refused(NOT_ALLOWED)
    if found.number in book.vias:
        raise Refused(INDIRECT)


def set_via(work, book, i):
    from whole import queues
    (found, _), (direct, _) = party(book, i), party(book, {"participant": i["via"]})
    if book.vias.get(found.number) == direct.number:
        raise Refused(NO_CHANGE)
    bank(book, i)
    stand = bank(book, {"participant": i["via"]})[1]
    two_operators(work)
    not_over(book, found)
    reaches(book, direct, stand)
    if found.number not in book.vias:
        raise Refused(DIRECT)
    book.put(book.vias, found.number, direct.number)
    queues.hand_over(book, found.number, direct.number)
    return found.number


def nothing_left(book, number):
    from whole import queues
    for account in (one for _, one in sorted(book.accounts.items()) if one.owner == number):
        counters = book.counters[account.number]
        if counters.debits != counters.credits:
            raise Refused(BALANCE, detail=account.number)
        if counters.debits_pending or counters.credits_pending:
            raise Refused(HOLD, detail=account.number)
        if queues.concerns(book, account.number):
            raise Refused(WAITS, detail=account.number)


def nothing_open(book, number):
    for model in sorted(book.models.values(), key=lambda model: model.number):
        member = book.members.get((model.number, number))
        if member is not None and any(member[2:]):
            raise Refused(POSITION, detail=model.number)
    for _, paper in sorted(book.proposals.items()):
        if paper.ended is None and number in paper.asked:
            raise Refused(CASE, detail=paper.index)
    for _, case in sorted(book.recalls.items()):
        if case is not None and number in (book.accounts[case.debit].owner,
                                           book.accounts[case.credit].owner):
            raise Refused(CASE, detail=case.index)


KINDS = {"suspend_participant": suspend}
GOVERN = {"admit_participant": admit_participant, "resume_participant": resume_participant,
          "terminate_participant": terminate_participant,
          "identify_participant": identify_participant, "set_via": set_via}
