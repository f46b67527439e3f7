"""The pictures of sessions, as a clinician asks for them at the command line."""

from __future__ import annotations

import json
import math
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest

from harness.daemon import homeward

SVG = "{http://www.w3.org/2000/svg}"


def session(kind: str, **more: Any) -> dict[str, Any]:
    return {
        "device": "device-1",
        "patient": "p-1",
        "kind": kind,
        "origin": "measured",
        "quality": "valid",
        "time": "2026-01-02T22:04:05.678Z",
        "clock": "synchronized",
    } | more


def night(**more: Any) -> dict[str, Any]:
    return session(
        "overnight-oximetry",
        signals=[
            {
                "metric": "oxygen-saturation",
                "sampleRateHz": 1,
                "scale": 1,
                "offset": 0,
                "segments": [
                    {"firstSample": 0, "runs": [96, 3000, 88, 30, 96, 1000]},
                    {"firstSample": 5000, "samples": [95, 96] * 500},
                ],
            }
        ],
        analysis={
            "results": [{"name": "desaturation-index-3", "value": 1.2, "unit": "/h", "quality": "valid"}],
            "gradings": [],
            "annotations": [{"kind": "desaturation", "seconds": 3000, "durationSeconds": 30, "value": 88}],
        },
        **more,
    )


def strip(**more: Any) -> dict[str, Any]:
    wave = [round(1000 * math.exp(-(((index % 250) - 125) ** 2) / 20)) for index in range(7500)]
    return session(
        "ecg-strip",
        signals=[
            {
                "metric": "ecg-lead-avr",
                "sampleRateHz": 250,
                "scale": 0.001,
                "offset": 0,
                "segments": [{"firstSample": 0, "samples": wave}],
            }
        ],
        analysis={
            "results": [],
            "gradings": [],
            "annotations": [
                {"kind": "beat-ventricular", "seconds": 0.5},
                {"kind": "pause", "seconds": 10, "durationSeconds": 3.4, "value": 3.4},
            ],
        },
        **more,
    )


def spirometry(**more: Any) -> dict[str, Any]:
    flow = [round(8000 * (step / 8 if step < 8 else math.exp(-(step - 8) / 50))) for step in range(600)]
    blow = {
        "number": 1,
        "quality": "valid",
        "results": [{"metric": "forced-vital-capacity", "value": 4.21, "unit": "L"}],
        "curves": [
            {
                "kind": "flow-time",
                "sampleRateHz": 100,
                "firstSample": 0,
                "tracks": [{"quantity": "flow", "unit": "L/s", "scale": 0.001, "samples": flow}],
            }
        ],
    }
    return session("spirometry", manoeuvres=[blow], deviceBest=1, **more)


def draw(folder: Path, body: Any, *flags: str) -> str:
    file = folder / "session.json"
    file.write_text(body if isinstance(body, str) else json.dumps(body))
    done = homeward("report", str(file), *flags)
    assert done.returncode == 0, done.stderr
    return done.stdout.decode()


def words(picture: str) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(picture).iter(f"{SVG}text")]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (night(), ["Overnight oximetry", "ODI3", "1.2 /h", "23:00"]),
        (strip(), ["ECG strip: pause 3.4 s", "aVR", "V"]),
        (spirometry(), ["Spirometry", "1 best", "4.21"]),
    ],
)
def test_a_session_is_drawn_with_its_words(tmp_path: Path, body: dict[str, Any], expected: list[str]) -> None:
    found = words(draw(tmp_path, body))
    for word in expected:
        assert word in found, found
    assert any("patient p-1" in word and "2026-01-02 22:04:05 UTC" in word for word in found)


def test_a_page_holds_the_drawing(tmp_path: Path) -> None:
    page = draw(tmp_path, night(), "--html")
    assert page.startswith("<!DOCTYPE html>") and "<svg" in page and "does not replace" in page


def test_what_must_be_known_stands_on_the_picture(tmp_path: Path) -> None:
    body = night(origin="test", clock="unset", quality="questionable", reasons=["motion"])
    picture = draw(tmp_path, body)
    assert "not clinical" in picture and "clock was unset" in picture and "motion" in picture


def test_strange_words_stay_words(tmp_path: Path) -> None:
    assert "<b>" not in draw(tmp_path, night(device="<b>&"))


@pytest.mark.parametrize(
    ("text", "code", "told"),
    [
        ("not JSON", 65, "it is not JSON"),
        (json.dumps({"kind": "ecg-strip"}), 65, "'device' is missing"),
        (json.dumps(session("x-ray")), 65, "no picture of a session of kind 'x-ray'"),
        (json.dumps(session("ecg-strip", signals=[])), 65, "without an ECG signal"),
        (json.dumps(session("overnight-oximetry")), 65, "without a signal of oxygen-saturation"),
        (json.dumps(session("ecg-strip", signals=[{"metric": "ecg"}])), 65, "'signals[0].sampleRateHz' is missing"),
    ],
)
def test_what_is_no_session_is_told(tmp_path: Path, text: str, code: int, told: str) -> None:
    file = tmp_path / "session.json"
    file.write_text(text)
    done = homeward("report", str(file))
    assert done.returncode == code
    assert told in done.stderr.decode()


@pytest.mark.parametrize("rate", [0, -1, 1e308, 1e-300])
@pytest.mark.parametrize("first", [0, -5, 2**62])
@pytest.mark.parametrize("kept", [None, 0, 2**40])
def test_impossible_numbers_end_in_a_picture_or_a_sentence(
    tmp_path: Path, rate: float, first: int, kept: int | None
) -> None:
    body = strip()
    body["signals"][0] |= {"sampleRateHz": rate} | ({} if kept is None else {"keptOneOf": kept})
    body["signals"][0]["segments"][0]["firstSample"] = first
    file = tmp_path / "session.json"
    file.write_text(json.dumps(body))
    done = homeward("report", str(file))
    assert done.returncode in (0, 65), done.stderr


@pytest.mark.parametrize("rate", [0, -1, 1e308, 1e-300])
@pytest.mark.parametrize("seconds", [-1e300, 1e300, 1e18])
def test_impossible_nights_end_in_a_picture_or_a_sentence(tmp_path: Path, rate: float, seconds: float) -> None:
    body = night()
    body["signals"][0]["sampleRateHz"] = rate
    body["analysis"]["annotations"][0] |= {"seconds": seconds, "durationSeconds": seconds, "value": seconds}
    file = tmp_path / "session.json"
    file.write_text(json.dumps(body))
    done = homeward("report", str(file))
    assert done.returncode in (0, 65), done.stderr


def test_the_list_and_its_numbers(tmp_path: Path) -> None:
    folder = tmp_path / "sessions"
    folder.mkdir()
    (folder / "sessions.list").write_text("1 100 2026-01-02T22:04:05Z\n2 100 2026-01-02T22:05:05Z\n")
    (folder / "session-2.json").write_text(json.dumps(strip()))
    listed = homeward("report", "--list", "--data", str(tmp_path))
    assert listed.returncode == 0
    lines = listed.stdout.decode().splitlines()
    assert lines[0].startswith("1  (its file is missing") and lines[1].startswith("2  ecg-strip  2026-01-02T22:04:05")
    assert homeward("report", "2", "--data", str(tmp_path)).returncode == 0
    missing = homeward("report", "3", "--data", str(tmp_path))
    assert missing.returncode == 66 and "report --list" in missing.stderr.decode()
