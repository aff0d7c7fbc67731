"""What the server does under other loads than plain publishing: one function each, which prints its rows."""

import statistics
import time

from load import load
from server import FreshServer, free_port
from table import row, show


def in_order(base, options):
    """FIFO over many queues: each delivers one at a time, all of them together as fast as plain publishing."""
    queues, messages = int(10_000 * options.scale), int(60_000 * options.scale)
    with FreshServer(base, "fifo") as server:
        plain = load(server, seconds=60, messages=messages, connections=64)
    with FreshServer(base, "queues") as server:
        queued = load(server, seconds=60, messages=messages, connections=64, call="enqueue/q-{i}",
                      variants=queues, drain=60)
    show(f"FIFO over {queues:,} queues", [queued["deliver_rate"]], "/s")
    row("- of the rate without queues", f"{100 * queued['deliver_rate'] / plain['deliver_rate']:.0f} %", "")


def under_flow_control(base, options):
    """Many keys at a rate: never faster, and no slower than allowed."""
    keys, rate, seconds = int(500 * options.scale), 10, 5
    with FreshServer(base, "flow") as server:
        result = load(server, seconds=60, messages=keys * rate * seconds, connections=64,
                      header="Upstash-Flow-Control-Key: k-{i}\r\n"
                             f"Upstash-Flow-Control-Value: rate={rate}, period=1s",
                      variants=keys, drain=60)
    allowed = keys * rate * seconds / max(result["drain_seconds"], 0.001) / (keys * rate)
    show(f"flow control, {keys} keys at {rate}/s", [result["deliver_rate"]], "/s")
    row("- drained in", f"{result['drain_seconds']:.2f} s", f"at least {seconds - 1} s, {allowed:.2f} of the rate")


def due_at_once(base, options):
    """Everything due in one second: none early, and how late."""
    messages = int(200_000 * options.scale)
    with FreshServer(base, "due") as server:
        due = int(time.time()) + int(5 + messages / 8_000)
        result = load(server, seconds=120, messages=messages, connections=64, due=due,
                      header=f"Upstash-Not-Before: {due}", drain=180)
    us = result["end_to_end_us"]
    show(f"{messages:,} due in one second: drained at", [messages / max(result["drain_seconds"], 0.001)], "/s")
    row("- early / fire-time error p50 / p99", f"{result['early']} / {us[0]} / {us[1]} us", "none early")


def fan_out(base, options):
    """A URL group of a hundred endpoints."""
    calls, endpoints = int(1_000 * options.scale), 100
    with FreshServer(base, "fan-out") as server:
        port = free_port()
        server.api("POST", "/v2/topics/fan/endpoints",
                   {"endpoints": [{"url": f"http://127.0.0.1:{port}/{n}"} for n in range(endpoints)]})
        options = {"target-port": port}
        result = load(server, seconds=60, messages=calls, connections=16, destination="fan",
                      expect=calls * endpoints, drain=120, **options)
    show(f"fan-out to {endpoints} endpoints", [result["deliver_rate"]], "deliveries/s")
    row("- complete", f"{result['delivered']:,} of {calls * endpoints:,}", "")


def many_dead_letters(base, options):
    """A client retries all dead letters, 100 a call."""
    messages = int(100_000 * options.scale)
    with FreshServer(base, "dead") as server:
        closed = free_port()
        load(server, seconds=120, messages=messages, connections=64, drain=0,
             destination=f"http://127.0.0.1:{closed}/", header="Upstash-Retries: 0")
        while server.metrics()["ferry_dead_letters"] < messages:
            time.sleep(0.2)
        start, first, retried = time.monotonic(), [], 0
        while True:
            began = time.monotonic()
            answer = server.api("POST", f"/v2/dlq/retry?count=100&toDate={int(time.time() * 1000)}")
            first.append((time.monotonic() - began) * 1e3)
            retried += len(answer["responses"])
            if retried >= messages or not answer["responses"]:
                break
        seconds = time.monotonic() - start
        memory = server.pss_mb()
    show("bulk retry of dead letters, 100 a call", [retried / seconds], "/s")
    row("- one call p50 / p99, memory", f"{statistics.median(first):.1f} / "
        f"{sorted(first)[int(len(first) * 0.99)]:.1f} ms, {memory:.0f} MB", "")


def log_pages(base, options):
    """Pages of a long event log, by time and by filter."""
    messages = int(1_000_000 * options.scale)
    with FreshServer(base, "log") as server:
        load(server, seconds=300, messages=messages, connections=64, header="Upstash-Label: l-{i}",
             variants=1_000, drain=120)
        events = 3 * messages
        for name, query in (("newest", ""), ("of one label", "&label=l-7"),
                            ("of one label, by time", "&label=l-7&fromDate=1&toDate=99999999999999"),
                            ("of a state", "&state=DELIVERED")):
            times, cursor = [], ""
            for _ in range(20):
                began = time.monotonic()
                page = server.api("GET", f"/v2/logs?count=100{query}{cursor}")
                times.append((time.monotonic() - began) * 1e3)
                cursor = "&cursor=" + page["cursor"] if page.get("cursor") else ""
            show(f"log page among {events:,} events, {name}", times, "ms", "{:.1f}")
