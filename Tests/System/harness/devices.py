"""Frames of three families of oximeters, written from the vendors' documents and not from the program's code."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Shown:
    """What a device shows. `None` stands for its mark of "no value"."""

    saturation: int | None = 98
    pulse: int | None = 72
    #: In hundredths of a percent.
    perfusion: int | None = 350
    is_finger_out: bool = False


OUT = Shown(None, None, None, is_finger_out=True)


def contec(kind: int, data: bytes) -> bytes:
    """A package of Contec's protocol V7.0: type, the seventh bits, then data with bit 7 set."""
    high = 0x80
    for index, byte in enumerate(data[:7]):
        high |= (byte >> 7) << index
    return bytes([kind, high]) + bytes(byte | 0x80 for byte in data)


def contec_live(shown: Shown, wave: int) -> bytes:
    pulse = 0xFF if shown.pulse is None else shown.pulse
    saturation = 0x7F if shown.saturation is None else shown.saturation
    perfusion = 0xFFFF if shown.perfusion is None else shown.perfusion
    data = bytes([
        0x80 if shown.is_finger_out else 0x05,
        0x40 if shown.is_finger_out else wave & 0x7F,
        0x1A if shown.perfusion is None else 0x0A,
        pulse, saturation, perfusion & 0xFF, perfusion >> 8,
    ])
    return contec(0x01, data)


def contec_command(frame: bytes) -> int:
    """The command of nine bytes from the host."""
    return (frame[2] & 0x7F) | ((frame[1] & 1) << 7)


#: What the simulated device answers; to everything else it is silent, as real ones are to what they do not know.
CONTEC_ANSWERS: dict[int, bytes] = {
    0xA2: bytes([0x0C, 0x80]),
    0xA7: bytes([0x0C, 0x80]),
    0xA8: bytes.fromhex("028080B5B0C4A8C1A9") + bytes.fromhex("0281FFABA0A0A0A0A0"),
    0xA9: bytes.fromhex("0380A0A0A0A0A0A0A0"),
    0xAC: bytes.fromhex("0E8080"),
    0xB0: bytes.fromhex("118081808080808080"),
}


def bci(shown: Shown, wave: int) -> bytes:
    """Five bytes of the BCI protocol V1.2."""
    pulse = 0xFF if shown.pulse is None else shown.pulse
    saturation = 0x7F if shown.saturation is None else shown.saturation
    first = 0x90 if shown.is_finger_out else 0x86
    third = (0x10 if shown.is_finger_out else 0x04) | (pulse >> 7 & 1) << 6
    return bytes([first, 0 if shown.is_finger_out else 1 + wave % 100, third, pulse & 0x7F, saturation])


def nonin_format_8(shown: Shown, wave: int) -> bytes:
    """Four bytes of Nonin's data format 8, once a second."""
    pulse = 511 if shown.pulse is None else shown.pulse
    saturation = 127 if shown.saturation is None else shown.saturation
    return bytes([0x80 | pulse >> 7, pulse & 0x7F, saturation, 0x08 if shown.is_finger_out else 0])
