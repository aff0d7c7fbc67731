"""The operator: tenants, tokens, pause and resume, with the server running and without."""

import time

from bed import check, expect, expect_equal, expect_in


def create(server, name, *more):
    return server.cli_json("tenant", "create", name, *more)


def tenants(server):
    return {tenant["name"]: tenant for tenant in server.cli_json("tenant", "list")["tenants"]}


def status_of(server, token, method="GET", target="/v2/events"):
    return server.call(method, target, token=token).status


@check
def a_tenant_is_made_suspended_resumed_and_deleted_while_the_server_runs(bed):
    server = bed.server(command="serve").start()
    token = create(server, "acme")["token"]
    expect_in("acme", tenants(server), "tenants")
    expect_equal(status_of(server, token), 200, "a call of the new tenant")
    expect_equal(server.cli_json("tenant", "suspend", "acme")["state"], "suspended", "state")
    refused = server.call("GET", "/v2/events", token=token)
    expect_equal(refused.status, 403, "a call of the suspended tenant")
    expect_equal(refused.headers["Ferry-Error-Code"], "tenant_suspended", "Ferry-Error-Code")
    expect_equal(server.cli_json("tenant", "resume", "acme")["state"], "active", "state")
    expect_equal(status_of(server, token), 200, "a call of the resumed tenant")
    server.cli_json("tenant", "delete", "acme")
    expect_equal(status_of(server, token), 401, "a call of the deleted tenant")
    expect("acme" not in tenants(server), "the deleted tenant is listed")


@check
def a_tenant_is_made_and_deleted_while_the_server_is_stopped(bed):
    server = bed.server(command="serve")
    kept, gone = create(server, "kept")["token"], create(server, "gone")["token"]
    added = server.cli_json("tenant", "add-token", "kept", "--read-only")["token"]
    server.cli_json("tenant", "delete", "gone")
    server.cli_json("tenant", "suspend", "kept")
    server.start()
    expect_equal(status_of(server, kept), 403, "the suspended tenant")
    expect_equal(status_of(server, gone), 401, "the deleted tenant")
    server.cli_json("tenant", "resume", "kept")
    expect_equal(status_of(server, added), 200, "the added token")


@check
def tenants_that_do_not_exist_and_names_that_are_taken_are_refused(bed):
    server = bed.server(command="serve").start()
    create(server, "acme")
    for arguments in (("create", "acme"), ("create", "a b"), ("suspend", "nobody"), ("delete", "nobody"),
                      ("rotate-token", "nobody")):
        done = server.cli("tenant", *arguments)
        expect_equal(done.returncode, 1, f"exit code of tenant {arguments}")
        expect(done.stderr.startswith("ferry: "), f"tenant {arguments} says {done.stderr!r}")
    expect_equal(len(tenants(server)), 1, "tenants")


@check
def rotating_a_token_ends_the_old_ones_of_its_kind_only(bed):
    server = bed.server(command="serve").start()
    full = create(server, "acme")["token"]
    reading = server.cli_json("tenant", "add-token", "acme", "--read-only", "--note", "dashboard")["token"]
    rotated = server.cli_json("tenant", "rotate-token", "acme")["token"]
    expect_equal(status_of(server, full), 401, "the old full token")
    expect_equal(status_of(server, rotated), 200, "the new full token")
    expect_equal(status_of(server, reading), 200, "the read-only token")
    again = server.cli_json("tenant", "rotate-token", "acme", "--read-only")["token"]
    expect_equal(status_of(server, reading), 401, "the old read-only token")
    expect_equal(status_of(server, again), 200, "the new read-only token")
    scopes = sorted(token["scope"] for token in tenants(server)["acme"]["tokens"])
    expect_equal(scopes, ["full", "read-only"], "scopes")


@check
def a_read_only_token_reads_and_gets_403_for_everything_else(bed):
    receiver = bed.receiver()
    server = bed.server("--delivery.allow_private_targets", command="serve").start()
    full = create(server, "acme")["token"]
    reading = server.cli_json("tenant", "add-token", "acme", "--read-only")["token"]
    message = server.publish(receiver.url + "/", headers={"Upstash-Delay": "1h"}, token=full)
    for method, target in (("POST", f"/v2/publish/{receiver.url}/"), ("POST", "/v2/batch"),
                           ("DELETE", "/v2/messages/" + message), ("GET", "/v2/keys"),
                           ("DELETE", "/v2/dlq"), ("POST", "/v2/keys/rotate")):
        answer = server.call(method, target, token=reading)
        expect_equal(answer.status, 403, f"{method} {target}")
        expect_equal(answer.headers["Ferry-Error-Code"], "read_only_token", f"{method} {target}")
    for target in ("/v2/messages/" + message, "/v2/events", "/v2/logs", "/v2/dlq"):
        expect_equal(status_of(server, reading, target=target), 200, target)
    expect_equal(server.pending(), 1, "pending")


@check
def tenants_do_not_see_each_others_messages(bed):
    receiver = bed.receiver()
    server = bed.server("--delivery.allow_private_targets", command="serve").start()
    mine, theirs = create(server, "mine")["token"], create(server, "theirs")["token"]
    waiting = server.publish(receiver.url + "/", headers={"Upstash-Delay": "1h"}, token=mine)
    failed = server.publish(receiver.url + "/fail", headers={"Upstash-Retries": "0"}, token=mine)
    letter = server.wait_for_state(failed, "FAILED", mine).get("dlqId")
    letter = letter or server.call("GET", "/v2/dlq", token=mine).json()["messages"][0]["dlqId"]
    for method, target in (("GET", "/v2/messages/" + waiting), ("DELETE", "/v2/messages/" + waiting),
                           ("GET", "/v2/dlq/" + letter), ("DELETE", "/v2/dlq/" + letter),
                           ("POST", "/v2/dlq/retry/" + letter)):
        expect_equal(status_of(server, theirs, method, target), 404, f"{method} {target}")
    expect_equal(server.events(waiting, theirs), [], "events of the other's message")
    expect_equal(server.call("GET", "/v2/events", token=theirs).json()["events"], [], "all events")
    expect_equal(server.call("GET", "/v2/dlq", token=theirs).json()["messages"], [], "dead letters")
    answer = server.call("DELETE", "/v2/messages?messageIds=" + waiting, token=theirs)
    expect_equal(answer.json(), {"cancelled": 0}, "cancelling the other's message")
    answer = server.call("DELETE", "/v2/dlq?dlqIds=" + letter, token=theirs)
    expect_equal(answer.json().get("deleted"), 0, "deleting the other's dead letter")
    expect_equal(status_of(server, mine, target="/v2/messages/" + waiting), 200, "the message is still there")
    expect_equal(status_of(server, mine, target="/v2/dlq/" + letter), 200, "the dead letter is still there")


@check
def a_paused_server_accepts_and_holds_and_resume_delivers(bed):
    receiver, server = bed.receiver(), bed.server().start()
    server.cli_json("pause")
    message = server.publish(receiver.url + "/held")
    time.sleep(1)
    expect_equal(receiver.at("/held"), [], "arrivals while paused")
    expect_equal(server.stop(), 0, "exit code")
    server.start()
    time.sleep(1)
    expect_equal(receiver.at("/held"), [], "arrivals while paused, after a restart")
    expect_equal(server.cli_json("status")["deliveries"], "paused", "status")
    server.cli_json("resume")
    server.wait_for_state(message, "DELIVERED")
    expect_equal(len(receiver.at("/held")), 1, "arrivals")


@check
def pausing_one_tenant_holds_its_deliveries_alone(bed):
    receiver = bed.receiver()
    server = bed.server("--delivery.allow_private_targets", command="serve").start()
    mine, theirs = create(server, "mine")["token"], create(server, "theirs")["token"]
    server.cli_json("pause", "--tenant", "mine")
    held = server.publish(receiver.url + "/held", token=mine)
    server.publish(receiver.url + "/free", token=theirs)
    receiver.wait_for("/free")
    time.sleep(0.5)
    expect_equal(receiver.at("/held"), [], "arrivals of the paused tenant")
    server.cli_json("resume", "--tenant", "mine")
    server.wait_for_state(held, "DELIVERED", mine)


@check
def quotas_of_a_tenant_hold_from_the_next_call_on(bed):
    receiver = bed.receiver()
    server = bed.server("--delivery.allow_private_targets", command="serve").start()
    token = create(server, "acme")["token"]
    server.cli_json("tenant", "set-quota", "acme", "--max-retries", "2", "--max-delay", "1h",
                    "--body-bytes-max", "10", "--messages-per-day", "2")

    def publish(body, **options):
        headers = {"Upstash-Delay": "1h"} | {name.replace("_", "-"): text for name, text in options.items()}
        return server.call("POST", f"/v2/publish/{receiver.url}/", body, headers, token).status

    expect_equal(publish(b"x" * 11), 413, "a longer body")
    expect_equal(publish(b"x", Upstash_Retries="3"), 412, "more retries")
    expect_equal(publish(b"x", Upstash_Delay="2h"), 412, "a longer delay")
    statuses = [publish(b"x" * 10) for _ in range(3)]
    expect_equal(statuses, [200, 200, 429], "three messages of two a day")
    server.cli_json("tenant", "set-quota", "acme", "--messages-per-day", "none", "--body-bytes-max", "none")
    expect_equal(publish(b"x" * 11), 200, "after the limits were taken away")
    expect_equal(server.pending(), 3, "pending")
