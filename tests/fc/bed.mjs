// What the tests share: the official clients, and a function to call.
import http from "node:http";
import { createRequire } from "node:module";
import { Readable } from "node:stream";

const require = createRequire(import.meta.url);
export const FC3 = require("@alicloud/fc20230330");
export const Open = require("@alicloud/fc-open20210406");
const Classic = require("@alicloud/fc2");
const { $OpenApiUtil } = require("@alicloud/openapi-core");
const $dara = require("@darabonba/typescript");
const OpenApi = require("@alicloud/openapi-client");
const { RuntimeOptions } = require("@alicloud/tea-util");

const url = new URL(process.env.QSTASH_URL);
const keys = {
  accessKeyId: process.env.FC_ACCESS_KEY_ID,
  accessKeySecret: process.env.FC_ACCESS_KEY_SECRET,
};
const place = { regionId: "local", endpoint: url.host, protocol: "http" };

export const fc3 = (other = {}) =>
  new FC3.default(new $OpenApiUtil.Config({ ...keys, ...place, ...other }));
export const open = (other = {}) =>
  new Open.default(new OpenApi.Config({ ...keys, ...place, ...other }));
export const classic = (other = {}) =>
  new Classic("defaultUser", {
    accessKeyID: keys.accessKeyId,
    region: "local",
    endpoint: url.origin,
    accessKeySecret: keys.accessKeySecret,
    ...other,
  });
// A URL that anyone may call for a minute, signed by the client's own method with the expiry in the
// place of the date.
export const presigned = (method, path, query = {}, seconds = 60) => {
  const expires = String(Math.floor(Date.now() / 1000) + seconds);
  const asked = { ...query, "x-fc-access-key-id": keys.accessKeyId, "x-fc-expires": expires };
  const full = `/2016-08-15${path}`;
  const field = Classic.getSignature(
    keys.accessKeyId, keys.accessKeySecret, method, full, { date: expires }, asked,
  );
  const signature = field.slice(field.indexOf(":") + 1);
  return `${url.origin}${full}?${new URLSearchParams({ ...asked, "x-fc-signature": signature })}`;
};
export const runtime = () => new $dara.RuntimeOptions({});
export const openRuntime = () => new RuntimeOptions({});

export const unique = (prefix) => `${prefix}-${Math.random().toString(36).slice(2)}`;
export const stream = (text) => Readable.from([Buffer.from(text)]);
export const text = async (body) => {
  if (typeof body === "string") return body;
  if (Buffer.isBuffer(body)) return body.toString();
  const chunks = [];
  for await (const chunk of body) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
};

// The error that a call ends with.
export async function failure(call) {
  try {
    await call();
  } catch (error) {
    return error;
  }
  throw new Error("the call was not refused");
}

// Polls until `read` gives something; what is being waited for has no event of its own.
export async function eventually(read, what, within = 10_000) {
  const deadline = Date.now() + within;
  while (Date.now() < deadline) {
    const value = await read();
    if (value) return value;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`never saw ${what}`);
}

// A function as a custom runtime serves one: says what it was sent, fails when the event says so.
export class FunctionServer {
  async start() {
    this.calls = [];
    this.server = http.createServer((request, response) => this.take(request, response));
    await new Promise((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    this.url = `http://127.0.0.1:${this.server.address().port}`;
    return this;
  }

  stop() {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }

  async take(request, response) {
    const event = await text(request);
    this.calls.push({ method: request.method, path: request.url, headers: request.headers, event });
    const fails = event.includes("fail");
    response.writeHead(fails ? 500 : 200, {
      "content-type": "text/plain",
      "x-fc-status": fails ? "404" : "200",
      "x-fc-log-result": Buffer.from("the log").toString("base64"),
    });
    response.end(fails ? '{"errorMessage":"as asked"}' : `echo ${event}`);
  }

  // The call whose event has that text.
  called(part, within) {
    return eventually(() => this.calls.find((call) => call.event.includes(part)), part, within);
  }
}
