"""What deliveries to healthy hosts notice of hosts that are slow or dead."""

import asyncio
import threading

from load import load
from server import FreshServer
from table import row


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
    with FreshServer(base, name) as server:
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


def bad_neighbours(base, options):
    """A thousand destinations, a tenth of them dead and a tenth slow: what the healthy ones notice."""
    hosts, rate = max(10, int(1_000 * options.scale)), max(50, int(2_000 * options.scale))
    well = among_neighbours(base, "healthy", hosts, rate, (0, 0))
    ill = among_neighbours(base, "neighbours", hosts, rate, (None, 1))
    row(f"{hosts:,} destinations at {rate}/s, p50 / p99", f"{well[0]} / {well[1]} us", "all healthy")
    row("- a tenth dead, a tenth slow: the healthy ones", f"{ill[0]} / {ill[1]} us",
        f"{ill[1] / max(well[1], 1):.2f} of the p99, target 1.5")
