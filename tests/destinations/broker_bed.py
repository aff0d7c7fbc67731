"""What the tests against real brokers share: servers on loopback ports, the probe, the checks.

A test is a function whose name is a sentence; it gets the place of the running server. `main` runs them all and exits
with 0 when all passed, or with a printed reason when the system under test is not installed. With --hold it runs none:
`held` of the bed says what to push to and with which fields of a connection, and the server stays until the input ends.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import traceback

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROBE = os.environ.get("FERRY_BROKER_PROBE") or os.path.join(ROOT, "build/release/tests/destinations/broker_probe")
CACHE = os.path.join(ROOT, "build", "destinations")

BODY = json.dumps({"timestamp": 1660120276975, "responsePayload": "{\"said\":\"g\u00fcnaydın \\u0001\"}"}).encode()
# What the probe puts beside the body.
REQUEST_ID = "1-67a59f35-150c1267-f381ba1c085c"
HEADERS = {
    "x-fc-request-id": REQUEST_ID,
    "x-fcd-lineage": "v1;root=r;hops=1;path=01234567:1;sig=s",
    "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
}


class Skip(Exception):
    """Something that is not there to test with."""


def require(*programs):
    for program in programs:
        if not shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin:/sbin"):
            raise Skip(f"{program} is not installed")


def python_with(package):
    """A Python that has `package`, in an environment of its own beside the build."""
    place = os.path.join(CACHE, "venv-" + package)
    python = os.path.join(place, "bin", "python")
    if subprocess.run([python, "-c", ""], capture_output=True).returncode if os.path.exists(python) else True:
        subprocess.run([sys.executable, "-m", "venv", place], check=True)
    if subprocess.run([python, "-m", "pip", "show", "-q", package], capture_output=True).returncode:
        command = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", package]
        subprocess.run(command, check=True)
    return python


def make_certificates(folder):
    """ca.pem, and server.pem with server.key for "localhost" by it; other-ca.pem has signed nothing."""

    def openssl(*words):
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)

    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    for name in ("ca", "other-ca"):
        openssl("req", "-x509", *key, "-subj", f"/CN={name}", "-keyout", name + ".key", "-out", name + ".pem")
    openssl("req", *key[:-2], "-subj", "/CN=localhost", "-keyout", "server.key", "-out", "server.csr")
    with open(os.path.join(folder, "server.ext"), "w") as file:
        file.write("subjectAltName=DNS:localhost\n")
    openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
            "-extfile", "server.ext", "-out", "server.pem")


def check_tls(kind, port, target, folder, **fields):
    """Only a server whose certificate is by the authority that is configured, and for its name, gets anything."""

    def push(host, ca_file):
        place = os.path.join(folder, ca_file)
        with Probe(kind, f"{host}:{port}", tls="true", ca_file=place, **fields) as probe:
            return probe.push(target, event=f"tls-{host}-{ca_file}")

    delivered(push("localhost", "ca.pem"))
    failed(push("localhost", "other-ca.pem"), 0)
    failed(push("127.0.0.1", "ca.pem"), 0)


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def eventually(what, condition, seconds=60):
    """Waits until `condition` answers something true, and returns that."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s: {what}")


def answers(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False


class Server:
    """A process with a folder of its own. `kill` is a crash; `start` brings it back with its data."""

    def __init__(self, name, command, port, environment=None):
        self.command, self.port = command, port
        self.environment = dict(os.environ, **(environment or {}))
        self.log_path = os.path.join(tempfile.gettempdir(), f"ferry-{name}-{port}.log")
        self.process = None

    def start(self):
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.environment,
                start_new_session=True,
            )
        eventually("the server listens", self.is_up, 120)
        return self

    def is_up(self):
        if self.process.poll() is not None:
            with open(self.log_path, errors="replace") as log:
                raise AssertionError("the server ended: " + log.read()[-2000:])
        return answers(self.port)

    def kill(self):
        if self.process:
            try:
                os.killpg(self.process.pid, 9)
            except ProcessLookupError:
                pass
            self.process.wait()
            self.process = None

    def close(self):
        self.kill()
        if os.path.exists(self.log_path):
            os.remove(self.log_path)


class Probe:
    """One sender of the kind, kept over many pushes: its connection is what a test of a restart is about."""

    def __init__(self, kind, address, **fields):
        words = [f"{name}={value}" for name, value in fields.items()]
        self.process = subprocess.Popen([PROBE, kind, address, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.body = tempfile.NamedTemporaryFile()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        code = self.process.wait(60)
        self.body.close()
        assert code == 0, f"the probe ended with {code}"

    def push(self, target, body=BODY, event="e-1:s", timeout=10.0, count=1):
        """The results of `count` pushes that are under way at once; of one, the result itself."""
        self.body.seek(0)
        self.body.truncate()
        self.body.write(body)
        self.body.flush()
        words = [target, self.body.name, event, str(int(timeout * 1000)), str(count)]
        self.process.stdin.write(("\t".join(words) + "\n").encode())
        self.process.stdin.flush()
        results = [json.loads(self.process.stdout.readline()) for _ in range(count)]
        return results[0] if count == 1 else results


def equal(got, expected, what="value"):
    assert got == expected, f"{what}: expected {expected!r}, got {got!r}"


def delivered(result):
    assert result["kind"] == "delivered", result
    return result


def failed(result, status):
    """To be tried again."""
    assert (result["kind"], result["status"]) == ("failed", status), result


def refused(result, status):
    """Never again."""
    assert (result["kind"], result["status"]) == ("refused", status), result


def hold(bed):
    try:
        destination, connection = bed.held()
        print(json.dumps({"destination": destination, "connection": connection}), flush=True)
        sys.stdin.read()
    finally:
        bed.close()


def main(bed_class, tests):
    try:
        bed = bed_class()
    except Skip as reason:
        print(f"skip - {reason}")
        return 0  # the runner counts it
    if sys.argv[1:] == ["--hold"]:
        hold(bed)
        return 0
    failures = 0
    try:
        for test in tests:
            started = time.monotonic()
            try:
                test(bed)
                outcome = "ok"
            except Exception:
                failures += 1
                outcome = "not ok"
                traceback.print_exc(file=sys.stdout)
            name = test.__name__.replace("_", " ")
            print(f"{outcome} - {name} ({time.monotonic() - started:.1f} s)", flush=True)
    finally:
        bed.close()
    print(f"{len(tests) - failures} passed, {failures} failed")
    return 1 if failures else 0
