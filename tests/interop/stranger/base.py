"""Bytes, text and errors that every other module uses (SPEC: Conventions)."""
import base64
import hashlib
import json
import re

U64_ALL_ONES = 2**64 - 1
U32_ALL_ONES = 2**32 - 1
ZERO_HASH = bytes(32)


class Malformed(Exception):
    """Bytes that are not in the one form that SPEC allows."""


class Missing(Exception):
    """Something needed for a check is not there: neither right nor wrong."""


class Diverged(Exception):
    """A log or ledger that is not what SPEC makes it."""

    def __init__(self, index, what, expected="", found=""):
        super().__init__(what)
        self.index, self.what, self.expected, self.found = index, what, expected, found

    def __str__(self):
        where = "log" if self.index is None else f"entry {self.index}"
        text = f"{where}: {self.what}"
        if self.expected != "" or self.found != "":
            text += f"; expected {show(self.expected)}, found {show(self.found)}"
        return text


def show(value):
    """A value for a message, hashes in hex."""
    return value.hex() if isinstance(value, bytes) else str(value)


def need(condition, what):
    """Refuse as malformed unless the condition holds."""
    if not condition:
        raise Malformed(what)


def sha(*parts):
    """SHA-256 over the parts, one behind the other."""
    return hashlib.sha256(b"".join(parts)).digest()


def b64(data):
    """Base64 as SPEC spells it."""
    return base64.b64encode(data).decode("ascii")


def unb64(text, length=None):
    """Read base64 strictly: alphabet, padding and loose bits; a length if one is due."""
    need(isinstance(text, str), "base64 is not a string")
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise Malformed(f"not base64: {text[:40]!r}") from error
    need(b64(data) == text, f"base64 spelled otherwise: {text[:40]!r}")
    need(length is None or len(data) == length, f"{len(data)} bytes instead of {length}")
    return data


def decimal(text, limit=2**64):
    """Read a decimal number: digits, no sign, no leading zeros."""
    need(re.fullmatch(r"0|[1-9][0-9]*", text, re.ASCII) is not None, f"not a number: {text!r}")
    number = int(text)
    need(number < limit, f"number too large: {text}")
    return number


def utf8(data):
    """Decode UTF-8 strictly."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed("not UTF-8") from error


def _no_twins(pairs):
    names = [name for name, _ in pairs]
    need(len(names) == len(set(names)), "a JSON field stands twice")
    return dict(pairs)


def read_json(text):
    """Parse JSON; fields that stand twice and NaN are refused."""
    def refuse(word):
        raise Malformed(f"JSON constant {word}")
    try:
        return json.loads(text, object_pairs_hook=_no_twins, parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise Malformed(f"not JSON: {error}") from error


def write_json(value):
    """JSON without white space and with the escapes of SPEC, Instructions."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def fields(value, required, optional=()):
    """Check that a JSON object has just these fields."""
    need(isinstance(value, dict), "not a JSON object")
    names = set(value)
    need(set(required) <= names, f"missing fields {sorted(set(required) - names)}")
    extra = names - set(required) - set(optional)
    need(not extra, f"unknown fields {sorted(extra)}")
    return value


def whole(value, limit=2**64):
    """A JSON number that is a whole number from 0 up to a limit."""
    need(type(value) is int and 0 <= value < limit, f"not a whole number in range: {value!r}")
    return value


class Reader:
    """Reads big-endian fields one behind the other and refuses what is left over."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, count):
        """The next bytes."""
        need(self.at + count <= len(self.data), "bytes are missing")
        self.at += count
        return self.data[self.at - count:self.at]

    def number(self, size):
        """The next unsigned integer of so many bytes."""
        return int.from_bytes(self.take(size), "big")

    def text(self, size=1):
        """A length of so many bytes, then UTF-8."""
        return utf8(self.take(self.number(size)))

    def end(self):
        """Nothing may follow."""
        need(self.at == len(self.data), "bytes are left over")


def u(number, size):
    """A big-endian unsigned integer."""
    return number.to_bytes(size, "big")
