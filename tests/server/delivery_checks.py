"""What goes out: which addresses, with which fields, and that hosts do not hold each other up."""

import re
import socket
import time

from bed import Skip, check, expect, expect_equal, expect_in, get_free_port, wait_until

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@check
def the_trace_context_of_a_publish_reaches_the_destination(bed):
    receiver, server = bed.receiver(), bed.server().start()
    server.publish(receiver.url + "/traced", headers={"traceparent": TRACE})
    sent = receiver.wait_for("/traced").headers["traceparent"] or ""
    expect_in(TRACE[:35], sent, "traceparent")


@check
def private_destinations_are_refused_where_it_is_not_development(bed):
    server = bed.server(command="serve").start()
    token = server.cli_json("tenant", "create", "acme")["token"]
    for url, kind, address in (("http://localhost:1/", "a loopback", "::1"),
                               ("http://127.0.0.1/", "a loopback", "127.0.0.1"),
                               ("http://[::1]:1/", "a loopback", "::1"),
                               ("http://[::ffff:10.1.2.3]/", "a private", "::ffff:10.1.2.3"),
                               ("http://10.1.2.3/", "a private", "10.1.2.3"),
                               ("http://169.254.169.254/latest", "a cloud metadata", "169.254.169.254"),
                               ("https://[fd00::1]/", "a unique-local", "fd00::1")):
        answer = server.call("POST", "/v2/publish/" + url, b"x", token=token)
        expect_equal(answer.status, 400, url)
        expect_equal(answer.json()["error"],
                     f"invalid destination url: endpoint resolves to {kind} address: {address}", url)
    answer = server.call("POST", "/v2/publish/https://example.com/", b"x", token=token, headers={
        "Upstash-Callback": "http://127.0.0.1/"})
    expect_equal(answer.status, 400, "a private callback")
    expect_equal(server.pending(), 0, "pending")


def private_name():
    """A name that only resolving shows to be internal."""
    for name in (socket.gethostname(), "2130706433", "127.1"):
        try:
            address = socket.gethostbyname(name)
        except OSError:
            continue
        if re.match(r"127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.", address):
            return name
    raise Skip("no name here resolves to an internal address")


@check
def a_name_that_resolves_to_an_internal_address_is_refused_at_delivery(bed):
    receiver = bed.receiver()
    server = bed.server(command="serve").start()
    token = server.cli_json("tenant", "create", "acme")["token"]
    message = server.publish(f"http://{private_name()}:{receiver.port}/inside", token=token,
                             headers={"Upstash-Retries": "0"})
    event = server.wait_for_state(message, "FAILED", token)
    error = event.get("error") or next(
        e["error"] for e in server.events(message, token) if e.get("error"))
    expect(re.search(r"resolves to a (loopback|private) address", error), f"error text: {error!r}")
    expect_equal(receiver.at("/inside"), [], "arrivals")


@check
def an_allowed_network_may_be_delivered_to(bed):
    receiver = bed.receiver()
    server = bed.server("--delivery.allowed_cidrs", "127.0.0.0/8", command="serve").start()
    token = server.cli_json("tenant", "create", "acme")["token"]
    server.publish(receiver.url + "/inside", token=token)
    receiver.wait_for("/inside")
    answer = server.call("POST", "/v2/publish/http://10.0.0.1/", b"x", token=token)
    expect_equal(answer.status, 400, "another network")


@check
def the_connect_to_map_changes_the_address_and_nothing_else(bed):
    receiver = bed.receiver()
    server = bed.server("--delivery.connect_to", f"shop.example:80=127.0.0.1:{receiver.port}").start()
    message = server.publish("http://shop.example/mapped?a=b", b"body")
    arrival = receiver.wait_for("/mapped?a=b")
    expect_equal(arrival.headers["Host"], "shop.example", "Host")
    expect_equal(arrival.body, b"body", "body")
    server.wait_for_state(message, "DELIVERED")


@check
def a_destination_that_nobody_listens_on_ends_as_a_dead_letter(bed):
    server = bed.server().start()
    message = server.publish(f"http://127.0.0.1:{get_free_port()}/", b"lost",
                             {"Upstash-Retries": "1", "Upstash-Retry-Delay": "50"})
    server.wait_for_state(message, "FAILED")
    letters = server.call("GET", "/v2/dlq").json()["messages"]
    expect_equal([letter["messageId"] for letter in letters], [message], "dead letters")
    expect_equal(letters[0]["body"], "lost", "body of the dead letter")
    expect_equal(server.states(message).count("RETRY"), 1, f"retries in {server.states(message)}")


@check
def a_host_that_never_answers_does_not_delay_another(bed):
    silent, receiver, server = bed.silent_host(), bed.receiver(), bed.server().start()
    for _ in range(300):
        server.publish(silent.url + "/")
    # A host that has not answered lately gets no more at once.
    wait_until(lambda: len(silent.accepted) >= 16, "attempts to the silent host are running")
    sent = {}
    for number in range(200):
        sent[f"/{number}"] = time.time()
        server.publish(f"{receiver.url}/{number}")
    wait_until(lambda: len(receiver.arrivals) >= 200, "everything has arrived")
    waits = sorted(arrival.at - sent[arrival.path] for arrival in receiver.arrivals)
    expect(waits[197] < 1, f"99 % arrived within {waits[197]:.3f} s")
    expect_equal(server.cli_json("status")["pending"], 300, "pending")
