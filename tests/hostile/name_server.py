"""A name server on a loopback port: `good-*` is 127.0.0.1, `silent-*` is never answered, the rest does not exist."""

import socket
import struct
import threading

TYPE_A = 1


class NameServer:
    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self):
        self.socket.close()

    def _serve(self):
        while True:
            try:
                query, peer = self.socket.recvfrom(4096)
            except OSError:
                return
            answer = answer_to(query)
            if answer:
                self.socket.sendto(answer, peer)


def answer_to(query):
    """The bytes of the answer, or None where there is none (RFC 1035 section 4)."""
    end, labels = 12, []
    while query[end]:
        labels.append(query[end + 1:end + 1 + query[end]].decode("latin-1").lower())
        end += 1 + query[end]
    question = query[12:end + 5]
    name, wanted = ".".join(labels), struct.unpack("!H", query[end + 1:end + 3])[0]
    if name.startswith("silent-"):
        return None
    known = name.startswith("good-")
    address = b""
    if known and wanted == TYPE_A:
        address = struct.pack("!HHHIH", 0xC00C, TYPE_A, 1, 60, 4) + socket.inet_aton("127.0.0.1")
    flags = 0x8180 if known else 0x8183
    return query[:2] + struct.pack("!HHHHH", flags, 1, 1 if address else 0, 0, 0) + question + address
