"""Nobody holds what all need: connections, memory for bodies and answers, with and without a token."""

import contextlib
import json
import os
import re
import resource
import socket
import time

from bed import TOKEN, Skip, check, expect, expect_equal, read_answer, wait_until

# The second user of `ferry dev`.
OTHER_TOKEN = "eyJVc2VySUQiOiJ0ZXN0VXNlcjEiLCJQYXNzd29yZCI6InRlc3RQYXNzd29yZCJ9"
TARGET = "/v2/publish/http://127.0.0.1:1/"
SOON = 1.0  # seconds that a publish may take beside an attack


def head(method, target, *fields, token=TOKEN):
    lines = [f"{method} {target} HTTP/1.1", "Host: f"]
    if token:
        lines.append("Authorization: Bearer " + token)
    return ("\r\n".join([*lines, *fields]) + "\r\n\r\n").encode()


class Crowd:
    """Many connections from chosen addresses of the loopback network."""

    def __init__(self, server):
        self.server, self.sockets = server, []

    def connect(self, source="127.0.0.1", receive_bytes=None):
        one = socket.socket()
        if receive_bytes:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        one.setsockopt(socket.SOL_IP, getattr(socket, "IP_BIND_ADDRESS_NO_PORT", 24), 1)
        one.bind((source, 0))
        one.settimeout(20)
        one.connect(("127.0.0.1", self.server.port))
        self.sockets.append(one)
        return one

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for one in self.sockets:
            one.close()


def may_open(count):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < count:
        raise Skip(f"no process may open {count} files here, but {hard}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, count)), hard))


def ask(one, data):
    one.sendall(data)
    return read_answer(one)


def expect_prompt(one, data, what, status=200):
    started = time.monotonic()
    answer = ask(one, data)
    expect_equal(answer.status, status, f"{what}: {answer}")
    taken = time.monotonic() - started
    expect(taken < SOON, f"{what} took {taken:.2f} s")
    return answer


def publish_bytes(body=b"x", token=OTHER_TOKEN, *fields):
    return head("POST", TARGET, "Upstash-Delay: 1h", f"Content-Length: {len(body)}", *fields, token=token) + body


def metric(server, name):
    answer = server.call("GET", "/metrics", token="m")
    found = re.search(rf"^ferry_{name} (\d+)", answer.body.decode(), re.M)
    expect(found, f"{name} is a metric: {answer}")
    return int(found.group(1))


def is_closed(one):
    """Whether the peer has ended the connection; what came before that is thrown away."""
    one.setblocking(False)
    try:
        while one.recv(1 << 16):
            pass
        return True
    except BlockingIOError:
        return False
    except OSError:
        return True
    finally:
        one.settimeout(20)


@check
def requests_without_a_token_hold_nothing(bed):
    server = bed.server().start()
    requests = [("OPTIONS", "/x", 204), ("POST", TARGET, 401), ("GET", "/healthz", 200), ("POST", "/nothing", 404),
                ("POST", "/version", 405), ("POST", "/2023-03-30/functions/f/invocations", 400)]
    with Crowd(server) as crowd:
        for number in range(258):
            method, target, _ = requests[number % len(requests)]
            crowd.connect().sendall(head(method, target, "Content-Length: 1048576", token=None) + b"1")
        publisher = crowd.connect()
        for _ in range(20):
            expect_prompt(publisher, publish_bytes(b"x" * 20000), "a publish beside 258 bodies that never come")
        statuses = [read_answer(one).status for one in crowd.sockets[:258]]
    wrong = {(requests[n % len(requests)], status) for n, status in enumerate(statuses)
             if status != requests[n % len(requests)][2]}
    expect(not wrong, f"answers without a token: {wrong}")


@check
def a_signature_is_checked_before_the_body_is_read(bed):
    server = bed.server().start()
    now = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime())
    with Crowd(server) as crowd:
        one = crowd.connect()
        answer = ask(one, head("POST", "/2016-08-15/services/s/functions/f/invocations", f"Date: {now}",
                               "Authorization: FC defaultUserAccessKey:bm9uZQ==", "Content-Length: 1048576",
                               token=None))
        expect_equal((answer.status, answer.json()["ErrorCode"]), (403, "SignatureNotMatch"), "a forged signature")


@check
def slow_bodies_of_one_tenant_do_not_stop_another(bed):
    server = bed.server().start()
    with Crowd(server) as crowd:
        for _ in range(3):
            crowd.connect().sendall(head("POST", "/v2/batch", "Content-Length: 89000000") + b"[")
        for _ in range(300):
            crowd.connect().sendall(publish_bytes(b"x" * 60000, TOKEN)[:-59999])
        other = crowd.connect()
        for size in (10, 60_000, 100_000, 1_000_000, 9_000_000):
            for chunked in (False, True):
                data = publish_bytes(b"x" * size)
                if chunked:
                    data = (head("POST", TARGET, "Upstash-Delay: 1h", "Transfer-Encoding: chunked", token=OTHER_TOKEN)
                            + b"%x\r\n" % size + b"x" * size + b"\r\n0\r\n\r\n")
                expect_prompt(other, data, f"a publish of {size} bytes, chunked: {chunked}")


@check
def idle_connections_of_one_address_lock_nobody_out(bed):
    count = 10_300
    may_open(count + 200)
    server = bed.server().start()
    with Crowd(server) as crowd:
        known = crowd.connect()
        expect_prompt(known, publish_bytes(), "a publish before")
        for _ in range(count):
            crowd.connect()
        for source in ("127.0.0.2", "127.0.0.1"):
            expect_prompt(crowd.connect(source), head("GET", "/healthz", token=None), f"health from {source}")
            expect_prompt(crowd.connect(source), publish_bytes(), f"a publish from {source}")
        expect_prompt(known, publish_bytes(), "a publish on the connection of before")
        held = sum(1 for one in crowd.sockets[1:count + 1] if not is_closed(one))
        expect(held <= 1024, f"one address holds {held} connections")


@check
def when_all_places_are_taken_idle_ones_are_closed(bed):
    server = bed.server("--connections_max=100").start()
    with Crowd(server) as crowd:
        for number in range(400):
            one = crowd.connect(f"127.0.1.{number // 10 + 1}")
            expect_prompt(one, publish_bytes(token=TOKEN), f"publish {number} beside idle connections")
            if number % 90 == 89:
                time.sleep(1.1)  # what has waited for less is not closed
        expect_prompt(crowd.connect("127.0.0.2"), head("GET", "/healthz", token=None), "health")
        expect_prompt(crowd.connect("127.0.0.2"), publish_bytes(), "a publish of another tenant")


@check
def when_all_places_are_busy_health_and_other_tenants_are_served(bed):
    receiver = bed.silent_host()
    server = bed.server("--connections_max=100").start()
    function = {"functionName": "hang", "runtime": "custom", "handler": "h",
                "environmentVariables": {"FC_ENDPOINT_URL": receiver.url}}
    made = server.call("POST", "/2023-03-30/functions", json.dumps(function),
                       {"Content-Type": "application/json"})
    expect_equal(made.status, 200, f"a function: {made}")
    call = head("POST", "/2023-03-30/functions/hang/invocations", "Content-Length: 1") + b"x"
    with Crowd(server) as crowd:
        for _ in range(130):
            with contextlib.suppress(OSError):
                crowd.connect().sendall(call)
        wait_until(lambda: len(receiver.accepted) >= 90, "many calls hang", 10)
        expect_prompt(crowd.connect(), head("GET", "/healthz", token=None), "health")
        expect_prompt(crowd.connect(), head("GET", "/metrics", token="m"), "metrics", 404)
        for _ in range(5):
            expect_prompt(crowd.connect(), publish_bytes(), "a publish of another tenant")
        answer = ask(crowd.connect(), publish_bytes(token=TOKEN))
        expect_equal(answer.status, 503, f"one more of the tenant that holds all: {answer}")
        expect(answer.headers["Retry-After"], "it is told when to come back")


@check
def a_proxy_carries_many_connections_of_many_tenants(bed):
    tenants, count = 50, 5_000
    may_open(count + 200)
    server = bed.server("--trusted_proxies=127.0.0.1").start()
    tokens = [server.cli_json("tenant", "create", f"tenant{number}")["token"] for number in range(tenants)]
    with Crowd(server) as crowd:
        for number in range(count):
            crowd.connect()
        for number, one in enumerate(crowd.sockets):
            one.sendall(publish_bytes(b"x", tokens[number % tenants], f"X-Forwarded-For: 10.0.{number % 200}.1"))
        for number, one in enumerate(crowd.sockets):
            answer = read_answer(one)
            expect_equal(answer.status, 200, f"connection {number}: {answer}")
        for number, one in enumerate(crowd.sockets[:500]):
            answer = ask(one, head("GET", "/v2/queues", token=tokens[(number + 7) % tenants]))
            expect_equal(answer.status, 200, f"connection {number} again: {answer}")
        expect_equal(sum(1 for one in crowd.sockets if is_closed(one)), 0, "connections that were closed")


@check
def a_reader_of_128_bytes_a_second_is_cut_off(bed):
    server = bed.server("--metrics.token=m").start()
    with Crowd(server) as crowd:
        publisher = crowd.connect()
        for _ in range(4):
            expect_equal(ask(publisher, publish_bytes(b"y" * 1_000_000, TOKEN)).status, 200, "a publish")
        slow = [crowd.connect(receive_bytes=4096) for _ in range(5)]
        for one in slow:
            one.sendall(head("GET", "/v2/messages?count=100"))
        fast = crowd.connect()
        whole = len(ask(fast, head("GET", "/v2/messages?count=100")).body)
        expect(whole > 4_000_000, f"the answer is large: {whole}")
        for one in slow:
            one.setblocking(False)

        def read_a_little():
            for one in slow:
                with contextlib.suppress(OSError):
                    one.recv(64)
            time.sleep(0.48)
            return metric(server, "slow_peers_cut_total") >= len(slow)

        wait_until(read_a_little, "readers of 128 B/s are cut off", 60)
        expect_prompt(fast, publish_bytes(), "a publish after")


@check
def too_few_descriptors_are_warned_of_and_survived(bed):
    server = bed.server()
    server.bed = LimitedBed(bed, 300)
    server.start()
    expect(any("connections_max" in json.dumps(line) for line in server.log_lines()), "the start warns: " + server.output())
    with Crowd(server) as crowd:
        for number in range(400):
            with contextlib.suppress(OSError):
                crowd.connect(f"127.0.1.{number // 10 + 1}")
        wait_until(lambda: server.call("GET", "/healthz").status == 200, "health is answered", 5)
        server.publish("http://127.0.0.1:1/")
        before = cpu_seconds(server)
        time.sleep(1)
        expect(cpu_seconds(server) - before < 0.5, "the server does not spin")


class LimitedBed:
    """A bed whose binary may open few files."""

    def __init__(self, bed, files):
        self.path = bed.path("limited")
        with open(self.path, "w", encoding="utf-8") as script:
            script.write(f'#!/bin/sh\nulimit -n {files}\nexec "{bed.ferry}" "$@"\n')
        os.chmod(self.path, 0o755)
        self.ferry = self.path


def cpu_seconds(server):
    with open(f"/proc/{server.process.pid}/stat", encoding="utf-8") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
