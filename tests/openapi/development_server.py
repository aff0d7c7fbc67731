"""`ferry dev` on a free port with a temporary data folder, and calls to it."""

import http.server
import json
import os
import signal
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request

START_SECONDS = 30
STOP_SECONDS = 60
WAIT_SECONDS = 30


class DevelopmentServer:
    def __init__(self, ferry):
        self.ferry = os.path.abspath(ferry)

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="ferry-openapi-")
        with open(os.path.join(self.folder.name, "log"), "wb") as log:
            self.process = subprocess.Popen(
                [self.ferry, "dev", "--listen", "127.0.0.1:0", "--data", self.folder.name + "/data",
                 "--metrics.token", "scrape"],
                stdout=subprocess.PIPE, stderr=log, text=True)
        self.settings = {}
        deadline = time.monotonic() + START_SECONDS
        while "QSTASH_NEXT_SIGNING_KEY" not in self.settings:
            line = self.process.stdout.readline()
            assert line and time.monotonic() < deadline, "the server does not start"
            name, equals, value = line.strip().partition("=")
            if equals and name.startswith("QSTASH_"):
                self.settings[name] = value
        self.url, self.token = self.settings["QSTASH_URL"], self.settings["QSTASH_TOKEN"]
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.folder.cleanup()

    def call(self, method, target, body=None, headers=None, token=None):
        """Status, headers, and the JSON of the answer (its text if it is something else)."""
        request = urllib.request.Request(self.url + target, method=method)
        request.add_header("Authorization", "Bearer " + (token or self.token))
        if isinstance(body, (dict, list)):
            body = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        for name, value in (headers or {}).items():
            request.add_header(name, value)
        try:
            answer = urllib.request.urlopen(request, body, WAIT_SECONDS)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            text = answer.read().decode()
            is_json = answer.headers.get_content_type() == "application/json"
            return answer.status, answer.headers, json.loads(text) if is_json else text


class Receiver:
    """A destination that keeps (method, path, headers, body) of what arrives; it refuses paths with "refuse"."""

    def __enter__(self):
        received = self.received = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                received.append((self.command, self.path, self.headers, body))
                self.send_response(500 if "refuse" in self.path else 200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"ok")

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def wait_for(self, path):
        def arrived():
            return next((each for each in self.received if each[1] == path), None)

        return wait_until(arrived, f"a request of {path}")


def wait_until(condition, what):
    """The first true value of `condition`."""
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    raise AssertionError(f"after {WAIT_SECONDS} s still not: {what}")
