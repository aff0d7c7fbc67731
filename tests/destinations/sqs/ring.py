"""The real SQS sender against moto; a door before it checks every signature as botocore makes it."""

import json
import logging
import os
import subprocess
import sys
import traceback
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from moto.server import ThreadedMotoServer

REGION = "eu-central-1"
ACCOUNT = "123456789012"
RECORD = json.dumps({"timestamp": 1, "responsePayload": "<ü> & 'quoted' 😀 \r\n"}, ensure_ascii=False)


class Door(BaseHTTPRequestHandler):
    """Passes on what is signed with AK and SK; refuses anything else as the service does."""

    protocol_version = "HTTP/1.1"
    moto_port = 0
    next_failure = None
    seen = []

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        Door.seen.append(body)
        if Door.next_failure:
            status, kind = Door.next_failure
            return self.refuse(status, kind)
        if self.headers["Authorization"] != self.expected(body):
            return self.refuse(403, "com.amazon.coral.service#InvalidSignatureException")
        moto = HTTPConnection("127.0.0.1", Door.moto_port)
        moto.request("POST", self.path, body, dict(self.headers))
        answer = moto.getresponse()
        self.answer(answer.status, answer.read())

    def expected(self, body):
        headers = {
            name: value
            for name, value in self.headers.items()
            if name.lower() in signed_names(self.headers["Authorization"])
        }
        token = headers.pop("X-Amz-Security-Token", None)
        request = AWSRequest("POST", f"http://{self.headers['Host']}{self.path}", headers, body)
        request.context["timestamp"] = self.headers["X-Amz-Date"]
        signer = SigV4Auth(Credentials("AK", "SK", token), "sqs", REGION)
        if token:
            request.headers["X-Amz-Security-Token"] = token
        signature = signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)
        names = ";".join(sorted(signed_names(self.headers["Authorization"])))
        return (
            f"AWS4-HMAC-SHA256 Credential={signer.scope(request)}, SignedHeaders={names}, Signature={signature}"
        )

    def refuse(self, status, kind):
        self.answer(status, json.dumps({"__type": kind, "message": "the door says no"}).encode())

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def signed_names(authorization):
    return (authorization or "").partition("SignedHeaders=")[2].partition(",")[0].split(";")


class Bed:
    def __init__(self):
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self.moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        self.moto.start()
        _, Door.moto_port = self.moto.get_host_and_port()
        self.door = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        Thread(target=self.door.serve_forever, daemon=True).start()
        self.address = f"http://127.0.0.1:{self.door.server_port}"
        self.sqs = boto3.client(
            "sqs",
            region_name=REGION,
            endpoint_url=f"http://127.0.0.1:{Door.moto_port}",
            aws_access_key_id="AK",
            aws_secret_access_key="SK",
        )
        self.queues = {
            name: self.sqs.create_queue(
                QueueName=name, Attributes={"FifoQueue": "true"} if name.endswith(".fifo") else {}
            )["QueueUrl"]
            for name in ("results", "results.fifo")
        }

    def stop(self):
        self.door.shutdown()
        self.moto.stop()

    def hold(self):
        """Says what to push to and with which fields of a connection, and returns when the input ends."""
        connection = {"kind": "sqs", "address": self.address, "user": "AK", "secret": "SK", "region": REGION,
                      "account": ACCOUNT}
        held = {"destination": "sqs://held/results", "connection": connection, "double": "an emulator in Python"}
        print(json.dumps(held), flush=True)
        sys.stdin.read()

    def push(self, target="sqs://aws/results", record=RECORD, **flags):
        values = {
            "address": self.address,
            "user": "AK",
            "secret": "SK",
            "option.region": REGION,
            "option.account": ACCOUNT,
        } | {name.replace("__", ".").replace("_", "-"): value for name, value in flags.items()}
        command = [os.environ["FERRY_PROBE"], target] + [f"--{n}={v}" for n, v in values.items()]
        done = subprocess.run(command, input=record.encode(), capture_output=True, timeout=30, check=True)
        return json.loads(done.stdout)

    def received(self, queue="results"):
        answer = self.sqs.receive_message(
            QueueUrl=self.queues[queue],
            MaxNumberOfMessages=10,
            MessageAttributeNames=["All"],
            AttributeNames=["All"],
        )
        messages = answer.get("Messages", [])
        for message in messages:
            self.sqs.delete_message(QueueUrl=self.queues[queue], ReceiptHandle=message["ReceiptHandle"])
        return messages


def arrives_with_its_attributes(bed):
    result = bed.push(lineage="v1;root=r", trace__traceparent="00-1-2-01")
    assert result["kind"] == "delivered", result
    (message,) = bed.received()
    assert message["Body"] == RECORD
    values = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
    assert values == {
        "EventId": "request-1:s",
        "x-fcd-lineage": "v1;root=r",
        "traceparent": "00-1-2-01",
    }, values


def fifo_repetition_is_one_message(bed):
    for _ in range(2):
        result = bed.push("sqs://aws/results.fifo")
        assert result["kind"] == "delivered", result
    (message,) = bed.received("results.fifo")
    assert message["Attributes"]["MessageDeduplicationId"] == "request-1:s"
    assert message["Attributes"]["MessageGroupId"] == "request-1"


def token_is_signed(bed):
    assert bed.push(token="STS")["kind"] == "delivered"
    bed.received()


def wrong_secret_ends_the_push(bed):
    result = bed.push(secret="other")
    assert (result["kind"], result["status"]) == ("non_retryable", 403), result
    assert "InvalidSignatureException" in result["error"]


def missing_queue_ends_the_push(bed):
    result = bed.push("sqs://aws/absent")
    assert (result["kind"], result["status"]) == ("non_retryable", 400), result
    assert "QueueDoesNotExist" in result["error"] or "NonExistentQueue" in result["error"], result


def throttling_is_tried_again(bed):
    for failure, status in (
        ((400, "com.amazonaws.sqs#RequestThrottled"), 429),
        ((503, "ServiceUnavailable"), 503),
    ):
        Door.next_failure = failure
        result = bed.push()
        Door.next_failure = None
        assert (result["kind"], result["status"]) == ("failed", status), result


def too_large_is_not_sent(bed):
    room = 262_144 - len("EventId" + "String" + "request-1:s")
    assert bed.push(record="x" * room)["kind"] == "delivered"
    assert len(bed.received()[0]["Body"]) == room
    before = len(Door.seen)
    result = bed.push(record="x" * (room + 1))
    assert (result["kind"], result["status"]) == ("non_retryable", 413), result
    assert len(Door.seen) == before


CHECKS = (
    arrives_with_its_attributes,
    fifo_repetition_is_one_message,
    token_is_signed,
    wrong_secret_ends_the_push,
    missing_queue_ends_the_push,
    throttling_is_tried_again,
    too_large_is_not_sent,
)


def main():
    bed = Bed()
    if sys.argv[1:] == ["--hold"]:
        bed.hold()
        bed.stop()
        return 0
    failed = 0
    for check in CHECKS:
        try:
            check(bed)
            print(f"ok - {check.__name__.replace('_', ' ')}", flush=True)
        except Exception:  # pylint: disable=broad-exception-caught
            failed += 1
            print(f"not ok - {check.__name__.replace('_', ' ')}", flush=True)
            traceback.print_exc()
    bed.stop()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
