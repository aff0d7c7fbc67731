// A real destination: keeps what it was sent, checks every signature with the SDK's own Receiver, and
// answers as the path says: /status/503 fails, everything else is 200.
import http from "node:http";
import { Receiver } from "@upstash/qstash";

export class Destination {
  constructor(keys) {
    this.receiver = new Receiver(keys);
    this.requests = [];
    this.waiters = [];
  }

  async start() {
    this.server = http.createServer((request, response) => this.take(request, response));
    await new Promise((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    this.url = `http://127.0.0.1:${this.server.address().port}`;
  }

  stop() {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }

  async take(request, response) {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    const kept = {
      method: request.method,
      path: request.url,
      headers: request.headers,
      body,
      signed: await this.isSigned(request, body),
    };
    const status = /^\/status\/(\d+)/.exec(request.url);
    response.writeHead(status ? Number(status[1]) : 200, { "content-type": "text/plain" });
    response.end(status ? `status ${status[1]}` : "OK");
    this.requests.push(kept);
    this.waiters = this.waiters.filter((waiter) => !waiter(kept));
  }

  async isSigned(request, body) {
    try {
      const signature = request.headers["upstash-signature"];
      return await this.receiver.verify({ signature, body, url: this.url + request.url });
    } catch {
      return false;
    }
  }

  // The first request to `path`, past or to come; throws after ten seconds.
  next(path, nth = 1) {
    const matching = () => this.requests.filter((r) => r.path === path);
    if (matching().length >= nth) return Promise.resolve(matching()[nth - 1]);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`nothing came to ${path}`)), 10_000);
      this.waiters.push(() => {
        if (matching().length < nth) return false;
        clearTimeout(timer);
        resolve(matching()[nth - 1]);
        return true;
      });
    });
  }
}
