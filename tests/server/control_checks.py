"""The control socket: HTTP for the operator, on a unix socket in the data folder."""

import json
import os
import socket
import stat
import subprocess
import sys
import time

from bed import Skip, check, expect, expect_equal, expect_in, read_answer

PREFIX = "/ferry/v1/operator/"


def connect(server):
    made = socket.socket(socket.AF_UNIX)
    made.settimeout(20)
    made.connect(os.path.join(server.folder, "control.sock"))
    return made


def ask(server, method, path, body=b""):
    """Status and JSON of one request on the control socket."""
    with connect(server) as connection:
        head = f"{method} {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
        connection.sendall(head.encode() + body)
        answer = read_answer(connection)
    return answer.status, answer.json()


@check
def the_operator_is_served_on_the_control_socket_and_nowhere_else(bed):
    server = bed.server(command="serve").start()
    status, told = ask(server, "GET", PREFIX + "status")
    expect_equal(status, 200, "status")
    expect_equal(told["pid"], server.process.pid, "pid")
    status, told = ask(server, "POST", PREFIX + "tenant/create", b'{"name":"acme"}')
    expect_equal(status, 200, "tenant create")
    for token in ("", told["token"]):
        for method, path in (("GET", "status"), ("POST", "pause"), ("POST", "tenant/create")):
            answer = server.call(method, PREFIX + path, token=token)
            expect(answer.status in (401, 404), f"the API answers {method} {path} with {answer.status}")
    expect_equal(ask(server, "GET", PREFIX + "status")[1]["deliveries"], "running", "deliveries")
    for path in ("/v2/events", "/healthz", "/metrics", "/", PREFIX, PREFIX + "nothing"):
        status, told = ask(server, "GET", path)
        expect_equal(status, 404, path)
        expect_in("error", told, path)
    expect_equal(ask(server, "POST", PREFIX + "pause", b'{"tenant":7}')[0], 400, "an argument that is no text")
    expect_equal(ask(server, "GET", PREFIX + "pause")[0], 405, "GET of a change")


@check
def the_control_socket_is_for_its_owner_alone(bed):
    server = bed.server(command="serve").start()
    path = os.path.join(server.folder, "control.sock")
    expect_equal(stat.S_IMODE(os.stat(path).st_mode), 0o600, "mode of the socket")
    expect_equal(stat.S_IMODE(os.stat(server.folder).st_mode), 0o700, "mode of the folder")


@check
def another_user_is_refused_though_the_files_would_let_him_in(bed):
    if os.geteuid() != 0:
        raise Skip("only root can try it as somebody else")
    server = bed.server(command="serve").start()
    path = os.path.join(server.folder, "control.sock")
    opened = path
    while opened != "/" and not os.stat(opened).st_mode & 0o005 == 0o005:
        os.chmod(opened, 0o777)
        opened = os.path.dirname(opened)
    program = ("import socket,sys; s=socket.socket(socket.AF_UNIX); s.settimeout(10); s.connect(sys.argv[1]);"
               "s.sendall(b'GET /ferry/v1/operator/status HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n'); print(len(s.recv(9)))")
    for user, wanted in ((0, "9"), (65534, "0")):
        done = subprocess.run(["/usr/bin/python3" if os.path.exists("/usr/bin/python3") else sys.executable, "-c", program,
                               path], user=user, capture_output=True, text=True, cwd="/")
        told = done.stdout.strip() if done.returncode == 0 else done.stderr
        refused = told == "0" or "ConnectionResetError" in told or "BrokenPipeError" in told
        expect(refused if wanted == "0" else told == wanted, f"user {user} got: {told}")


@check
def slow_clients_of_the_control_socket_hold_no_command(bed):
    server = bed.server(command="serve").start()
    slow = [connect(server) for _ in range(30)]
    for connection in slow[:15]:
        connection.sendall(b"POST /ferry/v1/operator/pause HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{")
    began = time.monotonic()
    server.cli_json("status")
    server.cli_json("pause")
    server.cli_json("resume")
    expect(time.monotonic() - began < 5, "commands waited for slow clients")
    for connection in slow:
        connection.close()


@check
def many_commands_at_once_are_all_answered(bed):
    server = bed.server(command="serve").start()
    names = [f"tenant{i}" for i in range(12)]
    running = [subprocess.Popen([bed.ferry, "tenant", "create", name, "--data", server.folder, "--json"],
                                stdout=subprocess.PIPE, text=True) for name in names]
    for process in running:
        out, _ = process.communicate(timeout=30)
        expect_equal(process.returncode, 0, "exit code")
        expect_in("token", json.loads(out), "answer")
    listed = [tenant["name"] for tenant in server.cli_json("tenant", "list")["tenants"]]
    expect_equal(sorted(listed), sorted(names), "tenants")


@check
def a_data_folder_with_a_very_long_path_has_a_control_socket(bed):
    name = "/".join(["d" * 60] * 4) + "/data"
    os.makedirs(os.path.dirname(bed.path(name)))
    server = bed.server(command="serve", name=name).start()
    expect_equal(server.cli_json("status")["pid"], server.process.pid, "pid")
    server.cli_json("tenant", "create", "acme")
    server.kill()
    expect_equal(server.cli_json("status")["state"], "stopped", "state without a server")
    server.start()
    expect_equal(server.cli_json("status")["pid"], server.process.pid, "pid of the next life")
    expect_equal(server.stop(), 0, "exit code")
    expect(not os.path.exists(os.path.join(server.folder, "control.sock")), "the socket file stays")


@check
def a_socket_that_a_kill_left_behind_is_replaced(bed):
    server = bed.server(command="serve").start()
    server.kill()
    expect(os.path.exists(os.path.join(server.folder, "control.sock")), "the kill took the socket along")
    expect_equal(server.cli_json("status")["state"], "stopped", "state without a server")
    server.start()
    expect_equal(server.cli_json("status")["state"], "running", "state")
