"""Fifty tenants that publish steadily, a receiver that answers at once, and how late each delivery was.

The load is an open loop: a message has a moment at which it is meant to be sent, and its latency counts from then,
however long the server takes to accept it.
"""

import asyncio
import json
import threading
import time

TENANTS = 50
MESSAGES_PER_SECOND = 200
# A message that has not arrived this long after it was meant to be sent counts as lost.
LOST_AFTER_SECONDS = 30


class Window:
    """The latencies in seconds of the messages that were meant to be sent within a stretch of time."""

    def __init__(self, latencies, missing, refused):
        self.latencies, self.missing, self.refused = sorted(latencies), missing, refused

    def quantile(self, share):
        last = len(self.latencies) - 1
        return self.latencies[min(last, int(share * len(self.latencies)))] if last >= 0 else LOST_AFTER_SECONDS

    @property
    def p99(self):
        return self.quantile(0.99)

    @property
    def worst(self):
        return LOST_AFTER_SECONDS if self.missing else self.quantile(1)


class GoodTenants:
    """Publishes from a thread of its own until close(). Each message goes to `url_of(number)`."""

    def __init__(self, ferry_port, tokens, url_of=None):
        self.ferry_port, self.tokens = ferry_port, tokens
        self.meant_at, self.arrived_at, self.refused = [], {}, {}
        self.receiver_port = None
        self.url_of = url_of or (lambda number: f"http://127.0.0.1:{self.receiver_port}/{number}")
        self.stopping = False
        self.ready = threading.Event()
        self.thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)
        self.thread.start()
        self.ready.wait(30)

    def close(self):
        self.stopping = True
        self.thread.join(30)

    def window(self, seconds):
        """Waits that long, then until the messages of that time have arrived or are late beyond reason."""
        first = len(self.meant_at)
        time.sleep(seconds)
        last = len(self.meant_at)
        deadline = time.monotonic() + LOST_AFTER_SECONDS
        while time.monotonic() < deadline and any(
                n not in self.arrived_at and n not in self.refused for n in range(first, last)):
            time.sleep(0.05)
        return self.between(first, last)

    def between(self, first, last):
        done = [self.arrived_at[n] - self.meant_at[n] for n in range(first, last) if n in self.arrived_at]
        refused = [self.refused[n] for n in range(first, last) if n in self.refused]
        return Window(done, (last - first) - len(done), refused)

    async def _run(self):
        receiver = await asyncio.start_server(self._receive, "127.0.0.1", 0, backlog=4096)
        self.receiver_port = receiver.sockets[0].getsockname()[1]
        idle = [[] for _ in self.tokens]
        sends = set()
        started = time.monotonic()
        self.ready.set()
        while not self.stopping:
            meant_at = started + len(self.meant_at) / MESSAGES_PER_SECOND
            await asyncio.sleep(max(0, meant_at - time.monotonic()))
            number = len(self.meant_at)
            self.meant_at.append(meant_at)
            send = asyncio.create_task(self._publish(number, idle[number % len(self.tokens)]))
            sends.add(send)
            send.add_done_callback(sends.discard)
        receiver.close()

    async def _publish(self, number, idle):
        token = self.tokens[number % len(self.tokens)]
        head = (f"POST /v2/publish/{self.url_of(number)} HTTP/1.1\r\nHost: ferry\r\n"
                f"Authorization: Bearer {token}\r\nContent-Length: 1\r\n\r\nx")
        try:
            reader, writer = idle.pop() if idle else await asyncio.open_connection("127.0.0.1", self.ferry_port)
            writer.write(head.encode())
            answer = await read_message(reader)
        except (OSError, EOFError, ValueError) as error:
            self.refused[number] = repr(error)
            return
        status = answer[0].split(" ")[1]
        if status != "200":
            self.refused[number] = f"{status} {answer[1][:200]!r}"
        idle.append((reader, writer))

    async def _receive(self, reader, writer):
        try:
            while True:
                first, _ = await read_message(reader)
                self.arrived_at.setdefault(int(first.split(" ")[1].strip("/")), time.monotonic())
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        except (OSError, EOFError, ValueError, asyncio.CancelledError):
            pass
        finally:
            writer.close()


async def read_message(reader):
    """The first line and the body of one HTTP message with a Content-Length."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    length = 0
    for line in head.split("\r\n")[1:]:
        if line.lower().startswith("content-length:"):
            length = int(line.split(":", 1)[1])
    return head.split("\r\n", 1)[0], await reader.readexactly(length)


def make_tenants(server, count=TENANTS):
    """The tokens of that many new tenants."""
    def create(number):
        done = server.cli("tenant", "create", f"good-{number}", "--json")
        if done.returncode != 0:
            raise AssertionError(done.stdout + done.stderr)
        return json.loads(done.stdout)["token"]

    return [create(number) for number in range(count)]
