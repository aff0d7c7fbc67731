// The first 2.0 API, by @alicloud/fc2, whose signature is one of its own.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { FunctionServer, classic, eventually, failure, presigned, unique } from "./bed.mjs";

const client = classic();
let server;
before(async () => (server = await new FunctionServer().start()));
after(() => server.stop());

const created = async () => {
  const service = unique("s");
  const name = unique("f");
  await client.createService(service, { description: "of the tests" });
  await client.createFunction(service, {
    functionName: name,
    runtime: "custom",
    handler: "index.handler",
    environmentVariables: { FC_ENDPOINT_URL: server.url },
  });
  return [service, name];
};
const asynchronous = { "x-fc-invocation-type": "Async" };

test("a service and its function live and go", async () => {
  const [service, name] = await created();
  const { data: shown } = await client.getFunction(service, name);
  assert.equal(shown.functionName, name);
  const { data: changed } = await client.updateFunction(service, name, { timeout: 7 });
  assert.equal(changed.timeout, 7);
  const { data: list } = await client.listFunctions(service);
  assert.equal(list.functions.length, 1);
  await client.updateService(service, { description: "changed" });
  assert.equal((await client.getService(service)).data.description, "changed");
  await client.deleteFunction(service, name);
  await client.deleteService(service);
  const gone = await failure(() => client.getService(service));
  assert.equal(gone.code, "ServiceNotFound");
  assert.match(gone.message, /does not exist/);
});

test("a qualifier stands in the path", async () => {
  const [service, name] = await created();
  await client.publishVersion(service, "one");
  await client.createAlias(service, "prod", "1");
  assert.equal((await client.getAlias(service, "prod")).data.versionId, "1");
  const event = unique("by-alias");
  await client.invokeFunction(service, name, event, asynchronous, "prod");
  assert.equal((await server.called(event)).headers["x-fc-qualifier"], "prod");
  const unknown = await failure(() =>
    client.invokeFunction(service, name, event, asynchronous, "nobody"),
  );
  assert.equal(unknown.code, "AliasNotFound");
  await client.deleteAlias(service, "prod");
  await client.deleteVersion(service, "1");
  assert.equal((await client.listVersions(service)).data.versions.length, 0);
});

test("an asynchronous configuration is put, shown and removed", async () => {
  const [service, name] = await created();
  await client.putFunctionAsyncConfig(service, name, "LATEST", { maxAsyncRetryAttempts: 1 });
  const { data } = await client.getFunctionAsyncConfig(service, name, "LATEST");
  assert.equal(data.maxAsyncRetryAttempts, 1);
  assert.equal(data.maxAsyncEventAgeInSeconds, null);
  await client.deleteFunctionAsyncConfig(service, name, "LATEST");
  const gone = await failure(() => client.getFunctionAsyncConfig(service, name, "LATEST"));
  assert.equal(gone.code, "AsyncConfigNotExists");
});

test("both kinds of invocation are answered", async () => {
  const [service, name] = await created();
  const { data } = await client.invokeFunction(service, name, "now");
  assert.equal(data, "echo now");
  const accepted = await client.invokeFunction(service, name, "fail later", asynchronous);
  assert.equal(accepted.data, "");
  const id = accepted.headers["x-fc-request-id"];
  // Three tries more, a second, two and four apart: the second one is proof enough.
  await eventually(
    () => server.calls.filter((call) => call.headers["x-fc-request-id"] === id).length >= 2,
    "the second try",
  );
});

const createdOfHttp = async () => {
  const [service, name] = await created();
  const trigger = { triggerName: "t", triggerType: "http", triggerConfig: { methods: ["GET"] } };
  await client.createTrigger(service, name, trigger);
  return [service, name];
};

test("a trigger is changed", async () => {
  const [service, name] = await createdOfHttp();
  const config = { methods: ["GET", "PUT"] };
  const { data } = await client.updateTrigger(service, name, "t", { triggerConfig: config });
  assert.deepEqual(data.triggerConfig, config);
  assert.equal((await client.getTrigger(service, name, "t")).data.triggerType, "http");
});

test("an HTTP function gets what its caller sent", async () => {
  const [service, name] = await createdOfHttp();
  const event = unique("passed");
  const { data } = await client.post(`/proxy/${service}/${name}/a/b`, event, {}, { x: "1 2" });
  assert.equal(data, `echo ${event}`);
  const call = await server.called(event);
  assert.equal(call.method, "POST");
  assert.equal(call.path, "/a/b?x=1%202");
  assert.equal(call.headers["x-fc-control-path"], "/http-invoke");
  assert.equal(call.headers.authorization, undefined);
});

test("a presigned URL needs no key, until it expires or is changed", async () => {
  const [service, name] = await createdOfHttp();
  const path = `/proxy/${service}/${name}/`;
  const url = presigned("GET", path, { who: unique("anyone") });
  assert.equal((await fetch(url)).status, 200);
  for (const [refused, code] of [
    [`${url}&more=1`, "SignatureNotMatch"],
    [presigned("PUT", path), "SignatureNotMatch"],
    [presigned("GET", path, {}, -1), "AccessDenied"],
  ]) {
    const answer = await fetch(refused);
    assert.equal(answer.status, 403);
    assert.equal((await answer.json()).ErrorCode, code);
  }
});

test("a wrong secret is refused", async () => {
  const error = await failure(() => classic({ accessKeySecret: "wrong" }).listServices());
  assert.equal(error.code, "SignatureNotMatch");
});
