"""homeward evaluate oximetry, as a person or a program runs it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from harness.daemon import homeward


def evaluate(*arguments: str) -> dict[str, Any]:
    done = homeward("evaluate", "oximetry", "--json", *arguments)
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def night(events: int) -> list[int]:
    """An hour at 97 %, with falls to 90 % for half a minute."""
    values = [97] * 3600
    for event in range(events):
        start = 300 + event * 300
        values[start:start + 30] = [90] * 30
    return values


@pytest.mark.parametrize("header", ["seconds,spo2,pulse\n", "Time,Oxygen Level,Pulse Rate,Motion\n", ""])
def test_columns_are_found_whatever_they_are_called(folder: Path, header: str) -> None:
    file = folder / "night.csv"
    clock = header.startswith("Time")
    rows = [f"{second // 3600 + 23}:{second // 60 % 60:02}:{second % 60:02} May 20 2026,{value},60,0" if clock
            else f"{second},{value},60" for second, value in enumerate(night(6))]
    file.write_text(header + "\n".join(rows) + "\n")
    found = evaluate(str(file))["files"][0]
    assert found["definitions"]["aasm"]["events3"] == 6
    assert found["definitions"]["aasm"]["odi3"] == pytest.approx(6)
    assert found["definitions"]["vendorCompatible"]["events4"] == 6
    assert found["validHours"] == pytest.approx(1)
    assert found["nadir"] == 90
    assert [event["nadir"] for event in found["events"]] == [90] * 6


def test_one_value_a_line_takes_the_interval_that_is_told(folder: Path) -> None:
    file = folder / "night.txt"
    file.write_text("\n".join(str(value) for value in night(4)[::4]) + "\n")
    found = evaluate(str(file), "--sample-interval-ms", "4000")["files"][0]
    assert found["validHours"] == pytest.approx(1)
    assert found["definitions"]["aasm"]["events3"] == 4


def test_several_oximeters_are_compared(folder: Path) -> None:
    file = folder / "three.csv"
    rows = [f"{second},{value},{value - 1},{value + 1}" for second, value in enumerate(night(3))]
    file.write_text("seconds,SpO2 1,SpO2 2,SpO2 3\n" + "\n".join(rows) + "\n")
    found = evaluate(str(file))["files"][0]
    assert [column["name"] for column in found["columns"]] == ["SpO2 1", "SpO2 2", "SpO2 3"]
    assert [one["matched"] for one in found["comparisons"]] == [3, 3, 3]
    assert [one["missed"] + one["extra"] for one in found["comparisons"]] == [0, 0, 0]


def test_what_is_no_oximetry_is_said_to_be_none(folder: Path) -> None:
    file = folder / "other.csv"
    file.write_text("name,town\nsomebody,somewhere\n")
    assert homeward("evaluate", "oximetry", str(file)).returncode == 65
    assert homeward("evaluate", "oximetry", str(folder / "none.csv")).returncode == 66
    assert homeward("evaluate", "oximetry").returncode == 64
