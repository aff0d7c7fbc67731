"""Checks that the answers of a live server are what docs/openapi.json says, field by field."""

import copy
import json
import re

import jsonschema
from development_server import Receiver, wait_until
from document_checks import DOCUMENT, references_in, resolve

NOWHERE = "http://127.0.0.1:9/"  # nobody listens on the discard port
# What makes a message show every field that it can have.
EVERY_OPTION = {
    "Content-Type": "text/plain", "Upstash-Label": "one,two", "Upstash-Retry-Delay": "1000",
    "Upstash-Timeout": "20s", "Upstash-Forward-X-Shop": "7", "Upstash-Flow-Control-Key": "everything",
    "Upstash-Flow-Control-Value": "parallelism=20,rate=1000,period=1m", "Upstash-Callback": NOWHERE,
    "Upstash-Callback-Forward-X-Back": "1", "Upstash-Failure-Callback": NOWHERE,
    "Upstash-Failure-Callback-Forward-X-Back": "1", "Upstash-Ordering-Key": "customer"}


def strict_components():
    """The components with objects that admit no field beyond those described: stricter than the document, whose
    readers must bear with new fields."""
    components = copy.deepcopy(DOCUMENT["components"])
    schemas = components["schemas"]
    parts = {reference.rsplit("/", 1)[1] for schema in schemas.values()
             for reference in references_in(schema.get("allOf", []))}
    for name, schema in schemas.items():
        is_object = schema.get("type") == "object" or "allOf" in schema
        if is_object and name not in parts and "additionalProperties" not in schema:
            schema["unevaluatedProperties"] = False
    return components


COMPONENTS = strict_components()


def operation_of(method, target):
    """(path, operation) of the document for a request target: by segments, else by the rest of the path."""
    path = target.partition("?")[0]
    for last in ("[^/]+", ".+"):
        for pattern, item in DOCUMENT["paths"].items():
            expression = re.sub(r"\{\w+\}$", last, pattern)
            expression = re.sub(r"\{\w+\}", "[^/]+", expression)
            if method.lower() in item and re.fullmatch(expression, path):
                return pattern, item[method.lower()]
    raise AssertionError(f"{method} {target} is not described")


def check_answer(method, target, status, headers, body):
    path, operation = operation_of(method, target)
    responses = operation["responses"]
    described = responses.get(str(status)) or responses.get(f"{status // 100}XX")
    assert described, f"{method} {path} answers {status}, which is not described: {body}"
    response = resolve(described)
    media = response.get("content", {}).get(headers.get_content_type())
    assert media, f"{method} {path} answers {headers.get_content_type()}, which is not described"
    texts = errors_of(body, media["schema"])
    assert not texts, f"{method} {path} {status}: " + "; ".join(texts) + f"\n{json.dumps(body)[:1500]}"
    for name, header in response.get("headers", {}).items():
        if name in ("Ferry-Error-Code", "Request-Id"):
            assert headers.get(name), f"{method} {path} {status} has no {name}"
        if headers.get(name) and name == "Ferry-Error-Code":
            assert headers[name] in resolve(resolve(header)["schema"])["enum"], headers[name]


def errors_of(content, schema):
    validator = jsonschema.Draft202012Validator({**schema, "components": COMPONENTS})
    return [f"{error.json_path}: {error.message[:300]}" for error in validator.iter_errors(content)]


def check_webhook(name, headers, body):
    """What the server sent itself, against the section `webhooks`."""
    operation = DOCUMENT["webhooks"][name]["post"]
    for parameter in map(resolve, operation["parameters"]):
        value = headers.get(parameter["name"])
        assert value is not None or not parameter["required"], f"{name} has no {parameter['name']}"
        if value is not None:
            is_number = resolve(parameter["schema"]).get("type") == "integer"
            texts = errors_of(int(value) if is_number else value, parameter["schema"])
            assert not texts, f"{name} {parameter['name']}: {texts}"
    described = {resolve(parameter)["name"].lower() for parameter in operation["parameters"]}
    unknown = {field.lower() for field in headers if field.lower().startswith(("upstash-", "webhook-"))} - described
    assert not unknown, f"{name} has headers that are not described: {unknown}"
    schema = resolve(operation["requestBody"])["content"].get("application/json", {}).get("schema")
    if schema:
        texts = errors_of(json.loads(body), schema)
        assert not texts, f"{name}: {texts}\n{body.decode()}"


class Caller:
    """Calls whose answers are checked."""

    def __init__(self, server):
        self.server = server

    def __call__(self, method, target, expected, body=None, headers=None, token=None):
        status, answered, content = self.server.call(method, target, body, headers, token)
        assert status == expected, f"{method} {target}: expected {expected}, got {status}: {content}"
        check_answer(method, target, status, answered, content)
        return content


def operating(call):
    call("GET", "/healthz", 200)
    call("GET", "/readyz", 200)
    call("GET", "/version", 200)
    call("GET", "/metrics", 200, token="scrape")
    call("GET", "/metrics", 401, token="wrong")
    served = call("GET", "/openapi.json", 200)
    assert served == DOCUMENT, "the binary has another document"


def messages(call):
    made = call("POST", f"/v2/publish/{NOWHERE}one?a=b", 200, b"body", EVERY_OPTION | {"Upstash-Delay": "1h"})
    call("GET", "/v2/messages/" + made["messageId"], 200)
    page = call("GET", "/v2/messages?label=one&count=1", 200)
    assert [message["messageId"] for message in page["messages"]] == [made["messageId"]]
    assert call("DELETE", "/v2/messages/" + made["messageId"], 200) == {"cancelled": 1}
    call("GET", "/v2/messages/msg_unknown", 404)
    call("DELETE", "/v2/messages/msg_unknown", 404)
    call("DELETE", "/v2/messages?label=nobody", 200)
    call("DELETE", "/v2/messages?lable=typo", 400)


def duplicates_and_refusals(call):
    once = {"Upstash-Deduplication-Id": "once", "Upstash-Delay": "1h"}
    first = call("POST", f"/v2/publish/{NOWHERE}", 200, b"", once)
    again = call("POST", f"/v2/publish/{NOWHERE}", 202, b"", once)
    assert again["messageId"] == first["messageId"]
    call("POST", "/v2/publish/ftp://example.com", 400, b"")
    call("POST", f"/v2/publish/{NOWHERE}", 401, b"", token="wrong")
    call("POST", f"/v2/publish/{NOWHERE}", 412, b"", {"Upstash-Delay": "9000d"})


def batches(call):
    call("POST", "/v2/topics/batched/endpoints", 200, {"endpoints": [{"url": NOWHERE}]})
    later = {"upstash-delay": "1h"}
    answers = call("POST", "/v2/batch", 200, [
        {"destination": NOWHERE, "headers": later, "body": "one"},
        {"destination": NOWHERE, "headers": later, "queue": "batched"},
        {"destination": "batched", "headers": later}])
    assert len(answers) == 3 and isinstance(answers[2], list)
    call("POST", "/v2/batch", 400, [{"body": "nowhere"}])


def queues(call):
    call("POST", "/v2/queues", 200, {"queueName": "described", "parallelism": 2})
    call("POST", f"/v2/enqueue/described/{NOWHERE}", 200, b"in order", {"Upstash-Delay": "1h"})
    call("GET", "/v2/queues", 200)
    call("GET", "/v2/queues/described", 200)
    call("POST", "/v2/queues/described/pause", 200)
    call("POST", "/v2/queues/described/resume", 200)
    call("DELETE", "/v2/queues/described", 200)
    call("GET", "/v2/queues/described", 404)
    call("POST", "/v2/queues", 400, {"queueName": "no name"})


def url_groups(call):
    call("POST", "/v2/topics/described/endpoints", 200,
         {"endpoints": [{"url": NOWHERE + "a", "name": "first"}, {"url": NOWHERE + "b"}]})
    call("PATCH", "/v2/topics/described", 200, {"headers": {"Upstash-Retries": "1"}})
    call("GET", "/v2/topics", 200)
    call("GET", "/v2/topics/described", 200)
    sent = call("POST", "/v2/publish/described", 200, b"all", {"Upstash-Delay": "1h"})
    assert len(sent) == 2
    call("GET", "/v2/messages/" + sent[0]["messageId"], 200)
    call("DELETE", "/v2/topics/described/endpoints", 200, {"endpoints": [{"name": "first"}]})
    call("DELETE", "/v2/topics/described", 200)
    call("GET", "/v2/topics/described", 404)


def schedules(call):
    made = call("POST", f"/v2/schedules/{NOWHERE}", 200, b"tick", EVERY_OPTION | {
        "Upstash-Cron": "@hourly", "Upstash-Schedule-Id": "described", "Upstash-Delay": "5s"})
    assert made == {"scheduleId": "described"}
    call("GET", "/v2/schedules", 200)
    call("GET", "/v2/schedules/described", 200)
    for method in ("PATCH", "POST", "PUT"):
        call(method, "/v2/schedules/described/pause", 200)
        call(method, "/v2/schedules/described/resume", 200)
    call("DELETE", "/v2/schedules/described", 200)
    call("GET", "/v2/schedules/described", 404)
    call("POST", f"/v2/schedules/{NOWHERE}", 400, b"")


def flow_control(call):
    call("POST", f"/v2/publish/{NOWHERE}", 200, b"", {
        "Upstash-Delay": "1h", "Upstash-Flow-Control-Key": "described",
        "Upstash-Flow-Control-Value": "parallelism=2,rate=10,period=1m"})
    call("GET", "/v2/flowControl", 200)
    call("GET", "/v2/flowControl?search=desc", 200)
    call("GET", "/v2/flowControl/described", 200)
    for change in ("pause", "resume", "pin?parallelism=1&rate=2&period=10s", "unpin?rate=true", "resetRate", "reset"):
        call("POST", "/v2/flowControl/described/" + change, 200)
    call("POST", "/v2/flowControl/described/pin", 400)
    call("GET", "/v2/flowControl/nobody", 404)
    call("GET", "/v2/globalParallelism", 200)


def dead_letters(call):
    for _ in range(3):
        call("POST", f"/v2/publish/{NOWHERE}", 200, b"lost",
             EVERY_OPTION | {"Upstash-Retries": "0", "Upstash-Label": "lost"})
    wait_until(lambda: len(call("GET", "/v2/dlq?label=lost", 200)["messages"]) == 3, "three dead letters")
    first = call("GET", "/v2/dlq?label=lost&count=1", 200)
    assert first["cursor"]
    letter = first["messages"][0]["dlqId"]
    call("GET", "/v2/dlq/" + letter, 200)
    call("POST", "/v2/dlq/retry/" + letter, 201, b"", {"Upstash-Delay": "1h"})
    call("GET", "/v2/dlq/" + letter, 404)
    call("POST", "/v2/dlq/retry?label=lost&count=1", 201, b"", {"Upstash-Delay": "1h"})
    call("DELETE", "/v2/dlq?label=lost", 200)
    call("DELETE", "/v2/dlq/" + letter, 404)
    call("DELETE", "/v2/dlq?labeel=typo", 400)


def event_log(call):
    call("POST", f"/v2/publish/{NOWHERE}", 200, b"logged",
         EVERY_OPTION | {"Upstash-Retries": "0", "Upstash-Label": "logged"})
    wait_until(lambda: call("GET", "/v2/events?label=logged&state=FAILED", 200)["events"], "a FAILED event")
    events = call("GET", "/v2/events?label=logged", 200)["events"]
    call("GET", "/v2/events?count=1&order=earliestFirst", 200)
    call("GET", "/v2/logs?messageId=" + events[0]["messageId"], 200)
    call("GET", "/v2/logs?label=logged&groupBy=messageId", 200)
    call("GET", "/v2/events?state=nonsense", 400)


def what_receivers_get(call):
    with Receiver() as receiver:
        call("POST", "/v2/topics/received/endpoints", 200, {"endpoints": [{"url": receiver.url + "/group"}]})
        call("POST", "/v2/publish/received", 200, b"to a group")
        call("POST", f"/v2/publish/{receiver.url}/refuse", 200, b"lost", {
            "Upstash-Retries": "0", "Upstash-Label": "hooks", "Upstash-Forward-X-Shop": "7",
            "Upstash-Callback": receiver.url + "/callback", "Upstash-Failure-Callback": receiver.url + "/failed"})
        for path, name in (("/group", "delivery"), ("/refuse", "delivery"), ("/callback", "callback"),
                           ("/failed", "failureCallback")):
            _, _, headers, body = receiver.wait_for(path)
            check_webhook(name, headers, body)


def signing_keys(call):
    call("GET", "/v2/keys", 200)
    call("POST", "/v2/keys/rotate", 200)


def checks(server):
    call = Caller(server)
    return [("answers are as described: " + function.__name__.replace("_", " "), function, call)
            for function in (operating, messages, duplicates_and_refusals, batches, queues, url_groups, schedules,
                             flow_control, dead_letters, event_log, what_receivers_get, signing_keys)]
