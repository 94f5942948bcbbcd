#!/usr/bin/env python3
"""Compares the instructions of every stage with those of baseline.json.

    python3 benches/compare.py             counts, prints a table, ends with 1 where they differ
    python3 benches/compare.py --accept    counts, and writes baseline.json anew
    python3 benches/compare.py --from F    reads the counts from F, what gungraun printed as JSON

Needs valgrind. The runner of gungraun is installed under target/ci, in the version of Cargo.lock.
The bench is built as what ships is, with the release profile: other profiles count otherwise.
"""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BASELINE = ROOT / "benches" / "baseline.json"
TOOLS = ROOT / "target" / "ci"
ACCEPT = "python3 benches/compare.py --accept"

# A stage that needs so much more or less is looked at: a loss is undone or accepted, a gain is
# recorded, or the next loss hides in it.
TOLERANCE_PERCENT = 5.0


class Failure(Exception):
    """What ends the run with one line."""


def locked(name):
    """The version of a package in Cargo.lock."""
    lines = (ROOT / "Cargo.lock").read_text(encoding="utf-8").splitlines()
    for line, following in zip(lines, lines[1:]):
        if line == f'name = "{name}"':
            return following.split('"')[1]
    raise Failure(f"Cargo.lock has no {name}")


def environment():
    """The environment of the bench: with the runner, and without anything that changes the code."""
    version = locked("gungraun")
    binary = TOOLS / "bin" / "gungraun-runner"
    environ = dict(os.environ, PATH=f"{binary.parent}{os.pathsep}{os.environ['PATH']}")
    # Other people's settings of gungraun would count something else.
    for name in [name for name in environ if name.startswith("GUNGRAUN_")]:
        del environ[name]
    if binary.exists():
        said = subprocess.run([binary, "--version"], capture_output=True, text=True, check=False)
        if said.stdout.split()[-1:] == [version]:
            return environ
    command = ["cargo", "install", "--quiet", "--locked", "--force", "--debug", "--root", TOOLS]
    command += ["--target-dir", TOOLS / "gungraun", "--version", version, "gungraun-runner"]
    subprocess.run(command, check=True, cwd=ROOT, env=environ)
    return environ


def measured():
    """What gungraun prints: a line of JSON for each stage."""
    if shutil.which("valgrind") is None:
        raise Failure("missing tool: valgrind")
    command = ["cargo", "bench", "--locked", "--profile", "release", "-p", "quittance-benches"]
    command += ["--no-default-features", "--bench", "instructions"]
    command += ["--", "--output-format=json"]
    run = subprocess.run(
        command, stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT, env=environment()
    )
    return run.stdout


def counts(printed):
    """Stage to instructions."""
    found = {}
    for line in printed.splitlines():
        if not line.startswith("{"):
            continue
        summary = json.loads(line)
        (profile,) = summary["profiles"]
        counted = profile["data"]["total"]["metrics"]["Ir"]["values"]["new"]
        found[f"{summary['function_name']}::{summary['id']}"] = counted
    if not found:
        raise Failure("gungraun counted nothing")
    # What callgrind does not find by its name has no instructions.
    unseen = [stage for stage, counted in found.items() if not counted]
    if unseen:
        raise Failure(f"callgrind saw nothing of {', '.join(unseen)}")
    return found


def judge(recorded, found):
    """Lines of a table, and how many stages are not as they are recorded."""
    width = max(map(len, [*recorded, *found]))
    lines = [f"{'stage':{width}}  {'recorded':>13}  {'now':>13}   change"]
    wrong = 0
    for stage in {**recorded, **found}:
        before, now = recorded.get(stage), found.get(stage)
        if before is None:
            mark = "NOT RECORDED"
        elif now is None:
            mark = "GONE"
        else:
            change = 100 * (now - before) / before
            mark = f"{change:+.2f} %"
            if abs(change) > TOLERANCE_PERCENT:
                mark += "  MORE" if change > 0 else "  LESS"
        failed = mark[-1] != "%"
        wrong += failed
        number = lambda count: "" if count is None else f"{count:,}"
        lines.append(f"{stage:{width}}  {number(before):>13}  {number(now):>13}   {mark}")
    return lines, wrong


def machine():
    """What counts depend on besides the code; the compiler's version is pinned."""
    rustc = subprocess.run(["rustc", "--version"], capture_output=True, text=True, check=True)
    return {"processor": platform.machine(), "compiler": rustc.stdout.strip()}


def compare(found):
    """Prints the table; gives the exit code."""
    baseline = json.loads(BASELINE.read_text(encoding="utf-8"))
    here, there = machine(), baseline["machine"]
    if here["processor"] != there["processor"]:
        raise Failure(f"{BASELINE.name} is of {there['processor']}, this is {here['processor']}")
    lines, wrong = judge(baseline["instructions"], found)
    print("\n".join(lines))
    if not wrong:
        return 0
    if here != there:
        print(f"\nrecorded with {there['compiler']}, counted with {here['compiler']}")
    print(
        f"\nNot within {TOLERANCE_PERCENT:g} % of {BASELINE.relative_to(ROOT)}: {wrong} of them."
        f" If that is what the change is for, accept it with\n\n    {ACCEPT}\n\n"
        "and commit the file with the change; the commit says why."
    )
    return 1


def accept(found):
    """Writes the baseline."""
    baseline = {"machine": machine(), "instructions": found}
    BASELINE.write_text(json.dumps(baseline, indent=2) + "\n", encoding="utf-8")
    print(f"{len(found)} stages recorded in {BASELINE.relative_to(ROOT)}")
    return 0


def main():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--accept", action="store_true", help="record the counts")
    parser.add_argument("--from", dest="printed", type=Path, help="counts that gungraun printed")
    args = parser.parse_args()
    try:
        printed = args.printed.read_text(encoding="utf-8") if args.printed else measured()
        found = counts(printed)
        return accept(found) if args.accept else compare(found)
    except (Failure, subprocess.CalledProcessError) as error:
        print(f"compare.py: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
