"""A bank's client in a few lines: what to sign, how to send it, how to read.

It needs the standard library and `cryptography` (for Ed25519), and nothing of Quittance's code.
The guide `docs/guide/bank.md` explains it step by step.
"""

import base64
import contextlib
import datetime
import hashlib
import http.client as http_client
import json
import os
import time
import urllib.parse
import uuid

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ED25519 = b"\x01"  # the algorithm byte of signed notes
JSON = "application/json"


def b64(data):
    return base64.b64encode(data).decode("ascii")


# [key
class Key:
    """A signing key with a name `<participant>/<label>`."""

    def __init__(self, name, private=None):
        self.name = name
        self.private = private or Ed25519PrivateKey.generate()
        public = self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.id = hashlib.sha256(name.encode() + b"\n" + ED25519 + public).digest()[:4]
        self.vkey = "%s+%s+%s" % (name, self.id.hex(), b64(ED25519 + public))

    def sign(self, text):
        """A signature as it stands in headers and, behind a dash, in signed notes."""
        return "%s %s" % (self.name, b64(self.id + self.private.sign(text.encode())))
# key]


class Answer:
    """Status, headers and body of an HTTP answer, good or bad."""

    def __init__(self, status, headers, data):
        self.status = status
        self.headers = headers
        self.data = data

    @property
    def json(self):
        return json.loads(self.data)

    @property
    def replayed(self):
        return self.headers.get("Quittance-Replayed") == "true"


def http(method, url, data=None, headers=()):
    """One request. `headers` are pairs: one name may stand several times, as with two signers."""
    parts = urllib.parse.urlsplit(url)
    connection = http_client.HTTPConnection(parts.netloc, timeout=30)
    with contextlib.closing(connection):
        connection.putrequest(method, parts.path + ("?" + parts.query if parts.query else ""))
        for name, value in headers:
            connection.putheader(name, value)
        if data is not None:
            connection.putheader("Content-Length", str(len(data)))
        connection.endheaders(data)
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read())


def now():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


# [message
def uuid7():
    """48 bits of milliseconds, version, 12 random bits, variant, 62 random bits."""
    number = int.from_bytes(os.urandom(16), "big")
    number = (number & ((1 << 80) - 1)) | (int(time.time() * 1000) << 80)
    number = (number & ~(0xF << 76)) | (7 << 76)
    number = (number & ~(0x3 << 62)) | (2 << 62)
    return str(uuid.UUID(int=number))


def message(instructions, **fields):
    """The bytes of a message. Keep them: a retry sends these very bytes again."""
    content = {
        "message_id": "%s-%s" % (now()[:10], os.urandom(6).hex()),
        "created": now(),
        "nonce": b64(os.urandom(16)),
        "instructions": instructions,
    }
    content.update(fields)
    return json.dumps(content).encode()


def transfer(debit, credit, asset, amount, **texts):
    leg = {"debit": debit, "credit": credit, "asset": asset, "amount": amount}
    return {"transfer": dict({"id": uuid7(), "legs": [leg]}, **texts)}
# message]


class Client:
    """One participant at one node."""

    def __init__(self, url, participant, key):
        self.url = url.rstrip("/")
        self.participant = participant
        self.key = key
        self.token = None
        log = http("GET", self.url + "/v1/log").json
        # Compare these two once with what the operator told you by another way.
        self.origin = log["origin"]
        self.genesis = log["genesis_hash"]

    # [submit
    def statement(self, body, purpose="submission", content_type=JSON):
        lines = [
            "quittance %s v1" % purpose,
            self.origin,
            self.genesis,
            self.participant,
            content_type,
            b64(hashlib.sha256(body).digest()),
        ]
        return "".join(line + "\n" for line in lines)

    def post(self, path, body, signatures, content_type=JSON):
        headers = [("Content-Type", content_type), ("Quittance-Submitter", self.participant)]
        headers += [("Quittance-Signature", signature) for signature in signatures]
        return http("POST", self.url + path, body, headers)

    def submit(self, body):
        return self.post("/v1/submissions", body, [self.key.sign(self.statement(body))])
    # submit]

    # [retry
    def submit_surely(self, body, attempts=5):
        """Sends identical bytes until there is an answer that another attempt cannot change."""
        for attempt in range(attempts):
            try:
                answer = self.submit(body)
                if answer.status not in (408, 500, 503):
                    return answer
                wait = float(answer.headers.get("Retry-After", 0.1 * 2**attempt))
            except OSError:
                wait = 0.1 * 2**attempt
            time.sleep(wait)
        raise TimeoutError("no answer; what became of it is known to the log: ask again")
    # retry]

    def dry_run(self, body):
        statement = self.statement(body, purpose="dry-run")
        return self.post("/v1/dry-runs", body, [self.key.sign(statement)])

    # [session
    def session_note(self):
        """A signed note of this moment: its time must be within 60 seconds."""
        lines = [
            "quittance session v1",
            self.origin,
            self.genesis,
            self.participant,
            now(),
            b64(os.urandom(16)),
        ]
        text = "".join(line + "\n" for line in lines)
        return "%s\n\u2014 %s\n" % (text, self.key.sign(text))

    def open_session(self):
        """The note in, a bearer token out."""
        note = self.session_note()
        headers = [("Content-Type", "text/plain")]
        answer = http("POST", self.url + "/v1/sessions", note.encode(), headers)
        if answer.status in (200, 201):
            self.token = answer.json["token"]
        return answer
    # session]

    def get(self, path, **query):
        url = self.url + path
        if query:
            url += "?" + urllib.parse.urlencode(query)
        headers = [("Authorization", "Bearer " + self.token)] if self.token else []
        return http("GET", url, headers=headers)
