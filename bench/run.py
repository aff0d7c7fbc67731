#!/usr/bin/env python3
"""The benchmark: one command, one table, and one of its own for invocations. Figures are only worth comparing
within one run.

Rounds interleave what is compared; the table gives medians and the range. CPU comes from the process's own
accounting over all threads, memory is PSS, bytes are the growth of the data folder. The load average is printed
first: a busy machine spoils everything but the ratios.
"""

import argparse
import os
import shutil
import sys
import tempfile

from invocations import KINDS, invocations
from neighbours import bad_neighbours
from rates import plain_publishing
from scenarios import due_at_once, fan_out, in_order, log_pages, many_dead_letters, under_flow_control
from server import ROOT
from table import heading

SCENARIOS = {"fifo": in_order, "flow": under_flow_control, "due": due_at_once, "fanout": fan_out,
             "neighbours": bad_neighbours, "dead": many_dead_letters, "log": log_pages, "invocations": invocations}
# What needs no server but ours.
SMOKE_KINDS = ["none", "http"]


def some_of(names):
    """What a list with commas means, in the order of `names`."""

    def chosen(text):
        words = text.split(",")
        for word in words:
            if word not in names:
                raise argparse.ArgumentTypeError(f"{word!r} is none of {', '.join(names)}")
        return [name for name in names if name in words]

    return chosen


def read_options():
    parser = argparse.ArgumentParser()
    parser.add_argument("--smoke", action="store_true", help="only whether it runs")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--pending", type=int, default=1_000_000)
    parser.add_argument("--scenarios", type=some_of(SCENARIOS), help="only these: " + ",".join(SCENARIOS))
    parser.add_argument("--scale", type=float, default=1, help="size of the scenarios")
    parser.add_argument("--kinds", type=some_of(KINDS), default=list(KINDS),
                        help="on-success destinations of the invocations, only these: " + ",".join(KINDS))
    options = parser.parse_args()
    if options.smoke:
        options.scale, options.kinds = 0.01, SMOKE_KINDS
        options.rounds, options.seconds, options.pending = 1, 1, 20_000
    return options


def main():
    options = read_options()
    base = tempfile.mkdtemp(prefix="ferry-bench-", dir=os.path.join(ROOT, "build"))
    try:
        busy = os.getloadavg()[0]
        print(f"load average before: {busy:.2f}" + ("  (busy machine: ratios only)" if busy > 0.7 else ""))
        if options.scenarios != ["invocations"]:  # which has a table of its own
            heading("figure", "median", "range")
        if not options.scenarios:
            plain_publishing(base, options)
        for name in options.scenarios or SCENARIOS:
            SCENARIOS[name](base, options)
        print(f"\nload average after: {os.getloadavg()[0]:.2f}")
    finally:
        shutil.rmtree(base, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
