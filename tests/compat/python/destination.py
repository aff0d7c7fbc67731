"""A real destination that checks every signature with the SDK's own Receiver."""

import re
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from qstash import Receiver


class Destination:
    def __init__(self, current_key, next_key):
        self.receiver = Receiver(current_signing_key=current_key, next_signing_key=next_key)
        self.requests = []
        self.came = threading.Condition()
        owner = self

        class Answer(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                status = re.match(r"/status/(\d+)", self.path)
                text = (f"status {status[1]}" if status else "OK").encode()
                self.send_response(int(status[1]) if status else 200)
                self.send_header("content-length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)
                owner.take(self.command, self.path, dict(self.headers), body.decode())

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def take(self, method, path, headers, body):
        headers = {name.lower(): value for name, value in headers.items()}
        try:
            self.receiver.verify(
                signature=headers.get("upstash-signature", ""), body=body, url=self.url + path
            )
            signed = True
        except Exception:
            signed = False
        with self.came:
            self.requests.append(
                {"method": method, "path": path, "headers": headers, "body": body, "signed": signed}
            )
            self.came.notify_all()

    def at(self, path):
        return [request for request in self.requests if request["path"] == path]

    def next(self, path, nth=1, seconds=10):
        deadline = time.monotonic() + seconds
        with self.came:
            while len(self.at(path)) < nth:
                left = deadline - time.monotonic()
                assert left > 0, f"nothing came to {path}"
                self.came.wait(left)
            return self.at(path)[nth - 1]

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
