"""Governance (chain/SPEC.md, "Ledger"): each gives the detail of its outcome, or is refused."""

import re

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

import receipt
from whole import curve, cycles, days, fees, forms, fx, limits, queues, standing
from whole.book import (
    DAY, NO_LIMITS, PARAMETERS, SECOND, Account, Asset, Key, Limits, Participant,
    Refused, Unjudged,
)
from whole.registry import vkey_parts
from whole import words
from whole.transfers import RESERVED

KEYS_MAX, LOG_KEYS_MAX = 32, 2
LABEL = re.compile(r"[A-Za-z0-9._-]{1,32}")


def carry_out(work, kind, fields):
    if not work.quorum() and not alone(work, kind, fields):
        raise Refused(12)
    return KINDS[kind](work, work.book, fields)


def alone(work, kind, fields):
    """What needs no quorum: mandates, a bank's customer account under its own name, and the rates of a
    provider."""
    if kind in ("set_rate", "withdraw_rate"):
        return fx.may_state(work)
    if kind != "open_account":
        return kind in ("grant_mandate", "revoke_mandate")
    owner = work.book.participants.get(fields["owner"])
    return (owner is not None and work.book.signer(owner.number) == work.submitter and owner.role == "bank"
            and fields["kind"] == "customer" and prefix(fields["address"]) == fields["owner"])


def prefix(address):
    return address.split(":", 1)[0] if ":" in address else None


def new_key(book, owner, text):
    try:
        name, key_id, public = vkey_parts(text)
    except receipt.Bad:
        raise Refused(43) from None
    participant, _, label = name.partition("/")
    if participant != owner or not LABEL.fullmatch(label):
        raise Refused(42)
    if not curve.registrable(public):
        raise Refused(43)
    if public in book.publics:
        raise Refused(44)
    return Key(name, key_id, public, False)


def add_participant(work, book, i):
    if "via" in i and i["via"] not in book.participants:
        raise Refused(40)
    if i["participant"] in book.participants or i["role"] == "operator":
        raise Refused(41)
    keys = []
    for text in i["keys"]:
        key = new_key(book, i["participant"], text)
        if any(key.public == k.public or key.id == k.id for k in keys):
            raise Refused(44)
        keys.append(key)
    if not (0 if "via" in i else 1) <= i["threshold"] <= len(keys):
        raise Refused(46)
    number = len(book.participants)
    if "via" in i:
        direct = standing.bank(book, {"participant": i["via"]})
        if i["role"] != "bank":
            raise Refused(71)
        standing.reaches(book, *direct)
        if keys:
            raise Refused(standing.INDIRECT)
        book.put(book.vias, number, direct[0].number)
    standing.first(book, number, i)
    for key in keys:
        book.put(book.publics, key.public, True)
    put(book, Participant(number, i["participant"], i["role"], tuple(keys),
                          max(1, i["threshold"])))
    return number


def put(book, participant):
    book.put(book.participants, participant.id, participant)


def active(participant):
    return [key for key in participant.keys if not key.revoked]


def known(book, i):
    participant = book.participants.get(i["participant"])
    if participant is None:
        raise Refused(40)
    return participant


def add_key(work, book, i):
    participant = known(book, i)
    standing.not_over(book, participant)
    if participant.number not in work.signers:
        raise Refused(14)
    if participant.number in book.vias:
        raise Refused(standing.INDIRECT)
    key = new_key(book, participant.id, i["vkey"])
    if any(key.id == k.id for k in participant.keys):
        raise Refused(44)
    if len(active(participant)) >= KEYS_MAX:
        raise Refused(61)
    book.put(book.publics, key.public, True)
    put(book, participant._replace(keys=participant.keys + (key,)))
    return participant.number


def revoke_key(work, book, i):
    participant, key_id = known(book, i), bytes.fromhex(i["key_id"])
    if not any(key.id == key_id for key in active(participant)):
        raise Refused(45)
    keys = tuple(key._replace(revoked=True) if key.id == key_id else key
                 for key in participant.keys)
    participant = participant._replace(keys=keys)
    if participant.role == "operator" and len(active(participant)) < participant.threshold:
        raise Refused(46)
    put(book, participant)
    return participant.number


def add_asset(work, book, i):
    asset = i["asset"]
    if i["module"] != "fiat" or i.get("module_version", 1) != 1:
        raise Refused(47)
    if not re.fullmatch("[A-Z]{3}", asset):
        raise Refused(48)
    if work.stated[0] == 48:
        raise Unjudged("the list of ISO 4217")
    if asset in book.asset_ids:
        raise Refused(49)
    number, issuance = len(book.assets), len(book.accounts)
    address = "operators:issuance.%s" % asset
    if address in book.addresses:
        raise Refused(50)
    book.put(book.assets, number, Asset(number, asset, "active", issuance))
    book.put(book.asset_ids, asset, number)
    book.open(Account(issuance, address, 0, "issuance", number, False, NO_LIMITS))
    if asset in book.stated:
        book.learn(number, book.stated[asset])
    return number


def set_asset_status(work, book, i):
    number = book.asset_ids.get(i["asset"])
    if number is None:
        raise Refused(15)
    asset = book.assets[number]
    if asset.status == i["status"]:
        raise Refused(60)
    book.put(book.assets, number, asset._replace(status=i["status"]))
    return number


def open_account(work, book, i):
    asset = book.asset_ids.get(i["asset"])
    if asset is None:
        raise Refused(15)
    if book.assets[asset].status == "retired":
        raise Refused(17)
    owner = book.participants.get(i["owner"])
    if owner is None:
        raise Refused(40)
    standing.not_over(book, owner)
    if i["address"] in book.addresses:
        raise Refused(50)
    if prefix(i["address"]) not in (None, owner.id):
        raise Refused(51)
    role = {"settlement": "bank", "customer": "bank", "suspense": "operator", "fee": "operator",
            "pool": "operator"}
    if role.get(i["kind"]) != owner.role:
        raise Refused(52)
    number = len(book.accounts)
    book.open(Account(number, i["address"], owner.number, i["kind"], asset, False, NO_LIMITS))
    return number


def close_account(work, book, i):
    account = book.account(str(i["address"]))
    if account is None:
        raise Refused(13)
    if account.kind in RESERVED:
        raise Refused(52)
    if account.closed:
        raise Refused(24)
    counters = book.counters[account.number]
    if (counters.debits != counters.credits or counters.debits_pending
            or counters.credits_pending or queues.concerns(book, account.number)):
        raise Refused(53)
    if cycles.joined(book, account):
        raise Refused(115)
    if cycles.is_pool(book, account.number):
        raise Refused(226)
    if fees.in_use(book, account):
        raise Refused(fees.IN_USE)
    book.put(book.accounts, account.number, account._replace(closed=True))
    return account.number


def set_limits(work, book, i):
    return limits.set_limits(work, book, i, lambda i: Limits(*(
        words.amount(i[name]) if name in i else default
        for name, default in zip(Limits._fields, NO_LIMITS))))


def set_parameter(work, book, i):
    if i["name"] not in PARAMETERS:
        raise Refused(54)
    low, high = PARAMETERS[i["name"]]
    if not low <= i["value"] <= high:
        raise Refused(55)
    book.put(book.parameters, i["name"], i["value"])
    return 0


def protocol(work, book, i):
    if i["version"] != 1 or i["from_index"] <= work.index:
        raise Refused(56)
    raise Refused(60)


def erase(work, book, i):
    index = i["entry_index"]
    if index == 0 or index >= work.index:
        raise Refused(57)
    if index in book.erased:
        raise Refused(58)
    days = book.parameters["retention_days"]
    end = (work.times[index] // DAY + 1 + days) * DAY
    if days and work.time < end:
        raise Refused(62, detail=end // SECOND)
    book.put(book.erased, index, True)
    return index


def add_log_key(work, book, i):
    try:
        name, key_id, public = vkey_parts(i["vkey"])
    except receipt.Bad:
        raise Refused(43) from None
    known = book.log_keys.values()
    if name != book.log_keys[0].name:
        raise Refused(42)
    if not curve.registrable(public) or not shown(name, key_id, public, i):
        raise Refused(43)
    if public in book.publics or any(key.id == key_id for key in known):
        raise Refused(44)
    if sum(not key.revoked for key in known) >= LOG_KEYS_MAX:
        raise Refused(61)
    number = len(known)
    book.put(book.publics, public, True)
    book.put(book.log_keys, number, Key(name, key_id, public, False))
    return number


def shown(name, key_id, public, i):
    """Whether the new key itself has signed that it is held."""
    try:
        signer, stated, signature = receipt.parse_header(i["proof"])
    except receipt.Bad:
        return False
    text = "quittance log key v1\n%s\n" % i["vkey"]
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, text.encode())
    except InvalidSignature:
        return False
    return (signer, stated) == (name, key_id) and signature[:32] not in curve.small()


def retire_log_key(work, book, i):
    key_id = bytes.fromhex(i["key_id"])
    active = {number: key for number, key in book.log_keys.items() if not key.revoked}
    for number, key in active.items():
        if key.id == key_id:
            if len(active) == 1:
                raise Refused(46)
            book.put(book.log_keys, number, key._replace(revoked=True))
            return number
    raise Refused(45)


KINDS = {
    "add_participant": add_participant, "add_key": add_key, "revoke_key": revoke_key,
    "add_asset": add_asset, "set_asset_status": set_asset_status, "open_account": open_account,
    "close_account": close_account, "set_limits": set_limits, "set_parameter": set_parameter,
    "protocol": protocol, "erase": erase,
    "add_log_key": add_log_key, "retire_log_key": retire_log_key, **limits.KINDS,
    **cycles.GOVERN, **days.GOVERN, **forms.GOVERN, **fx.GOVERN, **fees.GOVERN,
    **standing.GOVERN,
}
