import assert from 'node:assert/strict';
import { Receiver } from '@upstash/qstash';
import { HTTP } from 'cloudevents';
import { check, end, push, receiver, record } from '../ring.mjs';

const key = 'sig_7kYjw48mhY7kAjqNGcy6cr29RJ6r';
const signed = [`--signing-key=${key}`];
const sink = await receiver(() => ({ status: 202, body: 'thanks' }));
const text = (request) => request.body.toString('utf8');

function verify({ headers, body, url }) {
  const official = new Receiver({ currentSigningKey: key, nextSigningKey: 'sig_next' });
  return official.verify({
    signature: headers['upstash-signature'], body: body.toString('utf8'), url: sink.url + url,
  });
}

function assertEvent(event, type) {
  event.validate();
  assert.equal(event.id, 'request-1:s');
  assert.equal(event.source, 'acs:fc');
  assert.equal(event.type, type);
  assert.equal(event.subject, 'acs:fc:::services/Svc.LATEST/functions/f');
  assert.equal(event.datacontenttype, 'application/json');
  assert.ok(Math.abs(Date.parse(event.time) - Date.now()) < 60_000);
  assert.deepEqual(event.data, JSON.parse(record()));
}

await check('the record arrives as it is, with its event id and a signature that the SDK accepts', async () => {
  const result = await push(`${sink.url}/in?a=b`, signed, record());
  assert.equal(result.kind, 'delivered');
  assert.equal(result.status, 202);
  assert.equal(text(sink.last()), record());
  assert.equal(sink.last().headers['content-type'], 'application/json');
  assert.equal(sink.last().headers['ferry-event-id'], 'request-1:s');
  assert.equal(await verify(sink.last()), true);
});

await check('a structured CloudEvent is read by the SDK of CloudEvents and verified', async () => {
  await push(`${sink.url}/structured#ce-structured`, signed, record());
  assertEvent(HTTP.toEvent({ headers: sink.last().headers, body: text(sink.last()) }),
    'fc:AsyncInvoke:succeeded');
  assert.equal(await verify(sink.last()), true);
});

await check('a binary CloudEvent is read by the SDK of CloudEvents and verified', async () => {
  await push(`${sink.url}/binary#ce-binary`, [...signed, '--failure'], record());
  assertEvent(HTTP.toEvent({ headers: sink.last().headers, body: text(sink.last()) }),
    'fc:AsyncInvoke:failed');
  assert.equal(await verify(sink.last()), true);
});

await check('lineage and trace go along', async () => {
  const trace = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  await push(`${sink.url}/`, ['--lineage=v1;root=r', `--trace.traceparent=${trace}`], record());
  assert.equal(sink.last().headers['x-fcd-lineage'], 'v1;root=r');
  assert.equal(sink.last().headers.traceparent, trace);
  assert.equal(sink.last().headers['upstash-signature'], undefined);
});

await check('a record of a megabyte arrives whole', async () => {
  await push(`${sink.url}/`, [], record(1 << 20));
  assert.equal(text(sink.last()), record(1 << 20));
});

await check('statuses are judged', async () => {
  const expected = { 204: 'delivered', 302: 'non_retryable', 404: 'non_retryable', 429: 'failed', 503: 'failed' };
  for (const [status, kind] of Object.entries(expected)) {
    const odd = await receiver(() => ({ status: Number(status), headers: { location: sink.url } }));
    const result = await push(`${odd.url}/`, [], record());
    odd.close();
    assert.deepEqual([result.kind, result.status], [kind, Number(status)]);
  }
});

await check('a receiver that is silent or gone is tried again', async () => {
  const silent = await receiver(() => undefined);
  const result = await push(`${silent.url}/`, ['--timeout-ms=300'], record());
  assert.deepEqual([result.kind, result.status], ['failed', 0]);
  silent.close();
  assert.equal((await push(`${silent.url}/`, [], record())).kind, 'failed');
});

sink.close();
end();
