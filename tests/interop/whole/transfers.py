"""Transfers, and funds in and out (chain/SPEC.md, "Ledger")."""

from whole import words
from whole.book import Refused

# Kinds of accounts that are for instructions of their own alone.
RESERVED = ("issuance", "netting")


def authorise(work, fields):
    """The legs with their accounts; all debited owners must have signed."""
    book, not_owned, legs = work.book, None, []
    for n, leg in enumerate(fields["legs"]):
        debit, credit = book.account(leg["debit"]), book.account(leg["credit"])
        if debit is None or credit is None:
            raise Refused(13, n)
        if not_owned is None and debit.owner not in work.signers:
            not_owned = n
        legs.append((leg, debit, credit))
    if not_owned is not None:
        raise Refused(14, not_owned)
    return legs


def transfer(work, ordinal, fields):
    """By authority of all debited owners, before anything else is looked at."""
    for n, (leg, debit, credit) in enumerate(authorise(work, fields)):
        try:
            check_leg(work.book, leg.get("asset"), debit, credit)
            work.post("transfer", ordinal, n, fields, debit, credit, words.amount(leg["amount"]))
        except Refused as refused:
            raise Refused(refused.outcome, n) from None


def check_leg(book, asset, debit, credit):
    if asset is not None and asset != book.assets[debit.asset].id:
        raise Refused(16 if asset in book.asset_ids else 15)
    if credit.asset != debit.asset:
        raise Refused(16)
    usable(book, debit.asset)
    if debit.number == credit.number:
        raise Refused(19)
    if debit.kind in RESERVED or credit.kind in RESERVED or not book.allows(debit.kind, credit.kind):
        raise Refused(20)


def usable(book, asset):
    status = book.assets[asset].status
    if status != "active":
        raise Refused({"retired": 17, "suspended": 18}[status])


def funds(work, fields, owner_too):
    if not work.quorum():
        raise Refused(12)
    account = work.book.account(fields["account"])
    if account is None:
        raise Refused(13)
    if owner_too and account.owner not in work.signers:
        raise Refused(14)
    usable(work.book, account.asset)
    pair = (account.kind, "issuance") if owner_too else ("issuance", account.kind)
    if account.kind in RESERVED or not work.book.allows(*pair):
        raise Refused(20)
    issuance = work.book.accounts[work.book.assets[account.asset].issuance]
    return account, issuance, words.amount(fields["amount"])


def issue(work, ordinal, fields):
    account, issuance, amount = funds(work, fields, False)
    work.post("issue", ordinal, 0, fields, issuance, account, amount)


def redeem(work, ordinal, fields):
    account, issuance, amount = funds(work, fields, True)
    work.post("redeem", ordinal, 0, fields, account, issuance, amount)
