import assert from 'node:assert/strict';
import { check, end, hold, holding, push, record } from '../ring.mjs';
import { freePorts, makeCertificate, startBroker, startNameServer, startPeer, stopAll, until } from './servers.mjs';

const key = ['ferry-key-id', 'ferry-secret'];

const ask = startPeer();

async function makeTopic(server, broker, topic, credentials = []) {
  let complaint;
  await until(`the topic ${topic}`, async () => {
    try {
      await ask(['topic', server.address, broker.address, topic, ...credentials].join(' '));
      return true;
    } catch (error) {  // the broker is still starting
      complaint = error;
      return false;
    }
  }).catch((error) => { throw new Error(error.message, { cause: complaint }); });
  const flags = [`--address=${server.address}`, `--user=${credentials[0] ?? ''}`, `--secret=${credentials[1] ?? ''}`];
  await until(`the route to ${topic}`, async () => (await push(`rocketmq://r/${topic}`, [...flags, '--timeout-ms=20000'], 'ready')).kind === 'delivered');
}

// What was sent to the topic after it was found ready.
async function messagesOf(server, broker, topic, credentials = []) {
  const lines = await ask(['read', server.address, broker.address, topic, ...credentials].join(' '));
  return lines.filter((line) => line.startsWith('MESSAGE '))
    .map((line) => JSON.parse(line.slice('MESSAGE '.length)))
    .map((message) => ({ ...message, body: Buffer.from(message.body, 'base64').toString('utf8') }))
    .filter(({ body }) => body !== 'ready');
}

async function lookAtOpenBroker(server, broker, certificate) {
  const flags = [`--address=${server.address}`];
  await makeTopic(server, broker, 'results');

  await check('the official consumer reads body, keys, tags and properties', async () => {
    const result = await push('acs:mq:::/instances/i/topic/results', [...flags, '--lineage=v1;root=r',
      '--trace.traceparent=00-1-2-01', '--event-id=single:s'], record());
    assert.equal(result.kind, 'delivered', result.error);
    const [message] = (await messagesOf(server, broker, 'results')).filter(({ keys }) => keys === 'single:s');
    assert.equal(message.body, record());
    assert.equal(message.tags, 'onSuccess');
    assert.equal(message.properties['x-fcd-lineage'], 'v1;root=r');
    assert.equal(message.properties.traceparent, '00-1-2-01');
    assert.match(message.properties.UNIQ_KEY, /^[0-9A-F]{32}$/);
  });

  await check('pushes over one sender spread over the queues', async () => {
    const results = await push('rocketmq://r/results', [...flags, '--count=6', '--failure', '--event-id=many:f'], record());
    assert.deepEqual(results.map(({ kind }) => kind), Array(6).fill('delivered'));
    const messages = (await messagesOf(server, broker, 'results')).filter(({ keys }) => keys === 'many:f');
    assert.deepEqual(messages.map(({ queue }) => queue).sort(), [0, 0, 0, 1, 1, 1]);
    assert.ok(messages.every(({ tags }) => tags === 'onFailure'));
    assert.equal(new Set(messages.map(({ properties }) => properties.UNIQ_KEY)).size, 1);
  });

  await check('a record of 4 MiB arrives whole, a larger one is not sent', async () => {
    const largest = record(4 << 20);
    assert.equal(Buffer.byteLength(largest), 4 << 20);
    const result = await push('rocketmq://r/results', [...flags, '--event-id=large:s'], largest);
    assert.equal(result.kind, 'delivered', result.error);
    const [message] = (await messagesOf(server, broker, 'results')).filter(({ keys }) => keys === 'large:s');
    assert.equal(message.body, largest);
    const refused = await push('rocketmq://r/results', flags, record((4 << 20) + 1));
    assert.deepEqual([refused.kind, refused.status], ['non_retryable', 413]);
  });

  await check('the broker refuses what the sender lets through on request', async () => {
    const result = await push('rocketmq://r/results', [...flags, '--bytes-max=8000000'], record((4 << 20) + 1));
    assert.deepEqual([result.kind, result.status], ['non_retryable', 413], result.error);
  });

  await check('a topic that does not exist ends the push', async () => {
    const result = await push('rocketmq://r/absent', flags, record());
    assert.deepEqual([result.kind, result.status], ['non_retryable', 404]);
  });

  await check('a name server that is gone is passed over', async () => {
    const dead = `127.0.0.1:${await freePorts(1)}`;
    const result = await push('rocketmq://r/results', [`--address=${dead},${server.address}`], record());
    assert.equal(result.kind, 'delivered', result.error);
    assert.equal((await push('rocketmq://r/results', [`--address=${dead}`], record())).kind, 'failed');
  });

  await check('TLS is spoken where the connection says so, and certificates are verified', async () => {
    const secure = [...flags, '--tls', '--timeout-ms=20000'];  // a cold JVM takes seconds
    const result = await push('rocketmq://r/results', [...secure, `--ca-file=${certificate}`], record());
    assert.equal(result.kind, 'delivered', result.error);
    const unknown = await push('rocketmq://r/results', secure, record());
    assert.equal(unknown.kind, 'failed');
    assert.match(unknown.error, /certificate/);
  });
}

async function lookAtGuardedBroker(server, broker) {
  const flags = [`--address=${server.address}`, `--user=${key[0]}`];
  await makeTopic(server, broker, 'sealed', key);

  await check('a signed message is taken by a broker with access control', async () => {
    const result = await push('rocketmq://r/sealed', [...flags, `--secret=${key[1]}`], record());
    assert.equal(result.kind, 'delivered', result.error);
    const [message] = await messagesOf(server, broker, 'sealed', key);
    assert.equal(message.body, record());
  });

  await check('a wrong signature, an unknown key and none end the push', async () => {
    for (const wrong of [[...flags, '--secret=other'], [flags[0], '--user=nobody-there', `--secret=${key[1]}`], [flags[0]]]) {
      const result = await push('rocketmq://r/sealed', wrong, record());
      assert.deepEqual([result.kind, result.status], ['non_retryable', 403], result.error);
    }
  });
}

async function lookAtAll(server, open, certificate) {
  const guarded = await startBroker('guarded', server.address, { aclEnable: true });
  await lookAtOpenBroker(server, open, certificate);
  await lookAtGuardedBroker(server, guarded);

  await check('brokers that have gone are waited for', async () => {
    await open.stop();
    await guarded.stop();
    const result = await push('rocketmq://r/results', [`--address=${server.address}`], record());
    assert.equal(result.kind, 'failed');
  });
}

try {
  const certificate = makeCertificate();
  const server = await startNameServer();
  const open = await startBroker('open', server.address);
  if (holding) {
    await makeTopic(server, open, 'held');
    await hold('rocketmq://held/held', { kind: 'rocketmq', address: server.address });
  } else {
    await lookAtAll(server, open, certificate);
  }
} catch (error) {
  console.log('not ok - the servers of RocketMQ');
  console.error(error);
} finally {
  await stopAll();
}
end();
