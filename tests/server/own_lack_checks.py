"""What the server lacks itself, and what one name or one function holds, costs no delivery an attempt."""

import contextlib
import json
import socket
import struct
import threading
import time

from bed import check, expect, expect_equal, wait_until


class Nameserver:
    """Answers names that begin with "good" with 127.0.0.1 and never answers any other, over UDP."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.socket.bind(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.socket.getsockname()[1]
        self.asked = set()
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        with contextlib.suppress(OSError):
            while True:
                query, peer = self.socket.recvfrom(2048)
                self.answer(query, peer)

    def answer(self, query, peer):
        end, labels = 12, []
        while query[end]:
            labels.append(query[end + 1:end + 1 + query[end]].decode())
            end += 1 + query[end]
        self.asked.add(".".join(labels))
        if not labels[0].startswith("good"):
            return
        question = query[12:end + 5]
        is_ipv4 = struct.unpack(">H", question[-4:-2])[0] == 1
        head = query[:2] + b"\x85\x80" + struct.pack(">HHHH", 1, int(is_ipv4), 0, 0)
        record = b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 60, 4) + socket.inet_aton("127.0.0.1")
        self.socket.sendto(head + question + (record if is_ipv4 else b""), peer)

    def close(self):
        self.socket.close()


def publish_all(server, urls, headers=None):
    items = [{"destination": url, "body": "x", "headers": headers or {}} for url in urls]
    ids = []
    for begin in range(0, len(items), 50):
        answer = server.call("POST", "/v2/batch", json.dumps(items[begin:begin + 50]),
                             {"Content-Type": "application/json"})
        expect_equal(answer.status, 200, f"batch: {answer}")
        ids += [entry["messageId"] for entry in answer.json()]
    return ids


def dead_letters(server):
    return server.call("GET", "/v2/dlq?count=100").json()["messages"]


@check
def without_descriptors_deliveries_wait_and_none_becomes_a_dead_letter(bed):
    receiver, server = bed.receiver(), bed.server("--delivery.host_in_flight_max=1000")
    server.prefix = ["prlimit", "--nofile=256:256"]
    server.start()
    urls = [f"{receiver.url}/slow/{i}" for i in range(300)]
    publish_all(server, urls, {"Upstash-Retries": "0"})
    wait_until(lambda: len({arrival.path for arrival in list(receiver.arrivals)}) == 300,
               "all 300 have arrived", 60)
    wait_until(lambda: server.pending() == 0, "all 300 have ended")
    expect_equal(dead_letters(server), [], "dead letters")


@check
def names_without_an_answer_delay_no_other_name(bed):
    nameserver = Nameserver()
    bed.hosts.append(nameserver)
    receiver = bed.receiver()
    server = bed.server("--delivery.nameservers=" + nameserver.address).start()
    publish_all(server, [f"http://slow{i}.test/" for i in range(200)],
                {"Upstash-Retries": "3", "Upstash-Retry-Delay": "100"})
    wait_until(lambda: len(nameserver.asked) >= 200, "200 names were asked for")
    for i in range(3):
        started = time.monotonic()
        server.publish(f"http://good{i}.test:{receiver.port}/{i}", headers={"Upstash-Retries": "0"})
        receiver.wait_for(f"/{i}")
        expect(time.monotonic() - started < 1, f"a new name took {time.monotonic() - started:.1f} s")


@check
def a_cancelled_message_has_its_connection_closed(bed):
    host, server = bed.silent_host(), bed.server("--delivery.in_flight_max=1").start()
    message = server.publish(host.url)
    wait_until(lambda: host.accepted, "the host is called")
    answer = server.call("DELETE", f"/v2/messages/{message}")
    expect_equal(answer.status // 100, 2, f"cancel: {answer}")
    peer = host.accepted[0]
    peer.settimeout(2)
    while peer.recv(65536):
        pass
    # Its slot, the only one, is free again.
    receiver = bed.receiver()
    server.publish(receiver.url + "/next")
    receiver.wait_for("/next", 2)


def make_function(server, name, endpoint):
    answer = server.call("POST", "/2023-03-30/functions", json.dumps({
        "functionName": name, "runtime": "custom", "handler": "h",
        "environmentVariables": {"FC_ENDPOINT_URL": endpoint}}), {"Content-Type": "application/json"})
    expect_equal(answer.status // 100, 2, f"function {name}: {answer}")


def begin_call(server, function):
    """A synchronous invocation whose answer nobody reads."""
    raw = socket.create_connection(("127.0.0.1", server.port), timeout=5)
    raw.sendall(f"POST /2023-03-30/functions/{function}/invocations HTTP/1.1\r\nHost: x\r\n"
                f"Authorization: Bearer {server.token}\r\nContent-Length: 1\r\n\r\nx".encode())
    return raw


@check
def a_function_that_never_answers_leaves_room_to_others_and_its_callers_end_their_calls(bed):
    host, receiver = bed.silent_host(), bed.receiver()
    server = bed.server("--functions.calls_max=80").start()
    make_function(server, "hangs", host.url)
    make_function(server, "answers", receiver.url)
    callers = [begin_call(server, "hangs") for _ in range(40)]
    wait_until(lambda: len(host.accepted) == 10, "an eighth of the places is taken")
    refused = server.call("POST", "/2023-03-30/functions/hangs/invocations", b"x")
    expect_equal(refused.status, 429, f"a call beyond the share: {refused}")
    started = time.monotonic()
    answer = server.call("POST", "/2023-03-30/functions/answers/invocations", b"x")
    expect_equal(answer.status, 200, f"another function: {answer}")
    expect(time.monotonic() - started < 1, "another function answers at once")
    for caller in callers:
        caller.close()
    for peer in host.accepted[:10]:
        peer.settimeout(5)
        while peer.recv(65536):
            pass
    begin_call(server, "hangs")
    wait_until(lambda: len(host.accepted) == 11, "the function can be called again")
