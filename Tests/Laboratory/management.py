"""The kernel's Bluetooth management channel and L2CAP sockets from Python: to try the kernel without the program.

Python's own socket module knows neither the channel of a HCI address nor the CID of an L2CAP one, so `bind` and
`connect` go through libc. Formats: doc/mgmt-api.txt of BlueZ, `struct sockaddr_hci` and `struct sockaddr_l2`.
"""

from __future__ import annotations

import asyncio
import ctypes
import errno
import os
import socket
import struct
from dataclasses import dataclass
from typing import Any

AF_BLUETOOTH = 31
BTPROTO_L2CAP = 0
BTPROTO_HCI = 1
HCI_CHANNEL_CONTROL = 3
NO_INDEX = 0xFFFF
ATT_CID = 4
LE_PUBLIC, LE_RANDOM = 1, 2
SOL_BLUETOOTH, BT_SECURITY = 274, 4

COMMANDS = {
    "read-version": 0x01, "read-index-list": 0x03, "read-info": 0x04, "set-powered": 0x05, "set-discoverable": 0x06,
    "set-connectable": 0x07, "set-bondable": 0x09, "set-le": 0x0D, "load-long-term-keys": 0x13, "disconnect": 0x14,
    "set-io-capability": 0x18, "pair-device": 0x19, "cancel-pair-device": 0x1A, "unpair-device": 0x1B,
    "confirmation-reply": 0x1C, "confirmation-negative-reply": 0x1D, "passkey-reply": 0x1E,
    "passkey-negative-reply": 0x1F, "start-discovery": 0x23, "stop-discovery": 0x24, "set-secure-connections": 0x2D,
    "load-irks": 0x30, "get-connection-information": 0x31, "add-device": 0x33, "remove-device": 0x34,
    "load-connection-parameters": 0x35,
}
COMMAND_NAMES = {code: name for name, code in COMMANDS.items()}
EVENTS = {
    0x01: "command-complete", 0x02: "command-status", 0x03: "controller-error", 0x04: "index-added",
    0x05: "index-removed", 0x06: "new-settings", 0x07: "class-changed", 0x08: "name-changed", 0x0A: "new-long-term-key",
    0x0B: "device-connected", 0x0C: "device-disconnected", 0x0D: "connect-failed", 0x0F: "confirmation-request",
    0x10: "passkey-request", 0x11: "authentication-failed", 0x12: "device-found", 0x13: "discovering",
    0x16: "device-unpaired", 0x17: "passkey-notify", 0x18: "new-irk", 0x1A: "device-added", 0x1B: "device-removed",
    0x1C: "new-connection-parameter",
}
LIBC = ctypes.CDLL(None, use_errno=True)


def _address(call: str, sock: socket.socket, packed: bytes) -> None:
    if getattr(LIBC, call)(sock.fileno(), packed, len(packed)) < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


def octets(address: str) -> bytes:
    """Least significant first, as the kernel has it."""
    return bytes.fromhex(address.replace(":", ""))[::-1]


def text(address: bytes) -> str:
    return ":".join(f"{byte:02X}" for byte in address[::-1])


@dataclass(frozen=True)
class Event:
    name: str
    index: int
    data: bytes

    @property
    def address(self) -> str:
        return text(self.data[:6])

    @property
    def address_kind(self) -> int:
        return self.data[6]


class Refused(AssertionError):
    """The kernel answered a command with a status other than 0."""

    def __init__(self, command: str, status: int) -> None:
        super().__init__(f"management command {command}: status 0x{status:02X}")
        self.status = status


class Management:
    """One management socket. Everything that was heard stays in `events`."""

    def __init__(self) -> None:
        self.socket = socket.socket(AF_BLUETOOTH, socket.SOCK_RAW | socket.SOCK_NONBLOCK, BTPROTO_HCI)
        _address("bind", self.socket, struct.pack("<HHH", AF_BLUETOOTH, NO_INDEX, HCI_CHANNEL_CONTROL))
        self.events: list[Event] = []
        self._rung = asyncio.Event()
        asyncio.get_running_loop().add_reader(self.socket.fileno(), self._read)

    def _read(self) -> None:
        try:
            packet = self.socket.recv(4096)
        except BlockingIOError:
            return
        code, index, _ = struct.unpack_from("<HHH", packet)
        self.events.append(Event(EVENTS.get(code, f"0x{code:02X}"), index, packet[6:]))
        self._rung.set()

    async def command(self, name: str, data: bytes = b"", index: int = 0, within: float = 30) -> bytes:
        """The answer's parameters. :class:`Refused` for a status."""
        since = len(self.events)
        self.socket.send(struct.pack("<HHH", COMMANDS[name], index, len(data)) + data)

        def is_answer(event: Event) -> bool:
            return event.name in ("command-complete", "command-status") and \
                struct.unpack_from("<H", event.data)[0] == COMMANDS[name]

        answer = await self.wait(is_answer, f"an answer to {name}", within, since)
        if answer.data[2]:
            raise Refused(name, answer.data[2])
        return answer.data[3:]

    async def wait(self, wanted: Any, what: str, within: float = 20, since: int = 0) -> Event:
        """`wanted`: the name of an event, or a function of events."""
        async def look() -> Event:
            place = since
            while True:
                while place < len(self.events):
                    event = self.events[place]
                    if event.name == wanted if isinstance(wanted, str) else wanted(event):
                        return event
                    place += 1
                self._rung.clear()
                await self._rung.wait()
        try:
            return await asyncio.wait_for(look(), within)
        except TimeoutError:
            raise AssertionError(f"not heard within {within:.0f} s: {what}; heard {self.told(since)}") from None

    def told(self, since: int = 0) -> str:
        return ", ".join(event.name for event in self.events[since:]) or "nothing"

    async def power(self, is_on: bool = True, index: int = 0) -> None:
        await self.command("set-powered", bytes([is_on]), index)

    async def prepare(self, io_capability: int = 4, index: int = 0) -> None:
        """LE only, bondable, secure connections, no keys of before, and powered."""
        await self.command("set-powered", b"\0", index)
        await self.command("set-le", b"\1", index)
        await self.command("set-bondable", b"\1", index)
        await self.command("set-secure-connections", b"\1", index)
        await self.command("set-io-capability", bytes([io_capability]), index)
        await self.command("load-irks", b"\0\0", index)
        await self.command("load-long-term-keys", b"\0\0", index)
        await self.power(True, index)

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self.socket.fileno())
        self.socket.close()


def l2cap_address(address: str, kind: int, cid: int = ATT_CID) -> bytes:
    return struct.pack("<HH6sHBx", AF_BLUETOOTH, 0, octets(address), cid, kind)


class Attributes:
    """The attribute protocol over the kernel's L2CAP socket: just enough to try it."""

    def __init__(self, security: int = 1) -> None:
        self.socket = socket.socket(AF_BLUETOOTH, socket.SOCK_SEQPACKET | socket.SOCK_NONBLOCK, BTPROTO_L2CAP)
        _address("bind", self.socket, l2cap_address("00:00:00:00:00:00", LE_PUBLIC))
        self.socket.setsockopt(SOL_BLUETOOTH, BT_SECURITY, struct.pack("BBxx", security, 0)[:2])
        self.notifications: list[tuple[int, bytes]] = []

    async def connect(self, address: str, kind: int = LE_RANDOM, within: float = 40) -> None:
        loop = asyncio.get_running_loop()
        try:
            _address("connect", self.socket, l2cap_address(address, kind))
        except OSError as error:
            if error.errno != errno.EINPROGRESS:
                raise
        done = loop.create_future()
        loop.add_writer(self.socket.fileno(), lambda: done.done() or done.set_result(None))
        try:
            await asyncio.wait_for(done, within)
        finally:
            loop.remove_writer(self.socket.fileno())
        code = self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            raise OSError(code, os.strerror(code))

    async def request(self, pdu: bytes, within: float = 30) -> bytes:
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(self.socket, pdu)
        while True:
            answer = await asyncio.wait_for(loop.sock_recv(self.socket, 1024), within)
            if not answer:
                raise ConnectionError("the link ended")
            if answer[0] in (0x1B, 0x1D):
                self.notifications.append((int.from_bytes(answer[1:3], "little"), answer[3:]))
            else:
                return answer

    async def receive(self, within: float = 10) -> bytes:
        return await asyncio.wait_for(asyncio.get_running_loop().sock_recv(self.socket, 1024), within)

    async def handle_of(self, number: int) -> int:
        """The handle of the first characteristic value with a 16-bit UUID: read by type from 1."""
        answer = await self.request(struct.pack("<BHHH", 0x08, 1, 0xFFFF, number))
        if answer[0] != 0x09:
            raise AssertionError(f"no characteristic {number:04X}: {answer.hex()}")
        return struct.unpack_from("<H", answer, 2)[0]

    async def security(self) -> int:
        return self.socket.getsockopt(SOL_BLUETOOTH, BT_SECURITY, 2)[0]

    def close(self) -> None:
        self.socket.close()
