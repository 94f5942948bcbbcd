#!/usr/bin/env python3
"""A node that answers batches with what a test says: the answers of `chain/vectors/batch.json`.

    answers.py COMMAND...

runs COMMAND once for each answer, with the server's address behind it, as a client that sends the
batch of the vector `encoder` would be run. Good answers must end with the exit status that says what
became of the records, and all others with 2; a busy server is asked again.
"""

import http.server
import json
import pathlib
import subprocess
import sys
import threading

VECTORS = pathlib.Path(__file__).resolve().parents[2] / "chain" / "vectors"
OUTCOMES = "application/vnd.quittance.outcomes"


def cases():
    """Answers one behind the other, and the exit status that they must lead to."""
    vectors = json.loads((VECTORS / "batch.json").read_text())
    good = bytes.fromhex(vectors["answer"]["bytes"])
    rows = len(vectors["answer"]["rows"])
    yield "an answer with refusals", [(201, OUTCOMES, good)], 1
    settled = bytearray(good)
    settled[32:36] = rows.to_bytes(4, "little")
    settled[64:64 + 16 * rows] = (b"\1\0\xff\xff" + bytes(12)) * rows
    yield "an answer without", [(200, OUTCOMES, bytes(settled))], 0
    busy = [(503, "application/problem+json", b"{}"), (429, "application/problem+json", b"{}")]
    yield "an answer after two that ask to come later", busy + [(201, OUTCOMES, good)], 1
    for case in vectors["refused_answers"]:
        yield case["why"], [(201, OUTCOMES, bytes.fromhex(case["bytes"]))], 2
    for case in vectors["refused_rows"]:
        changed = good[:64] + bytes.fromhex(case["bytes"]) + good[80:]
        yield case["why"] + " in a row", [(201, OUTCOMES, changed)], 2
    other = bytes.fromhex(vectors["accepted_answers"][0]["bytes"])
    yield "an answer to a batch of one record", [(201, OUTCOMES, other)], 2
    miscounted = bytearray(good)
    miscounted[32] += 1
    yield "a header that counts otherwise", [(201, OUTCOMES, bytes(miscounted))], 2
    yield "another content type", [(201, "application/json", good)], 2
    yield "a problem", [(422, "application/problem+json", b'{"code":"X"}')], 2


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        status, kind, data = self.server.answers.pop(0)
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Retry-After", "0")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


def main():
    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = "http://127.0.0.1:%d" % server.server_port
    count = 0
    for what, answers, wanted in cases():
        server.answers = list(answers)
        done = subprocess.run(sys.argv[1:] + ["--url", url], capture_output=True, text=True, timeout=60)
        if done.returncode != wanted or server.answers:
            raise SystemExit("FAILED: %s: exit status %d, not %d, %d answers left\n%s%s" % (
                what, done.returncode, wanted, len(server.answers), done.stdout, done.stderr))
        count += 1
    server.shutdown()
    print("ok   %d answers, believed or refused as they should be" % count)


if __name__ == "__main__":
    main()
