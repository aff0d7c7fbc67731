"""Plain publishing beside what disk and network allow: rates, latencies, memory, the first delivery after a crash."""

import os
import shutil
import time

from load import load, sync_floor
from server import ferry, relay
from table import row, show


def folder_mb(folder):
    return sum(os.stat(os.path.join(at, name)).st_blocks * 512
               for at, _, names in os.walk(folder) for name in names) / 1e6


def rate_rounds(base, rounds, seconds):
    """End to end and accepted only, against the relay without a store, round by round."""
    end_to_end, ceiling, accepted, slow = [], [], [], []
    for number in range(rounds):
        place = os.path.join(base, f"round-{number}")
        for name, kept, make, options in (
                ("relay", ceiling, relay, {"connections": 64}),
                ("ferry", end_to_end, ferry, {"connections": 64}),
                ("accept", accepted, ferry, {"connections": 64, "header": "Upstash-Delay: 1d", "drain": 0}),
                ("delayed", slow, lambda f: ferry(f, "--storage.sync_delay", "1ms"), {"connections": 512}),
                ("many", slow, ferry, {"connections": 512})):
            folder = os.path.join(place, name)
            os.makedirs(folder)
            server = make(folder)
            load(server, seconds=min(1, seconds), connections=64)  # warm up
            result = load(server, seconds=seconds, **options)
            result["pss_mb"] = server.pss_mb()
            result["what"] = name
            kept.append(result)
            server.stop()
            shutil.rmtree(folder)
    return ceiling, end_to_end, accepted, slow


def latency_at(base, rate, seconds):
    folder = os.path.join(base, f"rate-{rate}")
    os.makedirs(folder)
    server = ferry(folder)
    result = load(server, seconds=seconds, rate=rate, connections=64)
    server.stop()
    return result


def pending_and_recovery(base, count):
    """Resident memory with many pending, and how soon the first delivery leaves after kill -9."""
    folder = os.path.join(base, "pending")
    os.makedirs(folder)
    server = ferry(folder)
    idle = server.pss_mb()
    load(server, seconds=600, connections=64, messages=count, header="Upstash-Delay: 1h", drain=0)
    time.sleep(1)
    loaded = server.pss_mb()
    size = folder_mb(folder)
    server.process.kill()
    server.process.wait()
    start = time.monotonic()
    again = ferry(folder)
    load(again, seconds=5, connections=1, messages=1)
    first = time.monotonic() - start
    again.stop()
    return idle, loaded, size, first


def show_rates(base, rounds, seconds):
    floor = sync_floor(base)
    ceiling, end_to_end, accepted, slow = rate_rounds(base, rounds, seconds)
    show("disk floor: batches of 64, synced", [floor["messages_per_second"]], "messages/s")
    show("disk floor: one sync, p50", [floor["sync_us"][0]], "us")
    top = show("relay without a store, 64 connections", [r["deliver_rate"] for r in ceiling], "/s")
    rate = show("end to end, 64 connections", [r["deliver_rate"] for r in end_to_end], "/s")
    row("- of the relay", f"{100 * rate / top:.0f} %", "target 50 %, then 67 %")
    show("- end-to-end p50", [r["end_to_end_us"][0] for r in end_to_end], "us")
    show("- end-to-end p99", [r["end_to_end_us"][1] for r in end_to_end], "us")
    show("- server CPU per message", [r["cpu_us"] for r in end_to_end], "us", "{:.1f}")
    show("- relay CPU per message", [r["cpu_us"] for r in ceiling], "us", "{:.1f}")
    show("- memory after", [r["pss_mb"] for r in end_to_end], "MB")
    show("accepted only, 64 connections", [r["accept_rate"] for r in accepted], "/s")
    plain = show("end to end, 512 connections", [r["deliver_rate"] for r in slow if r["what"] == "many"], "/s")
    late = show("- with 1 ms added to every sync", [r["deliver_rate"] for r in slow if r["what"] == "delayed"], "/s")
    row("- of the rate without", f"{100 * late / plain:.0f} %", "target 80 %")


def plain_publishing(base, options):
    show_rates(base, options.rounds, options.seconds)
    for rate in (500, 5000):
        us = latency_at(base, rate, options.seconds)["end_to_end_us"]
        row(f"end to end at {rate}/s: p50 / p99 / p99.9", f"{us[0]} / {us[1]} / {us[2]} us", "")
    idle, loaded, size, first = pending_and_recovery(base, options.pending)
    show("memory idle", [idle], "MB")
    show(f"memory with {options.pending:,} pending", [loaded], "MB")
    show("- data folder", [size], "MB")
    show("- kill -9 to the first delivery of the next life", [first], "s", "{:.2f}")
