"""Servers under test: processes with a port, a folder and accounting of their own."""

import collections
import json
import os
import shutil
import socket
import subprocess
import time
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.join(ROOT, "build", "release")
TOKEN = "eyJVc2VySUQiOiJkZWZhdWx0VXNlciIsIlBhc3N3b3JkIjoiZGVmYXVsdFBhc3N3b3JkIn0="
METRICS_TOKEN = "bench"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_until_it_listens(process, port, log):
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            if process.poll() is not None:
                with open(log) as text:
                    raise SystemExit(text.read())
            time.sleep(0.01)
    raise SystemExit("the server did not start")


class Server:
    """`command` with {port} in it. CPU counts all threads from the start on, memory is PSS."""

    def __init__(self, command, folder):
        self.port = free_port()
        log = os.path.join(folder, "log")
        with open(log, "wb") as output:
            self.process = subprocess.Popen(
                [part.format(port=self.port) for part in command], stdout=output, stderr=output)
        wait_until_it_listens(self.process, self.port, log)

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

    def api(self, method, path, body=None):
        """What a call answers; `body` is sent as JSON."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=120) as answer:
            return json.loads(answer.read() or b"null")

    def metrics(self):
        """By name, summed over all labels; 0 for what was never counted."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/metrics",
                                         headers={"Authorization": f"Bearer {METRICS_TOKEN}"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            lines = answer.read().decode().splitlines()
        sums = collections.Counter()
        for line in lines:
            if not line.startswith("#"):
                series, _, value = line.rpartition(" ")
                sums[series.partition("{")[0]] += float(value)
        return sums

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=60)


def ferry(folder, *settings):
    return Server([os.path.join(BUILD, "ferry"), "dev", "--listen", "127.0.0.1:{port}", "--data",
                   os.path.join(folder, "data"), "--metrics.token", METRICS_TOKEN, *settings], folder)


def relay(folder):
    return Server([os.path.join(BUILD, "bench", "ferry_relay"), "{port}"], folder)


class FreshServer:
    """A Ferry in a folder of its own, both gone at the end."""

    def __init__(self, base, name, *settings):
        self.folder = os.path.join(base, name)
        self.settings = settings

    def __enter__(self):
        os.makedirs(self.folder)
        self.server = ferry(self.folder, *self.settings)
        return self.server

    def __exit__(self, *_):
        self.server.stop()
        shutil.rmtree(self.folder)
