"""What the server makes of requests: malformed ones, limits, ids, metrics."""

import re
import resource
import socket
import time

from bed import (Skip, TOKEN, check, exchange, expect, expect_equal, expect_in, get_free_port, read_answer,
                 wait_until)

DESTINATION = "http://127.0.0.1:1/"
HEAD_SECONDS = 15  # how long a request's head may take


def publish_head(*fields, target="/v2/publish/" + DESTINATION, host="Host: f\r\n"):
    lines = "".join(field + "\r\n" for field in fields)
    return (f"POST {target} HTTP/1.1\r\n{host}Authorization: Bearer {TOKEN}\r\nUpstash-Delay: 1h\r\n"
            f"{lines}\r\n").encode("latin-1")


def bad_requests():
    """Name, bytes, status."""
    chunked = publish_head("Transfer-Encoding: chunked")
    return [
        ("no HTTP at all", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 40 + b"\r\n\r\n", 400),
        ("a wrong version", b"GET /version HTTP/2.0\r\nHost: f\r\n\r\n", 505),
        ("a bare LF", b"GET /version HTTP/1.1\nHost: f\n\n", 400),
        ("no Host", publish_head("Content-Length: 1", host="") + b"x", 400),
        ("two Hosts", publish_head("Host: g", "Content-Length: 1") + b"x", 400),
        ("a blank before the colon", publish_head("Upstash-Retries : 1", "Content-Length: 1") + b"x", 400),
        ("a folded field", publish_head("Upstash-Label: a\r\n b", "Content-Length: 1") + b"x", 400),
        ("a NUL in a field", publish_head("Upstash-Label: a\0b", "Content-Length: 1") + b"x", 400),
        ("a huge target", publish_head("Content-Length: 1", target="/v2/publish/http://h/" + "a" * 20000)
         + b"x", 414),
        ("too many fields", publish_head(*[f"X-{n}: 1" for n in range(300)], "Content-Length: 1") + b"x", 431),
        ("fields too large", publish_head("X-Large: " + "a" * 70000, "Content-Length: 1") + b"x", 431),
        ("two lengths", publish_head("Content-Length: 1", "Content-Length: 2") + b"xy", 400),
        ("a list of lengths", publish_head("Content-Length: 1, 1") + b"x", 400),
        ("a signed length", publish_head("Content-Length: +1") + b"x", 400),
        ("an endless length", publish_head("Content-Length: 99999999999999999999999") + b"x", 413),
        ("a length and chunks", publish_head("Content-Length: 1", "Transfer-Encoding: chunked")
         + b"0\r\n\r\n", 400),
        ("another coding", publish_head("Transfer-Encoding: gzip, chunked") + b"0\r\n\r\n", 501),
        ("a chunk size that is none", chunked + b"zz\r\nx\r\n0\r\n\r\n", 400),
        ("a negative chunk size", chunked + b"-1\r\nx\r\n0\r\n\r\n", 400),
        ("a chunk size beyond 64 bits", chunked + b"fffffffffffffffff\r\nx\r\n0\r\n\r\n", 400),
        ("a huge chunk", chunked + b"7fffffffffffffff\r\nx", 413),
        ("a chunk longer than said", chunked + b"1\r\nxyz\r\n0\r\n\r\n", 400),
        ("a chunk line without CR", chunked + b"1\nx\r\n0\r\n\r\n", 400),
        ("a trailer that is none", chunked + b"1\r\nx\r\n0\r\nnothing\r\n\r\n", 400),
        ("an announced body too large", publish_head("Content-Length: 999999999") + b"x", 413),
        ("a scheme that is none", publish_head("Content-Length: 1", target="/v2/publish/ftp://h/") + b"x", 400),
        ("retries that are none", publish_head("Upstash-Retries: many", "Content-Length: 1") + b"x", 400),
        ("no token", b"POST /v2/publish/http://h/ HTTP/1.1\r\nHost: f\r\nContent-Length: 1\r\n\r\nx", 401),
        ("no such path", publish_head("Content-Length: 1", target="/v3/publish/http://h/") + b"x", 404),
        ("no such method", b"BREW /v2/events HTTP/1.1\r\nHost: f\r\nAuthorization: Bearer " + TOKEN.encode()
         + b"\r\n\r\n", 405),
    ]


@check
def malformed_requests_get_their_status_and_change_nothing(bed):
    server = bed.server().start()
    server.publish(DESTINATION, headers={"Upstash-Delay": "1h"})
    problems = []
    for name, data, status in bad_requests():
        try:
            answer = exchange(server.port, data)
            if answer.status != status:
                problems.append(f"{name}: expected {status}, got {answer}")
            elif not isinstance(answer.json()["error"], str) or not answer.headers["Request-Id"]:
                problems.append(f"{name}: {answer} has no error text or no Request-Id")
        except Exception as failure:
            problems.append(f"{name}: {failure!r}")
    expect(not problems, "\n".join(problems))
    expect_equal(server.pending(), 1, "pending")
    expect_equal(len(server.call("GET", "/v2/events").json()["events"]), 1, "events")


@check
def half_a_request_stores_nothing(bed):
    server = bed.server().start()
    for data in (publish_head("Content-Length: 10") + b"half",
                 publish_head("Transfer-Encoding: chunked") + b"a\r\nhalf", publish_head("X: y")[:-2]):
        with socket.create_connection(("127.0.0.1", server.port), timeout=30) as raw:
            raw.sendall(data)
            raw.shutdown(socket.SHUT_WR)
            expect_equal(read_answer(raw).status, 400, "the end within a request")
    expect_equal(server.pending(), 0, "pending")


@check
def a_head_that_drips_is_cut_off_within_its_limit(bed):
    server = bed.server().start()
    started = time.monotonic()
    with socket.create_connection(("127.0.0.1", server.port), timeout=1) as raw:
        data, received = publish_head("X: " + "y" * 1000), b""
        for byte in data:
            raw.sendall(bytes([byte]))
            raw.settimeout(0.3)
            try:
                received = raw.recv(65536)
                break
            except TimeoutError:
                expect(time.monotonic() - started < HEAD_SECONDS + 10, "it is not cut off")
    expect_in(b" 408 ", received, "the answer")
    expect(time.monotonic() - started > HEAD_SECONDS - 2, "it was cut off early")


@check
def a_body_at_the_limit_is_accepted_and_one_byte_more_is_not(bed):
    server = bed.server("--message.body_bytes_max", "100000").start()
    later = {"Upstash-Delay": "1h"}
    for body in (b"x" * 100_000, iter([b"x" * 60_000, b"x" * 40_000])):
        answer = server.call("POST", "/v2/publish/" + DESTINATION, body, later)
        expect_equal(answer.status, 200, f"at the limit: {answer}")
    for body in (b"x" * 100_001, iter([b"x" * 60_000, b"x" * 40_001])):
        answer = server.call("POST", "/v2/publish/" + DESTINATION, body, later)
        expect_equal(answer.status, 413, f"beyond the limit: {answer}")
        expect(answer.json()["error"], "an error text")
    expect_equal(server.pending(), 2, "pending")


@check
def every_answer_has_a_request_id_that_the_log_knows(bed):
    server = bed.server().start()
    wanted = {}
    for method, target in (("GET", "/v2/events"), ("GET", "/nowhere"), ("POST", "/v2/publish/nothing")):
        answer = server.call(method, target)
        wanted[answer.headers["Request-Id"]] = answer.status
    refused = exchange(server.port, b"rubbish\r\n\r\n")
    wanted[refused.headers["Request-Id"]] = refused.status
    expect(None not in wanted and len(wanted) == 4, f"Request-Ids: {wanted}")

    def logged():
        lines = {line.get("request_id"): line.get("status") for line in server.log_lines()}
        return all(lines.get(request_id) == status for request_id, status in wanted.items())

    wait_until(logged, "the log has a line for each of them", 5)


@check
def the_log_has_neither_tokens_nor_bodies(bed):
    receiver, server = bed.receiver(), bed.server("--log.level", "debug").start()
    message = server.publish(receiver.url + "/?key=a-secret-query", b"a-secret-body")
    server.call("GET", f"/v2/events?qstash_token={TOKEN}", token="")
    server.wait_for_state(message, "DELIVERED")
    server.stop()
    lines = "\n".join(line for line in server.output().splitlines() if line.startswith("{"))
    expect_in('"request"', lines, "the log")
    for secret in (TOKEN, "a-secret-body", "a-secret-query"):
        expect(secret not in lines, f"the log tells {secret}")


@check
def metrics_ask_for_their_token_and_are_hidden_without_one(bed):
    server = bed.server("--metrics.token", "scrape").start()
    expect_equal(server.call("GET", "/metrics", token="").status, 401, "without a token")
    expect_equal(server.call("GET", "/metrics").status, 401, "with a tenant's token")
    page = server.call("GET", "/metrics", token="scrape")
    expect_equal(page.status, 200, "with its token")
    expect_in(b"\nferry_pending 0\n", page.body, "the page")
    server.publish(DESTINATION, headers={"Upstash-Delay": "1h"})
    expect_in(b"\nferry_pending 1\n", server.call("GET", "/metrics", token="scrape").body, "the page")
    server.stop()
    server.flags = []
    server.start()
    expect_equal(server.call("GET", "/metrics", token="scrape").status, 404, "no token is configured")


@check
def metrics_have_a_listener_of_their_own_without_a_token(bed):
    port = get_free_port()
    server = bed.server("--metrics.listen", f"127.0.0.1:{port}").start()
    server.port = port
    expect_in(b"ferry_pending 0", server.call("GET", "/metrics", token="").body, "the page")
    expect_equal(server.call("GET", "/healthz", token="").status, 200, "health")
    expect_equal(server.call("GET", "/v2/events").status, 404, "the API")


@check
def requests_sent_at_once_are_answered_in_their_order(bed):
    server = bed.server().start()
    requests = b"".join(
        f"GET {target} HTTP/1.1\r\nHost: f\r\n\r\n".encode() for target in ("/healthz", "/nowhere", "/version"))
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as raw:
        raw.sendall(requests)
        raw.shutdown(socket.SHUT_WR)
        received = b""
        while part := raw.recv(65536):
            received += part
    expect_equal(re.findall(rb"HTTP/1\.1 (\d+)", received), [b"200", b"404", b"200"], "statuses")


@check
def a_crowd_of_idle_connections_does_not_keep_others_out(bed):
    wanted = 800
    if resource.getrlimit(resource.RLIMIT_NOFILE)[0] < wanted + 100:
        raise Skip("too few file descriptors")
    server = bed.server().start()
    crowd = [socket.create_connection(("127.0.0.1", server.port), timeout=30) for _ in range(wanted)]
    try:
        started = time.monotonic()
        server.publish(DESTINATION, headers={"Upstash-Delay": "1h"})
        expect(time.monotonic() - started < 5, "a publish took 5 s")
    finally:
        for one in crowd:
            one.close()
