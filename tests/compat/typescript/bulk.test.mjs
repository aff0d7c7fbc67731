// Cancelling, deleting and retrying many at once; lists by filter.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { custom } from "@upstash/qstash";
import { api, client, clientOf, deadLetterOf, destination, eventually, to, unique } from "./bed.mjs";

before(() => destination.start());
after(() => destination.stop());

test("every filter of the bulk cancel finds its message and no other", async () => {
  const id = unique();
  const name = `g-${id}`, queueName = `q-${id}`, label = `l-${id}`, key = `k-${id}`;
  await client.urlGroups.addEndpoints({ name, endpoints: [{ url: to(`/group/${id}`) }] });
  const delay = "1h";
  const cases = [
    [{ label }, () => client.publish({ url: to("/x"), delay, label })],
    [{ url: to(`/url/${id}?a=1`) }, () => client.publish({ url: to(`/url/${id}?a=1`), delay })],
    [{ path: `/path/${id}` }, () => client.publish({ url: to(`/path/${id}?b=2`), delay })],
    [{ urlGroup: name }, () => client.publish({ urlGroup: name, delay })],
    [{ queueName }, () => client.queue({ queueName }).enqueue({ url: to("/x"), delay })],
    [{ flowControlKey: key }, () =>
      client.publish({ url: to("/x"), delay, flowControl: { key, rate: 1 } })],
    [{ host: `${id}.example.com` }, () => client.publish({ url: `https://${id}.example.com/`, delay })],
  ];
  for (const [filter, publish] of cases) {
    await publish();
    assert.deepEqual(await client.messages.cancel({ filter }), { cancelled: 1 }, JSON.stringify(filter));
    assert.deepEqual(await client.messages.cancel({ filter }), { cancelled: 0 });
  }
  const now = Date.now();
  await client.publish({ url: to("/x"), delay, label });
  assert.deepEqual(
    await client.messages.cancel({ filter: { label, toDate: now - 60_000 } }), { cancelled: 0 });
  assert.deepEqual(
    await client.messages.cancel({ filter: { label, fromDate: now - 60_000, callerIp: "127.0.0.1" } }),
    { cancelled: 1 });
  await client.urlGroups.delete(name);
});

test("ids, counts and everything", async () => {
  const other = clientOf("testUser3");
  const publish = () => other.publish({ url: to("/later"), delay: "1h" });
  const ids = (await Promise.all([1, 2, 3, 4, 5].map(publish))).map((m) => m.messageId);
  assert.deepEqual(await other.messages.cancel([ids[0], "msg_unknown"]), { cancelled: 1 });
  assert.equal(await other.messages.deleteMany([ids[1]]), 1);
  assert.deepEqual(await other.messages.cancel({ all: true, count: 2 }), { cancelled: 2 });
  assert.equal(await other.messages.deleteAll(), 1);
  assert.deepEqual(await other.messages.cancel({ all: true }), { cancelled: 0 });
  assert.equal((await api("DELETE", "/v2/messages?labeel=x")).status, 400);
  assert.equal((await api("DELETE", "/v2/messages?count=501")).status, 400);
});

test("a message stuck in its request can be cancelled and ends cancelled", async () => {
  const { messageId } = await client.publish({ url: process.env.FERRY_SILENT_URL, timeout: 2, retries: 3 });
  await eventually(async () => {
    const { logs } = await client.logs({ filter: { messageId, state: "ACTIVE" } });
    return logs.length > 0;
  }, "a running attempt");
  assert.deepEqual(await client.messages.cancel(messageId), { cancelled: 1 });
  await eventually(async () => {
    const { logs } = await client.logs({ filter: { messageId } });
    return logs[0].state === "CANCELED";
  }, "its end");
});

test("pending messages are listed by filter and page", async () => {
  const label = `l-${unique()}`;
  const ids = [];
  for (let n = 0; n < 3; ++n) {
    ids.push((await client.publish({ url: to("/later"), delay: "1h", label, body: "abc" })).messageId);
  }
  const first = (await api("GET", `/v2/messages?label=${label}&count=2`)).body;
  assert.deepEqual(first.messages.map((m) => m.messageId), [ids[2], ids[1]]);
  assert.equal(first.messages[0].body, "abc");
  assert.equal(first.messages[0].label, label);
  const rest = (await api("GET", `/v2/messages?label=${label}&count=2&cursor=${first.cursor}`)).body;
  assert.deepEqual(rest.messages.map((m) => m.messageId), [ids[0]]);
  assert.equal(rest.cursor, undefined);
  assert.deepEqual(await client.messages.cancel({ filter: { label } }), { cancelled: 3 });
});

async function deadLetters(count, options) {
  const label = `dead-${unique()}`;
  const ids = [];
  for (let n = 0; n < count; ++n) {
    ids.push((await client.publish({
      url: to("/status/503"), retries: 0, label, body: `b${n}`, ...options,
    })).messageId);
  }
  const letters = [];
  for (const id of ids) letters.push(await deadLetterOf(id));
  return { label, letters };
}

test("dead letters are deleted by id, by filter and by count", async () => {
  const { label, letters } = await deadLetters(5);
  const ids = letters.map((letter) => letter.dlqId);
  assert.deepEqual(await client.dlq.delete([ids[0], "1-0"]), { deleted: 1 });
  assert.deepEqual(await client.dlq.deleteMany({ dlqIds: [ids[1]] }), { deleted: 1 });
  const { deleted, cursor } = await client.dlq.delete({ filter: { label }, count: 2 });
  assert.equal(deleted, 2);
  assert.equal(typeof cursor, "string");
  assert.deepEqual(await client.dlq.delete({ filter: { label, responseStatus: 503 } }), { deleted: 1 });
  assert.deepEqual(await client.dlq.delete({ filter: { label } }), { deleted: 0 });
  assert.equal((await api("DELETE", "/v2/dlq?labeel=x")).status, 400);
});

test("dead letters are found by every filter, page by page", async () => {
  const key = `k-${unique()}`;
  const { label, letters } = await deadLetters(3, { flowControl: { key, rate: 1000 } });
  const [letter] = letters;
  assert.equal(letter.flowControlKey, key);
  assert.equal(letter.rate, 1000);
  assert.equal(letter.period, 1);
  assert.equal(letter.responseStatus, 503);
  assert.equal(letter.responseBody, "status 503");
  for (const filter of [
    { label }, { flowControlKey: key }, { label, url: to("/status/503") },
    { label, responseStatus: 503 }, { label, callerIp: "127.0.0.1" },
    { label, fromDate: letter.createdAt, toDate: Date.now() + 1000 },
  ]) {
    const { messages } = await client.dlq.listMessages({ filter });
    assert.equal(messages.length, 3, JSON.stringify(filter));
  }
  const byId = await client.dlq.listMessages({ dlqIds: [letter.dlqId] });
  assert.deepEqual(byId.messages.map((m) => m.dlqId), [letter.dlqId]);
  const first = await client.dlq.listMessages({ filter: { label }, count: 2 });
  assert.equal(first.messages.length, 2);
  const rest = await client.dlq.listMessages({ filter: { label }, count: 2, cursor: first.cursor });
  assert.equal(rest.messages.length, 1);
  assert.equal(rest.cursor, undefined);
  await client.dlq.delete({ filter: { label } });
});

test("dead letters are retried in bulk, with what the call overrides", async () => {
  const { label, letters } = await deadLetters(3);
  const one = await client.dlq.retry(letters[0].dlqId);
  assert.equal(one.responses.length, 1);
  await assert.rejects(() => client.dlq.delete(letters[0].dlqId), /not found/);
  const none = await client.dlq.retry({ filter: { label: `never-${unique()}` } });
  assert.deepEqual(none.responses, []);
  await deadLetterOf(one.responses[0].messageId);
  const { status, body } = await api("POST", `/v2/dlq/retry?label=${label}&count=2`, {
    headers: { "Upstash-Retries": "1", "Upstash-Delay": "1h" },
  });
  assert.equal(status, 201);
  assert.equal(body.responses.length, 2);
  assert.equal(typeof body.cursor, "string");
  const again = await client.messages.get(body.responses[0].messageId);
  assert.equal(again.maxRetries, 1);
  assert.equal(again.label, label);
  assert.ok(again.notBefore - again.createdAt >= 3_600_000 - 5);
  assert.deepEqual(await client.messages.cancel({ filter: { label } }), { cancelled: 2 });
  await client.dlq.delete({ filter: { label } });
});

test("batches of raw bodies, and the log by its second name", async () => {
  const path = `/raw/${unique()}`, label = `l-${unique()}`;
  const results = await client.batch([
    { url: to(path), body: "raw", headers: { "Content-Type": "text/csv", "X-A": "1" }, label, retries: 0 },
    { url: "https://example.com/", delay: "1h", label },
  ]);
  assert.equal(results.length, 2);
  assert.equal(results[1].url, "https://example.com/");
  const request = await destination.next(path);
  assert.equal(request.body, "raw");
  assert.equal(request.headers["content-type"], "text/csv");
  assert.equal(request.headers["x-a"], "1");
  assert.deepEqual(await client.messages.cancel({ filter: { label } }), { cancelled: 1 });
  const { events } = await client.events({ filter: { label, state: "CANCELED" } });
  assert.deepEqual(events.map((event) => event.messageId), [results[1].messageId]);
  const both = await client.logs({ messageIds: results.map((result) => result.messageId) });
  assert.deepEqual(new Set(both.logs.map((log) => log.messageId)), new Set(results.map((r) => r.messageId)));
});

test("a model's provider is an ordinary destination; the server's own needs configuring", async () => {
  const path = `/${unique()}`;
  const { messageId } = await client.publishJSON({
    api: { name: "llm", provider: custom({ token: "secret", baseUrl: to(path) }) },
    body: { model: "m", messages: [] },
    callback: to("/callback"),
  });
  const request = await destination.next(`${path}/v1/chat/completions`);
  assert.equal(request.headers.authorization, "Bearer secret");
  assert.equal(request.headers["upstash-message-id"], messageId);
  const { status, body } = await api("POST", "/v2/publish/api/llm", { headers: { "Upstash-Callback": to("/c") } });
  assert.equal(status, 400);
  assert.match(body.error, /^api\/llm destination is not configured/);
});
