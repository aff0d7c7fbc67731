"""What the checks stand on: real servers in temporary folders, receivers, and HTTP calls from outside."""

import contextlib
import http.client
import http.server
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time

# The first two users of `ferry dev`.
TOKEN = "eyJVc2VySUQiOiJkZWZhdWx0VXNlciIsIlBhc3N3b3JkIjoiZGVmYXVsdFBhc3N3b3JkIn0="
START_SECONDS = 60
STOP_SECONDS = 60
WAIT_SECONDS = 30


class Skip(Exception):
    """This machine cannot show it; the text says why."""


CHECKS = []


def check(function):
    CHECKS.append(function)
    return function


def expect(condition, text):
    if not condition:
        raise AssertionError(text)


def expect_equal(actual, wanted, what):
    expect(actual == wanted, f"{what}: expected {wanted!r}, got {actual!r}")


def expect_in(part, whole, what):
    expect(part in whole, f"{what}: {part!r} is not in {whole!r}")


def wait_until(condition, what, seconds=WAIT_SECONDS):
    """The first true value of `condition`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"after {seconds} s still not: {what}")


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.status} {self.body[:300]!r}"


def get_free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """One life of the binary on a data folder; `start` again is the next life."""

    def __init__(self, bed, folder, *flags, command="dev"):
        self.bed, self.folder, self.flags, self.command = bed, folder, list(flags), command
        self.process, self.port = None, None
        self.log_path = folder + ".log"
        self.token = TOKEN
        self.prefix = []  # a command that starts the binary, such as prlimit

    def spawn(self, *flags):
        listen = [] if "-port" in self.flags else ["--listen", "127.0.0.1:0"]
        self.log_start = os.path.getsize(self.log_path) if os.path.exists(self.log_path) else 0
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [*self.prefix, self.bed.ferry, self.command, *listen, "--data", self.folder, *self.flags, *flags],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        return self

    def start(self, *flags):
        self.spawn(*flags)
        started = wait_until(self.look_for_start, "the server has started", START_SECONDS)
        self.port = started["port"]
        return self

    def look_for_start(self):
        for line in self.log_lines():
            if line.get("event") == "started":
                return line
        expect(self.process.poll() is None,
               f"the server ended with {self.process.returncode}: {self.output()}")
        return None

    def output(self):
        """What this life has printed."""
        with open(self.log_path, "rb") as log:
            log.seek(self.log_start)
            return log.read().decode(errors="replace")

    def log_lines(self):
        lines = []
        for line in self.output().splitlines():
            with contextlib.suppress(ValueError):
                lines.append(json.loads(line))
        return [line for line in lines if isinstance(line, dict)]

    def expect_refusal(self, *flags):
        """The server ends by itself with 1; what it said."""
        self.spawn(*flags)
        self.process.wait(timeout=START_SECONDS)
        expect_equal(self.process.returncode, 1, "exit code of a refused start: " + self.output())
        return self.output()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=STOP_SECONDS)

    def kill(self):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def call(self, method, target, body=b"", headers=None, token=None, tls=None):
        fields = {"Authorization": "Bearer " + (token or self.token)} if token != "" else {}
        fields.update(headers or {})
        connection = (http.client.HTTPSConnection("127.0.0.1", self.port, timeout=30, context=tls)
                      if tls else http.client.HTTPConnection("127.0.0.1", self.port, timeout=30))
        try:
            connection.request(method, target, body=body, headers=fields)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def publish(self, url, body=b"x", headers=None, token=None):
        """The id of a message that must be accepted."""
        answer = self.call("POST", "/v2/publish/" + url, body, headers, token)
        expect_equal(answer.status, 200, f"publish to {url}: {answer}")
        return answer.json()["messageId"]

    def events(self, message_id, token=None):
        """Oldest first; of large messages they fill more than a page."""
        events, cursor = [], ""
        while True:
            answer = self.call("GET", f"/v2/events?messageId={message_id}&order=earliestFirst{cursor}", token=token)
            expect_equal(answer.status, 200, f"events: {answer}")
            page = answer.json()
            events += page["events"]
            if not page.get("cursor"):
                return events
            cursor = "&cursor=" + page["cursor"]

    def states(self, message_id, token=None):
        return [event["state"] for event in self.events(message_id, token)]

    def wait_for_state(self, message_id, state, token=None):
        return wait_until(
            lambda: next((e for e in self.events(message_id, token) if e["state"] == state), None),
            f"{message_id} is {state}")

    def cli(self, *arguments):
        return self.bed.cli(*arguments, "--data", self.folder)

    def cli_json(self, *arguments):
        done = self.cli(*arguments, "--json")
        expect_equal(done.returncode, 0, f"ferry {' '.join(arguments)}: {done.stdout}{done.stderr}")
        return json.loads(done.stdout)

    def pending(self):
        return self.cli_json("status")["pending"]


class Arrival:
    def __init__(self, path, headers, body):
        self.path, self.headers, self.body, self.at = path, headers, body, time.time()


class Receiver:
    """A destination: /slow answers after a second, /fail with 500, everything else at once with 200."""

    def __init__(self):
        self.arrivals = []
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                receiver.arrivals.append(Arrival(self.path, self.headers, body))
                if self.path.startswith("/slow"):
                    time.sleep(1)
                self.send_response(500 if self.path.startswith("/fail") else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        class Listener(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 1024

            def handle_error(self, *_):
                pass  # a server that was killed leaves broken connections

        self.listener = Listener(("127.0.0.1", 0), Handler)
        self.port = self.listener.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.listener.serve_forever, args=(0.05,), daemon=True).start()

    def at(self, path):
        return [arrival for arrival in list(self.arrivals) if arrival.path == path]

    def wait_for(self, path, seconds=WAIT_SECONDS):
        return wait_until(lambda: self.at(path), f"{path} has arrived", seconds)[0]

    def close(self):
        self.listener.shutdown()
        self.listener.server_close()


class SilentHost:
    """Accepts connections and never answers."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.url = "http://127.0.0.1:%d" % self.socket.getsockname()[1]
        self.accepted = []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                self.accepted.append(self.socket.accept()[0])

    def close(self):
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        for one in [self.socket, *self.accepted]:
            one.close()


class Bed:
    """Everything one check makes; all of it goes with the check."""

    def __init__(self, ferry):
        self.ferry = ferry
        self.folder = tempfile.mkdtemp(prefix="ferry-server-")
        self.servers, self.hosts = [], []

    def path(self, name):
        return os.path.join(self.folder, name)

    def server(self, *flags, name="data", command="dev"):
        server = Server(self, self.path(name), *flags, command=command)
        self.servers.append(server)
        return server

    def receiver(self):
        self.hosts.append(Receiver())
        return self.hosts[-1]

    def silent_host(self):
        self.hosts.append(SilentHost())
        return self.hosts[-1]

    def cli(self, *arguments):
        return subprocess.run([self.ferry, *arguments], capture_output=True, text=True, timeout=120,
                              stdin=subprocess.DEVNULL)

    def certificate(self, subject):
        """A new self-signed certificate for 127.0.0.1: its two files, as a certificate and a key."""
        files = self.path(subject + ".pem"), self.path(subject + ".key")
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
             "-nodes", "-days", "2", "-subj", "/CN=" + subject,
             "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", files[1], "-out", files[0]],
            check=True, capture_output=True)
        return files

    def close(self):
        for server in self.servers:
            server.kill()
        for host in self.hosts:
            host.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def trusting(certificate_file):
    return ssl.create_default_context(cafile=certificate_file)


def exchange(port, data, seconds=30):
    """Sends raw bytes and reads until the server closes or one whole answer is there."""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as raw:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            raw.sendall(data)
        return read_answer(raw)


def read_answer(raw):
    parser = http.client.HTTPResponse(raw)
    parser.begin()
    return Answer(parser.status, parser.headers, parser.read())
