"""A Creative PC-60FW: frames AA 55 over Nordic's UART service, by itself: values 1 Hz, plethysmogram 50 Hz."""

from __future__ import annotations

from encode import crc8_maxim, pulse_wave
from peripheral import Peripheral, beats

SERVICE = "6E400001-B5A3-F393-E0A9-E50E24DCCA9E"
WRITE = "6E400002-B5A3-F393-E0A9-E50E24DCCA9E"
NOTIFY = "6E400003-B5A3-F393-E0A9-E50E24DCCA9E"


def frame(token: int, kind: int, data: bytes) -> bytes:
    head = bytes([0xAA, 0x55, token, len(data) + 2, kind]) + data
    return head + bytes([crc8_maxim(head)])


class Device(Peripheral):
    """Pulse carries the number: 40 + number modulo 200. Frames are cut anywhere into notifications of 20 bytes."""

    NAME = "PC-60F_SN001234"
    MANUFACTURER = "Creative"
    MODEL = "PC-60FW"
    ADVERTISED = (SERVICE,)

    def build(self) -> None:
        self.saturation = 96
        self.is_finger_in = True
        self.options.setdefault("part_bytes", 20)
        self.frames = self.characteristic(SERVICE, NOTIFY, "notify")
        self.characteristic(SERVICE, WRITE, "write command", written=self.asked)

    async def asked(self, request: bytes) -> None:
        if request == bytes.fromhex("AA55F0028119"):
            await self.notify_in_parts(self.frames, frame(0xF0, 1, bytes([1, 0, 2]) + b"PC-60FW"))
        elif request == bytes.fromhex("AA55F00282FB"):
            await self.notify_in_parts(self.frames, frame(0xF0, 2, b"SN001234"))

    async def run(self) -> None:
        async for beat in beats(0.1):
            if not self.is_subscribed(self.frames):
                continue
            wave = bytes(pulse_wave(beat * 5 + each, 50) for each in range(5))
            data = frame(0x0F, 2, wave)
            values = {}
            if beat % 10 == 0:
                pulse = 40 + self.next_count("pulse") % 200 if self.is_finger_in else 0
                shown = bytes([self.saturation if self.is_finger_in else 0]) + pulse.to_bytes(2, "little") \
                    + bytes([80 if self.is_finger_in else 0, 0 if self.is_finger_in else 2, 0xC0])
                data += frame(0x0F, 1, shown)
                if self.is_finger_in:
                    values = {"oxygen-saturation": self.saturation, "pulse-rate": pulse, "perfusion-index": 8.0}
            await self.notify_in_parts(self.frames, data, **values)
