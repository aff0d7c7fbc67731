"""ferry_load, which publishes to a server and receives what it delivers, and ferry_sync_floor, which writes alone."""

import json
import os
import subprocess

from server import BUILD, TOKEN

LOAD = os.path.join(BUILD, "bench", "ferry_load")


def load(server, **options):
    """One run, and the CPU time that it cost the server for each message; {"target-port": N} is also an option."""
    command = [LOAD, "--port", str(server.port), "--token", TOKEN]
    for name, value in options.items():
        command += [f"--{name}", str(value)]
    before = server.cpu_seconds()
    answer = subprocess.run(command, capture_output=True, text=True)
    if answer.returncode != 0:
        raise SystemExit(f"ferry_load failed: {answer.stdout}{answer.stderr}")
    result = json.loads(answer.stdout)
    result["cpu_us"] = (server.cpu_seconds() - before) * 1e6 / max(1, result["accepted"])
    if result["refused"] or result["lost"]:
        raise SystemExit(f"messages were refused or connections lost: {result}")
    return result


def sync_floor(folder):
    answer = subprocess.run([os.path.join(BUILD, "bench", "ferry_sync_floor"), folder],
                            capture_output=True, text=True, check=True)
    return json.loads(answer.stdout)
