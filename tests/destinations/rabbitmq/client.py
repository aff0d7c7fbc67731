"""client.py PORT hello | declare EXCHANGE KEY QUEUE [LENGTH] | get QUEUE | count QUEUE: prints what it got as JSON."""

import json
import sys

import pika


def declare(channel, exchange, key, queue, length=None):
    limits = {"x-max-length": int(length), "x-overflow": "reject-publish"} if length else None
    channel.exchange_declare(exchange, "direct", durable=True)
    channel.queue_declare(queue, durable=True, arguments=limits)
    channel.queue_bind(queue, exchange, key)
    return "declared"


def get(channel, queue):
    method, properties, body = channel.basic_get(queue, auto_ack=True)
    return {
        "body": body.decode(),
        "exchange": method.exchange,
        "routing_key": method.routing_key,
        "headers": properties.headers,
        "message_id": properties.message_id,
        "correlation_id": properties.correlation_id,
        "content_type": properties.content_type,
        "delivery_mode": properties.delivery_mode,
        "timestamp": properties.timestamp,
    }


def count(channel, queue):
    return channel.queue_declare(queue, passive=True).method.message_count


def hello(channel):
    return channel.is_open


port, verb, *words = sys.argv[1:]
connection = pika.BlockingConnection(pika.ConnectionParameters("127.0.0.1", int(port)))
print(json.dumps({"declare": declare, "get": get, "count": count, "hello": hello}[verb](connection.channel(), *words)))
connection.close()
