"""What results are pushed to while invocations are measured: a receiver of ours, or a system that tests/destinations
starts and holds."""

import contextlib
import json
import os
import subprocess
from dataclasses import dataclass, field

from load import LOAD
from server import ROOT, free_port, wait_until_it_listens

HOLD = [os.path.join(ROOT, "tests", "destinations", "run"), "--hold"]


class Skipped(Exception):
    """A system that is not there to measure with, and why."""


@dataclass
class PushTarget:
    destination: str | None = None  # what onSuccess says
    connection: dict = field(default_factory=dict)  # the fields of the one it names, held
    function_url: str | None = None  # where the function that it names runs
    double: str = ""  # what stands in for the system, if anything does

    def settings(self):
        return [word for name, value in self.connection.items() for word in ("--connections", f"held/{name}={value}")]


@contextlib.contextmanager
def receiver(folder):
    """The URL of a ferry_load that answers 200 to everything."""
    port = free_port()
    log = os.path.join(folder, "receiver.log")
    command = [LOAD, "--messages", "0", "--connections", "0", "--target-port", str(port),
               "--expect", str(2**63), "--drain", "3600"]
    with open(log, "wb") as output, subprocess.Popen(command, stdout=output, stderr=output) as process:
        try:
            wait_until_it_listens(process, port, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


@contextlib.contextmanager
def held_system(kind):
    """What the folder `kind` of tests/destinations starts; it ends with its input."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    with subprocess.Popen([*HOLD, kind], text=True, **pipes) as process:
        try:
            said = "it ended"
            for line in process.stdout:
                if line.startswith("{"):
                    yield PushTarget(**json.loads(line))
                    return
                said = line.strip() or said
            raise Skipped(said.removeprefix("skip - "))
        finally:
            process.stdin.close()
            for _ in process.stdout:  # what it says while it ends
                pass


@contextlib.contextmanager
def push_target(kind, folder):
    """Of a kind of the table, there until the end of the block; raises Skipped."""
    if kind == "none":
        yield PushTarget()
    elif kind in ("function", "http"):
        with receiver(folder) as url:
            yield (PushTarget("acs:fc:::functions/next", function_url=url) if kind == "function"
                   else PushTarget(url + "/results"))
    else:
        with held_system(kind) as target:
            yield target
