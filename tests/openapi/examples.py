#!/usr/bin/env python3
"""Runs the curl examples of docs/examples.md against a server; every call must be answered with 2xx.

Usage: tests/openapi/examples.py URL TOKEN
"""

import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs/examples.md"
HEADING = re.compile(r"^## (.+)$")
FENCE = re.compile(r"^```(\w*)$")
SECONDS_MAX = 60

# Stands in for curl: notes the status of each call, and fails where curl alone would not.
CURL = """#!/bin/sh
exec {curl} --silent --show-error --fail-with-body --max-time 30 --write-out '%{{stderr}}status %{{http_code}}\\n' "$@"
"""


@dataclass
class Block:
    title: str
    text: str


def blocks():
    """The shell blocks of the page under their headings."""
    title, lines = "", None
    for line in PAGE.read_text().splitlines():
        if heading := HEADING.match(line):
            title = heading[1]
        elif lines is None and (fence := FENCE.match(line)) and fence[1] == "bash":
            lines = []
        elif lines is not None and line == "```":
            yield Block(title, "\n".join(lines))
            lines = None
        elif lines is not None:
            lines.append(line)


def curl_blocks():
    found = [block for block in blocks() if re.search(r"\bcurl ", block.text)]
    assert found, f"no curl example in {PAGE}"
    return found


def run(block, environment):
    with tempfile.TemporaryDirectory() as folder:
        shim = Path(folder) / "curl"
        curl = subprocess.run(["which", "curl"], capture_output=True, text=True, check=True).stdout.strip()
        shim.write_text(CURL.format(curl=curl))
        shim.chmod(0o755)
        result = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", block.text], capture_output=True, text=True, timeout=SECONDS_MAX,
            env={**os.environ, **environment, "PATH": f"{folder}:{os.environ['PATH']}"})
    statuses = re.findall(r"^status (\d+)$", result.stderr, re.MULTILINE)
    fine = result.returncode == 0 and statuses and all(status.startswith("2") for status in statuses)
    assert fine, f"statuses {statuses}, exit {result.returncode}\n{result.stdout}\n{result.stderr}\n{block.text}"


def main(url, token):
    failed = 0
    for block in curl_blocks():
        try:
            run(block, {"QSTASH_URL": url, "QSTASH_TOKEN": token})
            print(f"ok      {block.title}")
        except AssertionError as reason:
            failed += 1
            print(f"FAILED  {block.title}\n{reason}")
    print(f"{len(curl_blocks()) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
