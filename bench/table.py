"""Rows of the tables that are printed."""

import statistics


def heading(*columns):
    print()
    row(*columns)
    print("|---" * len(columns) + "|", flush=True)


def row(*cells):
    print("| " + " | ".join(cells) + " |", flush=True)


def show(name, values, unit, form="{:,.0f}"):
    """A row with the median and the range of `values`; returns the median."""
    values = sorted(values)
    middle = statistics.median(values)
    spread = f"{form.format(values[0])} .. {form.format(values[-1])}" if len(values) > 1 else ""
    row(name, f"{form.format(middle)} {unit}", spread)
    return middle
