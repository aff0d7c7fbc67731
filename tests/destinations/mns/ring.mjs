import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { check, end, hold, holding, push, receiver, record } from '../ring.mjs';

const require = createRequire(import.meta.url);
const Client = require('@alicloud/mns');
const { parseString } = require('xml2js');

const official = new Client('1234', {
  region: 'cn-shanghai', accessKeyId: 'AK', accessKeySecret: 'SK', endpoint: 'http://127.0.0.1',
});
const xmlns = 'http://mns.aliyuncs.com/doc/v1/';
const messages = [];
let failWith = null;
let lie = '';

function error(status, code) {
  return {
    status, headers: { 'content-type': 'text/xml' },
    body: `<?xml version="1.0"?><Error xmlns="${xmlns}"><Code>${code}</Code><Message>the double says ${code}` +
      '</Message><RequestId>5FAD</RequestId><HostId>http://127.0.0.1</HostId></Error>',
  };
}

function refusalOf({ method, url, headers }) {
  if (headers['content-type'] !== 'text/xml') return error(400, 'InvalidArgument');
  if (headers['x-mns-version'] !== '2015-06-06') return error(400, 'InvalidArgument');
  if (!headers.date) return error(400, 'MissingDateHeader');
  if (Math.abs(Date.parse(headers.date) - Date.now()) > 15 * 60_000) return error(408, 'TimeExpired');
  const expected = `MNS AK:${official.sign(method, headers, url)}`;
  return headers.authorization === expected ? null : error(403, 'SignatureDoesNotMatch');
}

async function parse(xml) {
  return new Promise((resolve, reject) => parseString(xml, (wrong, parsed) => (wrong ? reject(wrong) : resolve(parsed))));
}

async function store({ method, url, headers, body }) {
  if (failWith) return error(...failWith);
  const refusal = refusalOf({ method, url, headers });
  if (refusal) return refusal;
  const place = url.match(/^\/(queues|topics)\/([\w-]+)\/messages$/);
  if (method !== 'POST' || !place) return error(400, 'InvalidRequestURL');
  if (place[2] === 'absent') return error(404, place[1] === 'queues' ? 'QueueNotExist' : 'TopicNotExist');
  const { Message } = await parse(body.toString('utf8'));
  if (Message.$.xmlns !== xmlns) return error(400, 'MalformedXML');
  const text = Message.MessageBody[0];
  messages.push({ place: place[1], name: place[2], text, priority: Message.Priority?.[0], headers });
  const md5 = createHash('md5').update(lie + text).digest('hex').toUpperCase();
  return {
    status: 201, headers: { 'content-type': 'text/xml' },
    body: `<?xml version="1.0"?><Message xmlns="${xmlns}"><MessageId>1</MessageId>` +
      `<MessageBodyMD5>${md5}</MessageBodyMD5></Message>`,
  };
}

const double = await receiver(store);
const key = [`--address=${double.url}`, '--user=AK', '--secret=SK'];
const queue = 'acs:mns:::/queues/q-1/messages';

if (holding) {
  await hold('mns://held/queues/q-1', { kind: 'mns', address: double.url, user: 'AK', secret: 'SK' }, 'a double in Node');
  process.exit();
}

await check('a queue gets the record in base64, signed as the official client signs', async () => {
  const result = await push(queue, key, record());
  assert.deepEqual([result.kind, result.status], ['delivered', 201], result.error);
  const message = messages.at(-1);
  assert.deepEqual([message.place, message.name, message.priority], ['queues', 'q-1', '8']);
  assert.equal(Buffer.from(message.text, 'base64').toString('utf8'), record());
});

await check('a topic gets it, too', async () => {
  const result = await push('mns://other/topics/t-1', key, record());
  assert.equal(result.kind, 'delivered', result.error);
  assert.deepEqual([messages.at(-1).place, messages.at(-1).name], ['topics', 't-1']);
});

await check('a record as text survives the XML', async () => {
  const result = await push(queue, [...key, '--option.base64=false'], record());
  assert.equal(result.kind, 'delivered', result.error);
  assert.equal(messages.at(-1).text, record());
});

await check('a temporary key sends its token', async () => {
  assert.equal((await push(queue, [...key, '--token=STS'], record())).kind, 'delivered');
  assert.equal(messages.at(-1).headers['security-token'], 'STS');
});

await check('a wrong secret and what does not exist end the push', async () => {
  const wrong = await push(queue, [...key, '--secret=other'], record());
  assert.deepEqual([wrong.kind, wrong.status], ['non_retryable', 403]);
  assert.match(wrong.error, /SignatureDoesNotMatch/);
  const absent = await push('mns://m/queues/absent', key, record());
  assert.deepEqual([absent.kind, absent.status], ['non_retryable', 404]);
  assert.match(absent.error, /QueueNotExist/);
});

await check('throttling, lateness and faults are tried again', async () => {
  for (const [failure, status] of [[[400, 'QpsLimitExceeded'], 429], [[408, 'TimeExpired'], 408],
    [[500, 'InternalError'], 500]]) {
    failWith = failure;
    const result = await push(queue, key, record());
    assert.deepEqual([result.kind, result.status], ['failed', status]);
  }
  failWith = null;
});

await check('an answer with the MD5 of another body is not believed', async () => {
  lie = 'x';
  const result = await push(queue, key, record());
  lie = '';
  assert.equal(result.kind, 'failed');
  assert.match(result.error, /another body/);
});

await check('64 KiB in base64 are sent, more are not', async () => {
  assert.equal((await push(queue, key, record(49_152))).kind, 'delivered');
  assert.equal(messages.at(-1).text.length, 65_536);
  const before = double.requests.length;
  const result = await push(queue, key, record(49_153));
  assert.deepEqual([result.kind, result.status], ['non_retryable', 413]);
  assert.equal(double.requests.length, before);
});

double.close();
end();
