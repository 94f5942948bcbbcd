"""Who may sign: the keys that the log itself has registered, from what its items state."""

import json

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

import receipt
from whole import curve
from whole.found import Diverges, same

APPLIED = 2


def b64(data):
    return receipt.base64.b64encode(data).decode()


def vkey_parts(text):
    """Name, key id and public key of a vkey."""
    try:
        name, key_id, _ = receipt.parse_vkey(text)
        key = receipt.unb64(text.split("+", 2)[2], 33)
    except ValueError:
        raise receipt.Bad("not a vkey") from None
    receipt.check(text == text.strip() and name, "not a vkey")
    return name, key_id, key[1:]


class Registry:
    def __init__(self):
        self.keys = {}          # (name, key id) to (participant, key)
        self.erased = set()     # entries that the log says are erased
        self.log_keys = {}      # vkey to [added, retired or None]
        self.statement = None
        self.signatures = 0

    def found(self, entry_leaf, items, vkey):
        """Entry 0: its document names the log's key and the founding keys, which all signed it."""
        if len(items) != 2 or items[0]["item"] != "authorisation" or items[1]["item"] != "genesis":
            raise Diverges(0, "the items", "an authorisation and a genesis document", "others")
        who, data = items[0], items[1]["bytes"]
        document = json.loads(items[1]["json"])
        origin, digest = document["origin"], receipt.sha256(data)
        same(0, "the origin in the genesis document", receipt.parse_vkey(vkey)[0], origin)
        same(0, "the body hash of item 0", digest, who["body_hash"])
        self.log_keys[document["log_vkey"]] = [0, None]
        self.statement = "quittance submission v1\n%s\n%s\n" % (origin, b64(entry_leaf))
        text = "quittance genesis v1\n%s\n%s\n" % (origin, b64(digest))
        for key in document["operators"]["keys"]:
            self.add(0, "operators", key)
        signed = {(name, key_id) for name, key_id, _ in who["signatures"]}
        for name, key_id in self.keys:
            if (name, key_id) not in signed:
                raise Diverges(0, "the founding signatures", "one by %s" % name, "none")
        self.verify(0, who["signatures"], text)
        return document

    def signing(self, size):
        """The log's own keys that sign a checkpoint of this size."""
        return [vkey for vkey, (added, retired) in self.log_keys.items()
                if added < size and (retired is None or size <= retired)]

    def add(self, index, participant, vkey):
        try:
            name, key_id, public = vkey_parts(vkey)
        except receipt.Bad as error:
            raise Diverges(index, "a registered key", "a vkey", error) from None
        if not curve.registrable(public):
            raise Diverges(index, "the registered key %s" % name, "one of the usual sort", public)
        self.keys[name, key_id] = participant, Ed25519PublicKey.from_public_bytes(public)

    def check(self, index, who):
        """The signatures over a submission, by keys that are registered at this entry."""
        if not who["signatures"]:
            raise Diverges(index, "the signatures", "at least one", "none")
        text = self.statement + "%s\n%s\n%s\n" % (
            who["submitter"], who["content_type"], b64(who["body_hash"]))
        self.verify(index, who["signatures"], text)

    def verify(self, index, signatures, text):
        message = text.encode()
        for name, key_id, signature in signatures:
            what = "the signature by %s" % name
            registered = self.keys.get((name, key_id))
            if registered is None:
                raise Diverges(index, what, "by a key that is active here", "no such key")
            try:
                registered[1].verify(signature, message)
            except InvalidSignature:
                raise Diverges(index, what, "over this submission", "another one") from None
            if signature[:32] in curve.small():
                raise Diverges(index, what, "an R that is not of small order", signature[:32])
            self.signatures += 1

    def signers(self, who):
        """How many keys of each participant have signed."""
        distinct, counts = set(), {}
        for name, key_id, _ in who["signatures"]:
            participant = self.keys[name, key_id][0]
            if (name, key_id) not in distinct:
                distinct.add((name, key_id))
                counts[participant] = counts.get(participant, 0) + 1
        return counts

    def follow(self, index, items):
        """Takes note of keys that came and went, as the entry's items state it."""
        for item in items:
            if item["item"] != "instruction" or item["outcome"] != APPLIED:
                continue
            try:
                (kind, fields), = json.loads(item["json"]).items()
                self.govern(index, kind, fields)
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise Diverges(index, "an instruction", "its fields", repr(error)) from None

    def govern(self, index, kind, fields):
        if kind == "add_participant":
            for key in fields["keys"]:
                self.add(index, fields["participant"], key)
        elif kind == "add_key":
            self.add(index, fields["participant"], fields["vkey"])
        elif kind == "revoke_key":
            key_id = bytes.fromhex(fields["key_id"])
            for place, (participant, _) in list(self.keys.items()):
                if place[1] == key_id and participant == fields["participant"]:
                    del self.keys[place]
        elif kind == "terminate_participant":
            for place, (participant, _) in list(self.keys.items()):
                if participant == fields["participant"]:
                    del self.keys[place]
        elif kind == "add_log_key":
            self.log_keys[fields["vkey"]] = [index, None]
        elif kind == "retire_log_key":
            for vkey, span in self.log_keys.items():
                if vkey_parts(vkey)[1].hex() == fields["key_id"]:
                    span[1] = index
        elif kind == "erase":
            self.erased.add(fields["entry_index"])
