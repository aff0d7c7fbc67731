// The 3.0 API, by @alicloud/fc20230330.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { FC3, FunctionServer, eventually, failure, fc3, runtime, stream, text, unique } from "./bed.mjs";

const client = fc3();
let server;
before(async () => (server = await new FunctionServer().start()));
after(() => server.stop());

const created = async (more = {}) => {
  const functionName = unique("f");
  const { body } = await client.createFunction(
    new FC3.CreateFunctionRequest({
      body: new FC3.CreateFunctionInput({
        functionName,
        runtime: "custom.debian10",
        handler: "index.handler",
        timeout: 30,
        memorySize: 256,
        cpu: 0.35,
        environmentVariables: { FC_ENDPOINT_URL: server.url, KEPT: "yes" },
        ...more,
      }),
    }),
  );
  assert.equal(body.functionName, functionName);
  return functionName;
};

const invoke = (name, event, headers = {}, client_ = client) =>
  client_.invokeFunctionWithOptions(
    name,
    new FC3.InvokeFunctionRequest({ body: stream(event), qualifier: headers.qualifier }),
    new FC3.InvokeFunctionHeaders(headers),
    runtime(),
  );
const later = (name, event, headers = {}) =>
  invoke(name, event, { xFcInvocationType: "Async", ...headers });
const put = (name, config, qualifier = undefined) =>
  client.putAsyncInvokeConfig(
    name,
    new FC3.PutAsyncInvokeConfigRequest({
      qualifier,
      body: new FC3.PutAsyncInvokeConfigInput(config),
    }),
  );
const destinations = (onSuccess, onFailure) =>
  new FC3.DestinationConfig({
    onSuccess: onSuccess && new FC3.Destination({ destination: onSuccess }),
    onFailure: onFailure && new FC3.Destination({ destination: onFailure }),
  });
const arn = (name) => `acs:fc:local:defaultUser:functions/${name}`;

test("a function is created, shown, changed, listed and deleted", async () => {
  const name = await created({ description: "first" });
  const { body: shown } = await client.getFunction(name, new FC3.GetFunctionRequest({}));
  assert.equal(shown.runtime, "custom.debian10");
  assert.equal(shown.cpu, 0.35);
  assert.equal(shown.environmentVariables.KEPT, "yes");
  assert.equal(shown.functionArn, arn(name));
  assert.match(shown.createdTime, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  const { body: changed } = await client.updateFunction(
    name,
    new FC3.UpdateFunctionRequest({ body: new FC3.UpdateFunctionInput({ timeout: 45 }) }),
  );
  assert.equal(changed.timeout, 45);
  assert.equal(changed.description, "first");
  const { body: list } = await client.listFunctions(new FC3.ListFunctionsRequest({ prefix: name }));
  assert.deepEqual(list.functions.map((each) => each.functionName), [name]);
  assert.equal((await client.deleteFunction(name)).statusCode, 204);
  const error = await failure(() => client.getFunction(name, new FC3.GetFunctionRequest({})));
  assert.equal(error.code, "FunctionNotFound");
  assert.equal(error.statusCode, 404);
});

test("a second function of a name is refused", async () => {
  const name = await created();
  const error = await failure(() =>
    client.createFunction(
      new FC3.CreateFunctionRequest({
        body: new FC3.CreateFunctionInput({
          functionName: name,
          handler: "h",
          runtime: "custom",
          environmentVariables: { FC_ENDPOINT_URL: server.url },
        }),
      }),
    ),
  );
  assert.equal(error.code, "FunctionAlreadyExists");
  assert.equal(error.statusCode, 409);
});

test("versions and aliases are made, listed and removed", async () => {
  const name = await created();
  const version = await client.publishFunctionVersion(
    name,
    new FC3.PublishFunctionVersionRequest({
      body: new FC3.PublishVersionInput({ description: "one" }),
    }),
  );
  assert.equal(version.body.versionId, "1");
  await client.createAlias(
    name,
    new FC3.CreateAliasRequest({
      body: new FC3.CreateAliasInput({
        aliasName: "prod",
        versionId: "1",
        additionalVersionWeight: { 1: 0.1 },
      }),
    }),
  );
  const { body: alias } = await client.getAlias(name, "prod");
  assert.equal(alias.versionId, "1");
  assert.deepEqual(alias.additionalVersionWeight, { 1: 0.1 });
  const { body: aliases } = await client.listAliases(name, new FC3.ListAliasesRequest({}));
  assert.equal(aliases.aliases.length, 1);
  const { body: versions } = await client.listFunctionVersions(
    name,
    new FC3.ListFunctionVersionsRequest({}),
  );
  assert.equal(versions.versions[0].description, "one");
  const { body: answer } = await invoke(name, "by alias", { qualifier: "prod" });
  assert.equal(await text(answer), "echo by alias");
  assert.equal((await server.called("by alias")).headers["x-fc-qualifier"], "prod");
  assert.equal((await client.deleteAlias(name, "prod")).statusCode, 204);
  assert.equal((await client.deleteFunctionVersion(name, "1")).statusCode, 204);
  const error = await failure(() => invoke(name, "gone", { qualifier: "prod" }));
  assert.equal(error.code, "AliasNotFound");
});

test("an asynchronous configuration is put, shown, listed and removed", async () => {
  const name = await created();
  const target = await created();
  const { body: stored } = await put(name, {
    asyncTask: true,
    destinationConfig: destinations(arn(target), "http://127.0.0.1:9/results"),
    maxAsyncRetryAttempts: 2,
    maxAsyncEventAgeInSeconds: 600,
  });
  assert.equal(stored.asyncTask, true);
  const get = () => client.getAsyncInvokeConfig(name, new FC3.GetAsyncInvokeConfigRequest({}));
  const { body: shown } = await get();
  assert.equal(shown.destinationConfig.onSuccess.destination, arn(target));
  assert.equal(shown.maxAsyncRetryAttempts, 2);
  assert.equal(shown.maxAsyncEventAgeInSeconds, 600);
  const { body: list } = await client.listAsyncInvokeConfigs(
    new FC3.ListAsyncInvokeConfigsRequest({ functionName: name }),
  );
  assert.equal(list.configs.length, 1);
  const deleted = await client.deleteAsyncInvokeConfig(
    name,
    new FC3.DeleteAsyncInvokeConfigRequest({}),
  );
  assert.equal(deleted.statusCode, 204);
  assert.equal((await failure(get)).code, "AsyncConfigNotExists");
});

test("a destination that is no event function is refused, a loop is warned of", async () => {
  const name = await created();
  const unknown = await failure(() =>
    put(name, { destinationConfig: destinations(arn("nobody"), undefined) }),
  );
  assert.equal(unknown.code, "InvalidArgument");
  const served = await created();
  await client.createTrigger(
    served,
    new FC3.CreateTriggerRequest({
      body: new FC3.CreateTriggerInput({
        triggerName: "web",
        triggerType: "http",
        qualifier: "LATEST",
        triggerConfig: '{"methods":["GET"],"authType":"anonymous"}',
      }),
    }),
  );
  const { body: triggers } = await client.listTriggers(served, new FC3.ListTriggersRequest({}));
  assert.equal(triggers.triggers[0].triggerName, "web");
  const http = await failure(() =>
    put(name, { destinationConfig: destinations(undefined, arn(served)) }),
  );
  assert.equal(http.code, "InvalidArgument");
  const loop = await put(name, { destinationConfig: destinations(arn(name), undefined) });
  assert.equal(loop.headers["x-fc-warning"], "DestinationLoop");
});

test("a synchronous invocation answers with what the function returned", async () => {
  const name = await created();
  const answer = await invoke(name, "now", { xFcLogType: "Tail" });
  assert.equal(answer.statusCode, 200);
  assert.equal(await text(answer.body), "echo now");
  assert.match(answer.headers["x-fc-request-id"], /^1-[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{12}$/);
  assert.match(answer.headers["x-fc-invocation-duration"], /^\d+$/);
  assert.equal(Buffer.from(answer.headers["x-fc-log-result"], "base64").toString(), "the log");
  const call = await server.called("now");
  assert.equal(call.path, "/invoke");
  assert.equal(call.headers["x-fc-function-name"], name);
});

test("an error of the function is an answer with a header of its own", async () => {
  const name = await created();
  const answer = await invoke(name, "fail at once");
  assert.equal(answer.statusCode, 200);
  assert.equal(answer.headers["x-fc-error-type"], "UnhandledInvocationError");
  assert.equal(await text(answer.body), '{"errorMessage":"as asked"}');
});

test("an asynchronous invocation is accepted with its ids, and run", async () => {
  const name = await created();
  const event = unique("later");
  const answer = await later(name, event);
  assert.equal(answer.statusCode, 202);
  assert.equal(await text(answer.body), "");
  assert.equal(answer.headers["x-fc-async-task-id"], answer.headers["x-fc-request-id"]);
  const call = await server.called(event);
  assert.equal(call.headers["x-fc-request-id"], answer.headers["x-fc-request-id"]);
});

test("a result goes to the function it is destined for", async () => {
  const name = await created();
  const target = await created();
  await put(name, { destinationConfig: destinations(arn(target), undefined) });
  const event = unique("chained");
  await later(name, event);
  const call = await eventually(
    () => server.calls.find((each) => each.event.includes(`echo ${event}`)),
    "the record of the result",
  );
  assert.equal(call.headers["x-fc-function-name"], target);
  assert.equal(JSON.parse(call.event).requestPayload, event);
});

test("a task is shown, listed and unique", async () => {
  const name = await created();
  await put(name, { asyncTask: true });
  const taskId = unique("task");
  const event = unique("event");
  const answer = await later(name, event, { xFcAsyncTaskId: taskId });
  assert.equal(answer.headers["x-fc-async-task-id"], taskId);
  const repeated = await failure(() => later(name, event, { xFcAsyncTaskId: taskId }));
  assert.equal(repeated.code, "StatefulAsyncInvocationAlreadyExists");
  assert.equal(repeated.statusCode, 409);
  const task = await eventually(async () => {
    const { body } = await client.getAsyncTask(name, taskId, new FC3.GetAsyncTaskRequest({}));
    return body.status === "Succeeded" && body;
  }, "the task's success");
  assert.equal(task.taskPayload, event);
  assert.equal(task.returnPayload, `echo ${event}`);
  assert.equal(task.requestId, answer.headers["x-fc-request-id"]);
  assert.ok(task.endTime >= task.startedTime);
  const { body: list } = await client.listAsyncTasks(
    name,
    new FC3.ListAsyncTasksRequest({ prefix: taskId, status: "Succeeded", includePayload: true }),
  );
  assert.deepEqual(list.tasks.map((each) => [each.taskId, each.taskPayload]), [[taskId, event]]);
});

test("a task that waits is stopped", async () => {
  const name = await created();
  await put(name, { asyncTask: true });
  const taskId = unique("task");
  await later(name, "never", {
    xFcAsyncTaskId: taskId,
    commonHeaders: { "x-fc-async-delay": "3600" },
  });
  const status = async () =>
    (await client.getAsyncTask(name, taskId, new FC3.GetAsyncTaskRequest({}))).body.status;
  assert.equal(await status(), "Enqueued");
  const unknown = await failure(() =>
    client.getAsyncTask(name, unique("nobody"), new FC3.GetAsyncTaskRequest({})),
  );
  assert.equal(unknown.code, "AsyncTaskNotFound");
  const stopped = await client.stopAsyncTask(name, taskId, new FC3.StopAsyncTaskRequest({}));
  assert.equal(stopped.statusCode, 204);
  assert.equal(await eventually(async () => (await status()) === "Stopped" && "Stopped", "the stop"), "Stopped");
});

test("a disabled function is not invoked", async () => {
  const name = await created();
  await client.disableFunctionInvocation(name, new FC3.DisableFunctionInvocationRequest({}));
  assert.equal((await failure(() => later(name, "no"))).code, "InvalidArgument");
  await client.enableFunctionInvocation(name);
  assert.equal((await later(name, "yes again")).statusCode, 202);
});

test("the concurrency of a function is set and taken away", async () => {
  const name = await created();
  await client.putConcurrencyConfig(
    name,
    new FC3.PutConcurrencyConfigRequest({
      body: new FC3.PutConcurrencyInput({ reservedConcurrency: 3 }),
    }),
  );
  assert.equal((await client.getConcurrencyConfig(name)).body.reservedConcurrency, 3);
  assert.equal((await client.deleteConcurrencyConfig(name)).statusCode, 204);
});

test("an event that is too large is refused with the limit", async () => {
  const name = await created();
  const error = await failure(() => later(name, "x".repeat(128 * 1024 + 1)));
  assert.equal(error.code, "EntityTooLarge");
  assert.match(error.message, /131072/);
  assert.equal((await later(name, "x".repeat(128 * 1024))).statusCode, 202);
});

test("a wrong secret, an unknown key and a reader are refused", async () => {
  const list = (other) => fc3(other).listFunctions(new FC3.ListFunctionsRequest({}));
  const wrong = await failure(() => list({ accessKeySecret: "wrong" }));
  assert.equal(wrong.code, "SignatureNotMatch");
  assert.equal(wrong.statusCode, 403);
  const unknown = await failure(() => list({ accessKeyId: "nobody" }));
  assert.equal(unknown.code, "InvalidAccessKeyID");
});

test("a token of ours is as good as a key", async () => {
  const bearer = fc3({
    accessKeyId: undefined,
    accessKeySecret: undefined,
    bearerToken: process.env.QSTASH_TOKEN,
    type: "bearer",
  });
  const { statusCode } = await bearer.listFunctions(new FC3.ListFunctionsRequest({}));
  assert.equal(statusCode, 200);
});
