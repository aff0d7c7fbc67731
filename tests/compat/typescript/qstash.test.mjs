// The official TypeScript SDK, unmodified, against the real binary.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Client, QstashError } from "@upstash/qstash";
import { client, deadLetterOf, destination, eventually, statesOf, to, unique } from "./bed.mjs";

before(() => destination.start());
after(() => destination.stop());

test("publish delivers a signed message with its headers and body", async () => {
  const path = `/plain/${unique()}?a=1&b=%20x`;
  const { messageId, url } = await client.publish({
    url: to(path),
    body: "hello",
    headers: { "test-header": "test-value", "Content-Type": "text/plain" },
  });
  assert.match(messageId, /^msg_/);
  assert.equal(url, to(path));
  const request = await destination.next(path);
  assert.equal(request.signed, true);
  assert.equal(request.method, "POST");
  assert.equal(request.body, "hello");
  assert.equal(request.headers["test-header"], "test-value");
  assert.equal(request.headers["content-type"], "text/plain");
  assert.equal(request.headers["upstash-message-id"], messageId);
  assert.equal(request.headers["upstash-retried"], "0");
  assert.equal(request.headers["user-agent"], "Upstash-QStash");
  assert.equal(request.headers["authorization"], undefined);
  assert.equal(request.headers["upstash-telemetry-sdk"], undefined);
});

test("publishJSON carries the body and its content type; the method is the caller's", async () => {
  const path = `/json/${unique()}`;
  await client.publishJSON({ url: to(path), body: { a: [1, "ü"] }, method: "PUT" });
  const request = await destination.next(path);
  assert.equal(request.signed, true);
  assert.equal(request.method, "PUT");
  assert.deepEqual(JSON.parse(request.body), { a: [1, "ü"] });
  assert.equal(request.headers["content-type"], "application/json");
});

test("a published message can be read back field by field", async () => {
  const { messageId } = await client.publish({
    url: to("/later"),
    body: "kept",
    headers: { "test-header": "v", "Content-Type": "text/plain" },
    delay: "1h",
    retries: 5,
    retryDelay: "1000 * (1 + retried)",
    label: ["one", "two"],
    callback: to("/callback"),
    failureCallback: to("/failure"),
  });
  const message = await client.messages.get(messageId);
  assert.equal(message.messageId, messageId);
  assert.equal(message.url, to("/later"));
  assert.equal(message.method, "POST");
  assert.equal(message.body, "kept");
  assert.deepEqual(message.header, { "Content-Type": ["text/plain"], "Test-Header": ["v"] });
  assert.equal(message.maxRetries, 5);
  assert.equal(message.retryDelayExpression, "1000 * (1 + retried)");
  assert.equal(message.label, "one");
  assert.equal(message.callback, to("/callback"));
  assert.equal(message.failureCallback, to("/failure"));
  assert.equal(typeof message.callerIp, "string");
  assert.ok(message.notBefore - message.createdAt >= 3_600_000 - 5);
  await client.messages.delete(messageId);
});

test("a delayed message comes when it is due, not before", async () => {
  const path = `/delayed/${unique()}`;
  const start = Date.now();
  await client.publish({ url: to(path), delay: 1 });
  const request = await destination.next(path);
  assert.equal(request.signed, true);
  assert.ok(Date.now() - start >= 1_000);
});

test("notBefore in unix seconds holds a message back", async () => {
  const path = `/not-before/${unique()}`;
  const notBefore = Math.floor(Date.now() / 1000) + 2;
  await client.publish({ url: to(path), notBefore });
  await destination.next(path);
  assert.ok(Date.now() >= notBefore * 1000);
});

test("a failing destination is tried again as often and as soon as asked", async () => {
  const path = `/status/500/${unique()}`;
  const { messageId } = await client.publish({ url: to(path), retries: 2, retryDelay: "50 * (1 + retried)" });
  for (const nth of [1, 2, 3]) {
    const request = await destination.next(path, nth);
    assert.equal(request.headers["upstash-retried"], String(nth - 1));
    assert.equal(request.headers["upstash-message-id"], messageId);
    assert.equal(request.signed, true);
  }
  const letter = await deadLetterOf(messageId);
  assert.equal(letter.responseStatus, 500);
  assert.deepEqual(await statesOf(messageId), [
    "CREATED", "ACTIVE", "ERROR", "RETRY", "ACTIVE", "ERROR", "RETRY", "ACTIVE", "ERROR", "FAILED",
  ]);
});

test("callbacks carry the answer; a failure callback names the dead letter", async () => {
  const id = unique();
  const { messageId } = await client.publishJSON({
    url: to(`/status/404/${id}`),
    body: { order: 7 },
    retries: 0,
    callback: to(`/callback/${id}`),
    failureCallback: to(`/failure/${id}`),
    headers: {
      "Upstash-Callback-Forward-X-From": "callback",
      "Upstash-Failure-Callback-Method": "PUT",
    },
  });
  const callback = await destination.next(`/callback/${id}`);
  const failure = await destination.next(`/failure/${id}`);
  for (const request of [callback, failure]) {
    assert.equal(request.signed, true);
    const body = JSON.parse(request.body);
    assert.equal(body.status, 404);
    assert.equal(body.sourceMessageId, messageId);
    assert.equal(body.sourceMessasgeId, messageId);
    assert.equal(Buffer.from(body.body, "base64").toString(), "status 404");
    assert.equal(Buffer.from(body.sourceBody, "base64").toString(), '{"order":7}');
    assert.deepEqual(body.sourceHeader["Content-Type"], ["application/json"]);
    assert.equal(body.retried, 0);
    assert.equal(body.maxRetries, 0);
    assert.equal(typeof body.createdAt, "number");
    assert.equal(body.method, "POST");
    assert.equal(typeof body.callerIP, "string");
  }
  assert.equal(callback.headers["x-from"], "callback");
  assert.equal(failure.method, "PUT");
  const { dlqId } = JSON.parse(failure.body);
  const letter = await deadLetterOf(messageId);
  assert.equal(letter.dlqId, dlqId);
});

test("a successful delivery calls back once and makes no dead letter", async () => {
  const id = unique();
  const { messageId } = await client.publish({
    url: to(`/fine/${id}`), callback: to(`/callback/${id}`), failureCallback: to(`/failure/${id}`),
  });
  const callback = await destination.next(`/callback/${id}`);
  assert.equal(JSON.parse(callback.body).status, 200);
  assert.deepEqual(await statesOf(messageId), ["CREATED", "ACTIVE", "DELIVERED"]);
  const { messages, cursor } = await client.dlq.listMessages({ filter: { messageId } });
  assert.deepEqual(messages, []);
  assert.equal(cursor, undefined);
  assert.equal(destination.requests.some((r) => r.path === `/failure/${id}`), false);
});

test("dead letters: listed with their answer, retried, deleted once", async () => {
  const path = `/status/503/${unique()}`;
  const { messageId } = await client.publish({ url: to(path), body: "b", retries: 0, label: "dead" });
  const letter = await deadLetterOf(messageId);
  assert.equal(letter.responseBody, "status 503");
  assert.equal(letter.url, to(path));
  assert.equal(letter.label, "dead");
  const { responses } = await client.dlq.retry(letter.dlqId);
  assert.equal(responses.length, 1);
  assert.notEqual(responses[0].messageId, messageId);
  const again = await destination.next(path, 2);
  assert.equal(again.body, "b");
  const second = await deadLetterOf(responses[0].messageId);
  assert.deepEqual(await client.dlq.delete(second.dlqId), { deleted: 1 });
  await assert.rejects(() => client.dlq.delete(second.dlqId), QstashError);
  await assert.rejects(() => client.dlq.delete(letter.dlqId), QstashError);
});

test("an explicit deduplication id lets one message through", async () => {
  const path = `/dedup/${unique()}`;
  const deduplicationId = unique();
  const first = await client.publish({ url: to(path), body: "1", deduplicationId });
  const second = await client.publish({ url: to(path), body: "2", deduplicationId });
  assert.equal(first.deduplicated, undefined);
  assert.equal(second.deduplicated, true);
  assert.equal(second.messageId, first.messageId);
  await destination.next(path);
  assert.equal(destination.requests.filter((r) => r.path === path).length, 1);
  await assert.rejects(
    () => client.publish({ url: to(path), deduplicationId: "a:b" }), /DeduplicationId cannot contain ':'/);
});

test("content based deduplication looks at destination, body and headers", async () => {
  const path = `/content/${unique()}`;
  const publish = (body) =>
    client.publish({ url: to(path), body, contentBasedDeduplication: true });
  const first = await publish("same");
  const second = await publish("same");
  const third = await publish("other");
  assert.equal(second.messageId, first.messageId);
  assert.equal(second.deduplicated, true);
  assert.notEqual(third.messageId, first.messageId);
});

test("cancelling: counted once, gone afterwards, never delivered", async () => {
  const path = `/cancelled/${unique()}`;
  const { messageId } = await client.publish({ url: to(path), delay: 1 });
  assert.deepEqual(await client.messages.cancel(messageId), { cancelled: 1 });
  await assert.rejects(() => client.messages.delete(messageId), /not found/);
  const many = await Promise.all(
    [1, 2, 3].map(() => client.publish({ url: to(path), delay: 60 })));
  const ids = many.map((m) => m.messageId);
  assert.deepEqual(await client.messages.cancel(ids), { cancelled: 3 });
  assert.deepEqual(await statesOf(messageId), ["CREATED", "CANCEL_REQUESTED", "CANCELED"]);
  await new Promise((resolve) => setTimeout(resolve, 1_200));  // past its due time
  assert.equal(destination.requests.some((r) => r.path === path), false);
});

test("an unknown message is not found", async () => {
  await assert.rejects(() => client.messages.get("msg_nothing"), /not found/);
});

test("logs: filtered by label and state, paged by cursor, newest first", async () => {
  const label = `label-${unique()}`;
  for (let i = 0; i < 3; ++i) await client.publish({ url: to(`/log/${i}`), label });
  await eventually(async () => {
    const { logs } = await client.logs({ filter: { label, state: "DELIVERED" } });
    return logs.length === 3;
  }, "three deliveries");
  const all = [];
  let cursor;
  do {
    const page = await client.logs({ filter: { label }, count: 2, cursor });
    assert.ok(page.logs.length <= 2);
    all.push(...page.logs);
    cursor = page.cursor;
  } while (cursor);
  assert.equal(all.length, 9);
  assert.ok(all.every((log) => log.label === label));
  const times = all.map((log) => log.time);
  assert.deepEqual(times, [...times].sort((a, b) => b - a));
});

test("redacted fields stay secret in every view, and reach the destination", async () => {
  const path = `/secret/${unique()}`;
  const { messageId } = await client.publish({
    url: to(path),
    body: "top-secret-body",
    headers: { "X-Secret": "top-secret-header" },
    redact: { body: true, header: ["X-Secret"] },
  });
  const request = await destination.next(path);
  assert.equal(request.body, "top-secret-body");
  assert.equal(request.headers["x-secret"], "top-secret-header");
  const message = await client.messages.get(messageId);
  assert.match(message.body, /^REDACTED:[0-9a-f]{64}$/);
  assert.match(message.header["X-Secret"][0], /^REDACTED:[0-9a-f]{64}$/);
  const { logs } = await client.logs({ filter: { messageId } });
  const shown = JSON.stringify(logs) + logs.map((l) => Buffer.from(l.body ?? "", "base64")).join();
  assert.equal(shown.includes("top-secret"), false);
});

test("batch stores all or nothing", async () => {
  const id = unique();
  const results = await client.batchJSON([
    { url: to(`/batch/${id}/1`), body: { n: 1 } },
    { url: to(`/batch/${id}/2`), body: { n: 2 }, delay: 1 },
  ]);
  assert.equal(results.length, 2);
  assert.ok(results.every((r) => /^msg_/.test(r.messageId)));
  assert.equal((await destination.next(`/batch/${id}/1`)).signed, true);
  assert.deepEqual(JSON.parse((await destination.next(`/batch/${id}/2`)).body), { n: 2 });
  await assert.rejects(() =>
    client.batchJSON([
      { url: to(`/batch/${id}/3`), body: 1 },
      { url: "ftp://example.com", body: 2 },
    ]), /batch item/);
  assert.equal(destination.requests.some((r) => r.path === `/batch/${id}/3`), false);
});

test("a slow destination is cut off at the timeout", async () => {
  const { messageId } = await client.publish({
    url: process.env.FERRY_SILENT_URL, timeout: 1, retries: 0,
  });
  const letter = await deadLetterOf(messageId);
  assert.equal(letter.responseStatus, 0);
});

test("bad input is refused with a text that names it", async () => {
  const url = to("/never");
  await assert.rejects(() => client.publish({ url: "example.com" }), /invalid scheme/);
  await assert.rejects(() => client.publish({ url, delay: "5 parsecs" }), /Upstash-Delay/);
  await assert.rejects(() => client.publish({ url, retryDelay: "retried +" }), /Upstash-Retry-Delay/);
  await assert.rejects(() => client.publish({ url, callback: "nowhere" }), /callback/i);
  const stranger = new Client({ baseUrl: process.env.QSTASH_URL, token: "wrong" });
  await assert.rejects(() => stranger.publish({ url }), /unable to authenticate: invalid token/);
});
