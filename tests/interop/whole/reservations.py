"""What is reserved on accounts for urgent and high payments (chain/SPEC.md, "Reservations")."""

from collections import namedtuple

from whole import limits, words
from whole.book import FLOORED, Refused

# Amounts as they were typed, or counted in minor units.
Reserved = namedtuple("Reserved", "urgent high")
NOTHING = Reserved((0, None), (0, None))
APPLIED, NO_CHANGE = 2, 60


def of(book, account):
    """Minor units for urgent payments, and for high ones."""
    typed = book.reserved.get(account.number, NOTHING)
    return Reserved(*(book.units(amount, account.asset) for amount in typed))


def keep(book, account, reserved):
    if reserved != of(book, account):
        book.put(book.reserved, account.number, Reserved(*((n, None) for n in reserved)))


def free(work, account):
    """What is available to all that is neither urgent nor high."""
    own = work.book.available(account) - limits.blocked(work, account)
    return max(0, max(0, own) - sum(of(work.book, account)))


def asks(pays, gets):
    """What [urgent, high, normal] legs ask of what is on an account, beside what comes in."""
    normal = max(0, pays[2] - gets)
    high = max(0, pays[1] - max(0, gets - pays[2]))
    urgent = max(0, pays[0] - max(0, gets - pays[2] - pays[1]))
    return urgent, high, normal


def needs(reserved, asked):
    """What must be available for that."""
    urgent, high, normal = asked
    if normal:
        return max(urgent, reserved.urgent) + max(high, reserved.high) + normal
    return max(urgent, reserved.urgent) + high if high else urgent


def after(reserved, own, asked):
    """What is left when that is paid out of so much, which is enough."""
    urgent, high, normal = asked
    # Beyond its own part an urgent payment takes what is nobody's, and of the part of high ones last.
    taken = max(0, urgent - max(reserved.urgent, own - reserved.high))
    return Reserved(max(0, reserved.urgent - urgent), max(0, reserved.high - taken - high))


def priorities(payment_legs, whole, priority):
    """The priority of each leg that moves: of a fee, that of the payment if its payer pays it."""
    payers = {leg[0] for leg in payment_legs}
    return [priority if leg[0] in payers else 2 for leg in whole]


def set_reservation(work, ordinal, fields):
    book = work.book
    account = book.account(fields["address"])
    if account is None:
        raise Refused(13)
    if account.owner not in work.signers:
        raise Refused(14)
    stated = {name: words.amount(fields[name]) for name in Reserved._fields if name in fields}
    for amount in stated.values():
        if work.stated[0] in (22, 23) or account.asset in book.scales:
            book.minor(amount, account.asset)
    if account.closed:
        raise Refused(24)
    if account.kind not in FLOORED:
        raise Refused(52)
    reserved = book.reserved.get(account.number, NOTHING)._replace(**stated)
    if [book.units(amount, account.asset) for amount in reserved] == list(of(book, account)):
        raise Refused(NO_CHANGE)
    book.put(book.reserved, account.number, reserved)
    work.refuse(ordinal, "set_reservation", fields, Refused(APPLIED, detail=account.number))


KINDS = {"set_reservation": set_reservation}
