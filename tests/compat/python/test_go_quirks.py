"""What the Go SDK relies on, by plain HTTP: its paths, its bodies, and the types it decodes into."""

import json
import os
import urllib.error
import urllib.request

from waiting import dead_letter_of, unique


def call(method, path, body=None, headers=None):
    """The status and the decoded body; an array or object for every status, as Go demands."""
    data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    request = urllib.request.Request(
        os.environ["QSTASH_URL"] + path, data=data, method=method, headers=dict(headers or {})
    )
    request.add_header("Authorization", "Bearer " + os.environ["QSTASH_TOKEN"])
    if data is not None and not request.has_header("Content-type"):
        request.add_header("Content-Type", "application/json")
    try:
        with urllib.request.urlopen(request) as response:
            return response.status, json.loads(response.read())
    except urllib.error.HTTPError as refused:
        return refused.code, json.loads(refused.read())


def test_paths_match_in_any_case(destination):
    name = f"s-{unique()}"
    headers = {"Upstash-Cron": "0 0 1 1 *", "Upstash-Schedule-Id": name}
    status, body = call("POST", "/v2/Schedules/" + destination.url, b"", headers)
    assert (status, body) == (200, {"scheduleId": name})
    assert call("GET", f"/v2/Schedules/{name}")[1]["scheduleId"] == name
    assert call("PATCH", f"/v2/Schedules/{name}/pause")[0] == 200
    assert name in [each["scheduleId"] for each in call("GET", "/v2/Schedules/")[1]]
    assert call("DELETE", f"/v2/Schedules/{name}")[0] == 200


def test_every_error_is_an_object_with_one_text():
    for method, path, body in (
        ("GET", "/v2/queues/none", None),
        ("GET", "/v2/topics/none", None),
        ("GET", "/v2/schedules/none", None),
        ("GET", "/v2/flowControl/none", None),
        ("GET", "/v2/messages/none", None),
        ("GET", "/v2/dlq/1-0", None),
        ("POST", "/v2/queues", {}),
        ("POST", "/v2/topics/g/endpoints", {"endpoints": []}),
        ("POST", "/v2/batch", {}),
        ("GET", "/v2/nothing", None),
        ("PATCH", "/v2/queues", None),
        ("GET", "/v1/publish/x", None),
    ):
        status, answer = call(method, path, body)
        assert status >= 400, path
        assert list(answer) == ["error"] and isinstance(answer["error"], str), path


def test_bulk_answers_are_maps_of_integers(client, destination):
    label = unique()
    ids = [
        client.message.publish(url=destination.url + "/later", delay="1h", label=label).message_id
        for _ in range(2)
    ]
    status, answer = call("DELETE", "/v2/messages", {"messageIds": ids})
    assert (status, answer) == (200, {"cancelled": 2})
    letters = []
    for _ in range(2):
        failed = client.message.publish(url=destination.url + "/status/500", retries=0, label=label)
        letters.append(dead_letter_of(client, failed.message_id).dlq_id)
    status, answer = call("DELETE", "/v2/dlq", {"dlqIds": letters[:1]})
    assert (status, answer) == (200, {"deleted": 1})
    status, answer = call("DELETE", f"/v2/dlq?dlqIds={letters[1]}&count=1")
    assert (status, answer) == (200, {"deleted": 1})


def test_a_batch_takes_arrays_of_header_values_and_answers_an_array(destination):
    path = f"/go/{unique()}"
    status, answer = call(
        "POST",
        "/v2/batch",
        [{
            "destination": destination.url + path,
            "headers": {"Upstash-Forward-X-A": ["1", "2"], "Upstash-Method": ["PUT"]},
            "body": "b",
        }],
    )
    assert status == 200
    assert isinstance(answer, list) and answer[0]["messageId"].startswith("msg_")
    request = destination.next(path)
    assert (request["method"], request["body"]) == ("PUT", "b")


def test_a_message_names_its_group_twice_and_an_event_once(destination):
    name = f"g-{unique()}"
    endpoints = [{"name": "First endpoint", "url": destination.url + f"/go/{name}"}]
    assert call("POST", f"/v2/topics/{name}/endpoints", {"endpoints": endpoints})[0] == 200
    assert call("GET", f"/v2/topics/{name}")[1]["endpoints"] == endpoints
    (made,) = call("POST", f"/v2/publish/{name}", b"x")[1]
    message = call("GET", f"/v2/messages/{made['messageId']}")[1]
    assert message["urlGroup"] == message["topicName"] == name
    assert message["endpointName"] == "First endpoint"
    (event, *_) = call("GET", f"/v2/events?messageId={made['messageId']}")[1]["events"]
    assert event["topicName"] == name
    assert call("DELETE", f"/v2/topics/{name}")[0] == 200
