// The 2.0 API, by @alicloud/fc-open20210406.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { FunctionServer, Open, eventually, failure, open, openRuntime, text, unique } from "./bed.mjs";

const client = open();
let server;
before(async () => (server = await new FunctionServer().start()));
after(() => server.stop());

const created = async () => {
  const service = unique("s");
  const name = unique("f");
  await client.createService(new Open.CreateServiceRequest({ serviceName: service }));
  await client.createFunction(
    service,
    new Open.CreateFunctionRequest({
      functionName: name,
      runtime: "custom",
      handler: "index.handler",
      environmentVariables: { FC_ENDPOINT_URL: server.url },
    }),
  );
  return [service, name];
};
const invoke = (service, name, event, headers = {}) =>
  client.invokeFunctionWithOptions(
    service,
    name,
    new Open.InvokeFunctionRequest({ body: Buffer.from(event), qualifier: headers.qualifier }),
    new Open.InvokeFunctionHeaders(headers),
    openRuntime(),
  );
const later = (service, name, event, headers = {}) =>
  invoke(service, name, event, { xFcInvocationType: "Async", ...headers });
const put = (service, name, config) =>
  client.putFunctionAsyncInvokeConfig(
    service,
    name,
    new Open.PutFunctionAsyncInvokeConfigRequest(config),
  );

test("a service and its function live and go", async () => {
  const [service, name] = await created();
  const { body: shown } = await client.getService(service, new Open.GetServiceRequest({}));
  assert.equal(shown.serviceName, service);
  const { body: functions } = await client.listFunctions(service, new Open.ListFunctionsRequest({}));
  assert.deepEqual(functions.functions.map((each) => each.functionName), [name]);
  const full = await failure(() => client.deleteService(service));
  assert.equal(full.code, "ServiceNotEmpty");
  await client.deleteFunction(service, name);
  await client.deleteService(service);
  const gone = await failure(() => client.getService(service, new Open.GetServiceRequest({})));
  assert.equal(gone.code, "ServiceNotFound");
  const other = await failure(() => later(service, name, "x"));
  assert.equal(other.code, "FunctionNotFound");
});

test("versions and aliases belong to the service", async () => {
  const [service, name] = await created();
  const version = await client.publishServiceVersion(
    service,
    new Open.PublishServiceVersionRequest({ description: "one" }),
  );
  assert.equal(version.body.versionId, "1");
  await client.createAlias(
    service,
    new Open.CreateAliasRequest({ aliasName: "prod", versionId: "1" }),
  );
  const event = unique("by-alias");
  const answer = await later(service, name, event, { qualifier: "prod" });
  assert.equal(answer.statusCode, 202);
  const call = await server.called(event);
  assert.equal(call.headers["x-fc-qualifier"], "prod");
  assert.equal(call.headers["x-fc-service-name"], service);
});

test("an asynchronous configuration is put, shown, listed and removed", async () => {
  const [service, name] = await created();
  await put(service, name, { statefulInvocation: true, maxAsyncRetryAttempts: 0 });
  const get = () =>
    client.getFunctionAsyncInvokeConfig(
      service,
      name,
      new Open.GetFunctionAsyncInvokeConfigRequest({}),
    );
  const { body: shown } = await get();
  assert.equal(shown.service, service);
  assert.equal(shown.function, name);
  assert.equal(shown.qualifier, "LATEST");
  assert.equal(shown.statefulInvocation, true);
  assert.equal(shown.maxAsyncRetryAttempts, 0);
  const { body: list } = await client.listFunctionAsyncInvokeConfigs(
    service,
    name,
    new Open.ListFunctionAsyncInvokeConfigsRequest({}),
  );
  assert.equal(list.configs.length, 1);
  await client.deleteFunctionAsyncInvokeConfig(
    service,
    name,
    new Open.DeleteFunctionAsyncInvokeConfigRequest({}),
  );
  assert.equal((await failure(get)).code, "AsyncConfigNotExists");
});

test("a synchronous invocation answers with what the function returned", async () => {
  const [service, name] = await created();
  const answer = await invoke(service, name, "now");
  assert.equal(await text(answer.body), "echo now");
  assert.equal(answer.headers["x-fc-invocation-service-version"], "LATEST");
});

test("a stateful invocation is shown, listed, unique and stopped", async () => {
  const [service, name] = await created();
  await put(service, name, { statefulInvocation: true });
  const id = unique("task");
  const headers = { xFcStatefulAsyncInvocationId: id, commonHeaders: { "x-fc-async-delay": "60" } };
  const answer = await later(service, name, "waits", headers);
  assert.equal(answer.headers["x-fc-stateful-async-invocation-id"], id);
  const repeated = await failure(() => later(service, name, "waits", headers));
  assert.equal(repeated.code, "StatefulAsyncInvocationAlreadyExists");
  const { body: list } = await client.listStatefulAsyncInvocations(
    service,
    name,
    new Open.ListStatefulAsyncInvocationsRequest({ invocationIdPrefix: id }),
  );
  assert.equal(list.invocations[0].invocationId, id);
  assert.equal(list.invocations[0].status, "Enqueued");
  await client.stopStatefulAsyncInvocation(
    service,
    name,
    id,
    new Open.StopStatefulAsyncInvocationRequest({}),
  );
  await eventually(async () => {
    const { body } = await client.getStatefulAsyncInvocation(
      service,
      name,
      id,
      new Open.GetStatefulAsyncInvocationRequest({}),
    );
    return body.status === "Stopped";
  }, "the stop");
  const { body: functions } = await client.listStatefulAsyncInvocationFunctions(
    new Open.ListStatefulAsyncInvocationFunctionsRequest({ limit: 100 }),
  );
  assert.ok(functions.data.some((each) => each.functionName === name));
});

test("a wrong secret is refused", async () => {
  const wrong = open({ accessKeySecret: "wrong" });
  const error = await failure(() => wrong.listServices(new Open.ListServicesRequest({})));
  assert.equal(error.code, "SignatureNotMatch");
});
