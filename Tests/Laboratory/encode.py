"""Encodings that several devices share, written from the standards and vendors' papers and not from the program."""

from __future__ import annotations

import datetime
import math


def sfloat(value: float | None, exponent: int = 0) -> bytes:
    """IEEE 11073 16-bit: 12 bits of mantissa, 4 of exponent. `None` is not a number."""
    if value is None:
        return bytes([0xFF, 0x07])
    mantissa = round(value / 10 ** exponent)
    assert -2046 <= mantissa <= 2045, f"{value} does not fit"
    return ((exponent & 0xF) << 12 | mantissa & 0xFFF).to_bytes(2, "little")


def float32(value: float | None, exponent: int = -1) -> bytes:
    """IEEE 11073 32-bit: 24 bits of mantissa, 8 of exponent."""
    if value is None:
        return bytes([0xFF, 0xFF, 0x7F, 0x00])
    return ((exponent & 0xFF) << 24 | round(value / 10 ** exponent) & 0xFFFFFF).to_bytes(4, "little")


def date_time(moment: datetime.datetime | None = None) -> bytes:
    """2A08: local time without a zone."""
    at = moment or datetime.datetime.now()
    return at.year.to_bytes(2, "little") + bytes([at.month, at.day, at.hour, at.minute, at.second])


def crc8(data: bytes) -> int:
    """Polynomial 07, start 0, not reflected: Viatom."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc << 1 ^ 0x07 if crc & 0x80 else crc << 1) & 0xFF
    return crc


def crc8_maxim(data: bytes) -> int:
    """Polynomial 31 reflected, start 0: Creative."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0x8C if crc & 1 else crc >> 1
    return crc


assert crc8(b"123456789") == 0xF4 and crc8(bytes.fromhex("AA17E800000000")) == 0x1B
assert crc8_maxim(bytes.fromhex("AA550F0801603E005000C0")) == 0x08


def pulse_wave(number: int, rate: float, beats_a_minute: float = 72, high: int = 100) -> int:
    """A plethysmogram's sample: 0…high."""
    phase = number / rate * beats_a_minute / 60 % 1
    return round(high * (0.5 + 0.4 * math.sin(2 * math.pi * phase) + 0.1 * math.sin(4 * math.pi * phase)))


def heart_wave(number: int, rate: float, beats_a_minute: float = 72) -> float:
    """An electrocardiogram's sample in mV: a tall narrow R, a T behind it."""
    phase = number / rate * beats_a_minute / 60 % 1
    return 1.1 * math.exp(-((phase - 0.30) / 0.012) ** 2) + 0.25 * math.exp(-((phase - 0.55) / 0.05) ** 2)
