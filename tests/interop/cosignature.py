"""Verifies a cosigned checkpoint by a policy, from the specifications alone (C2SP signed-note,
tlog-checkpoint, tlog-cosignature, tlog-policy).

    cosignature.py POLICY NOTE       exit status 0 if every witness of the policy has cosigned
"""

import base64
import hashlib
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def parse_vkey(vkey, algorithm):
    name, key_id, key = vkey.split("+", 2)
    key = base64.b64decode(key, validate=True)
    assert key[0] == algorithm and len(key) == 33, vkey
    assert hashlib.sha256(name.encode() + b"\n" + key).hexdigest()[:8] == key_id, vkey
    return name, bytes.fromhex(key_id), Ed25519PublicKey.from_public_bytes(key[1:])


def lines_of(note):
    text, _, lines = note.rpartition("\n\n")
    found = []
    for line in lines.splitlines():
        dash, name, signature = line.split(" ")
        assert dash == "\u2014", line
        raw = base64.b64decode(signature, validate=True)
        found.append((name, raw[:4], raw[4:]))
    return text + "\n", found


def holds(key, message, signature):
    try:
        key.verify(signature, message)
        return True
    except InvalidSignature:
        return False


def main(policy, note):
    text, lines = lines_of(note)
    signed = cosigned = witnesses = 0
    for words in (line.split() for line in policy.splitlines()):
        if words[:1] == ["log"]:
            name, key_id, key = parse_vkey(words[1], 1)
            assert text.startswith(name + "\n")
            found = [s for n, i, s in lines if (n, i) == (name, key_id)]
            signed += any(holds(key, text.encode(), s) for s in found)
        elif words[:1] == ["witness"]:
            witnesses += 1
            name, key_id, key = parse_vkey(words[2], 4)
            for n, i, s in lines:
                if (n, i) != (name, key_id):
                    continue
                assert len(s) == 72
                time = int.from_bytes(s[:8], "big")
                message = f"cosignature/v1\ntime {time}\n{text}".encode()
                assert holds(key, message, s[8:]), words[1]
                assert not holds(key, message + b"\n", s[8:])
                cosigned += 1
                print(f"ok   {words[1]} cosigned at {time}")
    assert signed >= 1, "the log has not signed"
    assert cosigned == witnesses > 0, f"{cosigned} of {witnesses} witnesses"


if __name__ == "__main__":
    main(*(open(path, encoding="utf-8").read() for path in sys.argv[1:3]))
