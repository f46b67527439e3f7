"""What every virtual device has: a radio, a GATT table, and a memory of what it sent."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from bumble import att, gatt, hci, pairing
from bumble.device import Connection, Device, DeviceConfiguration
from bumble.host import Host
from bumble.keys import MemoryKeyStore
from bumble.transport.common import AsyncPipeSink

from air import Air, Advertiser, DeviceController
from person import Person

LOG = logging.getLogger("peripheral")
Properties = gatt.Characteristic.Properties
Permissions = gatt.Characteristic.Permissions
#: `bytes`, or what gives them.
Value = bytes | Callable[[], bytes]
#: How much of what was sent is remembered.
SENT_MAX = 200_000


def uuid(text: str | int) -> Any:
    """`0x180D`, or a long one."""
    return gatt.UUID(f"{text:04X}") if isinstance(text, int) else gatt.UUID(text)


@dataclass
class Sent:
    """One notification or indication as it left the device."""

    at: float
    characteristic: str
    data: bytes
    #: What the bytes mean, for comparison with what was published.
    values: dict[str, Any]
    number: int


class Peripheral:
    """Subclasses build their table in :meth:`build` and send in :meth:`run`."""

    #: Advertised; the words of the real device.
    NAME = "Device"
    MANUFACTURER = "Laboratory"
    MODEL = "Virtual"
    FIRMWARE = "1.0"
    #: 16-bit or long UUIDs in the advertisement.
    ADVERTISED: tuple[int | str, ...] = ()
    MANUFACTURER_DATA: bytes = b""
    BATTERY_PERCENT = 87
    #: The largest ATT MTU the device agrees to.
    MTU = 247
    #: What it wants before it gives values: "none", "encrypted" or "authenticated".
    SECURITY = "none"

    def __init__(self, air: Air, name: str | None = None, security: str | None = None,
                 person: Person | None = None, advertises_every: float = 0.1, **options: Any) -> None:
        self.air = air
        self.number = air.next_number()
        self.name = name or self.NAME
        self.security = security or self.SECURITY
        self.person = person or Person()
        self.options = options
        self.advertises_every = advertises_every
        #: Random static and never the same as its radio's public address: mixed up, pairing fails in DHKEY_CHECK.
        self.identity = hci.Address(f"C4:00:00:00:00:{self.number:02X}", hci.Address.RANDOM_DEVICE_ADDRESS)
        self.radio = DeviceController(self.name, air.link, f"F8:00:00:00:00:{self.number:02X}")
        self.device = Device(
            config=DeviceConfiguration(
                name=self.name, address=self.identity, irk=bytes(random.Random(self.number).randbytes(16))),
            host=Host(self.radio, AsyncPipeSink(self.radio)))
        self.device.keystore = MemoryKeyStore()
        self.device.gatt_server.max_mtu = self.MTU
        self.device.pairing_config_factory = lambda _: pairing.PairingConfig(
            sc=True, mitm=self.person.kind != "just-works", bonding=True, delegate=self.person,
            identity_address_type=pairing.PairingConfig.AddressType.RANDOM)
        self.sent: list[Sent] = []
        self.written: list[tuple[str, bytes]] = []
        #: Seconds added before every answer.
        self.answer_delay = 0.0
        self.connections = 0
        self.pairings = 0
        self.pairing_failures: list[str] = []
        self.encryptions = 0
        self.connected_at: list[float] = []
        self.advertised_at: float | None = None
        self._services: dict[str, list[gatt.Characteristic]] = {}
        self._order: list[str] = []
        self._guarded: list[gatt.Characteristic] = []
        self._running: asyncio.Task[None] | None = None
        self._wants_to_advertise = False
        self._counters: dict[str, int] = {}

    # The table.

    def build(self) -> None:
        """Adds the device's own services."""

    async def run(self) -> None:
        """Lives while a central is connected."""

    def characteristic(self, service: int | str, number: int | str, properties: str, value: Value = b"",
                       written: Callable[[bytes], Awaitable[None] | None] | None = None,
                       is_guarded: bool = True) -> gatt.Characteristic:
        """`properties`: words of `read write command notify indicate`."""
        words = {"read": Properties.READ, "write": Properties.WRITE, "command": Properties.WRITE_WITHOUT_RESPONSE,
                 "notify": Properties.NOTIFY, "indicate": Properties.INDICATE}
        bits = Properties(0)
        for word in properties.split():
            bits |= words[word]
        allowed = Permissions(0)
        if "read" in properties:
            allowed |= Permissions.READABLE | (self._guard(True) if is_guarded else Permissions(0))
        if "write" in properties or "command" in properties:
            allowed |= Permissions.WRITEABLE | (self._guard(False) if is_guarded else Permissions(0))
        name = f"{number:04X}" if isinstance(number, int) else number

        def read(_: Any) -> bytes:
            return value() if callable(value) else value

        async def write(_: Any, data: bytes) -> None:
            self.written.append((name, bytes(data)))
            if written and (more := written(bytes(data))):
                await more

        made = gatt.Characteristic(uuid(number), bits, allowed, gatt.CharacteristicValue(read=read, write=write))
        made.laboratory_name = name
        if is_guarded:
            self._guarded.append(made)
        key = f"{service:04X}" if isinstance(service, int) else service
        if key not in self._services:
            self._order.append(key)
        self._services.setdefault(key, []).append(made)
        return made

    def _guard(self, is_read: bool) -> Permissions:
        if self.security == "encrypted":
            return Permissions.READ_REQUIRES_ENCRYPTION if is_read else Permissions.WRITE_REQUIRES_ENCRYPTION
        if self.security == "authenticated":
            return Permissions.READ_REQUIRES_AUTHENTICATION if is_read else Permissions.WRITE_REQUIRES_AUTHENTICATION
        return Permissions(0)

    def _common_services(self) -> None:
        texts = {0x2A29: self.MANUFACTURER, 0x2A24: self.MODEL, 0x2A26: self.FIRMWARE,
                 0x2A25: f"LAB{self.number:05d}"}
        for number, text in texts.items():
            self.characteristic(0x180A, number, "read", text.encode(), is_guarded=False)
        self.battery = self.characteristic(
            0x180F, 0x2A19, "read notify", lambda: bytes([self.BATTERY_PERCENT]), is_guarded=False)

    async def start(self) -> Peripheral:
        self.build()
        self._common_services()
        for key in self._order:
            self.device.add_service(gatt.Service(uuid(int(key, 16) if len(key) == 4 else key), self._services[key]))
        is_guarded = False
        for attribute in self.device.gatt_server.attributes:
            if isinstance(attribute, gatt.Characteristic):
                is_guarded = attribute in self._guarded
            elif is_guarded and attribute.type == gatt.GATT_CLIENT_CHARACTERISTIC_CONFIGURATION_DESCRIPTOR:
                attribute.permissions |= self._guard(False)
        answer = self.device.gatt_server.on_gatt_pdu

        def delayed(bearer: Any, pdu: Any) -> None:
            if self.answer_delay > 0:
                asyncio.get_running_loop().call_later(self.answer_delay, answer, bearer, pdu)
            else:
                answer(bearer, pdu)

        self.device.gatt_server.on_gatt_pdu = delayed
        self.device.on("connection", self._connected)
        await self.device.power_on()
        return self

    # Advertising.

    @property
    def address(self) -> str:
        """As it is seen now."""
        return self.device.random_address.to_string(with_type_qualifier=False)

    @property
    def identity_address(self) -> str:
        return self.identity.to_string(with_type_qualifier=False)

    def advertisement(self) -> bytes:
        """At most 31 bytes; what has no room goes into the scan response."""
        data = bytes([2, 1, 6])
        short = b"".join(each.to_bytes(2, "little") for each in self.ADVERTISED if isinstance(each, int))
        if short:
            data += bytes([len(short) + 1, 3]) + short
        long = b"".join(bytes(uuid(each)) for each in self.ADVERTISED if isinstance(each, str))
        if long and len(data) + len(long) + 2 <= 31:
            data += bytes([len(long) + 1, 7]) + long
        if self.MANUFACTURER_DATA and len(data) + len(self.MANUFACTURER_DATA) + 2 <= 31:
            data += bytes([len(self.MANUFACTURER_DATA) + 1, 0xFF]) + self.MANUFACTURER_DATA
        return data

    def scan_response(self) -> bytes:
        name = self.name.encode()[:29]
        return bytes([len(name) + 1, 9]) + name

    async def advertise(self, is_connectable: bool = True, rssi: int = -60) -> None:
        self._wants_to_advertise = True
        advertiser = self.radio.le_legacy_advertiser
        assert isinstance(advertiser, Advertiser)
        advertiser.is_connectable = is_connectable
        advertiser.rssi = rssi
        if not self.is_connected:
            await self._advertise()

    async def _advertise(self) -> None:
        await self.device.start_advertising(
            advertising_data=self.advertisement(), scan_response_data=self.scan_response(),
            advertising_interval_min=self.advertises_every * 1000,
            advertising_interval_max=self.advertises_every * 1000)
        self.advertised_at = time.monotonic()

    async def stop_advertising(self) -> None:
        self._wants_to_advertise = False
        if self.device.is_advertising:
            await self.device.stop_advertising()

    # The link.

    @property
    def is_connected(self) -> bool:
        return bool(self.device.connections)

    @property
    def connection(self) -> Connection | None:
        return next(iter(self.device.connections.values()), None)

    @property
    def is_encrypted(self) -> bool:
        return bool(self.connection and self.connection.encryption)

    @property
    def mtu(self) -> int:
        return self.connection.att_mtu if self.connection else 23

    def _connected(self, connection: Connection) -> None:
        self.connections += 1
        self.connected_at.append(time.monotonic())
        connection.on("disconnection", lambda reason: self._disconnected(connection, reason))
        connection.on("pairing", lambda *_: self._paired())
        connection.on("pairing_failure", lambda reason: self.pairing_failures.append(str(reason)))
        connection.on("connection_encryption_change", lambda *_: self._encrypted())
        self._running = asyncio.ensure_future(self._live(connection))

    async def _live(self, connection: Connection) -> None:
        try:
            await self.run()
        except asyncio.CancelledError:
            pass
        except Exception:
            LOG.exception("%s", self.name)

    def _paired(self) -> None:
        self.pairings += 1

    def _encrypted(self) -> None:
        self.encryptions += 1

    def _disconnected(self, connection: Connection, reason: int) -> None:
        LOG.info("%s disconnected: 0x%02X", self.name, reason)
        if self._running:
            self._running.cancel()
            self._running = None
        if self._wants_to_advertise:
            asyncio.ensure_future(self._again())

    async def _again(self) -> None:
        await asyncio.sleep(0)
        if self._wants_to_advertise and not self.is_connected and not self.device.is_advertising:
            await self._advertise()

    async def go_away(self) -> None:
        """Out of range: silence, and no goodbye."""
        await self.stop_advertising()
        self.air.link.lose(self.radio)

    async def come_back(self) -> float:
        """The time of the first advertisement."""
        await self.advertise()
        assert self.advertised_at is not None
        return self.advertised_at

    async def disconnect(self) -> None:
        """Ends the link properly, as a device that switches itself off."""
        if self.connection:
            await self.connection.disconnect()

    def refuse_connections(self, refuses: bool = True) -> None:
        """Hears and does not answer: as one that another central holds, or at the edge of the range."""
        self.radio.answers_connections = not refuses

    # Identity and bonds.

    async def change_address(self) -> str:
        """A new resolvable private address."""
        was_advertising = self.device.is_advertising
        if was_advertising:
            await self.device.stop_advertising()
        address = hci.Address.generate_private_address(self.device.irk)
        self.device.random_address = address
        await self.device.send_sync_command(hci.HCI_LE_Set_Random_Address_Command(random_address=address))
        if was_advertising:
            await self._advertise()
        return self.address

    async def forget_bond(self) -> None:
        assert self.device.keystore
        await self.device.keystore.delete_all()

    async def has_bond(self) -> bool:
        assert self.device.keystore
        return bool(await self.device.keystore.get_all())

    def ask_for_security(self) -> None:
        """The security request that many devices send as soon as they are connected."""
        if self.connection:
            self.device.request_pairing(self.connection)

    # Sending.

    def is_subscribed(self, characteristic: gatt.Characteristic) -> bool:
        bits = self.device.gatt_server.subscribers.get(self.connection, {}).get(characteristic.handle)
        return bool(bits and bits[0] & 3)

    def next_count(self, name: str) -> int:
        """0, 1, 2…: the number that goes into a notification."""
        self._counters[name] = self._counters.get(name, -1) + 1
        return self._counters[name]

    async def notify(self, characteristic: gatt.Characteristic, data: bytes, **values: Any) -> bool:
        """`False`: nobody is subscribed."""
        connection = self.connection
        if connection is None or not self.is_subscribed(characteristic):
            return False
        assert len(data) <= connection.att_mtu - 3, f"{len(data)} bytes do not fit into an MTU of {connection.att_mtu}"
        self._remember(characteristic, data, values)
        await self.device.gatt_server.notify_subscriber(connection, characteristic, data)
        return True

    async def indicate(self, characteristic: gatt.Characteristic, data: bytes, **values: Any) -> bool:
        """Returns when the central has confirmed."""
        connection = self.connection
        if connection is None or not self.is_subscribed(characteristic):
            return False
        self._remember(characteristic, data, values)
        try:
            await self.device.gatt_server.indicate_subscriber(connection, characteristic, data)
        except TimeoutError:
            return False
        return True

    def _remember(self, characteristic: gatt.Characteristic, data: bytes, values: dict[str, Any]) -> None:
        name = characteristic.laboratory_name
        if len(self.sent) < SENT_MAX:
            self.sent.append(Sent(time.monotonic(), name, bytes(data), values, self.next_count("sent")))

    async def notify_in_parts(self, characteristic: gatt.Characteristic, data: bytes, **values: Any) -> bool:
        """As vendor protocols do: a frame of any length in as many notifications as the MTU needs."""
        size = min(self.mtu - 3, self.options.get("part_bytes", 244))
        for start in range(0, len(data), size):
            last = start + size >= len(data)
            if not await self.notify(characteristic, data[start:start + size], **(values if last else {})):
                return False
        return True

    def send_raw(self, pdu: bytes) -> None:
        """Any bytes on the channel of the attribute protocol."""
        if self.connection:
            self.device.send_l2cap_pdu(self.connection.handle, att.ATT_CID, pdu)

    async def send_garbage(self, count: int = 50, seed: int = 1) -> None:
        """What no device should send: unknown opcodes, cut-off answers, answers nobody asked for, far too much."""
        source = random.Random(seed)
        for number in range(count):
            kind = number % 5
            if kind == 0:
                pdu = source.randbytes(source.randrange(0, 30))
            elif kind == 1:
                pdu = bytes([source.choice((0x01, 0x03, 0x09, 0x0B, 0x11, 0x13))]) + source.randbytes(3)
            elif kind == 2:
                pdu = bytes([0x1B]) + source.randbytes(1)
            elif kind == 3:
                pdu = bytes([0x1B]) + source.randbytes(2) + source.randbytes(600)
            else:
                pdu = bytes([0x1D]) + b"\xff\xff" + source.randbytes(40)
            self.send_raw(pdu)
            await asyncio.sleep(0.005)

    async def close(self) -> None:
        self._wants_to_advertise = False
        if self._running:
            self._running.cancel()
        self.radio.le_legacy_advertiser.stop()
        self.air.link.controllers.discard(self.radio)


async def beats(seconds: float) -> Any:
    """0, 1, 2… at a steady pace, whatever is done between: what is late is not left out."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    number = 0
    while True:
        yield number
        number += 1
        await asyncio.sleep(max(0.0, began + number * seconds - loop.time()))
