#!/usr/bin/env python3
"""The guides show parts of the scripts that are run. This puts them there, or checks that they are.

    snippets.py             exit status 1 if a guide shows something else than the script
    snippets.py --write     copies the parts into the guides

A part stands in a script between `# [name` and `# name]`; in a guide it is the code block behind
`<!-- tests/interop/FILE: name -->` or `<!-- clients/FILE: name -->`.
"""

import pathlib
import re
import sys
import textwrap

ROOT = pathlib.Path(__file__).resolve().parents[2]
GUIDES = ("docs/guide/bank.md", "docs/guide/auditor.md")
PLACE = re.compile(
    r"(<!-- ((?:tests/interop|clients)/\S+): (\w+) -->\n```\w+\n)(.*?)(```\n)", re.DOTALL
)


def part(path, name):
    text = (ROOT / path).read_text()
    found = re.search(
        r"^[ ]*# \[%s\n(.*?)^[ ]*# %s\]$" % (name, name), text, re.DOTALL | re.MULTILINE
    )
    if not found:
        raise SystemExit("%s has no part %r" % (path, name))
    return textwrap.dedent(found.group(1)).strip("\n") + "\n"


def main():
    write = sys.argv[1:] == ["--write"]
    stale, count = [], 0
    for guide in GUIDES:
        path = ROOT / guide
        text = path.read_text()
        count += len(PLACE.findall(text))
        fresh = PLACE.sub(lambda m: m.group(1) + part(m.group(2), m.group(3)) + m.group(5), text)
        if fresh != text:
            stale.append(guide)
            if write:
                path.write_text(fresh)
    if stale and not write:
        raise SystemExit("not what the scripts say: %s; run %s --write" % (stale, sys.argv[0]))
    print("%d snippets in %d guides are what the scripts run" % (count, len(GUIDES)))


if __name__ == "__main__":
    main()
