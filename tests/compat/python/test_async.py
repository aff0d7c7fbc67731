"""The asynchronous client of the official Python SDK: every noun once."""

import asyncio
import json
import os

import pytest
from qstash import AsyncQStash
from qstash.errors import QStashError

from waiting import dead_letter_of, unique


@pytest.fixture
def other():
    return AsyncQStash(
        token=os.environ["QSTASH_TOKEN"], base_url=os.environ["QSTASH_URL"], retry=False
    )


def test_messages(other, destination):
    async def run():
        path = f"/async/{unique()}"
        made = await other.message.publish_json(url=destination.url + path, body={"a": 1})
        later = await other.message.publish(url=destination.url + path, delay="1h", label="later")
        assert (await other.message.get(later.message_id)).label == "later"
        await other.message.cancel(later.message_id)
        batch = await other.message.batch(
            [{"url": destination.url, "delay": "1h", "body": "raw", "content_type": "text/csv"}]
        )
        message = await other.message.get(batch[0].message_id)
        assert (message.body, message.headers) == ("raw", {"Content-Type": ["text/csv"]})
        assert await other.message.cancel_many([batch[0].message_id, made.message_id]) == 1
        return path

    request = destination.next(asyncio.run(run()))
    assert request["signed"] and json.loads(request["body"]) == {"a": 1}


def test_queues_and_groups(other, destination):
    async def run():
        name = unique()
        await other.queue.upsert(name, parallelism=2, paused=True)
        await other.message.enqueue(queue=name, url=destination.url)
        await other.message.enqueue_json(queue=name, url=destination.url, body=1)
        queue = await other.queue.get(name)
        assert (queue.parallelism, queue.paused, queue.lag) == (2, True, 2)
        await other.queue.pause(name)
        await other.queue.delete(name)
        assert name not in [each.name for each in await other.queue.list()]
        await other.url_group.upsert_endpoints(name, [{"url": destination.url, "name": "one"}])
        assert (await other.url_group.get(name)).endpoints[0].name == "one"
        await other.url_group.remove_endpoints(name, [{"name": "one"}])
        assert name not in [each.name for each in await other.url_group.list()]
        await other.url_group.delete(name)

    asyncio.run(run())


def test_schedules_and_flow_control(other, destination):
    async def run():
        name = await other.schedule.create(destination=destination.url, cron="0 0 1 1 *")
        await other.schedule.create_json(
            destination=destination.url, cron="0 0 2 1 *", schedule_id=name, body=1
        )
        assert (await other.schedule.get(name)).cron == "0 0 2 1 *"
        await other.schedule.pause(name)
        await other.schedule.resume(name)
        assert name in [each.schedule_id for each in await other.schedule.list()]
        await other.schedule.delete(name)
        await other.flow_control.pause(name)
        await other.flow_control.pin(name, {"parallelism": 2})
        info = await other.flow_control.get(name)
        assert (info.is_paused, info.parallelism_max, info.is_pinned_rate) == (True, 2, False)
        await other.flow_control.unpin(name, {"parallelism": True})
        await other.flow_control.reset_rate(name)
        await other.flow_control.resume(name)
        assert not (await other.flow_control.get(name)).is_paused
        assert (await other.flow_control.get_global_parallelism()).parallelism_max > 0

    asyncio.run(run())


def test_dead_letters_logs_and_keys(client, other, destination):
    failed = client.message.publish(url=destination.url + "/status/500", retries=0)
    letter = dead_letter_of(client, failed.message_id)

    async def run():
        assert (await other.dlq.get(letter.dlq_id)).response_status == 500
        found = await other.dlq.list(filter={"message_id": failed.message_id})
        assert [each.dlq_id for each in found.messages] == [letter.dlq_id]
        logs = await other.log.list(filter={"message_id": failed.message_id}, count=1)
        assert logs.logs[0].state.value == "FAILED" and logs.cursor
        assert await other.dlq.delete_many([letter.dlq_id]) == 1
        with pytest.raises(QStashError):
            await other.dlq.delete(letter.dlq_id)
        assert (await other.signing_key.get()).current

    asyncio.run(run())
