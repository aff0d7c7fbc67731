"""Waiting for what has no event of its own."""

import time
import uuid


def unique():
    return uuid.uuid4().hex


def eventually(read, what, seconds=10):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = read()
        if value:
            return value
        time.sleep(0.025)
    raise AssertionError(f"never saw {what}")


def dead_letter_of(client, message_id):
    def read():
        found = client.dlq.list(filter={"message_id": message_id}).messages
        return found[0] if found else None

    return eventually(read, f"a dead letter of {message_id}")


def states_of(client, message_id):
    logs = client.log.list(filter={"message_id": message_id}).logs
    return [log.state for log in reversed(logs)]
