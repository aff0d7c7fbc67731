"""Checks of packaging/monitoring: the files parse, name metrics that exist, and every alert is explained."""

import json
import re
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
ALERTS = ROOT / "packaging/monitoring/alerts.yml"
BOARD = ROOT / "packaging/monitoring/grafana.json"
PAGE = ROOT / "docs/monitoring.md"

METRIC_ROW = re.compile(r'^    \{"(\w+)",\s*"', re.MULTILINE)
METRIC_USE = re.compile(r"\bferry_\w+")
# What a Prometheus client adds to the name of a histogram.
HISTOGRAM_SUFFIX = re.compile(r"(?<=_seconds)_(bucket|sum|count)$")


def known_metrics():
    names = METRIC_ROW.findall((ROOT / "src/base/metrics.cc").read_text())
    assert len(names) > 30, "the table of metrics is not where this check looks for it"
    return {"ferry_" + name for name in names}


def unknown_metrics(text):
    return {HISTOGRAM_SUFFIX.sub("", name) for name in METRIC_USE.findall(text)} - known_metrics()


def rules():
    return [rule for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]]


def alerts_name_metrics_that_exist():
    expressions = [rule["expr"] for rule in rules()]
    assert expressions, "there is no rule"
    for expression in expressions:
        assert "ferry_" in expression or 'job="ferry"' in expression, f"about nothing: {expression}"
        assert not unknown_metrics(expression), f"{unknown_metrics(expression)} in: {expression}"


def alerts_are_whole():
    names = [rule["alert"] for rule in rules()]
    assert len(names) == len(set(names)), "two alerts have one name"
    for rule in rules():
        assert rule["labels"]["severity"] in ("page", "ticket"), rule["alert"]
        assert rule["annotations"].keys() >= {"summary", "runbook"}, rule["alert"]
        assert rule["annotations"]["runbook"].endswith("#" + rule["alert"].lower()), rule["alert"]


def panels_name_metrics_that_exist():
    panels = [panel for panel in json.loads(BOARD.read_text())["panels"] if panel["type"] != "row"]
    ids = [panel["id"] for panel in panels]
    assert panels and len(ids) == len(set(ids)), "two panels have one id, or there is none"
    for panel in panels:
        for target in panel["targets"]:
            unknown = unknown_metrics(target["expr"])
            assert not unknown, f"{unknown} in the panel {panel['title']}"


def every_alert_is_explained():
    text = PAGE.read_text()
    explained = set(re.findall(r"^### (\w+)$", text, re.MULTILINE))
    assert explained == {rule["alert"] for rule in rules()}, (
        f"{PAGE.name} and {ALERTS.name} differ in {explained ^ {rule['alert'] for rule in rules()}}")
    assert not unknown_metrics(text), f"{unknown_metrics(text)} in {PAGE.name}"


def checks():
    return [(function.__name__.replace("_", " "), function)
            for function in (alerts_name_metrics_that_exist, alerts_are_whole,
                             panels_name_metrics_that_exist, every_alert_is_explained)]
