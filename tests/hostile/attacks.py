"""What a hostile tenant does. Each attack runs as a process of its own, so that it cannot slow the measurement down:

    attacks.py KIND FERRY_PORT TOKEN

It prints `ready` when all of its messages are accepted, and ends when its standard input ends.
"""

import asyncio
import http.client
import json
import os
import resource
import sys

# The server runs this many attempts at once by default; an attack asks for ten times as many.
SLOTS = 1000
MESSAGES = 10 * SLOTS
# Four ports of one address, and one port of sixty others.
ADDRESSES = ["127.0.0.2"] * 4 + [f"127.0.1.{n}" for n in range(1, 61)]
BATCH = 1000
BODY_BYTES = 8 << 20
BODIES = 40  # ten times the memory for bodies that the ring gives to its server


async def read_request(reader):
    head = await reader.readuntil(b"\r\n\r\n")
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            await reader.readexactly(int(line.split(b":")[1]))


async def hang(reader, writer):
    """Accepts, reads, and never answers."""
    while await reader.read(65536):
        pass


async def accept_only(reader, writer):
    """Accepts and does not even read: the request body stays where it is."""
    reader._transport.pause_reading()
    await asyncio.sleep(3600)


async def drip(reader, writer):
    """A valid answer, a byte every half a second."""
    await read_request(reader)
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.5)


async def answer_hugely(reader, writer):
    """More than is kept of an answer at once, the rest of a gigabyte slowly."""
    await read_request(reader)
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n" + b"x" * (1 << 20))
    while True:
        writer.write(b"x" * 4096)
        await writer.drain()
        await asyncio.sleep(0.25)


def guarded(serve):
    async def connection(reader, writer):
        try:
            await serve(reader, writer)
        except (OSError, EOFError, asyncio.LimitOverrunError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
    return connection


class Publisher:
    def __init__(self, port, token):
        self.port, self.token = port, token

    def call(self, method, target, body, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            connection.request(method, target, body, {"Authorization": "Bearer " + self.token, **(headers or {})})
            answer = connection.getresponse()
            text = answer.read()
            if answer.status not in (200, 201, 429, 503):
                raise AssertionError(f"{method} {target}: {answer.status} {text[:300]!r}")
        finally:
            connection.close()

    def publish_all(self, urls, retries=0):
        for first in range(0, MESSAGES, BATCH):
            items = [{"destination": urls[n % len(urls)], "body": "x", "headers": {"Upstash-Retries": str(retries)}}
                     for n in range(first, first + BATCH)]
            self.call("POST", "/v2/batch", json.dumps(items), {"Content-Type": "application/json"})

    def publish_bodies(self, urls):
        body = b"b" * BODY_BYTES
        for n in range(BODIES):
            self.call("POST", "/v2/publish/" + urls[n % len(urls)], body, {"Upstash-Retries": "0"})


async def attack(kind, publisher):
    serve = {"hung": hang, "dripping": drip, "huge-answer": answer_hugely, "huge-body": accept_only}.get(kind)
    servers = [await asyncio.start_server(guarded(serve), address, 0, backlog=1024)
               for address in (ADDRESSES if serve else [])]
    urls = ["http://%s:%d/" % server.sockets[0].getsockname()[:2] for server in servers]
    loop = asyncio.get_running_loop()
    if kind == "slow-dns":
        await loop.run_in_executor(
            None, publisher.publish_all, [f"http://silent-{n}.test/" for n in range(MESSAGES // 5)], 3)
    elif kind == "huge-body":
        await loop.run_in_executor(None, publisher.publish_bodies, urls)
    else:
        await loop.run_in_executor(None, publisher.publish_all, urls)
    print("ready", flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    os._exit(0)  # thousands of connections end with the process


KINDS = ["hung", "dripping", "slow-dns", "huge-answer", "huge-body"]

if __name__ == "__main__":
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    asyncio.run(attack(sys.argv[1], Publisher(int(sys.argv[2]), sys.argv[3])))
