// Name servers and brokers as processes of this ring; each is ended by its own process id.
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const home = mkdtempSync(join(tmpdir(), 'ferry-rocketmq-'));
const running = new Set();
const opened = ['java.base/sun.nio.ch', 'java.base/java.nio', 'java.base/jdk.internal.ref']
  .map((module) => `--add-opens=${module}=ALL-UNNAMED`);

// The first of `count` free ports in a row.
export async function freePorts(count) {
  for (;;) {
    const first = 20_000 + Math.floor(Math.random() * 10_000);
    const servers = [];
    try {
      for (let i = 0; i < count; i += 1) servers.push(await listen(first + i));
      return first;
    } catch { /* one of them is taken: try others */ } finally {
      for (const server of servers) server.close();
    }
  }
}

function listen(port) {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

export async function until(what, holds) {
  const end = Date.now() + 90_000;
  while (Date.now() < end) {
    if (await holds()) return;
    await new Promise((resolve) => { setTimeout(resolve, 100); });
  }
  throw new Error(`${what} did not come about in 90 s`);
}

function answers(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => { socket.destroy(); resolve(true); });
    socket.once('error', () => resolve(false));
  });
}

// A certificate for 127.0.0.1 that is its own authority, and what makes a server use it.
export function makeCertificate() {
  const certificate = join(home, 'tls.crt');
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj',
    '/CN=ferry test', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', join(home, 'tls.key'), '-out',
    certificate], { stdio: 'ignore' });
  writeFileSync(join(home, 'tls.properties'), [
    'tls.test.mode.enable=false', 'tls.server.need.client.auth=none', `tls.server.certPath=${certificate}`,
    `tls.server.keyPath=${join(home, 'tls.key')}`].join('\n'));
  return certificate;
}

function start(name, main, heap, properties, port) {
  const folder = join(home, name);
  mkdirSync(join(folder, 'conf', 'acl'), { recursive: true });
  writeFileSync(join(folder, 'conf', 'plain_acl.yml'), [
    'accounts:', '- accessKey: ferry-key-id', '  secretKey: ferry-secret', '  admin: true', ''].join('\n'));
  const settings = join(folder, 'server.conf');
  writeFileSync(settings, Object.entries(properties).map(([key, value]) => `${key}=${value}`).join('\n'));
  const log = openSync(join(folder, 'log'), 'w');
  const child = spawn('java', [`-Xms${heap}m`, `-Xmx${heap}m`, '-XX:MaxDirectMemorySize=256m', ...opened,
    `-Drocketmq.home.dir=${folder}`, `-Duser.home=${folder}`, `-Dtls.config.file=${join(home, 'tls.properties')}`,
    '-cp', 'lib/*', main, '-c', settings], { stdio: ['ignore', log, log] });
  running.add(child);
  const server = { address: `127.0.0.1:${port}`, stop: () => stop(child) };
  return until(`${name} listening`, () => answers(port)).then(() => server);
}

function stop(child) {
  running.delete(child);
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => { child.once('exit', resolve); child.kill('SIGKILL'); });
}

export async function startNameServer() {
  const port = await freePorts(1);
  return start('namesrv', 'org.apache.rocketmq.namesrv.NamesrvStartup', 128,
    { listenPort: port, bindAddress: '127.0.0.1' }, port);
}

// A broker also takes the ports two before and one behind its own.
export async function startBroker(name, nameServer, further = {}) {
  const port = await freePorts(4) + 2;
  return start(name, 'org.apache.rocketmq.broker.BrokerStartup', 256, {
    brokerClusterName: 'ferry', brokerName: name, brokerId: 0, brokerIP1: '127.0.0.1', bindAddress: '127.0.0.1',
    namesrvAddr: nameServer, listenPort: port, haListenPort: port + 1, fastListenPort: port - 2,
    autoCreateTopicEnable: false, storePathRootDir: join(home, name, 'store'),
    storePathCommitLog: join(home, name, 'store', 'commitlog'), mappedFileSizeCommitLog: 16 << 20,
    mappedFileSizeConsumeQueue: 60_000, diskMaxUsedSpaceRatio: 98, ...further,
  }, port);
}

// The official client as one process, since starting Java takes its time: `ask(line)` returns what it prints.
export function startPeer() {
  const child = spawn('java', ['-Xmx256m', '-cp', 'lib/*', 'Peer.java'],
    { stdio: ['pipe', 'pipe', openSync(join(home, 'peer.log'), 'w')] });
  running.add(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return async (line) => {
    child.stdin.write(`${line}\n`);
    const printed = [];
    for (;;) {
      const { value, done } = await lines.next();
      if (done || value.startsWith('FAILED')) throw new Error(value ?? 'the official client has ended');
      if (value === 'DONE') return printed;
      printed.push(value);
    }
  };
}

export async function stopAll() {
  for (const child of [...running]) await stop(child);
  rmSync(home, { recursive: true, force: true });
}
