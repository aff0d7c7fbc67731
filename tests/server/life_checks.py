"""How the server starts, stops and comes back: signals, kills, configuration, TLS, what it prints."""

import os
import re
import shutil
import signal
import ssl
import time

from bed import Skip, check, expect, expect_equal, expect_in, get_free_port, trusting, wait_until


@check
def a_second_server_on_one_data_folder_is_refused_naming_the_pid(bed):
    first = bed.server().start()
    second = bed.server()
    second.log_path += ".second"
    said = second.expect_refusal()
    expect_in(f"in use by process {first.process.pid}", said, "refusal")
    expect_equal(first.call("GET", "/readyz").status, 200, "the first one goes on")


@check
def sigterm_lets_a_running_attempt_end_and_records_it(bed):
    receiver, server = bed.receiver(), bed.server().start()
    message = server.publish(receiver.url + "/slow")
    receiver.wait_for("/slow")
    expect_equal(server.stop(), 0, "exit code")
    server.start()
    expect_in("DELIVERED", server.states(message), "events after the restart")
    time.sleep(0.5)
    expect_equal(len(receiver.at("/slow")), 1, "deliveries")


@check
def a_stopping_server_ends_although_a_destination_never_answers(bed):
    silent = bed.silent_host()
    server = bed.server("--drain_timeout", "1s").start()
    message = server.publish(silent.url)
    wait_until(lambda: silent.accepted, "the attempt has begun")
    started = time.monotonic()
    expect_equal(server.stop(), 0, "exit code")
    expect(time.monotonic() - started < 10, "it took much longer than the drain timeout")
    server.start()
    wait_until(lambda: len(silent.accepted) > 1, "the abandoned attempt is made again")
    expect("DELIVERED" not in server.states(message), "nobody answered")


@check
def after_a_kill_the_next_start_delivers_what_was_pending(bed):
    receiver, server = bed.receiver(), bed.server().start()
    running = [server.publish(receiver.url + "/slow") for _ in range(20)]
    waiting = [server.publish(receiver.url + "/later", headers={"Upstash-Delay": "2s"}) for _ in range(20)]
    receiver.wait_for("/slow")
    server.kill()
    server.start()
    for message in running + waiting:
        server.wait_for_state(message, "DELIVERED")
    expect_equal(len(receiver.at("/later")), 20, "messages that no attempt had begun for")


@check
def delayed_messages_survive_a_restart_and_come_on_time(bed):
    receiver, server = bed.receiver(), bed.server().start()
    due = time.time() + 5
    server.publish(receiver.url + "/delay", headers={"Upstash-Delay": "5s"})
    not_before = int(due) + 2
    server.publish(receiver.url + "/fixed", headers={"Upstash-Not-Before": str(not_before)})
    expect_equal(server.stop(), 0, "exit code")
    server.start()
    for path, moment in (("/delay", due), ("/fixed", not_before)):
        late = receiver.wait_for(path).at - moment
        expect(-0.01 <= late < 2, f"{path} came {late:.3f} s late")


@check
def the_development_banner_is_the_line_that_the_sdk_waits_for(bed):
    server = bed.server().start()
    banner = wait_until(lambda: re.search(r"runn+ing( at|\.).*", server.output(), re.I), "banner")
    expect_in(f"http://127.0.0.1:{server.port}", banner.group(0), "banner")
    expect_in("QSTASH_TOKEN=" + server.token, server.output(), "what the banner tells")


@check
def the_flags_of_the_cloud_tool_work_with_one_dash(bed):
    port, log_port = get_free_port(), get_free_port()
    server = bed.server("-port", str(port), "-log-port", str(log_port), "-quota", "payg").start()
    expect_equal(server.port, port, "port")
    expect_equal(server.call("GET", "/v2/events").status, 200, "the API")
    server.port = log_port
    expect_equal(server.call("GET", "/v2/logs").status, 200, "the API on the second port")


@check
def config_check_names_an_unknown_key_and_exits_with_2(bed):
    path = bed.path("ferry.toml")
    with open(path, "w") as config:
        config.write("[delivery]\nin_flight_maximum = 3\n")
    done = bed.cli("config", "check", "--config", path)
    expect_equal(done.returncode, 2, "exit code")
    expect_in("delivery.in_flight_maximum", done.stderr, "what it says")
    expect_in(path, done.stderr, "what it says")
    with open(path, "w") as config:
        config.write("[delivery]\nin_flight_max = 3\n")
    expect_equal(bed.cli("config", "check", "--config", path).returncode, 0, "exit code of a sound one")


@check
def a_value_out_of_bounds_is_named_and_the_server_does_not_start(bed):
    done = bed.cli("serve", "--data", bed.path("data"), "--storage.journal_segment_bytes", "12")
    expect_equal(done.returncode, 2, "exit code")
    expect_in("--storage.journal_segment_bytes", done.stderr, "what it says")
    expect(not os.path.exists(bed.path("data")), "a data folder was made")


@check
def sighup_makes_new_connections_see_the_new_certificate(bed):
    if not shutil.which("openssl"):
        raise Skip("there is no openssl command")
    certificate, key = bed.certificate("first")
    next_certificate, next_key = bed.certificate("second")
    server = bed.server("--tls.certificate_file", certificate, "--tls.key_file", key).start()
    first, second = trusting(certificate), trusting(next_certificate)
    expect_equal(server.call("GET", "/version", tls=first).status, 200, "over TLS")
    shutil.copy(next_certificate, certificate)
    shutil.copy(next_key, key)
    server.process.send_signal(signal.SIGHUP)

    def sees_second():
        try:
            return server.call("GET", "/version", tls=second).status == 200
        except ssl.SSLError:
            return False

    wait_until(sees_second, "the second certificate is shown")
    receiver = bed.receiver()
    answer = server.call("POST", f"/v2/publish/{receiver.url}/tls", b"x", tls=second)
    expect_equal(answer.status, 200, "publish over TLS")
    receiver.wait_for("/tls")


@check
def a_broken_certificate_at_sighup_leaves_the_old_one_in_use(bed):
    if not shutil.which("openssl"):
        raise Skip("there is no openssl command")
    certificate, key = bed.certificate("only")
    server = bed.server("--tls.certificate_file", certificate, "--tls.key_file", key).start()
    trusted = trusting(certificate)
    with open(certificate, "w") as broken:
        broken.write("this is no certificate\n")
    server.process.send_signal(signal.SIGHUP)
    wait_until(lambda: any(line["level"] in ("warn", "error") for line in server.log_lines()),
               "the log tells of the broken certificate")
    expect_equal(server.call("GET", "/version", tls=trusted).status, 200, "with the old certificate")


@check
def health_exits_by_whether_a_server_is_ready(bed):
    server = bed.server().start()
    url = f"http://127.0.0.1:{server.port}"
    expect_equal(bed.cli("health", "--url", url).returncode, 0, "exit code of a ready one")
    server.stop()
    expect_equal(bed.cli("health", "--url", url).returncode, 1, "exit code of one that is gone")
