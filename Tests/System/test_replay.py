"""Decoders from outside: vectors from the vendors' documents, every capture, and any bytes at all."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness import devices
from harness.daemon import ROOT, homeward
from harness.devices import OUT, Shown
from harness.kit import Kit

CAPTURES = sorted((ROOT / "Drivers").glob("*/Captures/*.capture"))
DRIVERS = ["contec-cms50-v5", "contec-cms50-v7", "berrymed-bci", "nonin-serial", "template"]


def replay(driver: str, given: bytes, format: str, *more: str) -> list[dict[str, Any]]:
    done = homeward("replay", "--driver", driver, "--format", format, *more, "-", given=given)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def readings(lines: list[dict[str, Any]], metric: str) -> list[tuple[float | None, str, list[str]]]:
    return [(line["value"], line["quality"], line.get("reasons", []))
            for line in lines if line["kind"] == "reading" and line["metric"] == metric]


#: Driver, format option, one frame in hexadecimal, and its numbers: saturation in %, pulse in /min, perfusion in %.
#: `None`: the frame's mark for "no value"; a metric that is left out is not in the frame.
VECTORS: list[tuple[str, str, dict[str, float | None]]] = [
    # A real CMS50D+ on protocol V7.0: signal 5, bar 10, no perfusion index.
    ("contec-cms50-v7", "01 E0 85 D5 9A BD E3 FF FF", {"oxygen-saturation": 99, "pulse-rate": 61}),
    # Finger out, by the vendor's table: d0 bit 7, pleth 40, all numbers at their marks.
    ("contec-cms50-v7", "01 E9 80 C0 90 FF FF FF FF", {"oxygen-saturation": None, "pulse-rate": None}),
    # Perfusion index 3.50 %, pulse 150 with its seventh bit in the high byte.
    ("contec-cms50-v7", "01 88 85 C0 86 96 E2 DE 81", {
        "oxygen-saturation": 98, "pulse-rate": 150, "perfusion-index": 3.5}),
    # Contec's protocol V5.0A: pulse bit 7 stands in the third byte.
    ("contec-cms50-v5", "85 40 06 3D 62", {"oxygen-saturation": 98, "pulse-rate": 61}),
    ("contec-cms50-v5", "85 40 46 00 62", {"oxygen-saturation": 98, "pulse-rate": 128}),
    ("contec-cms50-v5", "85 40 06 7F 62", {"oxygen-saturation": 98, "pulse-rate": 127}),
    # BCI V1.2 as BerryMed devices speak it.
    ("berrymed-bci", "86 3C 04 48 62", {"oxygen-saturation": 98, "pulse-rate": 72}),
    ("berrymed-bci", "90 00 50 7F 7F", {"oxygen-saturation": None, "pulse-rate": None}),
    ("berrymed-bci", "86 3C 44 16 5A", {"oxygen-saturation": 90, "pulse-rate": 150}),
    # Nonin's data format 8, from a deployed client's tests.
    ("nonin-serial", "80 39 62 20", {"oxygen-saturation": 98, "pulse-rate": 57}),
    ("nonin-serial", "80 39 62 00", {"oxygen-saturation": 98, "pulse-rate": 57}),
    ("nonin-serial", "8B 7F 62 00", {"oxygen-saturation": 98, "pulse-rate": None}),
    ("nonin-serial", "89 6B 62 00", {"oxygen-saturation": 98, "pulse-rate": 235}),
    ("nonin-serial", "80 39 7F 08", {"oxygen-saturation": None}),
    # Nonin's data format 13: 2024-01-31 14:30:15.
    ("nonin-serial", "00 02 00 0D 00 0E 20 24 01 31 14 30 15 00 02 00 00 48 00 62 7B 03", {
        "oxygen-saturation": 98, "pulse-rate": 72}),
]


@pytest.mark.parametrize("driver,frame,expected", VECTORS, ids=[f"{v[0]} {v[1]}" for v in VECTORS])
def test_a_vector_of_the_document_gives_its_values(
        driver: str, frame: str, expected: dict[str, float | None]) -> None:
    # Enough frames for a decoder that has to find its place first.
    repeats = 1 if frame.startswith("00 02") else 8
    lines = replay(driver, (f"{frame}\n" * repeats).encode(), "hex")
    for metric, value in expected.items():
        found = readings(lines, metric)
        assert found, f"no {metric} in {lines}"
        assert {v for v, _, _ in found} == {value}
        if value is None:
            assert {quality for _, quality, _ in found} == {"invalid"}


@pytest.mark.parametrize("driver,encode", [
    ("contec-cms50-v7", devices.contec_live), ("berrymed-bci", devices.bci), ("nonin-serial", devices.nonin_format_8)])
def test_every_number_that_a_device_can_show_is_read_as_it_is_shown(driver: str, encode: Any) -> None:
    pulses = range(25, 251, 5) if driver != "nonin-serial" else range(20, 321, 6)
    shown = [(70 + index % 31, pulse) for index, pulse in enumerate(pulses)]
    stream = b"".join(encode(Shown(saturation, pulse), 1) * 2 for saturation, pulse in shown)
    lines = replay(driver, stream, "bin")
    pulse_values = [value for value, _, _ in readings(lines, "pulse-rate")]
    assert list(dict.fromkeys(pulse_values)) == [pulse for _, pulse in shown]
    saturations = [value for value, _, _ in readings(lines, "oxygen-saturation")]
    assert [a for a, b in zip(saturations, [None, *saturations]) if a != b] == [saturation for saturation, _ in shown]


@pytest.mark.parametrize("driver,encode", [
    ("contec-cms50-v7", devices.contec_live), ("berrymed-bci", devices.bci), ("nonin-serial", devices.nonin_format_8)])
def test_a_finger_that_is_out_is_never_a_number(driver: str, encode: Any) -> None:
    lines = replay(driver, encode(OUT, 1) * 100, "bin")
    for metric in ("oxygen-saturation", "pulse-rate"):
        found = readings(lines, metric)
        assert found and all(value is None and quality == "invalid" for value, quality, _ in found)


@pytest.mark.parametrize("capture", CAPTURES, ids=[f"{path.parent.parent.name}/{path.stem}" for path in CAPTURES])
def test_every_capture_can_be_replayed(capture: Path) -> None:
    notes = dict(
        line[1:].strip().split(":", 1) for line in capture.read_text().splitlines()
        if line.startswith("#") and ":" in line)
    driver = notes["driver"].strip()
    done = homeward("replay", "--driver", driver, "--format", "capture", str(capture))
    assert done.returncode == 0, done.stderr
    for line in done.stdout.splitlines():
        assert "kind" in json.loads(line)
    assert done.stderr, "the counts are missing"


def test_there_are_captures_of_every_family() -> None:
    assert {path.parent.parent.name for path in CAPTURES} >= {"BerryMed", "ContecCMS50", "Nonin", "Template"}


@pytest.mark.parametrize("driver", DRIVERS)
def test_any_bytes_at_all_end_in_an_orderly_way(driver: str) -> None:
    noise = random.Random(driver).randbytes(300_000)
    for line in replay(driver, noise, "bin"):
        assert line["kind"]
    for size in (0, 1, 2, 7):
        replay(driver, noise[:size], "bin")


@pytest.mark.parametrize("driver", DRIVERS)
def test_a_damaged_stream_is_read_again_after_the_damage(driver: str) -> None:
    encode = {"contec-cms50-v7": devices.contec_live, "berrymed-bci": devices.bci,
              "nonin-serial": devices.nonin_format_8}.get(driver)
    if encode is None:
        pytest.skip("no independent encoder for this driver")
    chance = random.Random(1)
    stream = bytearray(b"".join(encode(Shown(95, 70), wave) for wave in range(1, 300)))
    for _ in range(40):
        stream[chance.randrange(len(stream) // 2)] = chance.randrange(256)
    del stream[11]
    lines = replay(driver, bytes(stream) + encode(Shown(88, 99), 1) * 200, "bin")
    assert readings(lines, "oxygen-saturation")[-1][0] == 88
    assert readings(lines, "pulse-rate")[-1][0] == 99


@pytest.mark.parametrize("given,format", [
    (b"zz", "hex"), (b"0.000 < 0", "capture"), (b"nonsense", "capture"), (b"1.0 < 01\n0.5 < 02\n", "capture")])
def test_a_file_that_is_not_what_it_was_said_to_be_is_bad_data(given: bytes, format: str) -> None:
    done = homeward("replay", "--driver", "berrymed-bci", "--format", format, "-", given=given)
    assert done.returncode == 65
    assert b"line" in done.stderr or b"hex" in done.stderr


def test_an_unknown_driver_gets_a_hint() -> None:
    done = homeward("replay", "--driver", "berrymed", "-", given=b"")
    assert done.returncode == 64
    assert b"berrymed-bci" in done.stderr


def test_a_missing_file_is_named() -> None:
    done = homeward("replay", "--driver", "berrymed-bci", "/nonexistent/file.capture")
    assert done.returncode == 66
    assert b"/nonexistent/file.capture" in done.stderr


def test_what_is_recorded_can_be_replayed(make_kit: Callable[..., Kit], folder: Path) -> None:
    kit = make_kit("oximeter")
    kit.show(saturation=91, pulse=133)
    file = folder / "recorded.capture"
    done = homeward("record", "--driver", kit.driver, "--port", kit.path, "--seconds", "3", "--output", str(file))
    assert done.returncode == 0, done.stderr
    again = homeward("replay", str(file))
    assert again.returncode == 0, again.stderr
    lines = [json.loads(line) for line in again.stdout.splitlines()]
    assert {value for value, _, _ in readings(lines, "oxygen-saturation")} == {91}
    assert {value for value, _, _ in readings(lines, "pulse-rate")} == {133}
