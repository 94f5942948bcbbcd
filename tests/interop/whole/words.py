"""Instructions as JSON, amounts and times (chain/SPEC.md, "Instructions")."""

import datetime
import json
import re

FIELDS = {
    "transfer": ("id", "legs", "reference"),
    "issue": ("id", "account", "amount"),
    "redeem": ("id", "account", "amount"),
    "add_participant": ("id", "participant", "role", "keys", "threshold"),
    "add_key": ("id", "participant", "vkey"),
    "revoke_key": ("id", "participant", "key_id"),
    "add_asset": ("id", "asset", "module", "module_version"),
    "set_asset_status": ("id", "asset", "status"),
    "open_account": ("id", "address", "owner", "kind", "asset"),
    "close_account": ("id", "address"),
    "set_limits": ("id", "address", "credit_line", "min_balance", "per_transfer_max"),
    "set_parameter": ("id", "name", "value"),
    "protocol": ("id", "version", "from_index"),
    "add_log_key": ("id", "vkey", "proof"),
    "retire_log_key": ("id", "key_id"),
    "erase": ("id", "entry_index", "basis"),
    "approve": ("id", "entry_index", "item", "item_leaf"),
}
LEG = ("debit", "credit", "asset", "amount")
# What a body in JSON may not state: it is that of a record of a binary batch.
NOT_IN_BODIES = {"reference"}
OPTIONAL = {"reference", "module_version", "credit_line", "min_balance", "per_transfer_max"}
TEXTS = ("end_to_end_id", "remittance", "debtor_name", "creditor_name")

AMOUNT = re.compile(r"(0|[1-9][0-9]*)(?:\.([0-9]{1,18}))?")
MINOR = re.compile(r"(0|[1-9][0-9]*) minor units")
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d):(\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)", re.ASCII)


def compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def ordered(fields, names):
    return {name: fields[name] for name in names if fields.get(name) is not None}


def canonical(kind, fields):
    """An instruction as items state it: fields in order, no text, nothing that is left out."""
    found = ordered(fields, FIELDS[kind])
    if set(found) | OPTIONAL < set(FIELDS[kind]):
        raise ValueError("a field is missing")
    if kind == "transfer":
        found["legs"] = [ordered(leg, LEG) for leg in fields["legs"]]
    return compact({kind: found})


def text_of(kind, fields):
    """The text part of an instruction, or None."""
    found = ordered(fields, TEXTS) if kind == "transfer" else {}
    return compact(found).encode() if found else None


def id_bytes(text):
    if not ID.fullmatch(text):
        raise ValueError("not a UUID of version 7")
    return bytes.fromhex(text.replace("-", ""))


def id_time(data):
    """The time in an id, nanoseconds since 1970."""
    return int.from_bytes(data[:6], "big") * 1_000_000


def amount(text):
    """Digits and decimal places; None for the places if the digits count minor units."""
    minor = MINOR.fullmatch(text)
    if minor:
        return int(minor[1]), None
    found = AMOUNT.fullmatch(text)
    if not found:
        raise ValueError("not an amount: %r" % text)
    return int(found[1] + (found[2] or "")), len(found[2] or "")


def nanos(text):
    """RFC 3339 to nanoseconds since 1970."""
    found = TIME.fullmatch(text)
    if not found:
        raise ValueError("not a time: %r" % text)
    minute, second, fraction, offset = found.groups()
    zone = "+00:00" if offset == "Z" else offset
    begin = datetime.datetime.fromisoformat(minute + ":00" + zone)
    epoch = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
    whole = (begin - epoch) // datetime.timedelta(seconds=1) + min(int(second), 59)
    return whole * 10**9 + int((fraction or "").ljust(9, "0"))
