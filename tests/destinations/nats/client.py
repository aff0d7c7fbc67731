"""client.py URL add STREAM SUBJECT [LENGTH] | get STREAM SEQUENCE | count STREAM: prints what it got as JSON."""

import asyncio
import json
import sys

import nats
from nats.js.api import DiscardPolicy, StreamConfig


async def add(jetstream, stream, subject, length=None):
    limits = {"max_msgs": int(length), "discard": DiscardPolicy.NEW} if length else {}
    await jetstream.add_stream(StreamConfig(name=stream, subjects=[subject], **limits))
    return "added"


async def get(jetstream, stream, sequence):
    message = await jetstream.get_msg(stream, int(sequence))
    return {"subject": message.subject, "body": message.data.decode(), "headers": dict(message.headers)}


async def count(jetstream, stream):
    return (await jetstream.stream_info(stream)).state.messages


async def run(url, verb, *words):
    connection = await nats.connect(url, user="ferry", password="s3cret")
    print(json.dumps(await {"add": add, "get": get, "count": count}[verb](connection.jetstream(), *words)))
    await connection.close()


asyncio.run(run(*sys.argv[1:]))
