"""Ed25519 as SPEC believes it, and verifier keys (SPEC: Keys and signatures)."""
import functools
import re
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from base import b64, need, sha, unb64

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT_OF_MINUS_1 = pow(2, (P - 1) // 4, P)
NEUTRAL = (0, 1, 1, 0)


def _add(one, two):
    a = (one[1] - one[0]) * (two[1] - two[0]) % P
    b = (one[1] + one[0]) * (two[1] + two[0]) % P
    c = 2 * one[3] * two[3] * D % P
    d = 2 * one[2] * two[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def _times(scalar, point):
    total = NEUTRAL
    while scalar:
        if scalar & 1:
            total = _add(total, point)
        point, scalar = _add(point, point), scalar >> 1
    return total


def _neutral(point):
    return point[0] % P == 0 and (point[1] - point[2]) % P == 0


@functools.lru_cache(maxsize=4096)
def point_of(data):
    """(point or None, is the encoding canonical) of 32 bytes."""
    number = int.from_bytes(data, "little")
    sign, y = number >> 255, number & (2**255 - 1)
    canonical, y = y < P, y % P
    x2 = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P:
        x = x * ROOT_OF_MINUS_1 % P
    if (x * x - x2) % P:
        return None, canonical
    if x == 0 and sign:
        canonical = False
    if x & 1 != sign:
        x = P - x if x else 0
    return (x, y, 1, x * y % P), canonical


@functools.lru_cache(maxsize=4096)
def small_order(data):
    """Has the encoded point small order?"""
    point, _ = point_of(data)
    return point is None or _neutral(_times(8, point))


@functools.lru_cache(maxsize=4096)
def registrable(public):
    """Canonical, not of small order, no component of small order."""
    point, canonical = point_of(public)
    if point is None or not canonical or small_order(public):
        return False
    return _neutral(_times(ORDER, point))


def holds(public, signature, message):
    """Is this signature believed?"""
    if len(signature) != 64:
        return False
    r_bytes, s = signature[:32], int.from_bytes(signature[32:], "little")
    point, canonical = point_of(r_bytes)
    if point is None or not canonical or s >= ORDER:
        return False
    if small_order(r_bytes) or small_order(public):
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def name_ok(name):
    """May this be the name of a key?"""
    bad = any(c.isspace() or c == "+" or ord(c) < 32 or 127 <= ord(c) < 160 for c in name)
    return bool(name) and not bad


@dataclass(frozen=True)
class Vkey:
    """A verifier key: name, key id (4 bytes), public key, and its line."""

    name: str
    key_id: bytes
    public: bytes
    line: str

    @staticmethod
    def read(line, algorithm=1):
        """Read `<name>+<key id>+<base64>` strictly."""
        need(isinstance(line, str), "a verifier key is not a string")
        parts = line.split("+", 2)
        need(len(parts) == 3, "verifier key has not three parts")
        name, hex_id, rest = parts
        need(name_ok(name), "bad name of a key")
        need(re.fullmatch(r"[0-9a-f]{8}", hex_id) is not None, "bad key id")
        data = unb64(rest, 33)
        need(data[0] == algorithm, "algorithm of the key")
        key_id = sha(name.encode(), b"\n", data)[:4]
        need(key_id.hex() == hex_id, "key id is another key's")
        need(point_of(data[1:])[0] is not None, "not a curve point")
        return Vkey(name, key_id, data[1:], line)

    @staticmethod
    def make(name, public):
        """The verifier key of a name and public key."""
        data = b"\x01" + public
        key_id = sha(name.encode(), b"\n", data)[:4]
        return Vkey(name, key_id, public, f"{name}+{key_id.hex()}+{b64(data)}")
