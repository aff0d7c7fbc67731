"""What one call takes of the memory and of the time of all: large lists, bodies made to be slow."""

import json
import socket
import threading
import time

from bed import TOKEN, check, expect, expect_equal, wait_until

MB = 1 << 20
PAGE_BYTES_MAX = 8 * MB
DESTINATION = "http://127.0.0.1:1/"


def memory_mb(server, field="VmRSS"):
    with open(f"/proc/{server.process.pid}/status") as status:
        for line in status:
            if line.startswith(field + ":"):
                return int(line.split()[1]) / 1024
    raise AssertionError(f"no {field}")


def publish_large(server, count, body_bytes):
    return [server.publish(DESTINATION, bytes([97 + n % 26]) * body_bytes, {"Upstash-Delay": "1h"})
            for n in range(count)]


def open_reader(server, target):
    """A connection that asks and does not read."""
    reader = socket.socket()
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    reader.connect(("127.0.0.1", server.port))
    reader.sendall(f"GET {target} HTTP/1.1\r\nHost: f\r\nAuthorization: Bearer {TOKEN}\r\n\r\n".encode())
    return reader


def walk(server, target, array):
    """The ids on all pages, and the bytes of each page."""
    ids, sizes, cursor = [], [], None
    while True:
        answer = server.call("GET", target + (f"&cursor={cursor}" if cursor else ""))
        expect_equal(answer.status, 200, f"{target}: {answer}")
        page = answer.json()
        sizes.append(len(answer.body))
        ids += [entry["messageId"] for entry in page[array]]
        cursor = page.get("cursor")
        if not cursor:
            return ids, sizes


@check
def pages_of_large_messages_end_at_eight_megabytes(bed):
    server = bed.server().start()
    published = publish_large(server, 12, MB) + publish_large(server, 2, 10 * MB)
    for target, array in [("/v2/messages?count=100", "messages"), ("/v2/events?count=1000", "events"),
                          ("/v2/logs?count=1000", "events")]:
        ids, sizes = walk(server, target, array)
        expect_equal(sorted(ids), sorted(published), f"the messages that {target} shows")
        for size in sizes:
            expect(size < PAGE_BYTES_MAX + 4096 or size > 10 * MB, f"{target}: a page of {size} bytes")
    answer = server.call("GET", "/v2/logs?count=1000&trimBody=10")
    expect_equal(len(answer.json()["events"]), 14, "events with trimmed bodies on one page")
    body = server.call("GET", f"/v2/messages/{published[-1]}").json()["body"]
    expect_equal(len(body), 10 * MB, "the body of one large message")


@check
def readers_that_do_not_read_hold_no_memory(bed):
    server = bed.server("--memory", "512MB").start()
    publish_large(server, 30, 10 * MB)
    wait_until(lambda: server.call("GET", "/v2/events?count=1&trimBody=0").json()["events"], "the log")
    time.sleep(1)
    before = memory_mb(server)
    readers = [open_reader(server, "/v2/logs?count=1000") for _ in range(40)]
    peak = before
    for _ in range(50):
        time.sleep(0.1)
        peak = max(peak, memory_mb(server))
    answer = server.call("GET", "/v2/messages?count=1")
    held = memory_mb(server)
    for reader in readers:
        reader.close()
    expect_equal(answer.status, 200, f"a list beside 40 that are not read: {answer}")
    expect(peak < before + 200, f"40 lists that are not read: {before:.0f} MB before, at most {peak:.0f} MB")
    expect(held < before + 100, f"40 lists that are not read: {before:.0f} MB before, {held:.0f} MB held")


class Probe:
    """Calls the server time and again; how long the slowest call took."""

    def __init__(self, server):
        self.server, self.slowest, self.stopped = server, 0.0, False
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        while not self.stopped:
            start = time.monotonic()
            self.server.publish(DESTINATION, b"x", {"Upstash-Delay": "1h"})
            self.slowest = max(self.slowest, time.monotonic() - start)
            time.sleep(0.01)

    def stop(self):
        self.stopped = True
        self.thread.join()
        return self.slowest


def send_beside(server, target, body):
    """The answer, and the slowest call of somebody else meanwhile."""
    probe = Probe(server)
    time.sleep(0.2)
    answer = server.call("POST", target, body, {"Content-Type": "application/json"})
    return answer, probe.stop()


@check
def bodies_made_to_be_slow_stop_nobody(bed):
    server = bed.server().start()
    values = b"[" + b"1," * (50 * MB // 2) + b"1]"
    names = ("{" + ",".join(f'"{n:012d}":0' for n in range(40_000)) + "}").encode()
    deep = json.dumps([{"destination": DESTINATION, "headers": {"a": ["x"] * 2_000_000}}]).encode()
    items = json.dumps([{"destination": DESTINATION, "body": "b" * 1000,
                         "headers": {"Upstash-Delay": "1h"}}] * 9_000).encode()
    peak = memory_mb(server)
    for what, body, status in [("50 MB of numbers", values, 400), ("40,000 members", names, 400),
                               ("two million texts", deep, 400), ("9,000 messages", items, 200)]:
        answer, slowest = send_beside(server, "/v2/batch", body)
        expect_equal(answer.status, status, f"{what}: {answer}")
        expect(slowest < 1.0, f"beside {what} a publish took {slowest:.2f} s")
    grown = memory_mb(server, "VmHWM") - peak
    expect(grown < 400, f"the bodies took {grown:.0f} MB of memory")
