"""Instructions as JSON, amounts and times (chain/SPEC.md, "Instructions")."""

import base64
import binascii
import datetime
import json
import re

import receipt

FIELDS = {
    "transfer": ("id", "legs", "check", "queue", "settlement_date", "value_date", "conditions",
                 "mandate", "reference"),
    "issue": ("id", "account", "amount"),
    "redeem": ("id", "account", "amount"),
    "reserve": ("id", "legs", "expires_at", "multi", "over_capture_bp", "guaranteed"),
    "capture": ("id", "hold", "amount", "final"),
    "void": ("id", "hold"),
    "cancel": ("id", "of"),
    "requeue": ("id", "of", "priority", "position"),
    "add_participant": ("id", "participant", "role", "keys", "threshold", "bic", "lei", "state",
                        "via"),
    "add_key": ("id", "participant", "vkey"),
    "revoke_key": ("id", "participant", "key_id"),
    "add_asset": ("id", "asset", "module", "module_version"),
    "set_asset_status": ("id", "asset", "status"),
    "open_account": ("id", "address", "owner", "kind", "asset"),
    "close_account": ("id", "address"),
    "set_limits": ("id", "address", "credit_line", "min_balance", "per_transfer_max", "max_balance",
                   "velocity", "bilateral", "multilateral"),
    "freeze": ("id", "account", "participant", "case", "level", "amount", "expires_at"),
    "lift": ("id", "account", "participant", "case"),
    "reopen_account": ("id", "address"),
    "suspend_participant": ("id", "participant", "incoming", "queued"),
    "resume_participant": ("id", "participant"),
    "admit_participant": ("id", "participant", "to"),
    "terminate_participant": ("id", "participant"),
    "identify_participant": ("id", "participant", "bic", "lei"),
    "set_via": ("id", "participant", "via"),
    "set_participant_days": ("id", "participant", "holidays"),
    "set_parameter": ("id", "name", "value"),
    "protocol": ("id", "version", "from_index"),
    "add_log_key": ("id", "vkey", "proof"),
    "retire_log_key": ("id", "key_id"),
    "erase": ("id", "entry_index", "basis"),
    "propose": ("id", "expires_at", "instructions"),
    "approve": ("id", "of", "hash", "entry_index", "item", "item_leaf"),
    "withdraw": ("id", "of"),
    "decline": ("id", "of"),
    "open_model": ("id", "model", "asset", "close", "funding_s", "count_unsettled_credits",
                   "close_with_day", "pool"),
    "close_model": ("id", "model"),
    "join_model": ("id", "model", "account", "net_debit_cap", "still_owed"),
    "clear": ("id", "model", "payments"),
    "close_window": ("id", "model"),
    "set_calendar": ("id", "asset", "valid_from", "good_days", "holidays", "offset_min",
                     "offset_changes", "opens", "opens_day_before", "customer_cutoff",
                     "interbank_cutoff", "closes", "roll", "cutoff_policy", "max_warehouse_days",
                     "back_value_days"),
    "return": ("id", "original", "amount", "reason"),
    "reverse": ("id", "original", "amount", "reason"),
    "recall": ("id", "original", "reason"),
    "refuse_recall": ("id", "of", "reason"),
    "split": ("id", "asset", "payers", "payees", "conditions"),
    "grant_mandate": ("id", "account", "to", "per_transfer_max", "total_max", "period",
                      "period_max", "expires_at", "creditors"),
    "revoke_mandate": ("id", "mandate"),
    "set_posting": ("id", "debit", "credit", "allowed"),
    "set_provider": ("id", "participant", "active"),
    "set_rate": ("id", "base", "quote", "source", "bid", "ask", "valid_from", "valid_to", "execute"),
    "withdraw_rate": ("id", "base", "quote", "source"),
    "quote": ("id", "for", "receive", "source_amount", "debit", "credit", "target_amount",
              "expires_at"),
    "convert": ("id", "debit", "credit", "fixed", "amount", "limit", "at"),
    "set_fees": ("id", "asset", "account", "tax", "rules", "periodic"),
    "set_reservation": ("id", "address", "urgent", "high"),
}
ORIGINAL = ("entry", "n", "item", "salt", "item_proof", "proof")
# Why: codes of ISO 20022.
REASONS = {
    "return": "AC01 AC03 AC04 AC06 AG01 AM05 AM09 BE01 CURR CUST DUPL FOCR FRAD LEGL MD06 MD07 MS02 "
              "MS03 RC01 RR01 RR02 RR03 RR04 SVNR TECH UPAY",
    "reverse": "AM05 MS02 MS03",
    "recall": "AC03 AGNT AM09 CURR CUST CUTA DUPL FRAD TECH UPAY",
    "refuse_recall": "AC04 AM04 ARDT CUST LEGL NOAS",
}
# Fields that are objects, and the fields of these.
EXECUTION, RATE = ("base", "quote", "max"), ("provider", "source")
PAYMENT = ("from", "to", "amount")
# Fields that are lists of objects, and the fields of these.
LISTS = {"legs": ("debit", "credit", "asset", "amount"), "payments": PAYMENT,
         "velocity": ("seconds", "period", "direction", "amount", "count"),
         "bilateral": ("counterparty", "amount"), "offset_changes": ("at", "offset_min"),
         "payers": ("account", "amount", "up_to", "all_available", "at_least"),
         "payees": ("account", "amount", "ratio", "remainder"),
         "rules": ("debit_kind", "credit_kind", "debit_owner", "credit_owner", "basis", "min", "max",
                   "payer"),
         "periodic": ("account_kind", "account_owner", "period", "flat")}
# A tax on fees, and one tier of a rule.
TAX, TIER = ("account", "bps"), ("up_to", "flat", "bps")
CHARGE_KINDS = ("settlement", "customer", "issuance", "suspense", "fee", "netting", "pool")
CONDITIONS = {"balance_at_least": ("account", "amount"), "account_version": ("account", "index")}
CONDITIONS_MAX = 16
QUEUE = ("priority", "reject_at", "till", "settle_from", "until")
# What a body in JSON may not state: it is that of a record of a binary batch.
NOT_IN_BODIES = {"reference"}
OPTIONAL = {"reference", "module_version", "credit_line", "min_balance", "per_transfer_max",
            "expires_at", "multi", "over_capture_bp", "guaranteed", "final", "max_balance",
            "velocity", "bilateral", "multilateral", "check", "queue", "priority", "position",
            "count_unsettled_credits", "settlement_date", "offset_changes", "opens_day_before",
            "conditions", "total_max", "period", "period_max", "creditors", "value_date",
            "back_value_days", "close_with_day", "pool", "still_owed"}
# What may be left out of some kinds alone.
MAY_LACK = {"capture": {"amount"}, "return": {"amount"}, "reverse": {"amount"},
            "freeze": {"account", "participant", "amount"},
            "lift": {"account", "participant"},
            "approve": {"of", "hash", "entry_index", "item", "item_leaf"},
            "transfer": {"mandate"}, "set_rate": {"valid_from", "execute"},
            "add_participant": {"bic", "lei", "state", "via"},
            "suspend_participant": {"incoming", "queued"},
            "identify_participant": {"bic", "lei"},
            "set_fees": {"account", "tax", "periodic"},
            "set_reservation": {"urgent", "high"}}
STATES = ("onboarding", "test", "active", "suspended", "terminated")
WITH_TEXTS = {"transfer", "reserve", "clear", "split", "convert"}
TEXTS = ("end_to_end_id", "remittance", "debtor_name", "creditor_name")

AMOUNT = re.compile(r"(0|[1-9][0-9]*)(?:\.([0-9]{1,18}))?")
MINOR = re.compile(r"(0|[1-9][0-9]*) minor units")
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
MODEL = re.compile("[a-z0-9-]{1,32}")
DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
TIME_OF_DAY = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)
ADDRESS = re.compile("[A-Za-z0-9._:-]{1,64}")
RATIO = re.compile("[1-9][0-9]{0,18}/[1-9][0-9]{0,18}")
BIC = re.compile("[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?")
LEI = re.compile("[A-Z0-9]{18}[0-9]{2}")
TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d):(\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)", re.ASCII)


def compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def ordered(fields, names):
    return {name: fields[name] for name in names if fields.get(name) is not None}


def canonical(kind, fields):
    """An instruction as items state it: fields in order, no text, nothing that is left out."""
    found = ordered(fields, FIELDS[kind])
    optional = OPTIONAL | MAY_LACK.get(kind, set())
    if kind == "propose":
        optional -= {"expires_at"}
    if not set(FIELDS[kind]) <= set(found) | optional:
        raise ValueError("a field is missing")
    for name, check in SHAPES.items():
        if name in found and not check(found[name]):
            raise ValueError("not a value of `%s`" % name)
    for name in LISTS:
        if name in found:
            found[name] = [ordered(one, LISTS[name]) for one in fields[name]]
    for rule in found.get("rules", ()):
        rule["basis"] = basis(rule["basis"])
    if "tax" in found:
        found["tax"] = ordered(found["tax"], TAX)
    if kind in REASONS and found["reason"] not in REASONS[kind].split():
        raise ValueError("not a reason for `%s`" % kind)
    if "original" in found:
        found["original"] = ordered(found["original"], ORIGINAL)
    if "queue" in found:
        found["queue"] = queue_terms(found["queue"])
    if "instructions" in found:
        found["instructions"] = [proposed(wish) for wish in fields["instructions"]]
    for change in found.get("offset_changes", ()):
        change["at"] = time_text(nanos(change["at"]))
    if "conditions" in found:
        found["conditions"] = [condition(one) for one in found["conditions"]]
    if kind == "set_calendar":
        date(found["valid_from"])
    if kind == "admit_participant" and found["to"] not in STATES:
        raise ValueError("not a state")
    if kind == "quote" and "expires_at" not in found:
        raise ValueError("a quote without its end")
    for name in ("expires_at", "valid_to") + (("valid_from",) if kind == "set_rate" else ()):
        if name in found:
            found[name] = time_text(nanos(found[name]))
    if "execute" in found:
        found["execute"] = ordered(found["execute"], EXECUTION)
    if "rate" in found.get("at", ()):
        found["at"] = {"rate": ordered(found["at"]["rate"], RATE)}
    return compact({kind: found})


def proposed(wish):
    """What is proposed, as items state it."""
    (kind, fields), = wish.items()
    id_bytes(fields["id"])
    if not set(fields) <= set(FIELDS[kind]) - NOT_IN_BODIES:
        raise ValueError("other fields in what is proposed")
    return json.loads(canonical(kind, fields))


def queue_terms(terms):
    """How a payment waits, as items state it."""
    if not isinstance(terms, dict) or not set(terms) <= set(QUEUE):
        raise ValueError("not the terms of a queue")
    found = ordered(terms, QUEUE)
    if not is_priority(found.get("priority", "normal")):
        raise ValueError("not a priority")
    if found.get("until", "cutoff") != "cutoff":
        raise ValueError("no such end")
    for name in QUEUE[1:4]:
        if name in found:
            found[name] = time_text(nanos(found[name]))
    return found


def condition(value):
    """A condition, as items state it."""
    (name, asked), = value.items()
    if name == "not_after":
        return {name: time_text(nanos(asked))}
    if set(asked) != set(CONDITIONS[name]):
        raise ValueError("not the fields of a condition")
    return {name: ordered(asked, CONDITIONS[name])}


def basis(value):
    """How a fee follows from an amount, as items state it."""
    if value in ("none", {"none": None}):
        return "none"
    (name, what), = value.items()
    return {name: [ordered(tier, TIER) for tier in what] if name == "tiered" else what}


def is_bps(value):
    return type(value) is int and 0 <= value < 2**32


def is_basis(value):
    """One of its form; whether it is sound is for the ledger to say."""
    if value in ("none", {"none": None}):
        return True
    (name, what), = value.items()
    if name == "tiered":
        return all(is_tier(tier) for tier in what)
    return is_bps(what) if name == "bps" else name == "flat" and is_amount(what)


def is_tier(tier):
    stated = {name: value for name, value in tier.items() if value is not None}
    return set(stated) <= set(TIER) and all(
        is_bps(value) if name == "bps" else is_amount(value) for name, value in stated.items())


def is_fee_rule(rule):
    stated = {name: value for name, value in rule.items() if value is not None}
    checks = {"debit_kind": CHARGE_KINDS.__contains__, "credit_kind": CHARGE_KINDS.__contains__,
              "debit_owner": is_name, "credit_owner": is_name, "basis": is_basis, "min": is_amount,
              "max": is_amount, "payer": ("debtor", "creditor", "shared").__contains__}
    return "basis" in stated and set(stated) <= set(checks) and all(
        checks[name](value) for name, value in stated.items())


def is_periodic(fee):
    """What is due for a period, of its form."""
    stated = {name: value for name, value in fee.items() if value is not None}
    checks = {"account_kind": CHARGE_KINDS.__contains__, "account_owner": is_name,
              "period": ("month",).__contains__, "flat": is_amount}
    return {"period", "flat"} <= set(stated) <= set(checks) and all(
        checks[name](value) for name, value in stated.items())


def is_party(party):
    """A party of a split of its form; whether it is sound is for the ledger to say."""
    flags = [party[name] for name in ("all_available", "remainder") if party.get(name) is not None]
    ratio = party.get("ratio")
    return (all(map(is_flag, flags))
            and (ratio is None or type(ratio) is int and 0 <= ratio < 2**32))


def is_priority(value):
    return value in ("urgent", "high", "normal")


def text_of(kind, fields):
    """The text part of an instruction, or None."""
    found = ordered(fields, TEXTS) if kind in WITH_TEXTS else {}
    return compact(found).encode() if found else None


def id_bytes(text):
    if not ID.fullmatch(text):
        raise ValueError("not a UUID of version 7")
    return bytes.fromhex(text.replace("-", ""))


def hash_bytes(text):
    """A hash in base64, with padding and in its one spelling; None if it is none."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if len(data) == 32 and base64.b64encode(data).decode() == text else None


def id_text(data):
    text = data.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


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


def time_text(time):
    """The one form that a time has in items."""
    second, fraction = divmod(time, 10**9)
    begin = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=second)
    digits = ("%09d" % fraction).rstrip("0")
    return begin.isoformat() + ("." + digits if digits else "") + "Z"


def date(text):
    """Days since 1970 of a date."""
    if not DATE.fullmatch(text):
        raise ValueError("not a date: %r" % text)
    found = (datetime.date.fromisoformat(text) - datetime.date(1970, 1, 1)).days
    if not 0 <= found <= 157_053:
        raise ValueError("not a date from 1970 to 2399: %r" % text)
    return found


def minute(text):
    """Minutes since midnight of a time of day."""
    if not TIME_OF_DAY.fullmatch(text):
        raise ValueError("not a time of day: %r" % text)
    return int(text[:2]) * 60 + int(text[3:])


def is_short(value):
    return type(value) is int and -2**15 <= value < 2**15


def reads(read):
    """Whether a value is one that can be read; what cannot be read raises."""
    return lambda value: read(value) is not None


def is_original(value):
    """A leg of the log with its proof, of its form."""
    try:
        for name in ("entry", "item"):
            receipt.unb64(value[name])
        for node in (value["salt"], *value["item_proof"], *value["proof"]):
            receipt.unb64(node, 32)
    except (receipt.Bad, KeyError):
        return False
    return (set(value) == set(ORIGINAL) and type(value["n"]) is int and 0 <= value["n"] < 2**32
            and type(value["item_proof"]) is list and type(value["proof"]) is list)


def is_flag(value):
    return isinstance(value, bool)


def is_rule(rule):
    """A velocity rule of its form; whether it is sound is for the ledger to say."""
    numbers = [rule[name] for name in ("seconds", "count") if rule.get(name) is not None]
    return (rule["direction"] in ("debit", "credit", "net")
            and rule.get("period") in (None, "day", "week", "month")
            and all(type(number) is int and 0 <= number < 2**32 for number in numbers))


def is_amount(value):
    """One that was typed, not one of minor units."""
    return amount(value)[1] is not None


def is_address(value):
    return isinstance(value, str) and ADDRESS.fullmatch(value) is not None


def is_name(value):
    return isinstance(value, str) and MODEL.fullmatch(value) is not None


def is_execution(value):
    return (set(value) == set(EXECUTION) and is_address(value["base"])
            and is_address(value["quote"]) and is_amount(value["max"]))


def is_lei(value):
    """An LEI with its check digits (ISO 17442, ISO 7064 MOD 97-10)."""
    return (LEI.fullmatch(value) is not None and 2 <= int(value[18:]) <= 98
            and int("".join(str(int(one, 36)) for one in value)) % 97 == 1)


def is_deal(value):
    """What a conversion is at."""
    if list(value) == ["quote"]:
        return ID.fullmatch(value["quote"]) is not None
    return list(value) == ["rate"] and set(value["rate"]) == set(RATE) and all(
        map(is_name, value["rate"].values()))


SHAPES = {
    "original": is_original,
    "active": is_flag, "for": is_name, "source": is_name, "receive": is_address,
    "debit": is_address, "credit": is_address, "limit": is_amount, "source_amount": is_amount,
    "target_amount": is_amount, "execute": is_execution, "at": is_deal,
    "bid": lambda value: RATIO.fullmatch(value) is not None,
    "ask": lambda value: RATIO.fullmatch(value) is not None,
    "fixed": lambda value: value in ("source", "target"),
    "multi": is_flag, "guaranteed": is_flag, "final": is_flag,
    "over_capture_bp": lambda value: type(value) is int and 0 <= value < 2**16,
    "case": lambda value: re.fullmatch("[A-Za-z0-9-]{1,35}", value) is not None,
    "level": lambda value: value in ("no_debit", "no_credit", "none_allowed", "amount"),
    "velocity": lambda rules: all(map(is_rule, rules)),
    "model": lambda value: MODEL.fullmatch(value) is not None,
    "close": lambda value: value == "manual" or list(value) == ["every_s"]
    and type(value["every_s"]) is int,
    "funding_s": lambda value: type(value) is int and value >= 0,
    "close_with_day": lambda value: value in ("CUSC", "IBKC", "SYSC"), "pool": is_address,
    "still_owed": is_amount,
    "count_unsettled_credits": lambda value: value in ("none", "same_model"),
    "payments": lambda value: 0 < len(value) and all(set(one) == set(PAYMENT) for one in value),
    "hold": lambda value: ID.fullmatch(value) is not None,
    "of": lambda value: ID.fullmatch(value) is not None,
    "check": lambda value: value == "net",
    "priority": is_priority,
    "position": lambda value: value in ("first", "last"),
    "settlement_date": reads(date), "value_date": reads(date),
    "good_days": lambda value: type(value) is list and all(
        day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun") for day in value),
    "holidays": lambda value: type(value) is list and all(reads(date)(day) for day in value),
    "offset_min": is_short,
    "offset_changes": lambda value: type(value) is list and all(
        set(one) == {"at", "offset_min"} and is_short(one["offset_min"]) for one in value),
    "opens": reads(minute), "opens_day_before": is_flag, "customer_cutoff": reads(minute),
    "interbank_cutoff": reads(minute), "closes": reads(minute),
    "roll": lambda value: value in ("following", "modified_following", "preceding", "none"),
    "cutoff_policy": lambda value: value in ("reject", "roll"),
    "max_warehouse_days": lambda value: type(value) is int and 0 <= value < 2**32,
    "back_value_days": lambda value: type(value) is int and 0 <= value < 2**32,
    "payers": lambda value: 0 < len(value) and all(map(is_party, value)),
    "payees": lambda value: 0 < len(value) and all(map(is_party, value)),
    "conditions": lambda value: 0 < len(value) <= CONDITIONS_MAX,
    "mandate": lambda value: ID.fullmatch(value) is not None,
    "allowed": is_flag,
    "period": lambda value: value in ("day", "month") or list(value) == ["every_s"]
    and type(value["every_s"]) is int and 0 <= value["every_s"] < 2**64,
    "creditors": lambda value: isinstance(value, list),
    "bic": lambda value: BIC.fullmatch(value) is not None, "lei": is_lei,
    "state": lambda value: value in STATES,
    "via": is_name,
    "incoming": lambda value: value in ("accept", "refuse"),
    "queued": lambda value: value in ("keep", "revoke"),
    "tax": lambda value: set(value) == set(TAX) and is_address(value["account"])
    and is_bps(value["bps"]),
    "rules": lambda value: isinstance(value, list) and all(map(is_fee_rule, value)),
    "periodic": lambda value: isinstance(value, list) and all(map(is_periodic, value)),
}
