"""A sandbox node of one's own: started in a folder, with an operator who sets it up."""

import json
import os
import pathlib
import subprocess
import time

import client


class Node:
    def __init__(self, binary, folder):
        self.binary = binary
        self.folder = pathlib.Path(folder)
        self.process = None
        self.url = None

    def start(self, seconds=60):
        """Starts the node on ports of the system's choice and waits until it answers."""
        self.folder.mkdir(parents=True, exist_ok=True)
        run_json = self.folder / "data" / "run.json"
        if run_json.exists():
            run_json.unlink()
        environment = dict(
            os.environ, QUITTANCE__API__LISTEN="127.0.0.1:0", QUITTANCE__ADMIN__LISTEN="127.0.0.1:0"
        )
        with open(self.folder / "node.log", "ab") as log:
            self.process = subprocess.Popen(
                [self.binary, "run"], cwd=self.folder, env=environment, stdout=log, stderr=log
            )
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.process.poll() is not None:
                break
            try:
                self.url = "http://" + json.loads(run_json.read_text())["public"]
                if client.http("GET", self.url + "/v1/log").status == 200:
                    return self
            except (OSError, ValueError):
                pass
            time.sleep(0.05)
        self.stop()
        raise SystemExit("the node did not start:\n" + (self.folder / "node.log").read_text())

    def attach(self):
        """Uses a node that runs in the folder already."""
        self.url = "http://" + json.loads((self.folder / "data" / "run.json").read_text())["public"]
        return self

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    @property
    def vkey(self):
        """The log's key, from the operator's own disk: not from the node that is to be checked."""
        return (self.folder / "data" / "log.vkey").read_text().strip()

    def command(self, *arguments):
        """Runs the binary beside the node."""
        return subprocess.run(
            [self.binary, *map(str, arguments)],
            cwd=self.folder, capture_output=True, text=True, timeout=120,
        )

    def operator(self, *instructions):
        """Submits instructions as the operator would: with the command line and its key.

        Exit status 1 means that the answer has a refusal, 3 that something waits; the caller looks
        at the outcomes.
        """
        name = self.folder / ("operator-%s.json" % client.uuid7())
        name.write_bytes(client.message(list(instructions), atomic=True))
        done = self.command(
            "submit", name, "--url", self.url, "--as", "operators",
            "--key", "data/keys/operator-1.pem", "--log-vkey", "data/log.vkey", "--output", "json",
        )
        if done.returncode not in (0, 1, 3) or not done.stdout:
            raise SystemExit("the operator's submission failed:\n" + done.stdout + done.stderr)
        return json.loads(done.stdout)
