"""Asynchronous invocations a second, with an on-success destination of each kind, beside plain publishes."""

import os
import time

from load import load
from push_targets import Skipped, push_target
from server import FreshServer, free_port
from table import heading, row

# How many invocations at scale 1: the slower what they are pushed to, the fewer.
KINDS = {"none": 10_000, "function": 10_000, "http": 10_000, "redis": 4_000, "nats": 10_000, "rabbitmq": 4_000,
         "kafka": 10_000, "rocketmq": 5_000, "sqs": 300, "mns": 2_000, "eventbridge": 2_000}
FUNCTIONS = "/2023-03-30/functions"
PUSHED, PUSH_FAILED = "fc_destination_succeeded_total", "fc_destination_errors_total"
ATTEMPTED = "fc_destination_attempts_total"
QUEUED, ENDED = "fc_async_enqueued_total", "fc_async_dequeued_total"
PATIENCE_SECONDS = 120


class Failed(Exception):
    """Invocations or pushes that did not arrive."""


def warm_up(count):
    """How many go before those that are counted: the connections are there then."""
    return max(1, count // 50)


def make_function(server, name, url):
    server.api("POST", FUNCTIONS, {"functionName": name, "runtime": "custom", "handler": "index.handler",
                                   "environmentVariables": {"FC_ENDPOINT_URL": url}})


def set_up(server, target, url):
    """The function `called` at `url`, whose results go to the target."""
    make_function(server, "called", url)
    if target.function_url:
        make_function(server, "next", target.function_url)
    if target.destination:
        server.api("PUT", f"{FUNCTIONS}/called/async-invoke-config",
                   {"destinationConfig": {"onSuccess": {"destination": target.destination}}})


def wait_for_ends(server, pushes):
    """Until so many results were pushed since the start, and no invocation waits, as those that a push makes do.

    Looks more and more seldom: to tell the time within 2 %, and yet not to be what the server is busy with.
    """
    start = time.monotonic()
    while (waited := time.monotonic() - start) < PATIENCE_SECONDS:
        now = server.metrics()
        if now[PUSH_FAILED]:
            raise Failed(f"{now[PUSH_FAILED]:.0f} pushes were given up")
        if now[PUSHED] == pushes and now[ENDED] == now[QUEUED]:
            return now
        time.sleep(max(0.02, 0.02 * waited))
    raise Failed(f"{now[PUSHED]:.0f} of {pushes:.0f} pushes arrived")


def invoke(server, port, count, pushes):
    """Invokes and waits for the ends of everything: rates, and the CPU time that one cost the server.

    The whole rate counts from the first call to the end of the last push, the last delivery where nothing is pushed.
    """
    before, earlier = server.cpu_seconds(), server.metrics()
    options = {"path": f"{FUNCTIONS}/called/invocations", "target-port": port}
    result = load(server, seconds=PATIENCE_SECONDS, messages=count, connections=64, drain=PATIENCE_SECONDS,
                  header="x-fc-invocation-type: Async", **options)
    if result["delivered"] != count:
        raise Failed(f"{result['delivered']} of {count} invocations arrived")
    now = wait_for_ends(server, earlier[PUSHED] + (count if pushes else 0))
    whole = count / (time.monotonic() - result["started_us"] / 1e6)
    result["whole_rate"] = whole if pushes else result["deliver_rate"]
    result["attempts"] = now[ATTEMPTED] - earlier[ATTEMPTED]
    result["cpu_us"] = (server.cpu_seconds() - before) * 1e6 / count
    return result


def with_destination(base, kind, count):
    """The result of one kind, and what stood in for the system."""
    folder = os.path.join(base, f"target-{kind}")
    os.makedirs(folder)
    with push_target(kind, folder) as target, FreshServer(base, f"invocations-{kind}", *target.settings()) as server:
        port = free_port()
        set_up(server, target, f"http://127.0.0.1:{port}")
        pushes = target.destination is not None
        invoke(server, port, warm_up(count), pushes)
        return invoke(server, port, count, pushes), target.double


def published(base, count):
    with FreshServer(base, "publishes") as server:
        load(server, seconds=PATIENCE_SECONDS, messages=warm_up(count), connections=64)
        return load(server, seconds=PATIENCE_SECONDS, messages=count, connections=64, drain=PATIENCE_SECONDS)


def show_kind(kind, count, result, double, plain):
    name = f"{kind}, {count:,}" + (f" ({double})" if double else "")
    if result["attempts"] > count:
        name += f", {result['attempts'] / count:.2f} attempts each"
    row(name, f"{result['accept_rate']:,.0f}", f"{result['deliver_rate']:,.0f}",
        f"{result['whole_rate']:,.0f}" if kind != "none" else "", f"{result['cpu_us']:.0f}",
        f"{result['whole_rate'] / plain['deliver_rate']:.2f}")


def invocations(base, options):
    heading("on-success destination", "accepted/s", "invoked/s", "pushed/s", "server CPU us",
            "whole, of plain publishes")
    plain = published(base, int(KINDS["none"] * options.scale))
    row("(plain publishes)", f"{plain['accept_rate']:,.0f}", f"{plain['deliver_rate']:,.0f} delivered", "",
        f"{plain['cpu_us']:.0f}", "1.00")
    failures = []
    for kind in options.kinds:
        count = int(KINDS[kind] * options.scale)
        try:
            result, double = with_destination(base, kind, count)
        except Skipped as reason:
            row(kind, f"skipped: {reason}", "", "", "", "")
            continue
        except Failed as reason:
            failures.append(f"{kind}: {reason}")
            row(kind, f"failed: {reason}", "", "", "", "")
            continue
        show_kind(kind, count, result, double, plain)
    if failures:
        raise SystemExit("; ".join(failures))
