// What the rings written in JavaScript share: driving the probe, a receiver, and counting.
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';

let failed = 0;

export async function check(name, look) {
  try {
    await look();
    console.log(`ok - ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`not ok - ${name}`);
    console.error(error);
  }
}

// Sends `record` and returns what the sender made of it; an array when it was sent more than once.
export function push(target, flags, record) {
  return new Promise((resolve, reject) => {
    const probe = execFile(process.env.FERRY_PROBE, [target, ...flags], { timeout: 30_000 },
      (error, output, complaint) => {
        if (error) return reject(new Error(complaint || error.message));
        const results = output.trim().split('\n').map((line) => JSON.parse(line));
        resolve(results.length === 1 ? results[0] : results);
      });
    probe.stdin.end(record);
  });
}

// An HTTP server on a free port. `respond(request)`, whose request has method, url, headers and body (a
// Buffer), returns {status, headers, body}, or nothing to stay silent.
export async function receiver(respond) {
  const requests = [];
  const server = createServer(async (incoming, answer) => {
    const chunks = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const { method, url, headers } = incoming;
    const request = { method, url, headers, body: Buffer.concat(chunks) };
    requests.push(request);
    const response = await respond(request);
    if (!response) return;
    answer.writeHead(response.status, response.headers ?? {});
    answer.end(response.body ?? '');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    requests,
    last: () => requests.at(-1),
    url: `http://127.0.0.1:${server.address().port}`,
    close: () => { server.close(); server.closeAllConnections(); },
  };
}

// A record as the service makes it (contract of Function Compute, section 4.1), about `bytes` long.
export function record(bytes = 0) {
  const text = (payload) => JSON.stringify({
    timestamp: 1660120276975,
    requestContext: {
      requestId: 'request-1', functionArn: 'acs:fc:::services/Svc.LATEST/functions/f', condition: '',
      approximateInvokeCount: 1,
    },
    requestPayload: payload,
    responseContext: { statusCode: 200, functionError: '' },
    responsePayload: '{"a": "<ü> & \'quoted\' \u2028 😀\\r\\n"}',
  });
  const missing = bytes - Buffer.byteLength(text(''));
  return text('x'.repeat(Math.max(missing, 0)));
}

// Whether nothing is to be looked at: the receiver is for somebody else.
export const holding = process.argv[2] === '--hold';

// Says what to push to, with which fields of a connection and what stands in for the system, and returns when the
// input ends.
export async function hold(destination, connection, double = '') {
  console.log(JSON.stringify({ destination, connection, double }));
  for await (const _ of process.stdin);
}

export function end() {
  process.exitCode = failed === 0 ? 0 : 1;
}
