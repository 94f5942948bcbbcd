"""What is reserved on accounts for urgent and high payments (SPEC: Queues, Reservations).

Like what is in `holds.py`, this is by somebody who had seen the source of the product.
"""
from refused import Refused

MARKS = ("urgent", "high")


def marks(rules, account):
    """What is reserved on an account, minor units: for urgent payments, for high ones."""
    return [rules.units(account, text) for text in account.reserved]


def keep(account, left):
    """Note what is left."""
    account.reserved = [f"{value} minor units" for value in left]


def unreserved(rules, account):
    """What is available to whatever is neither urgent nor high."""
    return max(0, rules.available(account) - sum(marks(rules, account)))


def left(own, reserved, bills):
    """What is left of reservations when bills are paid in turn; None if that cannot be done.

    Bills are by urgency, and what comes in with them is taken off already.
    """
    (urgent, high), own = reserved, max(0, own)
    loose = max(0, own - urgent - high)
    if bills[0] > own:
        return None
    beyond = max(0, bills[0] - urgent)
    urgent, own = max(0, urgent - bills[0]), own - bills[0]
    high -= max(0, beyond - loose)
    if bills[1] > 0 and bills[1] > own - urgent:
        return None
    high, own = max(0, high - bills[1]), own - bills[1]
    if bills[2] > 0 and bills[2] > own - urgent - high:
        return None
    return [urgent, high]


def bills(paid, brought):
    """What is to be paid out of an account: what comes in pays for what is least urgent first."""
    found = list(paid)
    for urgency in (2, 1, 0):
        own = min(brought, found[urgency])
        found[urgency] -= own
        brought -= own
    return found


def called(urgency, legs, whole):
    """Legs with what is due on them, each with its urgency for whoever pays it."""
    payers = {leg[0] for leg in legs}
    return [(*leg[:3], urgency if leg[0] in payers else 2) for leg in whole]


def owed(rules, account, value):
    """What the nets of a window take is as what is urgent; noted before it moves."""
    (urgent, high), own = marks(rules, account), max(0, rules.available(account))
    # There may be less than that, and a pool has paid the rest.
    beyond = max(0, value - urgent) - max(0, own - urgent - high)
    kept = [max(0, urgent - value), max(0, high - max(0, beyond))]
    if kept != [urgent, high]:
        keep(account, kept)


def set_reservation(rules, wish, _first_item, _ordinal):
    """The owner states what is reserved; gives the account's number."""
    account = rules.state.account(wish["address"])
    if account is None:
        raise Refused(13)
    if account.owner not in rules.signed:
        raise Refused(14)
    typed = list(account.reserved)
    for at, name in enumerate(MARKS):
        if name in wish:
            rules.amount(account.asset, wish[name])
            typed[at] = wish[name]
    if account.closed:
        raise Refused(24)
    if not rules.has_floor(account):
        raise Refused(52)
    if [rules.units(account, text) for text in typed] == marks(rules, account):
        raise Refused(60)
    account.reserved = typed
    return account.number, []
