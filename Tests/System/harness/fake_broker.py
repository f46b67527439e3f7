"""A broker that misbehaves on order. Speaks MQTT 5 and 3.1.1, as much as a publisher needs."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from .subscriber import Ledger

CONNECT, PUBLISH, PUBACK, SUBSCRIBE, UNSUBSCRIBE, PINGREQ, DISCONNECT = 1, 3, 4, 8, 10, 12, 14


@dataclass(frozen=True)
class Publish:
    connection: int
    topic: str
    payload: bytes
    qos: int
    is_duplicate: bool
    packet: int


@dataclass
class Behaviour:
    """May be exchanged at any time: `broker.behaviour = …`."""

    #: What is answered to CONNECT; `None`: nothing, for ever.
    connack: int | None = 0
    #: The reason code of a PUBACK, 0 for success; `None`: no PUBACK.
    puback: Callable[[Publish], int | None] = lambda _: 0
    #: How often each PUBACK is sent.
    copies: int = 1
    #: How many PUBLISH may be unacknowledged (MQTT 5).
    receive_maximum: int | None = None
    #: The connection is closed, without acknowledging, when so many PUBLISH have come over it.
    close_after: int | None = None
    #: Sent as soon as somebody connects; the connection stays open.
    greeting: bytes = b""
    #: Sent instead of each PUBACK.
    garbage: bytes = b""
    #: Seconds before each answer.
    delay: float = 0.0
    answers_pings: bool = True


class FakeBroker(Ledger):
    """What it received stands in `messages`, whether it acknowledged it or not."""

    def __init__(self, behaviour: Behaviour | None = None) -> None:
        super().__init__()
        self.behaviour = behaviour or Behaviour()
        self.connections = 0
        self.publishes: list[Publish] = []
        self.acknowledged: list[Publish] = []
        #: The most PUBLISH that were unacknowledged at once on one connection.
        self.window = 0
        self.wills: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.2)
        self.port: int = self._listener.getsockname()[1]
        self._stop = threading.Event()
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def wait_for_connections(self, count: int, within: float = 45) -> None:
        self.happening.wait(lambda: self.connections >= count, f"{count} connections", within)

    def behave(self, behaviour: Behaviour) -> None:
        """From now on; whoever is connected has to come again."""
        with self.happening:
            self.behaviour = behaviour
            self._hang_up()

    def _hang_up(self) -> None:
        for connected in self._sockets:
            try:
                connected.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self) -> None:
        self._stop.set()
        self._accepting.join(timeout=5)
        self._listener.close()
        self._hang_up()
        for thread in self._threads:
            thread.join(timeout=5)

    def _accept(self) -> None:
        while not self._stop.is_set():
            try:
                connected, _ = self._listener.accept()
            except TimeoutError:
                continue
            connected.settimeout(None)
            with self.happening:
                self.connections += 1
                self._sockets.append(connected)
                thread = threading.Thread(
                    target=self._serve, args=(connected, self.connections, self.behaviour), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connected: socket.socket, number: int, behaviour: Behaviour) -> None:
        try:
            with connected:
                _Conversation(self, connected, number, behaviour).run()
        except (OSError, EOFError, struct.error, IndexError):
            pass


class _Conversation:
    def __init__(self, broker: FakeBroker, connected: socket.socket, number: int, behaviour: Behaviour) -> None:
        self.broker = broker
        self.socket = connected
        self.number = number
        self.behaviour = behaviour
        self.is_five = False
        self.published = 0
        self.open: set[int] = set()

    def run(self) -> None:
        if self.behaviour.greeting:
            self.socket.sendall(self.behaviour.greeting)
        while True:
            first, body = self._packet()
            kind = first >> 4
            if kind == CONNECT:
                if not self._connect(body):
                    return
            elif kind == PUBLISH:
                if not self._publish(first, body):
                    return
            elif kind == SUBSCRIBE:
                self._send(0x90, body[:2] + (b"\0" if self.is_five else b"") + b"\0")
            elif kind == UNSUBSCRIBE:
                self._send(0xB0, body[:2] + (b"\0\0" if self.is_five else b""))
            elif kind == PINGREQ and self.behaviour.answers_pings:
                self._send(0xD0, b"")
            elif kind == DISCONNECT:
                return

    def _connect(self, body: bytes) -> bool:
        self.is_five = body[6] == 5
        code = self.behaviour.connack
        if code is None:
            return True
        time.sleep(self.behaviour.delay)
        properties = b""
        if self.is_five and self.behaviour.receive_maximum:
            properties = b"\x21" + struct.pack(">H", self.behaviour.receive_maximum)
        self._send(0x20, bytes([0, code]) + (bytes([len(properties)]) + properties if self.is_five else b""))
        return code == 0

    def _publish(self, first: int, body: bytes) -> bool:
        (length,) = struct.unpack(">H", body[:2])
        topic = body[2:2 + length].decode()
        at = 2 + length
        qos = first >> 1 & 3
        packet = 0
        if qos:
            (packet,) = struct.unpack(">H", body[at:at + 2])
            at += 2
        if self.is_five:
            at += 1 + body[at]  # Properties are shorter than 128 bytes here.
        publish = Publish(self.number, topic, body[at:], qos, bool(first & 8), packet)
        self.published += 1
        self.open.add(packet)
        with self.broker.happening:
            self.broker.publishes.append(publish)
            self.broker.window = max(self.broker.window, len(self.open))
        self.broker.receive(topic, publish.payload)
        if self.behaviour.close_after is not None and self.published >= self.behaviour.close_after:
            return False
        if qos:
            self._acknowledge(publish)
        return True

    def _acknowledge(self, publish: Publish) -> None:
        if self.behaviour.garbage:
            self.socket.sendall(self.behaviour.garbage)
            return
        reason = self.behaviour.puback(publish)
        if reason is None:
            return
        time.sleep(self.behaviour.delay)
        self.open.discard(publish.packet)
        answer = struct.pack(">H", publish.packet) + (bytes([reason, 0]) if self.is_five and reason else b"")
        for _ in range(self.behaviour.copies):
            self._send(0x40, answer)
        with self.broker.happening:
            if reason < 0x80:
                self.broker.acknowledged.append(publish)

    def _send(self, first: int, body: bytes) -> None:
        self.socket.sendall(bytes([first, len(body)]) + body)

    def _packet(self) -> tuple[int, bytes]:
        first = self._read(1)[0]
        length, shift = 0, 0
        while True:
            byte = self._read(1)[0]
            length |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                return first, self._read(length)

    def _read(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            more = self.socket.recv(count - len(data))
            if not more:
                raise EOFError
            data += more
        return data
