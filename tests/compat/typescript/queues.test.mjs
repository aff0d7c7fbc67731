// Queues, URL groups and what is published to them.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { api, client, destination, eventually, to, unique } from "./bed.mjs";

before(() => destination.start());
after(() => destination.stop());

test("a queue is created, read, listed, changed and deleted", async () => {
  const queueName = `q-${unique()}`;
  const queue = client.queue({ queueName });
  await queue.upsert({ parallelism: 2 });
  const made = await queue.get();
  assert.equal(made.name, queueName);
  assert.equal(made.parallelism, 2);
  assert.equal(made.paused, false);
  assert.equal(made.lag, 0);
  assert.ok(Math.abs(made.createdAt - Date.now()) < 60_000);
  assert.ok(made.updatedAt >= made.createdAt);
  await queue.upsert({ parallelism: 3, paused: true });
  const changed = await queue.get();
  assert.equal(changed.parallelism, 3);
  assert.equal(changed.paused, true);
  assert.equal(changed.createdAt, made.createdAt);
  assert.ok((await queue.list()).some((each) => each.name === queueName));
  await queue.delete();
  await queue.delete(); // also when it is not there
  await assert.rejects(() => queue.get(), /not found/);
  await assert.rejects(() => client.queue({ queueName: "a b" }).upsert({ parallelism: 1 }));
});

test("a queue delivers in order; its messages carry its name", async () => {
  const queueName = `q-${unique()}`;
  const queue = client.queue({ queueName });
  const path = `/queue/${unique()}`;
  await queue.upsert({ parallelism: 1, paused: true });
  const ids = [];
  for (let n = 0; n < 4; ++n) {
    ids.push((await queue.enqueueJSON({ url: to(path), body: { n } })).messageId);
  }
  assert.equal((await queue.get()).lag, 4);
  assert.equal((await client.messages.get(ids[0])).queueName, queueName);
  assert.equal(destination.requests.some((r) => r.path === path), false, "it is paused");
  await queue.resume();
  assert.equal((await queue.get()).paused, false);
  await destination.next(path, 4);
  const came = destination.requests.filter((r) => r.path === path);
  assert.deepEqual(came.map((r) => JSON.parse(r.body).n), [0, 1, 2, 3]);
  assert.ok(came.every((r) => r.signed));
  await eventually(async () => (await queue.get()).lag === 0, "an empty queue");
  const { logs } = await client.logs({ filter: { queueName } });
  assert.ok(logs.length >= 12 && logs.every((log) => log.queueName === queueName));
  await queue.delete();
});

test("a paused queue holds what comes; deleting it cancels that", async () => {
  const queueName = `q-${unique()}`;
  const queue = client.queue({ queueName });
  const path = `/never/${unique()}`;
  await queue.upsert({ parallelism: 1 });
  await queue.pause();
  assert.equal((await queue.get()).paused, true);
  const { messageId } = await queue.enqueue({ url: to(path), body: "x" });
  await queue.delete();
  await assert.rejects(() => client.messages.delete(messageId), /not found/);
  const { logs } = await client.logs({ filter: { messageId } });
  assert.equal(logs[0].state, "CANCELED");
  assert.equal(destination.requests.some((r) => r.path === path), false);
});

test("enqueueing makes a queue and leaves one that exists as it is", async () => {
  const queueName = `q-${unique()}`;
  const queue = client.queue({ queueName });
  const path = `/queue/${unique()}`;
  await queue.enqueue({ url: to(path), headers: { "X-A": "1" } });
  assert.equal((await queue.get()).parallelism, 1);
  assert.equal((await destination.next(path)).headers["x-a"], "1");
  await queue.upsert({ parallelism: 5 });
  await queue.enqueue({ url: to(path) });
  assert.equal((await queue.get()).parallelism, 5);
  await queue.delete();
});

test("a URL group is made of endpoints, and goes with its last one", async () => {
  const name = `g-${unique()}`;
  const groups = client.urlGroups;
  await groups.addEndpoints({ name, endpoints: [{ name: "First one", url: to("/1") }, { url: to("/2") }] });
  const made = await groups.get(name);
  assert.equal(made.name, name);
  assert.deepEqual(made.endpoints, [{ name: "First one", url: to("/1") }, { url: to("/2") }]);
  assert.ok(made.createdAt <= made.updatedAt);
  assert.ok((await groups.list()).some((group) => group.name === name));
  await groups.addEndpoints({ name, endpoints: [{ name: "First one", url: to("/3") }] });
  assert.deepEqual((await groups.get(name)).endpoints[0], { name: "First one", url: to("/3") });
  await groups.removeEndpoints({ name, endpoints: [{ name: "First one" }] });
  assert.deepEqual((await groups.get(name)).endpoints, [{ url: to("/2") }]);
  await groups.removeEndpoints({ name, endpoints: [{ url: to("/2") }] });
  await assert.rejects(() => groups.get(name), /not found/);
  await groups.delete(name);
  await assert.rejects(() => client.publish({ urlGroup: name }), /invalid scheme/);
});

test("publishing to a group reaches every endpoint", async () => {
  const name = `g-${unique()}`, id = unique();
  const endpoints = [
    { name: "one", url: to(`/one/${id}`) },
    { url: to(`/two/${id}`) },
  ];
  await client.urlGroups.addEndpoints({ name, endpoints });
  const results = await client.publishJSON({ urlGroup: name, body: { a: 1 }, label: `l-${id}` });
  assert.deepEqual(results.map((r) => r.url), endpoints.map((e) => e.url));
  for (const [n, path] of [`/one/${id}`, `/two/${id}`].entries()) {
    const request = await destination.next(path);
    assert.equal(request.signed, true);
    assert.equal(request.headers["upstash-topic-name"], name);
    assert.equal(request.headers["upstash-message-id"], results[n].messageId);
  }
  const message = await client.messages.get(results[0].messageId);
  assert.equal(message.urlGroup, name);
  assert.equal(message.topicName, name);
  assert.equal(message.endpointName, "one");
  const { logs } = await client.logs({ filter: { urlGroup: name } });
  assert.ok(logs.length >= 2 && logs.every((log) => log.topicName === name));
  await client.urlGroups.delete(name);
});

test("the defaults of a group count for what a publish does not say", async () => {
  const name = `g-${unique()}`, path = `/defaults/${unique()}`;
  await client.urlGroups.addEndpoints({ name, endpoints: [{ url: to(path) }] });
  const headers = { "Upstash-Retries": "1", "Upstash-Forward-X-Default": ["d"], "Upstash-Method": "PUT" };
  assert.equal((await api("PATCH", `/v2/topics/${name}`, { body: JSON.stringify({ headers }) })).status, 200);
  const shown = (await api("GET", `/v2/topics/${name}`)).body;
  assert.deepEqual(shown.headers["Upstash-Retries"], ["1"]);
  const { body } = await api("POST", `/v2/publish/${name}`);
  const request = await destination.next(path);
  assert.equal(request.method, "PUT");
  assert.equal(request.headers["x-default"], "d");
  assert.equal((await client.messages.get(body[0].messageId)).maxRetries, 1);
  await client.urlGroups.delete(name);
});

test("a batch mixes queues, groups and URLs and answers in order", async () => {
  const name = `g-${unique()}`, queueName = `q-${unique()}`, id = unique();
  await client.urlGroups.addEndpoints({
    name, endpoints: [{ url: to(`/a/${id}`) }, { url: to(`/b/${id}`) }],
  });
  const results = await client.batchJSON([
    { url: to(`/c/${id}`), body: 1 },
    { urlGroup: name, body: 2 },
    { url: to(`/d/${id}`), queueName, body: 3 },
  ]);
  assert.equal(results.length, 3);
  assert.match(results[0].messageId, /^msg_/);
  assert.equal(results[1].length, 2);
  assert.equal((await client.messages.get(results[2].messageId)).queueName, queueName);
  for (const path of ["a", "b", "c", "d"]) await destination.next(`/${path}/${id}`);
  await assert.rejects(
    () => client.batchJSON([{ url: to("/x"), body: 1 }, { urlGroup: "never-made", body: 2 }]),
    /batch item 1/);
  await client.urlGroups.delete(name);
  await client.queue({ queueName }).delete();
});
