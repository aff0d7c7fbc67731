import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { HTTP } from 'cloudevents';
import { check, end, hold, holding, push, receiver, record } from '../ring.mjs';

const Official = createRequire(import.meta.url)('@alicloud/eventbridge-util').default;
const events = [];
const nonces = new Set();
let failWith = null;
let failEntry = null;

function error(status, code) {
  return {
    status, headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code, message: `the double says ${code}`, requestId: '5FAD' }),
  };
}

function refusalOf({ method, url, headers }) {
  const [pathname, query = ''] = url.split('?');
  const request = { method, pathname, query: Object.fromEntries(new URLSearchParams(query)), headers };
  const signature = Official.getSignature(Official.getStringToSign(request), 'SK');
  if (headers.authorization !== `acs:AK:${signature}`) return error(403, 'SignatureDoesNotMatch');
  if (nonces.has(headers['x-acs-signature-nonce'])) return error(400, 'SignatureNonceUsed');
  nonces.add(headers['x-acs-signature-nonce']);
  const token = headers['x-acs-security-token'];
  return token && headers['x-acs-accesskey-id'] !== 'AK' ? error(403, 'SecurityTokenInvalid') : null;
}

function put(request) {
  if (failWith) return error(...failWith);
  if (request.method !== 'POST' || request.url !== '/openapi/putEvents') return error(404, 'NotFound');
  const refusal = refusalOf(request);
  if (refusal) return refusal;
  const batch = HTTP.toEvent({ headers: request.headers, body: request.body.toString('utf8') });
  for (const event of batch) event.validate();
  const entry = failEntry ? { ErrorCode: failEntry, ErrorMessage: 'why' } : { EventId: batch[0].id, TraceId: 't' };
  if (!failEntry) events.push(...batch);
  return {
    status: 200, headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ FailedEntryCount: failEntry ? 1 : 0, EntryList: [entry], RequestId: '5FAD' }),
  };
}

const double = await receiver(put);
const key = [`--address=${double.url}`, '--user=AK', '--secret=SK'];
const bus = 'acs:eventbridge:cn-shanghai:1234:eventbus/my-bus';

if (holding) {
  await hold('eventbridge://held/my-bus', {
    kind: 'eventbridge', address: double.url, user: 'AK', secret: 'SK', region: 'cn-shanghai',
  }, 'a double in Node');
  process.exit();
}

await check('a bus gets one CloudEvent, signed as the official client signs', async () => {
  const result = await push(bus, key, record());
  assert.deepEqual([result.kind, result.status], ['delivered', 200], result.error);
  const event = events.at(-1);
  assert.equal(event.id, 'request-1:s');
  assert.equal(event.source, 'acs:fc');
  assert.equal(event.type, 'fc:AsyncInvoke:succeeded');
  assert.equal(event.subject, 'acs:fc:::services/Svc.LATEST/functions/f');
  assert.equal(event.aliyuneventbusname, 'my-bus');
  assert.equal(event.datacontenttype, 'application/json');
  assert.match(event.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.000)?Z$/);
  assert.deepEqual(event.data, JSON.parse(record()));
  assert.equal(double.last().headers['x-eventbridge-regionid'], 'cn-shanghai');
});

await check('repetitions over one sender have the same id and another nonce', async () => {
  const results = await push(bus, [...key, '--count=3', '--failure'], record());
  assert.deepEqual(results.map(({ kind }) => kind), Array(3).fill('delivered'));
  assert.deepEqual(events.slice(-3).map(({ id }) => id), Array(3).fill('request-1:s'));
  assert.equal(events.at(-1).type, 'fc:AsyncInvoke:failed');
});

await check('a temporary key is sent and signed', async () => {
  assert.equal((await push(bus, [...key, '--token=STS'], record())).kind, 'delivered');
});

await check('the lineage is an extension on request', async () => {
  const flags = [...key, '--lineage=v1;root=r'];
  await push(bus, flags, record());
  assert.equal(events.at(-1).fcdlineage, undefined);
  await push(bus, [...flags, '--option.lineage=true'], record());
  assert.equal(events.at(-1).fcdlineage, 'v1;root=r');
});

await check('a wrong secret ends the push', async () => {
  const result = await push(bus, [...key, '--secret=other'], record());
  assert.deepEqual([result.kind, result.status], ['non_retryable', 403]);
  assert.match(result.error, /SignatureDoesNotMatch/);
});

await check('entries that failed are seen inside a good status', async () => {
  failEntry = 'EventBusNotExist';
  assert.equal((await push(bus, key, record())).kind, 'non_retryable');
  failEntry = 'TooManyRequests';
  assert.equal((await push(bus, key, record())).kind, 'failed');
  failEntry = null;
});

await check('throttling and faults are tried again, a missing bus is not', async () => {
  for (const [failure, kind] of [[[429, 'TooManyRequests'], 'failed'], [[503, 'Busy'], 'failed'],
    [[409, 'EventBusNotExist'], 'non_retryable']]) {
    failWith = failure;
    assert.equal((await push(bus, key, record())).kind, kind);
  }
  failWith = null;
});

await check('an event beyond 64 KiB is not sent', async () => {
  const before = double.requests.length;
  const result = await push(bus, key, record(65_536));
  assert.deepEqual([result.kind, result.status], ['non_retryable', 413]);
  assert.equal(double.requests.length, before);
});

double.close();
end();
