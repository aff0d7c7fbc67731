"""Large bodies: they arrive whole whatever happens, and receivers that take none hold up nobody."""

import base64
import contextlib
import hashlib
import hmac
import json
import os
import socket
import tarfile
import threading
import time

from bed import check, expect, expect_equal, expect_in, wait_until

MB = 1 << 20
HELD_MAX = 65_536  # larger ones are read from the store while they are sent
KEEP = ["--storage.dead_letter_retention", "87600h", "--storage.history_retention", "87600h"]
FOLDERS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "folders")


def body_of(size, seed=0):
    """Bytes of which no two pieces are alike."""
    block = b"".join(hashlib.sha256(b"%d %d" % (seed, i)).digest() for i in range(1 + size // 3200))
    return (block * 101)[:size]


def peak_memory(server):
    with open(f"/proc/{server.process.pid}/status") as status:
        line = next(line for line in status if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


def read_jwt(token, key):
    """The claims of a signature that must be right."""
    head, claims, signature = token.split(".")
    wanted = hmac.new(key.encode(), f"{head}.{claims}".encode(), hashlib.sha256).digest()
    expect_equal(base64.urlsafe_b64decode(signature + "=="), wanted, "the signature")
    return json.loads(base64.urlsafe_b64decode(claims + "=="))


def expect_signed(arrival, key):
    claims = read_jwt(arrival.headers["Upstash-Signature"], key)
    digest = base64.urlsafe_b64encode(hashlib.sha256(arrival.body).digest()).decode()
    expect_equal(claims["body"].rstrip("="), digest.rstrip("="), f"the hash of the body of {arrival.path}")
    stamped = arrival.headers["webhook-signature"]
    if stamped is not None:
        signed = f"{arrival.headers['webhook-id']}.{arrival.headers['webhook-timestamp']}.".encode() + arrival.body
        wanted = base64.b64encode(hmac.new(key.encode(), signed, hashlib.sha256).digest()).decode()
        expect_equal(stamped, "v1," + wanted, f"webhook-signature of {arrival.path}")


def current_key(server):
    return server.call("GET", "/v2/keys").json()["current"]


def expect_arrivals(receiver, path, body, key, count=1):
    wait_until(lambda: len(receiver.at(path)) >= count, f"{path} has arrived {count} times")
    for arrival in receiver.at(path):
        expect(arrival.body == body, f"{path}: {len(arrival.body)} bytes of {len(body)}, or others")
        expect_signed(arrival, key)


def first_tenant(server):
    return server.cli_json("tenant", "list")["tenants"][0]["name"]


@check
def receivers_that_take_no_large_body_hold_up_nobody(bed):
    server, receiver, silent = bed.server().start(), bed.receiver(), bed.silent_host()
    bodies = [body_of(int(9.9 * MB), seed) for seed in range(14)]
    for body in bodies:
        server.publish(silent.url + "/large", body)
    wait_until(lambda: len(silent.accepted) >= 14, "all of them have been started")
    began = time.monotonic()
    for i in range(50):
        server.publish(f"{receiver.url}/good/{i}")
    for i in range(50):
        receiver.wait_for(f"/good/{i}", seconds=2)
    took = time.monotonic() - began
    expect(took < 5, f"50 deliveries to another host took {took:.1f} s")
    expect(peak_memory(server) < 300 * MB, f"the peak of memory is {peak_memory(server) // MB} MB")


@check
def many_receivers_that_take_no_large_body_hold_no_memory(bed):
    server, receiver, silent = bed.server().start(), bed.receiver(), bed.silent_host()
    body = body_of(2 * MB)
    for _ in range(100):
        server.publish(silent.url + "/large", body)
    wait_until(lambda: len(silent.accepted) >= 14, "some of them have been started")
    server.publish(receiver.url + "/good")
    receiver.wait_for("/good", seconds=3)
    expect(peak_memory(server) < 300 * MB, f"the peak of memory is {peak_memory(server) // MB} MB")


@check
def bodies_around_the_limit_and_of_ten_megabytes_arrive_signed(bed):
    server, receiver = bed.server().start(), bed.receiver()
    for standard in (False, True):
        if standard:
            done = server.cli("tenant", "standard-webhooks", first_tenant(server), "on")
            expect_equal(done.returncode, 0, done.stderr)
        key = current_key(server)
        for size in (HELD_MAX, HELD_MAX + 1, 10 * MB):
            body, path = body_of(size), f"/{size}/{standard}"
            server.publish(receiver.url + path, body)
            expect_arrivals(receiver, path, body, key)
            stamped = receiver.at(path)[0].headers["webhook-signature"]
            expect_equal(stamped is not None, standard, "a signature of Standard Webhooks")


@check
def large_bodies_survive_kills_and_retries(bed):
    server, receiver = bed.server().start(), bed.receiver()
    key, sizes = current_key(server), (HELD_MAX, HELD_MAX + 1, 10 * MB)
    for size in sizes:
        server.publish(f"{receiver.url}/fail/{size}", body_of(size),
                       {"Upstash-Retries": "2", "Upstash-Retry-Delay": "1000"})
        server.publish(f"{receiver.url}/later/{size}", body_of(size), {"Upstash-Delay": "3s"})
    for size in sizes:
        receiver.wait_for(f"/fail/{size}")
    server.kill()
    server.start()
    for size in sizes:
        expect_arrivals(receiver, f"/fail/{size}", body_of(size), key, 3)
        expect_arrivals(receiver, f"/later/{size}", body_of(size), key)


@check
def callbacks_and_dead_letters_have_the_large_body(bed):
    server, receiver = bed.server().start(), bed.receiver()
    key, body = current_key(server), body_of(3 * MB)
    server.publish(receiver.url + "/called", body, {"Upstash-Callback": receiver.url + "/callback"})
    called = receiver.wait_for("/callback")
    expect(base64.b64decode(json.loads(called.body)["sourceBody"]) == body, "sourceBody of the callback")
    expect_signed(called, key)

    dead = server.publish(receiver.url + "/fail/dead", body, {
        "Upstash-Retries": "0", "Upstash-Failure-Callback": receiver.url + "/gave-up"})
    failed = receiver.wait_for("/gave-up")
    expect(base64.b64decode(json.loads(failed.body)["sourceBody"]) == body, "sourceBody of the failure callback")
    expect_signed(failed, key)
    server.wait_for_state(dead, "FAILED")
    for life in range(2):
        letters = server.call("GET", "/v2/dlq").json()["messages"]
        expect_equal([letter["messageId"] for letter in letters], [dead], "dead letters")
        one = server.call("GET", "/v2/dlq/" + letters[0]["dlqId"]).json()
        shown = base64.b64decode(one["bodyBase64"]) if "bodyBase64" in one else one["body"].encode()
        expect(shown == body, "the body of the dead letter")
        if life == 0:
            server.kill()
            server.start()
    answer = server.call("POST", "/v2/dlq/retry?dlqIds=" + letters[0]["dlqId"])
    expect_equal(answer.status, 201, answer)
    expect_arrivals(receiver, "/fail/dead", body, key, 2)


@check
def many_dead_letters_with_large_bodies_are_retried_in_one_call(bed):
    server, receiver = bed.server().start(), bed.receiver()
    body = body_of(6 * MB)
    for i in range(8):
        server.publish(f"{receiver.url}/fail/{i}", body, {"Upstash-Retries": "0"})
    wait_until(lambda: server.cli_json("status")["dead_letters"] == 8, "all are dead letters")
    answer = server.call("POST", "/v2/dlq/retry")
    expect_equal(len(answer.json()["responses"]), 8, f"retried: {answer}")
    for i in range(8):
        wait_until(lambda path=f"/fail/{i}": len(receiver.at(path)) >= 2, f"/fail/{i} has arrived again")
        expect(all(arrival.body == body for arrival in receiver.at(f"/fail/{i}")), f"the body of /fail/{i}")


@check
def a_large_body_to_a_group_arrives_at_every_endpoint(bed):
    server, receiver = bed.server().start(), bed.receiver()
    key, body = current_key(server), body_of(4 * MB)
    urls = [f"{receiver.url}/member/{i}" for i in range(3)] + [receiver.url + "/fail/member"]
    server.call("POST", "/v2/topics/all/endpoints", json.dumps({"endpoints": [{"url": url} for url in urls]}).encode())
    answer = server.call("POST", "/v2/publish/all", body, {"Upstash-Retries": "1", "Upstash-Retry-Delay": "500"})
    expect_equal(answer.status, 200, answer)
    for i in range(3):
        expect_arrivals(receiver, f"/member/{i}", body, key)
    expect_arrivals(receiver, "/fail/member", body, key, 2)
    wait_until(lambda: server.pending() == 0, "nothing is pending")
    server.stop()
    checked = server.cli("check")
    expect_equal(checked.returncode, 0, checked.stdout + checked.stderr)


class DrippingHost:
    """Reads slowly, and answers the first request early with 503 and the second after its whole body."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = "http://127.0.0.1:%d" % self.listener.getsockname()[1]
        self.bodies = []
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        with contextlib.suppress(OSError):
            while True:
                self.read_one(self.listener.accept()[0])

    def read_one(self, peer):
        with peer:
            data = b""
            while b"\r\n\r\n" not in data:
                data += peer.recv(4096)
            head, data = data.split(b"\r\n\r\n", 1)
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            if not self.bodies:
                self.bodies.append(None)
                peer.sendall(b"HTTP/1.1 503 x\r\nContent-Length: 0\r\n\r\n")
                return
            while len(data) < length:
                data += peer.recv(20_000)
                time.sleep(0.001)
            self.bodies.append(data)
            peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    def close(self):
        self.listener.close()


@check
def a_slow_receiver_gets_the_whole_body_after_an_early_answer(bed):
    server, host = bed.server().start(), DrippingHost()
    bed.hosts.append(host)
    body = body_of(5 * MB)
    message = server.publish(host.url + "/slowly", body, {"Upstash-Retries": "1", "Upstash-Retry-Delay": "100"})
    server.wait_for_state(message, "DELIVERED")
    error = next(event for event in server.events(message) if event["state"] == "ERROR")
    expect_in("503", error["error"], "the early answer")
    expect(host.bodies[1] == body, "the body that the second attempt brought")


@check
def the_folder_of_the_release_before_opens_and_delivers(bed):
    receiver = bed.receiver()
    with tarfile.open(os.path.join(FOLDERS, "tables-2.tar.gz")) as packed:
        packed.extractall(bed.folder, filter="data")
    server = bed.server().start("--delivery.connect_to", f"receiver.example:80=127.0.0.1:{receiver.port}", *KEEP)
    large = 200_000
    letters = {letter["url"][-5:]: letter for letter in server.call("GET", "/v2/dlq").json()["messages"]}
    expect_equal(sorted(letters), ["large", "small"], "dead letters")
    for name, count in (("small", 5), ("large", large)):
        expect_equal(letters[name]["body"], "d" * count, f"the body of the {name} dead letter")
    retried = server.call("POST", "/v2/dlq/retry")
    expect_equal(len(retried.json()["responses"]), 2, f"retried: {retried}")
    expect_equal(server.call("POST", "/v2/queues/parked/resume").status, 200, "the queue is resumed")
    for path, letter, count in (("/fail/small", "d", 5), ("/fail/large", "d", large),
                                ("/parked/small", "p", 6), ("/parked/large", "p", large + 1),
                                ("/tables/small", "t", 7), ("/tables/large", "t", large + 2),
                                ("/group/1", "g", large + 3), ("/group/2", "g", large + 3),
                                ("/called", "c", large + 4),
                                ("/journal/small", "j", 8), ("/journal/large", "j", large + 5)):
        arrival = receiver.wait_for(path, seconds=60)
        expect(arrival.body == letter.encode() * count, f"{path}: {len(arrival.body)} bytes")
    callback = json.loads(receiver.wait_for("/callback").body)
    expect(base64.b64decode(callback["sourceBody"]) == b"c" * (large + 4), "sourceBody of the callback")
    server.stop()
    checked = server.cli("check")
    expect_equal(checked.returncode, 0, checked.stdout + checked.stderr)
