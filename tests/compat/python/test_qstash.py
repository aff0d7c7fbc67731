"""The official Python SDK, unmodified, against the real binary."""

import base64
import json
import os

import pytest
from qstash import QStash
from qstash.errors import QStashError
from qstash.log import LogState

from waiting import dead_letter_of, eventually, states_of, unique


def test_publish_json_delivers_a_signed_message(client, destination):
    path = f"/json/{unique()}"
    response = client.message.publish_json(
        url=destination.url + path, body={"ex_key": "ex_value"}, headers={"test-header": "test-value"}
    )
    assert response.message_id.startswith("msg_")
    request = destination.next(path)
    assert request["signed"]
    assert json.loads(request["body"]) == {"ex_key": "ex_value"}
    assert request["headers"]["test-header"] == "test-value"
    assert request["headers"]["content-type"] == "application/json"
    assert request["headers"]["upstash-message-id"] == response.message_id


def test_a_message_reads_back_with_its_fields(client, destination):
    response = client.message.publish(
        url=destination.url + "/later",
        body="kept",
        method="PATCH",
        delay="1h",
        retries=0,
        retry_delay="7000 * retried",
        callback=destination.url + "/callback",
        failure_callback=destination.url + "/failure",
        headers={"x-a": "1"},
        content_type="text/plain",
        label="mine",
    )
    message = client.message.get(response.message_id)
    assert message.message_id == response.message_id
    assert message.url == destination.url + "/later"
    assert message.method == "PATCH"
    assert message.body == "kept"
    assert message.max_retries == 0
    assert message.retry_delay_expression == "7000 * retried"
    assert message.callback == destination.url + "/callback"
    assert message.failure_callback == destination.url + "/failure"
    assert message.headers == {"X-A": ["1"], "Content-Type": ["text/plain"]}
    assert message.caller_ip
    assert message.label == "mine"
    assert message.not_before - message.created_at >= 3_600_000 - 5
    client.message.cancel(response.message_id)
    with pytest.raises(QStashError):
        client.message.cancel(response.message_id)


def test_retries_end_in_a_dead_letter(client, destination):
    path = f"/status/404/{unique()}"
    response = client.message.publish(
        url=destination.url + path, body="b", retries=1, retry_delay="10"
    )
    for nth in (1, 2):
        request = destination.next(path, nth)
        assert request["signed"]
        assert request["headers"]["upstash-retried"] == str(nth - 1)
    letter = dead_letter_of(client, response.message_id)
    assert letter.response_status == 404
    assert letter.response_body == "status 404"
    single = client.dlq.get(letter.dlq_id)
    assert single.message_id == response.message_id
    assert single.response_body == "status 404"
    assert states_of(client, response.message_id) == [
        LogState.CREATED, LogState.ACTIVE, LogState.ERROR, LogState.RETRY,
        LogState.ACTIVE, LogState.ERROR, LogState.FAILED,
    ]
    client.dlq.delete(letter.dlq_id)
    with pytest.raises(QStashError):
        client.dlq.get(letter.dlq_id)


def test_many_dead_letters_are_deleted_at_once(client, destination):
    ids = [
        client.message.publish(url=destination.url + "/status/500", retries=0).message_id
        for _ in range(3)
    ]
    letters = [dead_letter_of(client, message_id).dlq_id for message_id in ids]
    assert client.dlq.delete_many(letters) == 3
    assert client.dlq.delete_many(letters) == 0


def test_callbacks(client, destination):
    name = unique()
    response = client.message.publish_json(
        url=f"{destination.url}/status/500/{name}",
        body={"a": 1},
        retries=0,
        callback=f"{destination.url}/callback/{name}",
        failure_callback=f"{destination.url}/failure/{name}",
    )
    for path in ("callback", "failure"):
        request = destination.next(f"/{path}/{name}")
        assert request["signed"]
        body = json.loads(request["body"])
        assert body["status"] == 500
        assert body["sourceMessageId"] == response.message_id
        assert base64.b64decode(body["body"]) == b"status 500"
    assert dead_letter_of(client, response.message_id).dlq_id == body["dlqId"]


def test_deduplication(client, destination):
    path = f"/dedup/{unique()}"
    name = unique()
    first = client.message.publish(url=destination.url + path, deduplication_id=name)
    second = client.message.publish(url=destination.url + path, deduplication_id=name)
    assert not first.deduplicated
    assert second.deduplicated
    assert second.message_id == first.message_id
    third = client.message.publish(
        url=destination.url + path, body="x", content_based_deduplication=True
    )
    fourth = client.message.publish(
        url=destination.url + path, body="x", content_based_deduplication=True
    )
    assert fourth.message_id == third.message_id and fourth.deduplicated


def test_batch(client, destination):
    name = unique()
    responses = client.message.batch_json(
        [
            {"url": f"{destination.url}/batch/{name}/{n}", "body": {"n": n}} for n in range(3)
        ]
    )
    assert len(responses) == 3
    for n in range(3):
        assert json.loads(destination.next(f"/batch/{name}/{n}")["body"]) == {"n": n}


def test_cancel_many(client, destination):
    ids = [
        client.message.publish(url=destination.url + "/later", delay="1h").message_id
        for _ in range(3)
    ]
    assert client.message.cancel_many(ids[:2]) == 2
    assert client.message.cancel_many(ids) == 1


def test_labels_are_on_every_log_entry(client, destination):
    label = unique()
    client.message.publish(url=destination.url + "/labelled", label=label)

    def read():
        logs = client.log.list(filter={"label": label}).logs
        return logs if len(logs) == 3 else None

    logs = eventually(read, "three entries")
    assert all(log.label == label for log in logs)
    assert all(log.url == destination.url + "/labelled" for log in logs)
    only = client.log.list(filter={"label": label, "state": LogState.DELIVERED}).logs
    assert [log.state for log in only] == [LogState.DELIVERED]


def test_redaction(client, destination):
    response = client.message.publish(
        url=destination.url + "/secret", body="top-secret", redact={"body": True}, delay="1h"
    )
    message = client.message.get(response.message_id)
    assert message.body.startswith("REDACTED:")
    client.message.cancel(response.message_id)


def test_signing_keys_are_the_configured_ones(client):
    keys = client.signing_key.get()
    assert keys.current == os.environ["QSTASH_CURRENT_SIGNING_KEY"]
    assert keys.next == os.environ["QSTASH_NEXT_SIGNING_KEY"]


def test_rotation_moves_the_next_key_up(client):
    # Another development user, so that the keys of the other tests stay.
    token = base64.b64encode(b'{"UserID":"testUser1","Password":"testPassword"}').decode()
    other = QStash(token=token, base_url=os.environ["QSTASH_URL"], retry=False)
    before = other.signing_key.get()
    rotated = other.signing_key.rotate()
    assert rotated.current == before.next
    assert rotated.next not in (before.current, before.next)
    assert other.signing_key.get().current == before.next


def test_tenants_do_not_see_each_other(client, destination):
    token = base64.b64encode(b'{"UserID":"testUser2","Password":"testPassword"}').decode()
    other = QStash(token=token, base_url=os.environ["QSTASH_URL"], retry=False)
    mine = client.message.publish(url=destination.url + "/mine", delay="1h").message_id
    with pytest.raises(QStashError):
        other.message.get(mine)
    with pytest.raises(QStashError):
        other.message.cancel(mine)
    assert client.message.get(mine).message_id == mine
    client.message.cancel(mine)
