"""What tenants keep on the server: figures that are theirs alone, schedules with large bodies, quotas."""

import json
import re

from bed import check, expect, expect_equal, expect_in, wait_until
from operator_checks import create


def make_function(server, receiver, token, name="f", **more):
    body = json.dumps({"functionName": name, "runtime": "custom", "handler": "h", "x-endpoint-url": receiver.url} | more)
    return server.call("POST", "/2023-03-30/functions", body.encode(), {"Content-Type": "application/json"}, token)


def figures(server, metric, token, function=""):
    target = f"/2023-03-30/metrics?metricName={metric}" + (f"&functionName={function}" if function else "")
    return sum(point["value"] for point in server.call("GET", target, token=token).json()["datapoints"])


@check
def a_tenant_never_reads_the_figures_of_another(bed):
    receiver = bed.receiver()
    server = bed.server("--delivery.allow_private_targets", command="serve").start()
    mine, theirs, third = (create(server, name)["token"] for name in ("mine", "theirs", "third"))
    for token, calls in ((mine, 3), (theirs, 1)):
        expect_equal(make_function(server, receiver, token).status, 200, "the function of that name")
        for _ in range(calls):
            server.call("POST", "/2023-03-30/functions/f/invocations", b"x", {}, token)
    for token, calls in ((mine, 3), (theirs, 1), (third, 0)):
        expect_equal(figures(server, "FunctionTotalInvocations", token, "f"), calls, "calls of the function")
        expect_equal(figures(server, "FunctionTotalInvocations", token), calls, "calls of all functions")
        expect_equal(figures(server, "RegionTotalInvocations", token), calls, "calls of the region")


def schedule(server, receiver, body, id, cron="0 0 1 1 *", token=None):
    headers = {"Upstash-Cron": cron, "Upstash-Schedule-Id": id, "Content-Type": "text/plain"}
    return server.call("POST", f"/v2/schedules/{receiver.url}/{id}", body, headers, token)


def memory_mb(server):
    with open(f"/proc/{server.process.pid}/status") as status:
        return int(re.search(r"VmRSS:\s+(\d+)", status.read())[1]) // 1024


@check
def large_bodies_of_schedules_are_not_in_memory(bed):
    receiver = bed.receiver()
    server = bed.server("--delivery.allow_private_targets").start()
    before = memory_mb(server)
    for n in range(12):
        expect_equal(schedule(server, receiver, bytes([97 + n]) * (8 << 20), f"s{n}").status, 200, "saving a schedule")
    expect_equal(len(server.call("GET", "/v2/schedules/s3").json()["body"]), 8 << 20, "bytes of a body that is shown")
    expect_equal(len(server.call("GET", "/v2/schedules").json()), 12, "schedules listed")
    server.stop()
    server.start()
    expect(memory_mb(server) < before + 48, f"{memory_mb(server)} MB with 96 MB of bodies, {before} MB without")


@check
def a_large_body_is_delivered_at_a_tick_of_the_next_life(bed):
    receiver = bed.receiver()
    server = bed.server("--delivery.allow_private_targets").start()
    body = b"0123456789" * 20_000
    expect_equal(schedule(server, receiver, body, "s", "* * * * *").status, 200, "saving a schedule")
    server.kill()
    server.start()
    expect(receiver.wait_for("/s", seconds=70).body == body, "the body that the tick delivered")


@check
def resources_and_times_have_quotas(bed):
    receiver = bed.receiver()
    server = bed.server("--delivery.allow_private_targets", command="serve").start()
    token = create(server, "acme")["token"]
    server.cli_json("tenant", "set-quota", "acme", "--flow-keys", "1", "--resource-bytes", "100KB",
                    "--schedule-body-bytes", "100KB", "--timeout-max", "30s")

    def refusal(answer, quota):
        expect_equal(answer.status, 412, quota)
        expect_in(f"quota {quota} exceeded, current limit: ", answer.json()["error"], quota)

    def publish(headers):
        return server.call("POST", f"/v2/publish/{receiver.url}/p", b"x", {"Upstash-Delay": "1h"} | headers, token)

    def flow(key):
        return {"Upstash-Flow-Control-Key": key, "Upstash-Flow-Control-Value": "parallelism=1"}

    expect_equal(publish(flow("a")).status, 200, "the first key")
    refusal(publish(flow("b")), "maxFlowKeys")
    expect_equal(publish({"Upstash-Timeout": "30s"}).status, 200, "the longest time")
    refusal(publish({"Upstash-Timeout": "31s"}), "maxTimeout")
    refusal(schedule(server, receiver, b"x" * 200_000, "s", token=token), "maxScheduleBodyBytes")
    endpoints = [{"url": f"{receiver.url}/{n}?" + "x" * 2_000} for n in range(90)]
    refusal(server.call("POST", "/v2/topics/g/endpoints", json.dumps({"endpoints": endpoints}).encode(),
                        {"Content-Type": "application/json"}, token), "maxResourceBytes")
    expect_equal(make_function(server, receiver, token, timeout=31).json()["Code"], "LimitExceededError", "a longer function")
    expect_equal(make_function(server, receiver, token).json()["timeout"], 30, "the time of a function without one")
