// Schedules and flow control.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { api, client, destination, eventually, to, unique } from "./bed.mjs";

before(() => destination.start());
after(() => destination.stop());

test("a schedule keeps everything it was made with", async () => {
  const scheduleId = `s-${unique()}`;
  const made = await client.schedules.create({
    destination: to("/scheduled"),
    scheduleId,
    cron: "*/10 * * * * ",
    body: "kept",
    headers: { "X-A": "1", "Content-Type": "text/plain" },
    method: "PUT",
    retries: 2,
    retryDelay: "1000",
    delay: 5,
    timeout: 30,
    callback: to("/callback"),
    failureCallback: to("/failure"),
    label: ["one", "two"],
    flowControl: { key: `k-${scheduleId}`, parallelism: 3, rate: 7, period: "1m" },
  });
  assert.deepEqual(made, { scheduleId });
  const shown = await client.schedules.get(scheduleId);
  assert.equal(shown.scheduleId, scheduleId);
  assert.equal(shown.cron, "*/10 * * * *");
  assert.equal(shown.destination, to("/scheduled"));
  assert.equal(shown.method, "PUT");
  assert.deepEqual(shown.header, { "Content-Type": ["text/plain"], "X-A": ["1"] });
  assert.equal(shown.body, "kept");
  assert.equal(shown.retries, 2);
  assert.equal(shown.retryDelayExpression, "1000");
  assert.equal(shown.delay, 5);
  assert.equal(shown.callback, to("/callback"));
  assert.equal(shown.failureCallback, to("/failure"));
  assert.equal(shown.isPaused, false);
  assert.equal(shown.label, "one");
  assert.deepEqual(shown.labels, ["one", "two"]);
  assert.equal(shown.flowControlKey, `k-${scheduleId}`);
  assert.equal(shown.parallelism, 3);
  assert.equal(shown.rate, 7);
  assert.equal(shown.period, 60);
  assert.equal(shown.callerIP, "127.0.0.1");
  assert.equal(shown.callerIp, "127.0.0.1");
  assert.equal(shown.lastScheduleTime, undefined);
  assert.ok(shown.nextScheduleTime > Date.now() - 1_000);
  assert.equal(new Date(shown.nextScheduleTime).getUTCMinutes() % 10, 0);
  assert.ok((await client.schedules.list()).some((each) => each.scheduleId === scheduleId));
  await client.schedules.delete(scheduleId);
  await assert.rejects(() => client.schedules.get(scheduleId), /not found/);
  await assert.rejects(() => client.schedules.delete(scheduleId), /not found/);
});

test("an id in use is replaced as a whole, and its pause stays", async () => {
  const scheduleId = `s-${unique()}`;
  const create = (rest) =>
    client.schedules.create({ destination: to("/scheduled"), scheduleId, cron: "0 0 1 1 *", ...rest });
  await create({ body: "first", retries: 1 });
  const first = await client.schedules.get(scheduleId);
  await client.schedules.pause({ schedule: scheduleId });
  await client.schedules.pause({ schedule: scheduleId });
  assert.equal((await client.schedules.get(scheduleId)).isPaused, true);
  await create({ cron: "0 0 2 1 *", queueName: `q-${scheduleId}` });
  const second = await client.schedules.get(scheduleId);
  assert.equal(second.body, undefined);
  assert.equal(second.retries, 3);
  assert.equal(second.cron, "0 0 2 1 *");
  assert.equal(second.queueName, `q-${scheduleId}`);
  assert.equal(second.createdAt, first.createdAt);
  assert.equal(second.isPaused, true);
  await client.schedules.resume({ schedule: scheduleId });
  assert.equal((await client.schedules.get(scheduleId)).isPaused, false);
  for (const method of ["POST", "PUT"]) {
    assert.equal((await api(method, `/v2/schedules/${scheduleId}/pause`)).status, 200);
    assert.equal((await client.schedules.get(scheduleId)).isPaused, true);
    assert.equal((await api(method, `/v2/schedules/${scheduleId}/resume`)).status, 200);
  }
  await client.schedules.delete(scheduleId);
  assert.equal((await api("POST", `/v2/schedules/${scheduleId}/pause`)).status, 404);
});

test("bad schedules are refused with the words of the public service", async () => {
  const refused = (rest) =>
    client.schedules.create({ destination: to("/scheduled"), cron: "* * * * *", ...rest });
  await assert.rejects(() => refused({ cron: "" }), /Invalid cron expression/);
  await assert.rejects(() => refused({ cron: "* * * *" }), /expected exactly 5 fields, found 4/);
  await assert.rejects(() => refused({ cron: "* * * * 7" }), /end of range \(7\) above maximum \(6\): 7/);
  await assert.rejects(() => refused({ scheduleId: "a b" }), /Upstash-Schedule-Id/);
  await assert.rejects(() => refused({ destination: "ftp://x" }), /invalid scheme/);
});

test("a published message with a cron header makes a schedule", async () => {
  const { body } = await api("POST", `/v2/publish/${to("/scheduled")}`, { headers: { "Upstash-Cron": "0 0 1 1 *" } });
  assert.match(body.scheduleId, /^scd_/);
  assert.equal((await client.schedules.get(body.scheduleId)).cron, "0 0 1 1 *");
  await client.schedules.delete(body.scheduleId);
});

test("a tick delivers a message that names its schedule", { timeout: 90_000 }, async () => {
  const path = `/tick/${unique()}`;
  const { scheduleId } = await client.schedules.create({
    destination: to(path), cron: "* * * * *", body: "tick", headers: { "X-A": "1" },
  });
  await eventually(() => destination.requests.some((r) => r.path === path), "a tick", 70_000);
  const request = await destination.next(path);
  assert.equal(request.signed, true);
  assert.equal(request.body, "tick");
  assert.equal(request.headers["x-a"], "1");
  assert.equal(request.headers["upstash-schedule-id"], scheduleId);
  assert.equal(request.headers["upstash-caller-ip"], "127.0.0.1");
  const shown = await client.schedules.get(scheduleId);
  assert.ok(shown.lastScheduleTime <= Date.now());
  await eventually(async () => {
    const { lastScheduleStates } = await client.schedules.get(scheduleId);
    return Object.values(lastScheduleStates)[0] === "SUCCESS";
  }, "a tick that succeeded");
  const messageId = Object.keys(shown.lastScheduleStates)[0];
  assert.equal(request.headers["upstash-message-id"], messageId);
  assert.equal((await client.messages.get(messageId)).scheduleId, scheduleId);
  const { logs } = await client.logs({ filter: { scheduleId } });
  assert.ok(logs.length >= 3 && logs.every((log) => log.scheduleId === scheduleId));
  await client.schedules.delete(scheduleId);
});

test("a flow-control key is visible at once with the numbers of its newest message", async () => {
  const key = `key/with space-${unique()}`;
  const publish = (flowControl) => client.publish({ url: to("/later"), delay: "1h", flowControl });
  const { messageId } = await publish({ key, parallelism: 5, rate: 10, period: "1h30m3s" });
  const message = await client.messages.get(messageId);
  assert.equal(message.flowControlKey, key);
  assert.equal(message.parallelism, 5);
  assert.equal(message.rate, 10);
  assert.equal(message.period, 5403);
  const shown = await client.flowControl.get(key);
  assert.equal(shown.flowControlKey, key);
  assert.equal(shown.parallelismMax, 5);
  assert.equal(shown.rateMax, 10);
  assert.equal(shown.ratePeriod, 5403);
  assert.equal(shown.parallelismCount, 0);
  assert.equal(shown.rateCount, 0);
  assert.equal(shown.isPaused, false);
  assert.equal(shown.isPinnedParallelism, false);
  assert.equal(shown.isPinnedRate, false);
  const second = await publish({ key, parallelism: 1 });
  assert.equal((await client.flowControl.get(key)).parallelismMax, 1);
  assert.equal((await client.flowControl.get(key)).rateMax, 0);
  assert.equal((await client.messages.get(messageId)).parallelism, 5);
  const list = (await api("GET", `/v2/flowControl?search=${encodeURIComponent(key.slice(4))}`)).body;
  assert.deepEqual(list.map((each) => each.flowControlKey), [key]);
  assert.deepEqual(await client.messages.cancel({ filter: { flowControlKey: key } }), { cancelled: 2 });
  assert.equal((await client.logs({ filter: { flowControlKey: key } })).logs.length, 6);
  await assert.rejects(() => client.messages.delete(second.messageId));
});

test("a paused key holds its messages in the wait list until it is resumed", async () => {
  const key = `k-${unique()}`, path = `/flow/${unique()}`;
  await client.flowControl.pause(key);
  assert.equal((await client.flowControl.get(key)).isPaused, true);
  for (let n = 0; n < 3; ++n) {
    await client.publish({ url: to(path), flowControl: { key, parallelism: 1 } });
  }
  assert.equal((await client.flowControl.get(key)).waitListSize, 3);
  assert.equal(destination.requests.some((r) => r.path === path), false);
  await client.flowControl.resume(key);
  await destination.next(path, 3);
  await eventually(async () => (await client.flowControl.get(key)).waitListSize === 0, "an empty list");
});

test("pinned numbers stay whatever messages bring; a reset frees the rate", async () => {
  const key = `k-${unique()}`;
  await client.flowControl.pin(key, { parallelism: 3, rate: 2, period: 3600 });
  const path = `/flow/${unique()}`;
  const publish = () => client.publish({ url: to(path), flowControl: { key, rate: 100, parallelism: 9 } });
  for (let n = 0; n < 3; ++n) await publish();
  await destination.next(path, 2);
  const pinned = await client.flowControl.get(key);
  assert.equal(pinned.parallelismMax, 3);
  assert.equal(pinned.rateMax, 2);
  assert.equal(pinned.ratePeriod, 3600);
  assert.equal(pinned.rateCount, 2);
  assert.equal(pinned.waitListSize, 1);
  assert.ok(Math.abs(pinned.ratePeriodStart - Date.now() / 1000) < 60);
  assert.equal(pinned.isPinnedParallelism, true);
  assert.equal(pinned.isPinnedRate, true);
  await client.flowControl.resetRate(key);
  await destination.next(path, 3);
  await client.flowControl.unpin(key, { parallelism: true });
  const half = await client.flowControl.get(key);
  assert.equal(half.isPinnedParallelism, false);
  assert.equal(half.isPinnedRate, true);
  assert.equal(half.parallelismMax, 3, "until a message brings its own");
  await client.flowControl.unpin(key, { rate: true });
  await publish();
  assert.equal((await client.flowControl.get(key)).rateMax, 100);
  await assert.rejects(() => client.flowControl.get(`none-${unique()}`), /not found/);
  assert.equal((await api("POST", `/v2/flowControl/${key}/pin?period=5`)).status, 400);
});

test("global parallelism is two numbers", async () => {
  const shown = await client.flowControl.getGlobalParallelism();
  assert.ok(shown.parallelismMax > 0);
  assert.ok(shown.parallelismCount >= 0);
});
