"""Notes, checkpoints, proof files and statements (SPEC: Notes to Checkpoint, Proof file)."""
import re
from dataclasses import dataclass

import ed
import tree
from base import Malformed, b64, decimal, need, sha, unb64, utf8


@dataclass
class Note:
    """A signed note: text with its final LF, and (name, key id, signature) a line."""

    text: str
    lines: list

    @staticmethod
    def read(data):
        """Read a note by its form alone."""
        need(len(data) <= 1_000_000, "note too long")
        note = utf8(data)
        need(not any(ord(c) < 32 and c != "\n" for c in note), "control character in a note")
        cut = note.rfind("\n\n")
        need(cut > 0 and note.endswith("\n"), "not a note")
        text, lines = note[:cut + 1], note[cut + 2:].split("\n")[:-1]
        need(1 <= len(lines) <= 100, "number of signature lines")
        found = [signature_line(line) for line in lines]
        need(len({entry[:2] for entry in found}) == len(found), "two lines of one key")
        return Note(text, found)

    def signed_by(self, keys):
        """The given keys that signed; a bad signature of any of them spoils the note."""
        known = {(key.name, key.key_id): key for key in keys}
        signers = []
        for name, key_id, signature in self.lines:
            key = known.get((name, key_id))
            if key is None:
                continue
            need(ed.holds(key.public, signature, self.text.encode()),
                 f"signature of {name}+{key_id.hex()} does not hold")
            signers.append(key)
        need(signers, "no known key has signed")
        return signers


def signature_words(text):
    """Read `<name> <base64(key id || signature)>`."""
    words = text.split(" ")
    need(len(words) == 2 and ed.name_ok(words[0]), "bad signature line")
    data = unb64(words[1])
    need(len(data) > 4, "signature line without signature")
    return words[0], data[:4], data[4:]


def signature_line(line):
    """Read a signature line of a note."""
    need(line.startswith("\u2014 "), "signature line without dash")
    return signature_words(line[2:])


@dataclass
class Checkpoint:
    """Origin, size and root of a log, with the note that states them."""

    origin: str
    size: int
    root: bytes
    note: Note

    @staticmethod
    def read(data):
        """Read a checkpoint note by its form alone."""
        note = Note.read(data)
        lines = note.text.split("\n")
        need(len(lines) == 4 and lines[3] == "", "a checkpoint has three lines")
        origin, size, root = lines[0], decimal(lines[1]), unb64(lines[2], 32)
        need(ed.name_ok(origin) and len(origin.encode()) <= 255, "bad origin")
        need(size > 0 or root == sha(), "root of an empty tree")
        return Checkpoint(origin, size, root, note)

    def check(self, key):
        """The key has signed, and it is the key of this log."""
        self.note.signed_by([key])
        need(self.origin == key.name, "checkpoint of another log")


def check_proof_file(text, index, leaf_hash, key):
    """Verify a proof file for one entry; gives back its checkpoint."""
    head, gap, note = text.partition("\n\n")
    need(bool(gap), "proof file without checkpoint")
    lines = head.split("\n")
    need(lines[0] == "c2sp.org/tlog-proof@v1" and len(lines) >= 2, "not a proof file")
    match = re.fullmatch(r"index (\S+)", lines[1], re.ASCII)
    need(match is not None, "no index line")
    need(decimal(match[1]) == index, "the proof is for another entry")
    hashes = [unb64(line, 32) for line in lines[2:]]
    need(len(hashes) <= 63, "too many hashes")
    checkpoint = Checkpoint.read(note.encode())
    checkpoint.check(key)
    if tree.proven_root(leaf_hash, index, checkpoint.size, hashes) != checkpoint.root:
        raise Malformed("the entry does not lead to the checkpoint")
    return checkpoint


def submission_text(origin, genesis_hash, submitter, content_type, body_hash):
    """The statement that a submission is signed under."""
    lines = ("quittance submission v1", origin, b64(genesis_hash), submitter, content_type,
             b64(body_hash))
    return "".join(line + "\n" for line in lines).encode()


def genesis_text(origin, item_hash):
    """The statement that a genesis document is signed under."""
    return f"quittance genesis v1\n{origin}\n{b64(item_hash)}\n".encode()
