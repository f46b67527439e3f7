"""Blows in files and reference values, from the command line."""

from __future__ import annotations

import csv
import json
import math
import os
from pathlib import Path
from typing import Any

import pytest

from harness.daemon import ROOT, homeward

DATA = Path(os.environ.get("HOMEWARD_DATA") or ROOT.parent / "shared" / "data")
ATS = DATA / "spirometry_ats26"
GOLDEN = DATA / "gli" / "golden.csv"


def blow(seconds: float = 7, interval: float = 0.002, peak: float = 8) -> list[float]:
    """Half a second of nothing, a smooth rise, two exponentials."""
    flow = []
    for n in range(int((0.5 + seconds) / interval)):
        time = n * interval - 0.5
        rise = min(1, max(0, time / 0.1))
        fall = 0.9 * math.exp(-max(0, time - 0.1) / 0.45) + 0.1 * math.exp(-max(0, time - 0.1) / 1.2)
        flow.append(peak * rise * rise * (3 - 2 * rise) * fall)
    return flow


def write(file: Path, values: list[float]) -> str:
    file.write_text("".join(f"{value:.4f}\n" for value in values))
    return str(file)


def evaluate(*words: str) -> dict[str, Any]:
    done = homeward("evaluate", *words, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_blow_is_measured_the_same_from_flow_and_from_volume_at_any_rate(tmp_path: Path) -> None:
    fine = evaluate("spirometry", write(tmp_path / "fine", blow()))
    assert fine["results"]["PEF"] == pytest.approx(8, abs=0.005)
    total, volume = 0.0, []
    for value in blow():
        total += value * 0.002
        volume.append(total)
    coarse = evaluate("spirometry", write(tmp_path / "coarse", blow(interval=0.01)), "--sample-interval-ms", "10")
    by_volume = evaluate("spirometry", write(tmp_path / "volume", volume), "--kind", "volume")
    for other in (coarse, by_volume):
        for name, tolerance in {"FEV1": 0.005, "FVC": 0.005, "BEV": 0.004, "PEF": 0.12, "FEF2575": 0.03}.items():
            assert other["results"][name] == pytest.approx(fine["results"][name], abs=tolerance), name


def test_several_files_are_a_sitting_with_grades_and_a_hint(tmp_path: Path) -> None:
    files = [write(tmp_path / f"{n}.txt", blow(peak=8 + n / 10)) for n in range(3)]
    body = evaluate("spirometry", *files)
    assert [one["file"] for one in body["files"]] == files
    assert body["files"][0]["acceptability"] == {
        "fev1": {"worth": "acceptable", "reasons": []}, "fvc": {"worth": "acceptable", "reasons": []}, "faults": []}
    assert (body["session"]["gradeFEV1"], body["session"]["gradeFVC"]) == ("A", "A")
    assert body["session"]["bestBlow"] == 3
    assert body["results"]["FVC"] == max(one["fvcLitres"] for one in body["files"])
    short = evaluate("spirometry", write(tmp_path / "short", blow(seconds=2)))
    assert short["files"][0]["acceptability"]["fvc"] == {"worth": "usable", "reasons": ["no-end-of-expiration"]}
    assert short["session"]["hint"] == "keep-blowing"
    done = homeward("evaluate", "spirometry", *files)
    assert b"session: FEV1 grade A" in done.stdout


@pytest.mark.parametrize(("text", "code", "said"), [
    ("0\n1\nabc\n", 65, "line 3 is 'abc'"),
    ("0\nnan\n", 65, "line 2 is 'nan'"),
    ("0\n99\n", 65, "line 2 is 99"),
    ("", 65, "no value"),
    ("0\n" * 10, 65, "0.5 s are needed"),
    ("0\n" * 1000, 65, "no forced expiration"),
])
def test_a_file_that_is_no_blow_is_told(tmp_path: Path, text: str, code: int, said: str) -> None:
    file = tmp_path / "blow.txt"
    file.write_text(text)
    done = homeward("evaluate", "spirometry", str(file))
    assert (done.returncode, said in done.stderr.decode()) == (code, True), done.stderr
    assert str(file) in done.stderr.decode()


@pytest.mark.parametrize(("words", "code"), [
    (["spirometry"], 64), (["spirometry", "/nowhere/blow.txt"], 66), (["spirometry", "x", "--kind", "air"], 64),
    (["spirometry", "x", "--sample-interval-ms", "0"], 64),
    (["gli", "--equation", "GLI1999"], 64),
    (["gli", "--equation", "GLI2012", "--metric", "FEV1FVC", "--age", "40", "--height", "170", "--sex", "male",
      "--value", "80"], 64),
    (["gli", "--equation", "GLI2012", "--metric", "FEV1", "--age", "2", "--height", "90", "--sex", "male",
      "--value", "1"], 64),
])
def test_a_wrong_question_is_refused(words: list[str], code: int) -> None:
    done = homeward("evaluate", *words)
    assert done.returncode == code, done.stderr
    assert done.stderr


@pytest.mark.skipif(not ATS.exists(), reason="the ATS waveforms are not here")
def test_the_standard_waveforms_are_measured_as_officially() -> None:
    expected = {words[0]: words for words in map(str.split, (ATS / "expected.txt").read_text().splitlines())
                if len(words) == 9 and words[0].isdigit() and words[1][0].isdigit()}
    bev, fev1 = [], []
    for number, words in expected.items():
        results = evaluate("spirometry", str(ATS / f"{number}.txt"), "--sample-interval-ms", "2")["results"]
        assert results["PEF"] == pytest.approx(float(words[1]), abs=0.001)
        bev.append(abs(results["BEV"] - float(words[6])) * 1000)
        fev1.append(abs(results["FEV1"] - float(words[8])) * 1000)
    assert sum(fev1) / len(fev1) <= 2.5 and max(fev1) <= 13
    assert sum(bev) / len(bev) <= 1.5 and max(bev) <= 7.5


def test_a_measurement_is_compared_with_what_is_expected() -> None:
    body = evaluate(
        "gli", "--equation", "GLIGlobal2022", "--metric", "FEV1", "--age", "41.08", "--height", "183.6", "--sex",
        "male", "--value", "5.067")
    assert body["z"] == pytest.approx(1.33425, abs=1e-3)
    assert body["lowerLimit"] == pytest.approx(3.28013, abs=1e-3)
    assert body["percentPredicted"] == pytest.approx(118.165, abs=0.01)


@pytest.mark.skipif(not GOLDEN.exists(), reason="the golden table is not here")
def test_a_part_of_the_golden_table_agrees() -> None:
    with GOLDEN.open() as file:
        rows = [row for row in csv.DictReader(file) if row["param"] in ("FEV1", "FVC", "FEV1FVC")]
    for row in rows[::20]:
        words = ["gli", "--equation", row["eq"], "--metric", row["param"], "--age", row["age_y"], "--height",
                 row["height_cm"], "--sex", "male" if row["sex"] == "1" else "female", "--value", row["measured"]]
        if row["ethnicity"]:
            words += ["--ethnicity", row["ethnicity"]]
        tolerance = 1e-3 if row["eq"] == "GLIGlobal2022" else 5e-3
        assert evaluate(*words)["z"] == pytest.approx(float(row["z"]), abs=tolerance), row
