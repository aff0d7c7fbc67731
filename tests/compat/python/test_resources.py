"""Queues, URL groups, schedules and flow control through the official Python SDK."""

import base64
import json
import os
import time

import pytest
from qstash import QStash
from qstash.errors import QStashError
from qstash.log import LogState
from qstash.schedule import ScheduleState

from waiting import dead_letter_of, eventually, unique


def test_a_queue_is_saved_read_listed_paused_and_deleted(client):
    name = f"q-{unique()}"
    client.queue.upsert(name, parallelism=2)
    queue = client.queue.get(name)
    assert (queue.name, queue.parallelism, queue.paused, queue.lag) == (name, 2, False, 0)
    assert abs(queue.created_at / 1000 - time.time()) < 60
    assert queue.updated_at >= queue.created_at
    client.queue.pause(name)
    assert client.queue.get(name).paused
    client.queue.resume(name)
    assert not client.queue.get(name).paused
    client.queue.upsert(name, parallelism=3, paused=True)
    assert name in [each.name for each in client.queue.list()]
    assert client.queue.get(name).parallelism == 3
    client.queue.delete(name)
    client.queue.delete(name)
    with pytest.raises(QStashError):
        client.queue.get(name)


def test_a_queue_delivers_in_order(client, destination):
    name, path = f"q-{unique()}", f"/queue/{unique()}"
    client.queue.upsert(name, parallelism=1, paused=True)
    first = client.message.enqueue_json(queue=name, url=destination.url + path, body={"n": 0})
    for n in (1, 2):
        client.message.enqueue(queue=name, url=destination.url + path, body=json.dumps({"n": n}))
    assert client.queue.get(name).lag == 3
    assert client.message.get(first.message_id).queue == name
    client.queue.resume(name)
    destination.next(path, 3)
    assert [json.loads(request["body"])["n"] for request in destination.at(path)] == [0, 1, 2]
    eventually(lambda: client.queue.get(name).lag == 0, "an empty queue")
    logs = client.log.list(filter={"queue": name}).logs
    assert logs and all(log.queue == name for log in logs)
    client.queue.delete(name)


def test_a_queue_goes_on_behind_a_message_that_failed(client, destination):
    name, tail = f"q-{unique()}", f"/queue/{unique()}"
    failing = client.message.enqueue(
        queue=name, url=destination.url + "/status/500", retries=1, retry_delay="200"
    )
    client.message.enqueue(queue=name, url=destination.url + tail)
    letter = dead_letter_of(client, failing.message_id)
    assert letter.queue == name
    assert letter.response_status == 500
    destination.next(tail)
    client.dlq.delete(letter.dlq_id)
    client.queue.delete(name)


def test_a_url_group_is_made_of_its_endpoints(client, destination):
    name = f"g-{unique()}"
    client.url_group.delete(name)  # also when it is not there
    urls = [destination.url + f"/{n}/{name}" for n in range(2)]
    client.url_group.upsert_endpoints(name, [{"name": "one", "url": urls[0]}, {"url": urls[1]}])
    group = client.url_group.get(name)
    assert group.name == name
    assert [(each.name, each.url) for each in group.endpoints] == [("one", urls[0]), (None, urls[1])]
    assert name in [each.name for each in client.url_group.list()]
    responses = client.message.publish_json(url_group=name, body={"a": 1})
    assert [response.url for response in responses] == urls
    for response in responses:
        path = response.url[len(destination.url):]
        request = destination.next(path)
        assert request["signed"]
        assert request["headers"]["upstash-topic-name"] == name
        assert request["headers"]["upstash-message-id"] == response.message_id
    message = client.message.get(responses[0].message_id)
    assert (message.url_group, message.endpoint) == (name, "one")
    client.url_group.remove_endpoints(name, [{"name": "one"}, {"url": urls[1]}])
    with pytest.raises(QStashError):
        client.url_group.get(name)


def test_a_duplicate_for_a_group_answers_its_first_messages(client, destination):
    name, dedup = f"g-{unique()}", unique()
    urls = [destination.url + f"/{n}/{name}" for n in range(2)]
    client.url_group.upsert_endpoints(name, [{"url": url} for url in urls])
    first = client.message.publish(url_group=name, deduplication_id=dedup)
    second = client.message.publish(url_group=name, deduplication_id=dedup)
    assert [each.message_id for each in second] == [each.message_id for each in first]
    assert all(each.deduplicated for each in second)
    assert not any(each.deduplicated for each in first)
    client.url_group.delete(name)


def test_a_schedule_keeps_everything_it_was_made_with(client, destination):
    name = f"s-{unique()}"
    schedule_id = client.schedule.create_json(
        schedule_id=name,
        destination=destination.url + "/scheduled",
        cron="CRON_TZ=Europe/Berlin 0 9 * * 1-5",
        body={"a": 1},
        method="PATCH",
        headers={"x-a": "1"},
        callback=destination.url + "/callback",
        callback_headers={"Upstash-Callback-Forward-x-c": "3"},
        failure_callback=destination.url + "/failure",
        failure_callback_headers={"Upstash-Failure-Callback-Forward-x-f": "4"},
        retries=0,
        retry_delay="7000 * retried",
        delay="1m",
        timeout=30,
        queue=f"q-{name}",
        flow_control={"key": f"k-{name}", "rate": 3, "period": "1d"},
        label="mine",
    )
    assert schedule_id == name
    schedule = client.schedule.get(name)
    assert schedule.destination == destination.url + "/scheduled"
    assert schedule.cron == "CRON_TZ=Europe/Berlin 0 9 * * 1-5"
    assert json.loads(schedule.body) == {"a": 1}
    assert schedule.method == "PATCH"
    assert schedule.headers == {"Content-Type": ["application/json"], "X-A": ["1"]}
    assert schedule.callback == destination.url + "/callback"
    assert schedule.callback_headers == {"X-C": ["3"]}
    assert schedule.failure_callback_headers == {"X-F": ["4"]}
    assert schedule.retries == 0
    assert schedule.retry_delay_expression == "7000 * retried"
    assert (schedule.delay, schedule.timeout) == (60, 30)
    assert schedule.queue == f"q-{name}"
    assert schedule.flow_control.key == f"k-{name}"
    assert schedule.flow_control.parallelism is None
    assert (schedule.flow_control.rate, schedule.flow_control.period) == (3, 86400)
    assert schedule.label == "mine"
    assert schedule.caller_ip == "127.0.0.1"
    assert schedule.last_schedule_time is None and schedule.error is None
    assert name in [each.schedule_id for each in client.schedule.list()]
    client.schedule.pause(name)
    assert client.schedule.get(name).paused
    client.schedule.resume(name)
    assert not client.schedule.get(name).paused
    client.schedule.delete(name)
    with pytest.raises(QStashError):
        client.schedule.get(name)


def test_a_schedule_without_a_body_and_one_of_bytes(client, destination):
    plain = client.schedule.create(destination=destination.url, cron="0 0 1 1 *")
    assert plain.startswith("scd_")
    assert client.schedule.get(plain).body is None
    client.schedule.create(
        destination=destination.url, cron="0 0 1 1 *", schedule_id=plain, body=b"\xff\xfe"
    )
    replaced = client.schedule.get(plain)
    assert replaced.body is None
    assert base64.b64decode(replaced.body_base64) == b"\xff\xfe"
    client.schedule.delete(plain)


def test_a_schedule_for_a_group_that_went_says_so(client, destination):
    name = f"g-{unique()}"
    client.url_group.upsert_endpoints(name, [{"url": destination.url + f"/tick/{name}"}])
    schedule_id = client.schedule.create(destination=name, cron="* * * * *", body="tick")

    def ticked():
        schedule = client.schedule.get(schedule_id)
        states = schedule.last_schedule_states or {}
        return schedule if list(states.values()) == [ScheduleState.SUCCESS] else None

    schedule = eventually(ticked, "a tick that succeeded", seconds=75)
    assert schedule.last_schedule_time <= schedule.next_schedule_time
    request = destination.next(f"/tick/{name}")
    assert request["headers"]["upstash-schedule-id"] == schedule_id
    assert request["headers"]["upstash-topic-name"] == name
    (message_id,) = schedule.last_schedule_states
    assert client.message.get(message_id).schedule_id == schedule_id
    client.url_group.delete(name)
    failed = eventually(
        lambda: client.schedule.get(schedule_id).error, "a tick that failed", seconds=75
    )
    assert isinstance(failed, str)
    client.schedule.delete(schedule_id)


def test_flow_control_shows_what_the_newest_message_brought(client, destination):
    key = f"a/b c-{unique()}"
    first = client.message.publish(
        url=destination.url, delay="1h", flow_control={"key": key, "parallelism": 3}
    )
    message = client.message.get(first.message_id)
    assert message.flow_control.key == key
    assert message.flow_control.parallelism == 3
    assert message.flow_control.rate is None
    assert message.flow_control.period == 1
    info = client.flow_control.get(key)
    assert (info.key, info.parallelism_max, info.rate_max) == (key, 3, 0)
    client.message.publish(
        url=destination.url, delay="1h", flow_control={"key": key, "rate": 4, "period": 2}
    )
    info = client.flow_control.get(key)
    assert (info.parallelism_max, info.rate_max, info.rate_period) == (0, 4, 2)
    client.flow_control.pause(key)
    assert client.flow_control.get(key).is_paused
    client.flow_control.resume(key)
    client.flow_control.pin(key, {"parallelism": 7, "rate": 8, "period": 9})
    info = client.flow_control.get(key)
    assert (info.parallelism_max, info.rate_max, info.rate_period) == (7, 8, 9)
    assert info.is_pinned_parallelism and info.is_pinned_rate and not info.is_paused
    client.flow_control.unpin(key, {"parallelism": True, "rate": True})
    info = client.flow_control.get(key)
    assert not info.is_pinned_parallelism and not info.is_pinned_rate
    assert info.parallelism_max == 7


def test_resetting_a_rate_right_after_a_publish_counts_it_away(client):
    key = f"k-{unique()}"
    silent = client.message.publish(
        url=os.environ["FERRY_SILENT_URL"],
        timeout=5,
        retries=0,
        flow_control={"key": key, "parallelism": 1, "rate": 10, "period": "1m"},
    )
    assert client.flow_control.get(key).rate_count == 1
    client.flow_control.reset_rate(key)
    info = client.flow_control.get(key)
    assert info.rate_count == 0
    assert info.parallelism_count == 1
    assert abs(info.rate_period_start - time.time()) < 30
    running = client.flow_control.get_global_parallelism()
    assert running.parallelism_max > 0 and running.parallelism_count >= 1
    client.message.cancel(silent.message_id)


def test_cancel_all_cancels_everything_of_the_tenant(destination):
    token = base64.b64encode(b'{"UserID":"testUser3","Password":"testPassword"}').decode()
    other = QStash(token=token, base_url=os.environ["QSTASH_URL"], retry=False)
    other.message.cancel_all()
    for _ in range(3):
        other.message.publish(url=destination.url, delay="1h")
    assert other.message.cancel_all() == 3
    assert other.message.cancel_all() == 0


def test_dead_letters_and_logs_by_every_filter(client, destination):
    name, label = f"g-{unique()}", unique()
    path = f"/status/418/{label}"
    client.url_group.upsert_endpoints(name, [{"name": "end", "url": destination.url + path}])
    (response,) = client.message.publish(url_group=name, retries=0, label=label, body="b")
    letter = dead_letter_of(client, response.message_id)
    assert (letter.url_group, letter.endpoint, letter.label) == (name, "end", label)
    now = int(time.time() * 1000)
    for own in (
        {"url": destination.url + path},
        {"url_group": name},
        {"label": label},
        {"label": label, "response_status": 418, "caller_ip": "127.0.0.1"},
        {"label": label, "from_time": now - 60_000, "to_time": now + 60_000},
    ):
        found = client.dlq.list(filter=own, count=5)
        assert [each.dlq_id for each in found.messages] == [letter.dlq_id], own
        assert found.cursor is None
    for own in (
        {"message_ids": [response.message_id]},
        {"url": destination.url + path},
        {"url_group": name},
        {"label": label, "from_time": now - 60_000, "to_time": now + 60_000},
    ):
        states = [log.state for log in client.log.list(filter=own).logs]
        assert states == [LogState.FAILED, LogState.ERROR, LogState.ACTIVE, LogState.CREATED], own
    entry = client.log.list(filter={"label": label, "state": LogState.ERROR}).logs[0]
    assert (entry.url_group, entry.endpoint) == (name, "end")
    assert entry.response_status == 418
    assert base64.b64decode(entry.response_body) == b"status 418"
    client.dlq.delete(letter.dlq_id)
    client.url_group.delete(name)
