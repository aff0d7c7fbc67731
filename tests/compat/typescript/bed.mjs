// What the tests of the TypeScript SDK share: its client, and a destination that checks signatures.
import { Client } from "@upstash/qstash";
import { Destination } from "./receiver.mjs";

export const client = new Client({ baseUrl: process.env.QSTASH_URL, token: process.env.QSTASH_TOKEN });

// A client of another development user, for tests that act on everything that a tenant has.
export const clientOf = (user) =>
  new Client({
    baseUrl: process.env.QSTASH_URL,
    token: Buffer.from(`{"UserID":"${user}","Password":"testPassword"}`).toString("base64"),
  });

export const destination = new Destination({
  currentSigningKey: process.env.QSTASH_CURRENT_SIGNING_KEY,
  nextSigningKey: process.env.QSTASH_NEXT_SIGNING_KEY,
});
export const to = (path) => destination.url + path;
export const unique = () => Math.random().toString(36).slice(2);

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
export const deadLetterOf = (messageId) =>
  eventually(async () => {
    const { messages } = await client.dlq.listMessages({ filter: { messageId } });
    return messages[0];
  }, `a dead letter of ${messageId}`);
export const statesOf = async (messageId) => {
  const { logs } = await client.logs({ filter: { messageId } });
  return logs.map((log) => log.state).reverse();
};

// An answer of the API without the SDK in between, for what the SDK does not show.
export async function api(method, path, options = {}) {
  const response = await fetch(process.env.QSTASH_URL + path, {
    method,
    ...options,
    headers: { Authorization: `Bearer ${process.env.QSTASH_TOKEN}`, ...options.headers },
  });
  const text = await response.text();
  return { status: response.status, body: text ? JSON.parse(text) : undefined };
}
