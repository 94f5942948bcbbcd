"""Instructions and bodies (SPEC: Instructions, Bodies)."""
import datetime
import re

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from base import fields, need, read_json, unb64, utf8, whole, write_json

TEXTS = ("end_to_end_id", "remittance", "debtor_name", "creditor_name")
UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
AMOUNT = re.compile(r"(0|[1-9][0-9]*)(\.[0-9]{1,18})?", re.ASCII)
MINOR = re.compile(r"(0|[1-9][0-9]*) minor units", re.ASCII)
REFERENCE = re.compile(r"(?!0{64})[0-9a-f]{64}", re.ASCII)
ADDRESS = re.compile(r"[A-Za-z0-9._:-]{1,64}")
ASSET = re.compile(r"[A-Za-z0-9:/._-]{1,179}")
WHO = re.compile(r"[a-z0-9-]{1,32}")
CASE = re.compile(r"[A-Za-z0-9-]{1,35}")
KEY_ID = re.compile(r"[0-9a-f]{8}")
MESSAGE_ID = re.compile(r"[A-Za-z0-9._:/-]{1,64}")
DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
MINUTE = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)
RATIO = re.compile(r"[1-9][0-9]{0,18}/[1-9][0-9]{0,18}", re.ASCII)
BIC = re.compile(r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?")
LEI = re.compile(r"[A-Z0-9]{18}[0-9]{2}")
STATES = ("onboarding", "test", "active", "suspended", "terminated")
TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)", re.ASCII)


def _lei(value):
    _pattern(LEI)(value)
    need(2 <= int(value[18:]) <= 98, f"check digits that nobody makes: {value!r}")
    rest = 0
    for one in value:
        number = int(one, 36)
        rest = (rest * (10 if number < 10 else 100) + number) % 97
    need(rest == 1, f"check digits of {value!r}")


def _pattern(pattern):
    def check(value):
        need(isinstance(value, str) and pattern.fullmatch(value) is not None, f"bad: {value!r}")
    return check


def _word(*words):
    def check(value):
        need(value in words, f"{value!r} is none of {words}")
    return check


def _text(value):
    need(isinstance(value, str), f"not a string: {value!r}")


def _amount(value):
    _pattern(AMOUNT)(value)
    need(int(value.replace(".", "")) < 2**96, "digits of an amount")


def _flag(value):
    need(isinstance(value, bool), f"neither true nor false: {value!r}")


def _time(value):
    need(write_time(read_time(value)) == value, f"a time spelled otherwise: {value!r}")


def _date(value):
    _pattern(DATE)(value)
    try:
        date = datetime.date.fromisoformat(value)
    except ValueError:
        need(False, f"not a date: {value!r}")
    need(1970 <= date.year <= 2399, f"a date of another time: {value!r}")


def _short(value):
    need(isinstance(value, int) and not isinstance(value, bool) and -2**15 <= value < 2**15,
         f"not a number of minutes: {value!r}")


def _all(check):
    def checks(value):
        need(isinstance(value, list), "not an array")
        for one in value:
            check(one)
    return checks


def _keys(value):
    need(isinstance(value, list), "keys are not an array")
    for key in value:
        _text(key)


def _legs(value):
    need(isinstance(value, list) and value, "legs are not an array")
    for leg in value:
        need(isinstance(leg, dict), "a leg is no object")
        shape = NUMBERED if "asset" not in leg else LEG
        need(list(leg) == list(shape), "fields of a leg")
        for name, check in shape.items():
            check(leg[name])


def _named_legs(value):
    _legs(value)
    need(not is_numbered({"legs": value}), "legs of a batch")


def _terms(value):
    need(isinstance(value, dict), "the terms of a queue are no object")
    need(list(value) == [name for name in TERMS if name in value], "terms of a queue")
    for name in value:
        TERMS[name](value[name])


PRIORITIES = ("urgent", "high", "normal")
TERMS = {"priority": _word(*PRIORITIES), "reject_at": _time, "till": _time,
         "settle_from": _time,
         "until": _word("cutoff")}


def _payments(value):
    need(isinstance(value, list) and value, "payments are not an array")
    for payment in value:
        need(isinstance(payment, dict) and list(payment) == list(PAYMENT), "fields of a payment")
        for name, check in PAYMENT.items():
            check(payment[name])


def _wishes(value):
    need(isinstance(value, list) and value, "instructions are not an array")
    for one in value:
        kind, found = read_instruction(write_json(one))
        need("reference" not in found, "a reference in what is proposed")
        need(kind != "transfer" or not is_numbered(found), "legs of a batch in what is proposed")
def _hashes(value):
    need(isinstance(value, list), "a proof is no array")
    for one in value:
        unb64(one, 32)


def _original(value):
    need(isinstance(value, dict) and list(value) == list(ORIGINAL), "fields of an original")
    for name, check in ORIGINAL.items():
        check(value[name])


ORIGINAL = {"entry": unb64, "n": lambda value: whole(value, 2**32), "item": unb64,
            "salt": lambda value: unb64(value, 32), "item_proof": _hashes, "proof": _hashes}


def _close(value):
    if value != "manual":
        whole(fields(value, ("every_s",))["every_s"])


def _parties(shape):
    """The parties of a split, in the one order of their fields."""
    def check(value):
        need(isinstance(value, list) and value, "not the parties of a split")
        for one in value:
            need(isinstance(one, dict) and "account" in one, "no party of a split")
            need(list(one) == [name for name in shape if name in one], "fields of a party")
            for name in one:
                shape[name](one[name])
    return check


def _conditions(value):
    need(isinstance(value, list) and 1 <= len(value) <= 16, "not 1 to 16 conditions")
    for one in value:
        need(isinstance(one, dict) and len(one) == 1, "a condition has one field")
        (name, what), = one.items()
        need(name in CONDITIONS, f"unknown condition {name}")
        if name == "not_after":
            _time(what)
            continue
        need(isinstance(what, dict) and list(what) == list(CONDITIONS[name]), f"fields of {name}")
        for inner, check in CONDITIONS[name].items():
            check(what[inner])


def _period(value):
    if value not in ("day", "month"):
        whole(fields(value, ("every_s",))["every_s"])


def _addresses(value):
    need(isinstance(value, list), "not an array of addresses")
    for one in value:
        _pattern(ADDRESS)(one)


PAYER = {"account": _pattern(ADDRESS), "amount": _amount, "up_to": _amount,
         "all_available": _flag, "at_least": _amount}
PAYEE = {"account": _pattern(ADDRESS), "amount": _amount,
         "ratio": lambda value: whole(value, 2**32), "remainder": _flag}
CONDITIONS = {"not_after": None, "balance_at_least": {"account": _pattern(ADDRESS),
                                                      "amount": _amount},
              "account_version": {"account": _pattern(ADDRESS), "index": whole}}
ACCOUNT_KINDS = ("settlement", "customer", "issuance", "suspense", "fee", "netting",
                 "pool")
PAYMENT = {"from": _pattern(WHO), "to": _pattern(WHO), "amount": _amount}
LEG = {"debit": _pattern(ADDRESS), "credit": _pattern(ADDRESS), "asset": _pattern(ASSET),
       "amount": _amount}
NUMBERED = {"debit": lambda value: whole(value, 2**64), "credit": lambda value: whole(value, 2**64),
            "amount": _pattern(MINOR)}


def _list(shape):
    """A list of objects, of which those with a count may leave out all but the direction."""
    def check(value):
        need(isinstance(value, list), "not an array")
        for one in value:
            need(isinstance(one, dict), "no object in an array")
            lacking = ("seconds", "period", "amount", "count") if "count" in shape else ()
            names = [name for name in shape if name in one or name not in lacking]
            need(list(one) == names, "fields of an object in an array")
            for name in names:
                shape[name](one[name])
    return check


def _object(shape):
    """An object with exactly these fields."""
    def check(value):
        need(isinstance(value, dict) and list(value) == list(shape), "fields of an object")
        for name, one in shape.items():
            one(value[name])
    return check


def _u32(value):
    whole(value, 2**32)


def _some_of(shape, needed=()):
    """An object with some of these fields, in this order."""
    def check(value):
        need(isinstance(value, dict) and set(needed) <= set(value), "an object that lacks a field")
        need(list(value) == [name for name in shape if name in value], "fields of an object")
        for name in value:
            shape[name](value[name])
    return check


def _basis(value):
    if value == "none":
        return
    need(isinstance(value, dict) and len(value) == 1, "the basis of a fee")
    (name, what), = value.items()
    need(name in ("flat", "bps", "tiered"), f"unknown basis {name}")
    {"flat": _amount, "bps": _u32, "tiered": _all(_some_of(TIER))}[name](what)


def _fee_rules(value):
    _all(_some_of(FEE_RULE, ("basis",)))(value)


def _periodic(value):
    _all(_some_of(PERIODIC, ("period", "flat")))(value)


def _deal(value):
    need(isinstance(value, dict) and list(value) in (["quote"], ["rate"]), "what a deal is at")
    if "quote" in value:
        _pattern(UUID7)(value["quote"])
    else:
        _object(RATE)(value["rate"])


EXECUTE = {"base": _pattern(ADDRESS), "quote": _pattern(ADDRESS), "max": _amount}
RATE = {"provider": _pattern(WHO), "source": _pattern(WHO)}
VELOCITY = {"seconds": lambda value: whole(value, 2**32),
            "period": _word("day", "week", "month"),
            "direction": _word("debit", "credit", "net"),
            "amount": _amount, "count": lambda value: whole(value, 2**32)}
BILATERAL = {"counterparty": _pattern(WHO), "amount": _amount}
CHANGE = {"at": _time, "offset_min": _short}
LISTS = {"velocity": VELOCITY, "bilateral": BILATERAL, "offset_changes": CHANGE}
TAX = {"account": _pattern(ADDRESS), "bps": _u32}
TIER = {"up_to": _amount, "flat": _amount, "bps": _u32}
FEE_RULE = {"debit_kind": _word(*ACCOUNT_KINDS), "credit_kind": _word(*ACCOUNT_KINDS),
            "debit_owner": _pattern(WHO), "credit_owner": _pattern(WHO), "basis": _basis,
            "min": _amount, "max": _amount, "payer": _word("debtor", "creditor", "shared")}
PERIODIC = {"account_kind": _word(*ACCOUNT_KINDS), "account_owner": _pattern(WHO),
            "period": _word("month"), "flat": _amount}
_ID, _WHO, _ADDR = _pattern(UUID7), _pattern(WHO), _pattern(ADDRESS)
KINDS = {
    "transfer": {"id": _ID, "legs": _legs, "check": _word("net"), "queue": _terms,
                 "settlement_date": _date, "value_date": _date, "conditions": _conditions, "mandate": _ID,
                 "reference": _pattern(REFERENCE)},
    "issue": {"id": _ID, "account": _ADDR, "amount": _amount},
    "redeem": {"id": _ID, "account": _ADDR, "amount": _amount},
    "reserve": {"id": _ID, "legs": _named_legs, "expires_at": _time, "multi": _flag,
                "over_capture_bp": lambda value: whole(value, 2**16), "guaranteed": _flag},
    "capture": {"id": _ID, "hold": _ID, "amount": _amount, "final": _flag},
    "void": {"id": _ID, "hold": _ID},
    "cancel": {"id": _ID, "of": _ID},
    "requeue": {"id": _ID, "of": _ID, "priority": _word(*PRIORITIES),
                "position": _word("first", "last")},
    "add_participant": {"id": _ID, "participant": _WHO,
                        "role": _word("bank", "auditor", "operator"), "keys": _keys,
                        "threshold": whole, "bic": _pattern(BIC), "lei": _lei,
                        "state": _word(*STATES), "via": _WHO},
    "add_key": {"id": _ID, "participant": _WHO, "vkey": _text},
    "revoke_key": {"id": _ID, "participant": _WHO, "key_id": _pattern(KEY_ID)},
    "add_asset": {"id": _ID, "asset": _pattern(ASSET), "module": _text,
                  "module_version": whole},
    "set_asset_status": {"id": _ID, "asset": _pattern(ASSET),
                         "status": _word("active", "suspended", "retired")},
    "open_account": {"id": _ID, "address": _ADDR, "owner": _WHO,
                     "kind": _word(*ACCOUNT_KINDS),
                     "asset": _pattern(ASSET)},
    "close_account": {"id": _ID, "address": _ADDR},
    "set_limits": {"id": _ID, "address": _ADDR, "credit_line": _amount, "min_balance": _amount,
                   "per_transfer_max": _amount, "max_balance": _amount,
                   "velocity": _list(VELOCITY), "bilateral": _list(BILATERAL),
                   "multilateral": _amount},
    "freeze": {"id": _ID, "account": _ADDR, "participant": _WHO, "case": _pattern(CASE),
               "level": _word("no_debit", "no_credit", "none_allowed", "amount"),
               "amount": _amount, "expires_at": _time},
    "lift": {"id": _ID, "account": _ADDR, "participant": _WHO, "case": _pattern(CASE)},
    "reopen_account": {"id": _ID, "address": _ADDR},
    "suspend_participant": {"id": _ID, "participant": _WHO,
                            "incoming": _word("accept", "refuse"),
                            "queued": _word("keep", "revoke")},
    "resume_participant": {"id": _ID, "participant": _WHO},
    "admit_participant": {"id": _ID, "participant": _WHO, "to": _word(*STATES)},
    "terminate_participant": {"id": _ID, "participant": _WHO},
    "identify_participant": {"id": _ID, "participant": _WHO, "bic": _pattern(BIC), "lei": _lei},
    "set_via": {"id": _ID, "participant": _WHO, "via": _WHO},
    "set_participant_days": {"id": _ID, "participant": _WHO, "holidays": _all(_date)},
    "set_parameter": {"id": _ID, "name": _text, "value": whole},
    "protocol": {"id": _ID, "version": whole, "from_index": whole},
    "add_log_key": {"id": _ID, "vkey": _text, "proof": _text},
    "retire_log_key": {"id": _ID, "key_id": _pattern(KEY_ID)},
    "erase": {"id": _ID, "entry_index": whole, "basis": _text},
    "propose": {"id": _ID, "expires_at": _time, "instructions": _wishes},
    "approve": {"id": _ID, "of": _ID, "hash": _text, "entry_index": whole, "item": whole,
                "item_leaf": _text},
    "withdraw": {"id": _ID, "of": _ID},
    "decline": {"id": _ID, "of": _ID},
    "open_model": {"id": _ID, "model": _WHO, "asset": _pattern(ASSET), "close": _close,
                   "funding_s": whole, "count_unsettled_credits": _word("none", "same_model"),
                   "close_with_day": _word("CUSC", "IBKC", "SYSC"), "pool": _ADDR},
    "close_model": {"id": _ID, "model": _WHO},
    "join_model": {"id": _ID, "model": _WHO, "account": _ADDR, "net_debit_cap": _amount,
                   "still_owed": _amount},
    "clear": {"id": _ID, "model": _WHO, "payments": _payments},
    "close_window": {"id": _ID, "model": _WHO},
    "set_calendar": {"id": _ID, "asset": _pattern(ASSET), "valid_from": _date,
                     "good_days": _all(_word("mon", "tue", "wed", "thu", "fri", "sat", "sun")),
                     "holidays": _all(_date), "offset_min": _short,
                     "offset_changes": _list(CHANGE), "opens": _pattern(MINUTE),
                     "opens_day_before": _flag, "customer_cutoff": _pattern(MINUTE),
                     "interbank_cutoff": _pattern(MINUTE), "closes": _pattern(MINUTE),
                     "roll": _word("following", "modified_following", "preceding", "none"),
                     "cutoff_policy": _word("reject", "roll"),
                     "max_warehouse_days": lambda value: whole(value, 2**32),
                     "back_value_days": lambda value: whole(value, 2**32)},
    "return": {"id": _ID, "original": _original, "amount": _amount, "reason": _word(
        "AC01", "AC03", "AC04", "AC06", "AG01", "AM05", "AM09", "BE01", "CURR", "CUST", "DUPL",
        "FOCR", "FRAD", "LEGL", "MD06", "MD07", "MS02", "MS03", "RC01", "RR01", "RR02", "RR03",
        "RR04", "SVNR", "TECH", "UPAY")},
    "reverse": {"id": _ID, "original": _original, "amount": _amount,
                "reason": _word("AM05", "MS02", "MS03")},
    "recall": {"id": _ID, "original": _original, "reason": _word(
        "AC03", "AGNT", "AM09", "CURR", "CUST", "CUTA", "DUPL", "FRAD", "TECH", "UPAY")},
    "refuse_recall": {"id": _ID, "of": _ID,
                      "reason": _word("AC04", "AM04", "ARDT", "CUST", "LEGL", "NOAS")},
    "split": {"id": _ID, "asset": _pattern(ASSET), "payers": _parties(PAYER),
              "payees": _parties(PAYEE), "conditions": _conditions},
    "grant_mandate": {"id": _ID, "account": _ADDR, "to": _WHO, "per_transfer_max": _amount,
                      "total_max": _amount, "period": _period, "period_max": _amount,
                      "expires_at": _time, "creditors": _addresses},
    "revoke_mandate": {"id": _ID, "mandate": _ID},
    "set_posting": {"id": _ID, "debit": _word(*ACCOUNT_KINDS), "credit": _word(*ACCOUNT_KINDS),
                    "allowed": _flag},
    "set_provider": {"id": _ID, "participant": _WHO, "active": _flag},
    "set_rate": {"id": _ID, "base": _pattern(ASSET), "quote": _pattern(ASSET), "source": _WHO,
                 "bid": _pattern(RATIO), "ask": _pattern(RATIO), "valid_from": _time,
                 "valid_to": _time, "execute": _object(EXECUTE)},
    "withdraw_rate": {"id": _ID, "base": _pattern(ASSET), "quote": _pattern(ASSET),
                      "source": _WHO},
    "quote": {"id": _ID, "for": _WHO, "receive": _ADDR, "source_amount": _amount,
              "debit": _ADDR, "credit": _ADDR, "target_amount": _amount, "expires_at": _time},
    "convert": {"id": _ID, "debit": _ADDR, "credit": _ADDR, "fixed": _word("source", "target"),
                "amount": _amount, "limit": _amount, "at": _deal},
    "set_fees": {"id": _ID, "asset": _pattern(ASSET), "account": _ADDR, "tax": _object(TAX),
                 "rules": _fee_rules, "periodic": _periodic},
    "set_reservation": {"id": _ID, "address": _ADDR, "urgent": _amount, "high": _amount},
}
OPTIONAL = {"reference", "module_version", "credit_line", "min_balance", "per_transfer_max",
            "expires_at", "multi", "over_capture_bp", "guaranteed", "final", "max_balance",
            "velocity", "bilateral", "multilateral", "check", "queue", "priority", "position",
            "count_unsettled_credits", "settlement_date", "offset_changes", "opens_day_before",
            "conditions", "total_max", "period", "period_max", "creditors", "value_date",
            "back_value_days", "close_with_day", "pool", "still_owed"}
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
# Instructions about proposals.
ABOUT = ("propose", "approve", "withdraw", "decline")
WITH_TEXTS = ("transfer", "reserve", "clear", "split", "convert")


def _may_lack(kind, name):
    if kind == "propose" or (kind, name) == ("quote", "expires_at"):
        return False
    return name in OPTIONAL or name in MAY_LACK.get(kind, ())


def read_instruction(text):
    """(kind, fields) of the JSON of an instruction item, which has one spelling."""
    value = read_json(text)
    need(write_json(value) == text, "JSON of an instruction spelled otherwise")
    kind, found = _single(value)
    known = KINDS[kind]
    names = [name for name in known if name in found or not _may_lack(kind, name)]
    need(list(found) == names, f"fields of {kind}")
    for name in names:
        known[name](found[name])
    return kind, found


def _single(value):
    need(isinstance(value, dict) and len(value) == 1, "an instruction has one field")
    kind, found = next(iter(value.items()))
    need(kind in KINDS and isinstance(found, dict), f"unknown instruction {kind}")
    return kind, found


def id_bytes(text):
    """The 16 bytes of an instruction id."""
    return bytes.fromhex(text.replace("-", ""))


def id_time(data):
    """The time of an instruction id, in nanoseconds."""
    return int.from_bytes(data[:6], "big") * 1_000_000


def read_time(text):
    """Nanoseconds since 1970 of an RFC 3339 time."""
    match = TIME.fullmatch(text) if isinstance(text, str) else None
    need(match is not None, f"not a time: {text!r}")
    zone = "+00:00" if match[3] == "Z" else match[3]
    try:
        moment = datetime.datetime.fromisoformat(match[1] + zone)
    except ValueError:
        need(False, f"not a time: {text!r}")
    epoch = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
    whole_seconds = (moment - epoch) // datetime.timedelta(seconds=1)
    return whole_seconds * 10**9 + int((match[2] or "0").ljust(9, "0"))


def write_time(moment):
    """The one spelling of a time in items."""
    seconds, fraction = divmod(moment, 10**9)
    date = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=seconds)
    digits = str(fraction).rjust(9, "0").rstrip("0")
    return date.isoformat() + (f".{digits}" if digits else "") + "Z"


def is_numbered(wish):
    """Is a transfer the one of a binary batch?"""
    return any("asset" not in leg for leg in wish["legs"])


def minor_units(amount, scale):
    """An amount in units of 10^-scale; more decimal places are the caller's to refuse."""
    if MINOR.fullmatch(amount):
        return int(amount.split(" ")[0])
    digits, _, places = amount.partition(".")
    need(len(places) <= scale, "more decimal places than the scale")
    return int(digits + places.ljust(scale, "0"))


def places(amount):
    """Decimal places of an amount as typed; minor units have none of their own."""
    return len(amount.partition(".")[2])


def open_body(key, sealed):
    """Decrypt a body."""
    try:
        return AESGCM(key).decrypt(bytes(12), sealed, None)
    except (InvalidTag, ValueError):
        need(False, "the body does not open under its key")


class Body:
    """A body of content type application/json, read strictly."""

    def __init__(self, data):
        value = fields(read_json(utf8(data)), ("message_id", "created", "nonce", "instructions"),
                       ("atomic",))
        _pattern(MESSAGE_ID)(value["message_id"])
        unb64(value["nonce"], 16)
        atomic = value.get("atomic")
        need(atomic is None or isinstance(atomic, bool), "atomic is no boolean")
        need(isinstance(value["instructions"], list) and 1 <= len(value["instructions"]) <= 1000,
             "number of instructions")
        self.message_id, self.created = value["message_id"], read_time(value["created"])
        self.atomic = bool(atomic)
        self.instructions = [_of_body(one) for one in value["instructions"]]


def _ordered(one, shape):
    """An object of a list in a body, as items have it."""
    need(isinstance(one, dict) and set(one) <= set(shape), "an object in an array")
    return {name: one[name] for name in shape if one.get(name) is not None}


def _terms_of_body(value):
    """The terms of a queue as items have them."""
    found = {name: one for name, one in fields(value, (), TERMS).items() if one is not None}
    for name in ("reject_at", "till", "settle_from"):
        if name in found:
            found[name] = write_time(read_time(found[name]))
    return {name: found[name] for name in TERMS if name in found}


def _proposed(value):
    """What a body proposes, as items have it."""
    need(isinstance(value, list) and 1 <= len(value) <= 16, "number of proposed instructions")
    found = [_of_body(one) for one in value]
    for kind, _, words in found:
        need(kind not in ABOUT and words is None, "a proposal about proposals, or with texts")
    return [read_json(text) for _, text, _ in found]


def _condition_of_body(value):
    """A condition as items have it."""
    need(isinstance(value, dict) and len(value) == 1, "a condition has one field")
    (name, what), = value.items()
    if name == "not_after":
        return {name: write_time(read_time(what))}
    need(name in CONDITIONS, f"unknown condition {name}")
    return {name: {inner: fields(what, CONDITIONS[name])[inner] for inner in CONDITIONS[name]}}


def _fees_of_body(found):
    """A schedule of fees as items have it."""
    need(isinstance(found.get("rules"), list), "rules are not an array")
    rules = [_ordered(rule, FEE_RULE) for rule in found["rules"]]
    for rule in rules:
        basis = rule.get("basis")
        if basis == {"none": None}:
            rule["basis"] = "none"
        elif isinstance(basis, dict) and isinstance(basis.get("tiered"), list):
            rule["basis"] = {**basis, "tiered": [_ordered(one, TIER) for one in basis["tiered"]]}
    tax = {"tax": _ordered(found["tax"], TAX)} if "tax" in found else {}
    periodic = found.get("periodic")
    if periodic is not None:
        need(isinstance(periodic, list), "what is due for periods is not an array")
        periodic = {"periodic": [_ordered(fee, PERIODIC) for fee in periodic]}
    return {**found, "rules": rules, **tax, **(periodic or {})}


def _of_body(value):
    """(kind, JSON as in items, text part or None) of an instruction in a body."""
    kind, found = _single(value)
    found = {name: one for name, one in found.items() if one is not None}
    known = KINDS[kind]
    texts = {}
    if kind in WITH_TEXTS:
        texts = {name: found.pop(name) for name in TEXTS if name in found}
        for one in texts.values():
            _text(one)
    if kind == "clear":
        need(isinstance(found.get("payments"), list), "payments are not an array")
        found["payments"] = [{name: fields(one, PAYMENT)[name] for name in PAYMENT}
                             for one in found["payments"]]
    elif kind == "split":
        for name, shape in (("payers", PAYER), ("payees", PAYEE)):
            need(isinstance(found.get(name), list), f"{name} are not an array")
            found[name] = [_ordered(one, shape) for one in found[name]]
    elif kind in WITH_TEXTS and kind != "convert":
        need(isinstance(found.get("legs"), list), "legs are not an array")
        need("reference" not in found, "a reference in a body")
        found["legs"] = [{name: fields(leg, LEG)[name] for name in LEG} for leg in found["legs"]]
    if kind == "propose":
        found["instructions"] = _proposed(found.get("instructions"))
    if "original" in found:
        found["original"] = {name: fields(found["original"], ORIGINAL)[name] for name in ORIGINAL}
    if "conditions" in found:
        need(isinstance(found["conditions"], list), "conditions are not an array")
        found["conditions"] = [_condition_of_body(one) for one in found["conditions"]]
    if "queue" in found:
        found["queue"] = _terms_of_body(found["queue"])
    times = {"expires_at", "valid_to"} | ({"valid_from"} if kind == "set_rate" else set())
    for name in times & set(found):
        found[name] = write_time(read_time(found[name]))
    if "execute" in found:
        found["execute"] = {name: fields(found["execute"], EXECUTE)[name] for name in EXECUTE}
    if kind == "set_fees":
        found = _fees_of_body(found)
    if "rate" in found.get("at", ()):
        found["at"] = {"rate": {name: fields(found["at"]["rate"], RATE)[name] for name in RATE}}
    for name in set(LISTS) & set(found):
        need(isinstance(found[name], list), "not an array")
        found[name] = [_ordered(one, LISTS[name]) for one in found[name]]
        for one in found[name] if name == "offset_changes" else ():
            one["at"] = write_time(read_time(one.get("at")))
    lacking = [name for name in known if _may_lack(kind, name)]
    fields(found, [name for name in known if name not in lacking], lacking)
    text = write_json({kind: {name: found[name] for name in known if name in found}})
    read_instruction(text)
    return kind, text, write_json(texts).encode() if texts else None
