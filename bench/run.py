#!/usr/bin/env python3
"""The benchmark: one command, one table. Figures are only worth comparing within one run.

Rounds interleave what is compared; the table gives medians and the range. CPU comes from the process's own
accounting over all threads, memory is PSS, bytes are the growth of the data folder. The load average is printed
first: a busy machine spoils everything but the ratios.
"""

import argparse
import asyncio
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.join(ROOT, "build", "release")
TOKEN = "eyJVc2VySUQiOiJkZWZhdWx0VXNlciIsIlBhc3N3b3JkIjoiZGVmYXVsdFBhc3N3b3JkIn0="


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Process:
    """A server under test, with its own port, folder and accounting."""

    def __init__(self, command, folder):
        self.folder = folder
        self.port = free_port()
        self.log = open(os.path.join(folder, "log"), "wb")
        self.process = subprocess.Popen(
            [part.format(port=self.port) for part in command], stdout=self.log, stderr=self.log)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return
            except OSError:
                if self.process.poll() is not None:
                    raise SystemExit(open(os.path.join(folder, "log")).read())
                time.sleep(0.01)
        raise SystemExit("the server did not start")

    def cpu_seconds(self):
        with open(f"/proc/{self.process.pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def pss_mb(self):
        with open(f"/proc/{self.process.pid}/smaps_rollup") as smaps:
            for line in smaps:
                if line.startswith("Pss:"):
                    return int(line.split()[1]) / 1024
        return 0

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=60)


def ferry(folder, *settings):
    return Process([os.path.join(BUILD, "ferry"), "dev", "--listen", "127.0.0.1:{port}", "--data",
                    os.path.join(folder, "data"), "--metrics.token", "bench",
                    *settings], folder)


def relay(folder):
    return Process([os.path.join(BUILD, "bench", "ferry_relay"), "{port}"], folder)


def load(process, **options):
    command = [os.path.join(BUILD, "bench", "ferry_load"), "--port", str(process.port), "--token", TOKEN]
    for name, value in options.items():
        command += [f"--{name}", str(value)]
    before = process.cpu_seconds()
    answer = subprocess.run(command, capture_output=True, text=True)
    if answer.returncode != 0:
        raise SystemExit(f"ferry_load failed: {answer.stdout}{answer.stderr}")
    result = json.loads(answer.stdout)
    result["cpu_us"] = (process.cpu_seconds() - before) * 1e6 / max(1, result["accepted"])
    if result["refused"] or result["lost"]:
        raise SystemExit(f"messages were refused or connections lost: {result}")
    return result


def sync_floor(folder):
    answer = subprocess.run([os.path.join(BUILD, "bench", "ferry_sync_floor"), folder],
                            capture_output=True, text=True, check=True)
    return json.loads(answer.stdout)


def folder_mb(folder):
    return sum(os.stat(os.path.join(at, name)).st_blocks * 512
               for at, _, names in os.walk(folder) for name in names) / 1e6


def show(name, values, unit, form="{:,.0f}"):
    values = sorted(values)
    middle = form.format(statistics.median(values))
    spread = f"{form.format(values[0])} .. {form.format(values[-1])}" if len(values) > 1 else ""
    print(f"| {name} | {middle} {unit} | {spread} |")
    return statistics.median(values)


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


def api(process, method, path, body=None):
    request = urllib.request.Request(
        f"http://127.0.0.1:{process.port}{path}", method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=120) as answer:
        return json.loads(answer.read() or b"null")


class Scenario:
    """A server of its own in a folder of its own."""

    def __init__(self, base, name):
        self.folder = os.path.join(base, name)

    def __enter__(self):
        os.makedirs(self.folder)
        self.server = ferry(self.folder)
        return self.server

    def __exit__(self, *_):
        self.server.stop()
        shutil.rmtree(self.folder)


def in_order(base, scale):
    """FIFO over many queues: each delivers one at a time, all of them together as fast as plain publishing."""
    queues, messages = int(10_000 * scale), int(60_000 * scale)
    with Scenario(base, "fifo") as server:
        plain = load(server, seconds=60, messages=messages, connections=64)
    with Scenario(base, "queues") as server:
        queued = load(server, seconds=60, messages=messages, connections=64, call="enqueue/q-{i}",
                      variants=queues, drain=60)
    show(f"FIFO over {queues:,} queues", [queued["deliver_rate"]], "/s")
    print(f"| - of the rate without queues | {100 * queued['deliver_rate'] / plain['deliver_rate']:.0f} % | |")


def under_flow_control(base, scale):
    """Many keys at a rate: never faster, and no slower than allowed."""
    keys, rate, seconds = int(500 * scale), 10, 5
    with Scenario(base, "flow") as server:
        result = load(server, seconds=60, messages=keys * rate * seconds, connections=64,
                      header="Upstash-Flow-Control-Key: k-{i}\r\n"
                             f"Upstash-Flow-Control-Value: rate={rate}, period=1s",
                      variants=keys, drain=60)
    allowed = keys * rate * seconds / max(result["drain_seconds"], 0.001) / (keys * rate)
    show(f"flow control, {keys} keys at {rate}/s", [result["deliver_rate"]], "/s")
    print(f"| - drained in | {result['drain_seconds']:.2f} s | at least {seconds - 1} s, {allowed:.2f} of the rate |")


def due_at_once(base, scale):
    """Everything due in one second: none early, and how late."""
    messages = int(200_000 * scale)
    with Scenario(base, "due") as server:
        due = int(time.time()) + int(5 + messages / 8_000)
        result = load(server, seconds=120, messages=messages, connections=64, due=due,
                      header=f"Upstash-Not-Before: {due}", drain=180)
    us = result["end_to_end_us"]
    show(f"{messages:,} due in one second: drained at", [messages / max(result["drain_seconds"], 0.001)], "/s")
    print(f"| - early / fire-time error p50 / p99 | {result['early']} / {us[0]} / {us[1]} us | none early |")


def fan_out(base, scale):
    """A URL group of a hundred endpoints."""
    calls, endpoints = int(1_000 * scale), 100
    with Scenario(base, "fan-out") as server:
        port = free_port()
        api(server, "POST", "/v2/topics/fan/endpoints",
            {"endpoints": [{"url": f"http://127.0.0.1:{port}/{n}"} for n in range(endpoints)]})
        options = {"target-port": port}
        result = load(server, seconds=60, messages=calls, connections=16, destination="fan",
                      expect=calls * endpoints, drain=120, **options)
    show(f"fan-out to {endpoints} endpoints", [result["deliver_rate"]], "deliveries/s")
    print(f"| - complete | {result['delivered']:,} of {calls * endpoints:,} | |")


def many_dead_letters(base, scale):
    """A client retries all dead letters, 100 a call."""
    messages = int(100_000 * scale)
    with Scenario(base, "dead") as server:
        closed = free_port()
        load(server, seconds=120, messages=messages, connections=64, drain=0,
             destination=f"http://127.0.0.1:{closed}/", header="Upstash-Retries: 0")
        while int(api_metric(server, "ferry_dead_letters")) < messages:
            time.sleep(0.2)
        start, first, retried = time.monotonic(), [], 0
        while True:
            began = time.monotonic()
            answer = api(server, "POST", f"/v2/dlq/retry?count=100&toDate={int(time.time() * 1000)}")
            first.append((time.monotonic() - began) * 1e3)
            retried += len(answer["responses"])
            if retried >= messages or not answer["responses"]:
                break
        seconds = time.monotonic() - start
        memory = server.pss_mb()
    show("bulk retry of dead letters, 100 a call", [retried / seconds], "/s")
    print(f"| - one call p50 / p99, memory | {statistics.median(first):.1f} / "
          f"{sorted(first)[int(len(first) * 0.99)]:.1f} ms, {memory:.0f} MB | |")


class Sluggish:
    """Receivers on one port, behind any loopback address, that answer so late; never with None."""

    def __init__(self, seconds):
        self.seconds = seconds
        self.loop = asyncio.new_event_loop()
        ready = threading.Event()
        self.thread = threading.Thread(target=self.run, args=(ready,))
        self.thread.start()
        ready.wait()

    def run(self, ready):
        asyncio.set_event_loop(self.loop)
        server = self.loop.run_until_complete(asyncio.start_server(self.serve, "0.0.0.0", 0, backlog=1024))
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        self.loop.run_forever()
        server.close()
        attempts = asyncio.all_tasks(self.loop)
        for attempt in attempts:
            attempt.cancel()
        self.loop.run_until_complete(asyncio.gather(*attempts, return_exceptions=True))
        self.loop.close()

    async def serve(self, reader, writer):
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = next((int(line[15:]) for line in head.split(b"\r\n")
                               if line.lower().startswith(b"content-length:")), 0)
                await reader.readexactly(length)
                await asyncio.sleep(3600 if self.seconds is None else self.seconds)
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            pass
        finally:
            writer.close()

    def stop(self):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()


def among_neighbours(base, name, hosts, rate, waits):
    """What healthy hosts see beside two tenths of the hosts and of the messages that answer after `waits`."""
    bad, seconds = min(250, hosts // 10), (10 if hosts >= 100 else 2)
    neighbours = [Sluggish(wait) for wait in waits]
    with Scenario(base, name) as server:
        crowd = [threading.Thread(target=load, args=(server,), kwargs={
            "destination": f"http://127.2.{number}.{{i}}:{neighbour.port}/", "variants": bad, "rate": rate * 0.1,
            "seconds": seconds, "connections": 8, "drain": 0,
            "header": "Upstash-Timeout: 2s\r\nUpstash-Retries: 1"}) for number, neighbour in enumerate(neighbours)]
        for one in crowd:
            one.start()
        result = load(server, hosts=hosts - 2 * bad, rate=rate * 0.8, seconds=seconds, connections=32, drain=30)
        for one in crowd:
            one.join()
    for neighbour in neighbours:
        neighbour.stop()
    return result["end_to_end_us"]


def bad_neighbours(base, scale):
    """A thousand destinations, a tenth of them dead and a tenth slow: what the healthy ones notice."""
    hosts, rate = max(10, int(1_000 * scale)), max(50, int(2_000 * scale))
    well = among_neighbours(base, "healthy", hosts, rate, (0, 0))
    ill = among_neighbours(base, "neighbours", hosts, rate, (None, 1))
    print(f"| {hosts:,} destinations at {rate}/s, p50 / p99 | {well[0]} / {well[1]} us | all healthy |")
    print(f"| - a tenth dead, a tenth slow: the healthy ones | {ill[0]} / {ill[1]} us | "
          f"{ill[1] / max(well[1], 1):.2f} of the p99, target 1.5 |")


def api_metric(process, name):
    with urllib.request.urlopen(urllib.request.Request(
            f"http://127.0.0.1:{process.port}/metrics",
            headers={"Authorization": "Bearer bench"}), timeout=30) as answer:
        for line in answer.read().decode().splitlines():
            if line.startswith(name + " "):
                return float(line.split()[1])
    raise SystemExit(f"no metric {name}")


def log_pages(base, scale):
    """Pages of a long event log, by time and by filter."""
    messages = int(1_000_000 * scale)
    with Scenario(base, "log") as server:
        load(server, seconds=300, messages=messages, connections=64, header="Upstash-Label: l-{i}",
             variants=1_000, drain=120)
        events = 3 * messages
        for name, query in (("newest", ""), ("of one label", "&label=l-7"),
                            ("of one label, by time", "&label=l-7&fromDate=1&toDate=99999999999999"),
                            ("of a state", "&state=DELIVERED")):
            times, cursor = [], ""
            for _ in range(20):
                began = time.monotonic()
                page = api(server, "GET", f"/v2/logs?count=100{query}{cursor}")
                times.append((time.monotonic() - began) * 1e3)
                cursor = "&cursor=" + page["cursor"] if page.get("cursor") else ""
            show(f"log page among {events:,} events, {name}", times, "ms", "{:.1f}")


SCENARIOS = {"fifo": in_order, "flow": under_flow_control, "due": due_at_once, "fanout": fan_out, "neighbours": bad_neighbours,
             "dead": many_dead_letters, "log": log_pages}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--smoke", action="store_true")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--pending", type=int, default=1_000_000)
    parser.add_argument("--scenarios", default="", help="only these: " + ",".join(SCENARIOS))
    parser.add_argument("--scale", type=float, default=1, help="size of the scenarios")
    options = parser.parse_args()
    if options.smoke:
        options.scale = 0.01
        options.rounds, options.seconds, options.pending = 1, 1, 20_000
    base = tempfile.mkdtemp(prefix="ferry-bench-", dir=os.path.join(ROOT, "build"))
    try:
        if options.scenarios:
            print("\n| figure | median | range |\n|---|---|---|")
            for name in options.scenarios.split(","):
                SCENARIOS[name](base, options.scale)
            return 0
        busy = os.getloadavg()[0]
        print(f"load average before: {busy:.2f}" + ("  (busy machine: ratios only)" if busy > 0.7 else ""))
        floor = sync_floor(base)
        ceiling, end_to_end, accepted, slow = rate_rounds(base, options.rounds, options.seconds)
        print("\n| figure | median | range |\n|---|---|---|")
        show("disk floor: batches of 64, synced", [floor["messages_per_second"]], "messages/s")
        show("disk floor: one sync, p50", [floor["sync_us"][0]], "us")
        top = show("relay without a store, 64 connections", [r["deliver_rate"] for r in ceiling], "/s")
        rate = show("end to end, 64 connections", [r["deliver_rate"] for r in end_to_end], "/s")
        print(f"| - of the relay | {100 * rate / top:.0f} % | target 50 %, then 67 % |")
        show("- end-to-end p50", [r["end_to_end_us"][0] for r in end_to_end], "us")
        show("- end-to-end p99", [r["end_to_end_us"][1] for r in end_to_end], "us")
        show("- server CPU per message", [r["cpu_us"] for r in end_to_end], "us", "{:.1f}")
        show("- relay CPU per message", [r["cpu_us"] for r in ceiling], "us", "{:.1f}")
        show("- memory after", [r["pss_mb"] for r in end_to_end], "MB")
        show("accepted only, 64 connections", [r["accept_rate"] for r in accepted], "/s")
        plain = show("end to end, 512 connections",
                     [r["deliver_rate"] for r in slow if r["what"] == "many"], "/s")
        late = show("- with 1 ms added to every sync",
                    [r["deliver_rate"] for r in slow if r["what"] == "delayed"], "/s")
        print(f"| - of the rate without | {100 * late / plain:.0f} % | target 80 % |")
        for rate in (500, 5000):
            r = latency_at(base, rate, options.seconds)
            us = r["end_to_end_us"]
            print(f"| end to end at {rate}/s: p50 / p99 / p99.9 | {us[0]} / {us[1]} / {us[2]} us | |")
        idle, loaded, size, first = pending_and_recovery(base, options.pending)
        show("memory idle", [idle], "MB")
        show(f"memory with {options.pending:,} pending", [loaded], "MB")
        show("- data folder", [size], "MB")
        show("- kill -9 to the first delivery of the next life", [first], "s", "{:.2f}")
        for scenario in SCENARIOS.values():
            scenario(base, options.scale)
        print(f"\nload average after: {os.getloadavg()[0]:.2f}")
    finally:
        shutil.rmtree(base, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
