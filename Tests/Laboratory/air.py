"""The air between the kernel's adapter and virtual devices: an in-memory link with an adapter that can be pulled out.

Bumble's controllers speak HCI; the kernel gets one of them through `/dev/vhci` as its `hci0`. What Bumble leaves out and
the kernel relies on is added here: the filter accept list, cancelled connections, lost links, scan responses, reset.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import os
import random
import time
from collections.abc import Callable, Iterable
from typing import Any

from bumble import hci, ll
from bumble.controller import Connection, Controller, LegacyAdvertiser
from bumble.core import PhysicalTransport
from bumble.link import LocalLink

LOG = logging.getLogger("air")
VHCI = "/dev/vhci"
VENDOR_PACKET = 0xFF
#: Bytes of a link layer packet with the data length extension.
PACKET_BYTES_MAX = 251
#: A real link is given up by the central after its supervision time; here it is the time from going out of range.
SUPERVISION_SECONDS = 0.5
RSSI_DBM = -60

ErrorCode = hci.HCI_ErrorCode
#: Without extended advertising, as most dongles in homes: Bumble speaks of it and does not do all of it.
FEATURES = (
    hci.LeFeatureMask.LE_ENCRYPTION
    | hci.LeFeatureMask.EXTENDED_REJECT_INDICATION
    | hci.LeFeatureMask.PERIPHERAL_INITIATED_FEATURE_EXCHANGE
    | hci.LeFeatureMask.LE_PING
    | hci.LeFeatureMask.LE_DATA_PACKET_LENGTH_EXTENSION
)


class Advertisement(ll.AdvInd):
    """What a device says, with what the receiver measures and what it answers to a scan request."""

    def __init__(self, address: hci.Address, data: bytes, scan_response: bytes = b"",
                 is_connectable: bool = True, rssi: int = RSSI_DBM) -> None:
        super().__init__(advertiser_address=address, data=data)
        self.scan_response = scan_response
        self.is_connectable = is_connectable
        self.rssi = rssi


class Link(LocalLink):
    """Packets go where they are sent, from the address that the connection was made with."""

    def _other(self, sender: Controller, address: hci.Address) -> tuple[Controller, Connection] | None:
        for controller in self.controllers:
            if controller is sender:
                continue
            for connection in controller.le_connections.values():
                if connection.self_address == address:
                    return controller, connection
        return None

    def send_acl_data(self, sender_controller: Controller, destination_address: hci.Address,
                      transport: PhysicalTransport, data: bytes) -> None:
        mine = sender_controller.le_connections.get(destination_address)
        other = self._other(sender_controller, destination_address)
        if mine is None or other is None or transport != PhysicalTransport.LE:
            return
        asyncio.get_running_loop().call_soon(other[0].on_link_acl_data, mine.self_address, transport, data)

    def send_advertising_pdu(self, sender_controller: Controller, packet: Any) -> None:
        loop = asyncio.get_running_loop()
        for controller in self.controllers:
            if controller is sender_controller:
                continue
            # Only the adapter listens to advertisements, and only devices to connection requests.
            if isinstance(controller, Adapter) != isinstance(packet, ll.ConnectInd):
                loop.call_soon(controller.on_ll_advertising_pdu, packet)

    def send_ll_control_pdu(self, sender_address: hci.Address, receiver_address: hci.Address, packet: Any) -> None:
        # Out of range, or gone in the meantime: on the air that is silence and not an error.
        for controller in self.controllers:
            connection = controller.le_connections.get(sender_address)
            if connection is not None and connection.self_address == receiver_address:
                asyncio.get_running_loop().call_soon(self._deliver, controller, sender_address, packet)
                return

    @staticmethod
    def _deliver(controller: Controller, sender: hci.Address, packet: Any) -> None:
        if sender in controller.le_connections:
            controller.on_ll_control_pdu(sender, packet)

    def lose(self, controller: Controller) -> None:
        """Every link of the controller is lost without a word: both ends find out by themselves."""
        reason = ErrorCode.CONNECTION_TIMEOUT_ERROR
        for connection in list(controller.le_connections.values()):
            other = self._other(controller, connection.peer_address)
            controller.on_le_disconnected(connection, reason)
            if other is None:
                continue
            asyncio.get_running_loop().call_later(SUPERVISION_SECONDS, self._timed_out, *other)

    @staticmethod
    def _timed_out(controller: Controller, connection: Connection) -> None:
        if controller.le_connections.get(connection.peer_address) is connection:
            controller.on_le_disconnected(connection, ErrorCode.CONNECTION_TIMEOUT_ERROR)


class Advertiser(LegacyAdvertiser):
    """Says what a device says, at the interval that was asked for."""

    is_connectable = True
    rssi = RSSI_DBM

    def _on_timer_fired(self) -> None:
        self.send_advertising_data()
        # As the standard wants it: up to 10 ms of random delay, so that devices do not stay in step.
        delay = max(self.advertising_interval_min * 0.000625, 0.02) + random.random() * 0.01
        self.timer_handle = asyncio.get_running_loop().call_later(delay, self._on_timer_fired)

    def send_advertising_data(self) -> None:
        if self.enabled:
            self.controller.send_advertising_pdu(Advertisement(
                self.address, bytes(self.advertising_data), bytes(self.scan_response_data), self.is_connectable,
                self.rssi))


class DeviceController(Controller):
    """The radio inside a virtual device."""

    le_features = FEATURES
    le_acl_data_packet_length = PACKET_BYTES_MAX
    supported_max_tx_octets = PACKET_BYTES_MAX
    supported_max_rx_octets = PACKET_BYTES_MAX

    def __init__(self, name: str, link: Link, public_address: str) -> None:
        super().__init__(name, link=link, public_address=public_address)
        self.le_legacy_advertiser = Advertiser(self)
        #: `False`: hears the connection request and does not answer, as a device held by another central.
        self.answers_connections = True

    def on_le_connect_ind(self, packet: ll.ConnectInd) -> None:
        if self.answers_connections:
            super().on_le_connect_ind(packet)


class Adapter(Controller):
    """The kernel's `hci0`."""

    le_features = FEATURES
    le_acl_data_packet_length = PACKET_BYTES_MAX
    supported_max_tx_octets = PACKET_BYTES_MAX
    supported_max_rx_octets = PACKET_BYTES_MAX
    #: As on common dongles.
    filter_accept_list_size = 16
    hci_version = hci.HCI_VERSION_BLUETOOTH_CORE_5_0

    def __init__(self, link: Link, address: str) -> None:
        super().__init__("adapter", link=link, public_address=address)
        self._accept_list: set[bytes] = set()
        self._reported: set[tuple[bytes, bytes]] = set()
        #: Counted for the scenarios: (opcode name) of every command, and reports sent to the kernel.
        self.commands: dict[str, int] = {}
        self.reports = 0
        #: Deaf: scans and hears nothing, as radios do that need a reset.
        self.is_deaf = False

    def on_hci_command_packet(self, command: hci.HCI_Command) -> None:
        self.commands[command.name] = self.commands.get(command.name, 0) + 1
        LOG.debug("command %s", command)
        super().on_hci_command_packet(command)

    def on_hci_command(self, command: hci.HCI_Command) -> Any:
        LOG.info("unknown command %s", command.name)
        if isinstance(command, hci.HCI_SyncCommand):
            return hci.HCI_StatusReturnParameters(ErrorCode.UNKNOWN_HCI_COMMAND_ERROR)
        self._send_hci_command_status(ErrorCode.UNKNOWN_HCI_COMMAND_ERROR, command.op_code)
        return None

    def on_hci_reset_command(self, _command: Any) -> hci.HCI_StatusReturnParameters:
        self.le_scan_enable = False
        self.pending_le_connection = None
        self._accept_list.clear()
        self._reported.clear()
        self.is_deaf = False
        self.drop_all()
        return hci.HCI_StatusReturnParameters(ErrorCode.SUCCESS)

    def drop_all(self) -> None:
        """The links end without a word here; the devices notice after their supervision time."""
        for connection in list(self.le_connections.values()):
            other = self.link._other(self, connection.peer_address)
            if other is not None:
                asyncio.get_running_loop().call_later(SUPERVISION_SECONDS, Link._timed_out, *other)
        self.le_connections.clear()

    # The filter accept list.

    @staticmethod
    def _key(address_type: int, address: hci.Address) -> bytes:
        return bytes([address_type & 1]) + bytes(address)

    def on_hci_le_clear_filter_accept_list_command(self, _command: Any) -> hci.HCI_StatusReturnParameters:
        self._accept_list.clear()
        return hci.HCI_StatusReturnParameters(ErrorCode.SUCCESS)

    def on_hci_le_add_device_to_filter_accept_list_command(self, command: Any) -> hci.HCI_StatusReturnParameters:
        if len(self._accept_list) >= self.filter_accept_list_size:
            return hci.HCI_StatusReturnParameters(ErrorCode.MEMORY_CAPACITY_EXCEEDED_ERROR)
        self._accept_list.add(self._key(command.address_type, command.address))
        return hci.HCI_StatusReturnParameters(ErrorCode.SUCCESS)

    def on_hci_le_remove_device_from_filter_accept_list_command(
            self, command: Any) -> hci.HCI_StatusReturnParameters:
        self._accept_list.discard(self._key(command.address_type, command.address))
        return hci.HCI_StatusReturnParameters(ErrorCode.SUCCESS)

    # Scanning.

    def on_hci_le_set_scan_enable_command(self, command: Any) -> hci.HCI_StatusReturnParameters:
        self._reported.clear()
        return super().on_hci_le_set_scan_enable_command(command)

    def on_advertising_pdu(self, pdu: Any) -> None:
        if self.is_deaf or not isinstance(pdu, Advertisement):
            return
        address = pdu.advertiser_address
        key = self._key(address.address_type, address)
        if pdu.is_connectable and self._wants(key):
            self._connect(address)
            return
        if self.le_scan_enable and (self.le_scanning_filter_policy & 1 == 0 or key in self._accept_list):
            self._report(pdu, address)

    def _report(self, pdu: Advertisement, address: hci.Address) -> None:
        if self.filter_duplicates:
            told = (bytes(address), pdu.data)
            if told in self._reported:
                return
            self._reported.add(told)
        self.reports += 1
        kinds = hci.HCI_LE_Advertising_Report_Event.EventType
        kind = kinds.ADV_IND if pdu.is_connectable else kinds.ADV_NONCONN_IND
        self._send_report(kind, address, pdu.data, pdu.rssi)
        if self.le_scan_type == 1 and pdu.is_connectable:
            self._send_report(kinds.SCAN_RSP, address, pdu.scan_response, pdu.rssi)

    def _send_report(self, kind: int, address: hci.Address, data: bytes, rssi: int) -> None:
        report = hci.HCI_LE_Advertising_Report_Event.Report(
            event_type=kind, address_type=address.address_type, address=address, data=data, rssi=rssi)
        self.send_hci_packet(hci.HCI_LE_Advertising_Report_Event([report]))

    # Connecting.

    def _wants(self, key: bytes) -> bool:
        pending = self.pending_le_connection
        if pending is None:
            return False
        if pending.initiator_filter_policy == 1:
            return key in self._accept_list
        return key == self._key(pending.peer_address_type, pending.peer_address)

    def _connect(self, address: hci.Address) -> None:
        pending = self.pending_le_connection
        if pending is None or address in self.le_connections:
            return
        pending.peer_address = address
        handle = self.allocate_connection_handle()
        self.create_le_connection(address)
        asyncio.get_running_loop().call_later(0.02, self._look_for_answer, address, handle)

    def _look_for_answer(self, address: hci.Address, handle: int) -> None:
        if self.link._other(self, address) is None:
            asyncio.get_running_loop().call_later(0.2, self._not_established, address, handle)

    def _not_established(self, address: hci.Address, handle: int) -> None:
        """What a controller tells when the device never answered on the new link."""
        connection = self.le_connections.get(address)
        if connection is not None and connection.handle == handle:
            self.on_le_disconnected(connection, ErrorCode.CONNECTION_FAILED_TO_BE_ESTABLISHED_ERROR)

    def on_hci_le_create_connection_cancel_command(self, _command: Any) -> hci.HCI_StatusReturnParameters:
        pending = self.pending_le_connection
        if pending is None:
            return hci.HCI_StatusReturnParameters(ErrorCode.COMMAND_DISALLOWED_ERROR)
        self.pending_le_connection = None
        asyncio.get_running_loop().call_soon(self.send_hci_packet, hci.HCI_LE_Connection_Complete_Event(
            status=ErrorCode.UNKNOWN_CONNECTION_IDENTIFIER_ERROR, connection_handle=0, role=hci.Role.CENTRAL,
            peer_address_type=pending.peer_address_type & 1, peer_address=pending.peer_address,
            connection_interval=0, peripheral_latency=0, supervision_timeout=0, central_clock_accuracy=0))
        return hci.HCI_StatusReturnParameters(ErrorCode.SUCCESS)

    def on_hci_disconnect_command(self, command: Any) -> None:
        if self.find_connection_by_handle(command.connection_handle) is None:
            self._send_hci_command_status(ErrorCode.UNKNOWN_CONNECTION_IDENTIFIER_ERROR, command.op_code)
            return
        super().on_hci_disconnect_command(command)


class KernelEnd:
    """The kernel's end of an adapter: `/dev/vhci`, one packet a read and a write."""

    def __init__(self, adapter: Adapter, written: Callable[[bytes], None]) -> None:
        self._adapter = adapter
        self._written = written
        self._loop = asyncio.get_running_loop()
        self._file = os.open(VHCI, os.O_RDWR | os.O_NONBLOCK)
        self.index: int | None = None
        self.known = asyncio.Event()
        os.write(self._file, bytes([VENDOR_PACKET, 0]))
        self._loop.add_reader(self._file, self._read)
        adapter.host = self

    def _read(self) -> None:
        try:
            data = os.read(self._file, 4096)
        except BlockingIOError:
            return
        if data[:1] == bytes([VENDOR_PACKET]):
            self.index = int.from_bytes(data[2:4], "little")
            self.known.set()
        elif data:
            try:
                self._adapter.on_packet(data)
            except Exception:
                LOG.exception("packet of the kernel: %s", data.hex())

    def on_packet(self, packet: bytes) -> None:
        """From the adapter to the kernel."""
        if self._file >= 0:
            self._written(packet)
            try:
                os.write(self._file, packet)
            except OSError as error:
                LOG.warning("the kernel did not take a packet: %s", error)

    def close(self) -> None:
        if self._file >= 0:
            self._loop.remove_reader(self._file)
            os.close(self._file)
            self._file = -1


class Air:
    """One room: at most one adapter, any number of devices."""

    def __init__(self, adapter_address: str = "00:1A:7D:DA:71:13") -> None:
        self.link = Link()
        self.adapter_address = adapter_address
        self.adapter: Adapter | None = None
        self._kernel_end: KernelEnd | None = None
        self._numbers = itertools.count(1)
        #: With `keep_times`: the value of each notification and when it was given to the kernel, by the wall clock.
        self.keep_times = False
        self.times: list[tuple[bytes, float]] = []

    def next_number(self) -> int:
        return next(self._numbers)

    async def plug(self) -> int:
        """The kernel gets an adapter. Its index."""
        assert self._kernel_end is None, "the adapter is plugged already"
        self.adapter = Adapter(self.link, self.adapter_address)
        self._kernel_end = KernelEnd(self.adapter, self._note_time)
        await asyncio.wait_for(self._kernel_end.known.wait(), 10)
        assert self._kernel_end.index is not None
        return self._kernel_end.index

    def unplug(self) -> None:
        """Pulled out: the kernel loses the adapter, the devices lose their links."""
        if self._kernel_end is None or self.adapter is None:
            return
        self._kernel_end.close()
        self._kernel_end = None
        self.adapter.drop_all()
        self.adapter.host = None
        self.link.remove_controller(self.adapter)
        self.adapter = None

    def _note_time(self, packet: bytes) -> None:
        # H4 type, HCI 4 bytes, L2CAP 4 bytes, then the attribute protocol.
        if self.keep_times and packet[0] == 2 and packet[7:9] == b"\x04\x00" and packet[9] == 0x1B:
            self.times.append((packet[12:], time.time()))

    # Everybody else's devices.

    async def say(self, advertisements: Iterable[Advertisement], per_second: float = 1000) -> int:
        """Advertisements of devices that are nothing but an address. How many were said."""
        count = 0
        for each in advertisements:
            if self.adapter:
                self.adapter.on_ll_advertising_pdu(each)
            count += 1
            if count % 20 == 0:
                await asyncio.sleep(20 / per_second)
        return count

    def close(self) -> None:
        self.unplug()


def foreigners(count: int, seed: int = 1) -> Iterable[Advertisement]:
    """Devices of passers-by: private addresses, manufacturer data, some with a name, none that is ours."""
    source = random.Random(seed)
    for number in range(count):
        octets = bytearray(source.randbytes(6))
        # Resolvable (01) and not resolvable (00) private addresses, and some random static ones (11).
        octets[5] = octets[5] & 0x3F | source.choice((0x40, 0x40, 0x00, 0xC0))
        address = hci.Address(bytes(octets), hci.Address.RANDOM_DEVICE_ADDRESS)
        data = bytes([2, 1, 6]) + bytes([9, 0xFF, 0x4C, 0x00]) + source.randbytes(6)
        if number % 4 == 0:
            name = f"TV-{number}".encode()
            data += bytes([len(name) + 1, 9]) + name
        yield Advertisement(address, data, rssi=-50 - source.randrange(45), is_connectable=number % 3 != 0)
