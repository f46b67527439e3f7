"""The analysis on recordings, from outside: `homeward evaluate ecg` and `alarms`, with PyPI's wfdb as the referee."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from harness import wfdb_files
from harness.daemon import ROOT, homeward

RATE = 250
SECONDS = 60
DATA = Path(os.environ.get("HOMEWARD_DATA") or ROOT.parent / "shared" / "data")


def steady(seconds: float, every: float = 0.8) -> list[float]:
    return [0.6 + every * number for number in range(int((seconds - 1) / every))]


def record(folder: Path, name: str, beats: list[float] | None = None, seconds: float = SECONDS,
           reference: bool = True) -> list[float]:
    beats = steady(seconds) if beats is None else beats
    wfdb_files.write(folder, name, wfdb_files.ecg(beats, seconds, RATE), RATE)
    if reference:
        wfdb_files.annotate(folder / f"{name}.atr", [(round(beat * RATE), "N", "") for beat in beats])
    return beats


def evaluate(*words: str, status: int = 0) -> dict[str, Any]:
    done = homeward("evaluate", *words, "--json", within=300)
    assert done.returncode == status, done.stderr.decode()
    return json.loads(done.stdout)


def test_every_beat_of_a_clean_record_is_found_and_told_by_record_and_in_total(tmp_path: Path) -> None:
    counts = {name: len(record(tmp_path, name, steady(SECONDS, every))) for name, every in [("a", 0.8), ("b", 0.65)]}
    said = evaluate("ecg", "--records", str(tmp_path))
    assert [one["record"] for one in said["records"]] == ["a", "b"]
    for one in [*said["records"], said["total"]]:
        beats = counts.get(one.get("record"), sum(counts.values()))
        assert one["beats"] == one["tp"] + one["fn"] == beats
        assert one["tp"] >= beats - 1 and one["fp"] <= 1
        assert one["sensitivity"] == pytest.approx(100 * one["tp"] / beats)
        assert one["positivePredictivity"] == pytest.approx(100 * one["tp"] / (one["tp"] + one["fp"]))
        assert one["detectionErrorRate"] == pytest.approx(100 * (one["fp"] + one["fn"]) / beats)
        assert one["hasReference"] is True and one["throughputSamplesPerSecond"] > 0
        assert set(one["classes"]) == {"V", "S", "matrix"}
        assert one["classes"]["matrix"]["N"]["N"] + one["classes"]["matrix"]["N"]["missed"] <= beats
        assert one["rhythms"]["atrial-fibrillation"]["sensitivity"] is None
        assert one["rhythms"]["ventricular-fibrillation"]["specificity"] == 100
        assert one["alarms"]["false"] == 0 and one["alarms"]["falsePerHour"] == 0
    assert "percent" in said["units"] and said["failures"] == []


def test_only_some_records_and_only_what_is_behind_the_start(tmp_path: Path) -> None:
    beats = record(tmp_path, "a")
    record(tmp_path, "b")
    said = evaluate("ecg", "--records", str(tmp_path), "--only", "a", "--start", "30")
    assert [one["record"] for one in said["records"]] == ["a"]
    assert said["total"]["beats"] == sum(beat >= 30 for beat in beats)
    done = homeward("evaluate", "ecg", "--records", str(tmp_path), "--only", "a,c")
    assert done.returncode == 66 and "there is no record 'c'" in done.stderr.decode()


def test_people_get_a_table(tmp_path: Path) -> None:
    record(tmp_path, "a")
    done = homeward("evaluate", "ecg", "--records", str(tmp_path))
    lines = done.stdout.decode().splitlines()
    assert done.returncode == 0 and lines[0].split()[:4] == ["record", "beats", "TP", "FP"]
    assert lines[1].startswith("a ") and lines[2].startswith("total ")


def test_a_record_without_annotations_is_run_and_not_scored(tmp_path: Path) -> None:
    record(tmp_path, "a", reference=False)
    total = evaluate("ecg", "--records", str(tmp_path))["total"]
    assert total["hasReference"] is False and total["tp"] == total["fp"] == total["fn"] == 0
    assert total["sensitivity"] is None and total["alarms"]["falsePerHour"] is None
    assert set(total["findings"]) >= {"asystole", "atrial-fibrillation", "pause"}
    assert evaluate("ecg", "--records", str(tmp_path), "--no-events")["total"]["alarms"]["falsePerHour"] == 0


def test_a_pause_is_an_asystole_in_time(tmp_path: Path) -> None:
    beats = [beat for beat in steady(90) if not 40 < beat < 50]
    record(tmp_path, "a", beats, seconds=90)
    alarm = evaluate("ecg", "--records", str(tmp_path))["total"]["alarms"]["asystole"]
    assert (alarm["true"], alarm["false"], alarm["referenceEvents"], alarm["referenceEventsFound"]) == (1, 0, 1, 1)
    assert 4 <= alarm["delaySecondsMax"] <= 10


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (lambda folder: (folder / "b.hea").write_text("b 1 x\n"), "b.hea: line 1"),
        (lambda folder: (folder / "b.hea").write_text("b 1 250 100\nb.dat 24\n"), "format 24"),
        (lambda folder: (folder / "b.dat").write_bytes(bytes(99)), "b.dat: it ends at byte 99"),
        (lambda folder: (folder / "b.dat").unlink(), "b.dat: it cannot be read"),
        (lambda folder: (folder / "b.atr").write_bytes(b"\x01"), "b.atr: byte 0"),
        (lambda folder: (folder / "b.hea").write_text("b 1 50 100\nb.dat 16\n"), "50.0 samples a second"),
    ])
def test_a_record_that_cannot_be_read_is_told_and_the_others_are_done(tmp_path: Path, spoil: Any, problem: str) -> None:
    for name in "abc":
        record(tmp_path, name, seconds=20)
    spoil(tmp_path)
    said = evaluate("ecg", "--records", str(tmp_path), status=65)
    assert [one["record"] for one in said["records"]] == ["a", "c"]
    assert [failure["record"] for failure in said["failures"]] == ["b"]
    assert problem in said["failures"][0]["problem"]


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    done = homeward("evaluate", "ecg", "--records", str(tmp_path / "nowhere"))
    assert done.returncode == 66 and "nowhere" in done.stderr.decode()
    done = homeward("evaluate", "ecg", "--records", str(tmp_path))
    assert done.returncode == 66 and ".hea" in done.stderr.decode()
    assert homeward("evaluate", "ecg").returncode == 64
    assert homeward("evaluate", "egc").returncode == 64
    record(tmp_path, "a", seconds=20)
    done = homeward("evaluate", "ecg", "--records", str(tmp_path), "--lead", "3")
    assert done.returncode == 65 and "0 (II)" in done.stderr.decode()
    assert evaluate("ecg", "--records", str(tmp_path), "--lead", "II")["total"]["tp"] > 0


def test_annotations_are_what_was_counted(tmp_path: Path) -> None:
    beats = record(tmp_path, "a")
    said = evaluate("ecg", "--records", str(tmp_path), "--annotate", str(tmp_path / "out"))["total"]
    marks = wfdb_files.annotations(tmp_path / "out" / "a.hwa")
    found = [sample for sample, symbol, _ in marks if symbol in "NSVFQ"]
    assert len(found) == said["tp"] + said["fp"]
    near = [beat for beat in beats if any(abs(beat * RATE - sample) <= 0.15 * RATE for sample in found)]
    assert len(near) == said["tp"]
    assert [(symbol, text) for _, symbol, text in marks if symbol == "+"][:1] == [("+", "(N")]


BEATS = set("NLRBAaJSVrFejnE/fQ?")


def referee(folder: Path, out: Path, name: str) -> tuple[int, int, int]:
    """Hits, invented and missed beats by wfdb's own comparison."""
    wfdb = pytest.importorskip("wfdb")
    import numpy as np
    from wfdb.processing import compare_annotations

    truth, told = wfdb.rdann(str(folder / name), "atr"), wfdb.rdann(str(out / name), "hwa")
    spans, start = [], None
    for sample, symbol in zip(truth.sample, truth.symbol):
        start = sample if symbol == "[" else start
        if symbol == "]":
            spans.append((start, sample))

    def beats(marks: Any) -> Any:
        samples = np.array([sample for sample, symbol in zip(marks.sample, marks.symbol) if symbol in BEATS])
        return samples[[not any(a <= sample <= b for a, b in spans) for sample in samples]]

    rate = wfdb.rdheader(str(folder / name)).fs
    # Its window is open at its end, that of EC57 is not.
    compared = compare_annotations(beats(truth), beats(told), int(0.15 * rate) + 1)
    return compared.tp, compared.fp, compared.fn


def test_wfdb_counts_as_we_count(tmp_path: Path) -> None:
    missing = [beat for index, beat in enumerate(steady(SECONDS)) if index % 10]
    record(tmp_path, "a")
    wfdb_files.annotate(tmp_path / "a.atr", [(round(beat * RATE), "N", "") for beat in missing])
    said = evaluate("ecg", "--records", str(tmp_path), "--annotate", str(tmp_path / "out"))["records"][0]
    assert said["fp"] >= 5
    assert (said["tp"], said["fp"], said["fn"]) == referee(tmp_path, tmp_path / "out", "a")


@pytest.mark.skipif(not (DATA / "mitdb").is_dir(), reason="needs the recordings (HOMEWARD_DATA)")
@pytest.mark.parametrize("name", ["101", "203", "207"])
def test_wfdb_counts_as_we_count_on_real_records(tmp_path: Path, name: str) -> None:
    said = evaluate("ecg", "--records", str(DATA / "mitdb"), "--only", name, "--annotate", str(tmp_path))["records"][0]
    assert (said["tp"], said["fp"], said["fn"]) == referee(DATA / "mitdb", tmp_path, name)


def alarm(folder: Path, name: str, kind: str, truth: str, beats: list[float], behind: float = 0) -> None:
    samples = wfdb_files.ecg(beats, 300 + behind, RATE)
    wfdb_files.write(folder, name, samples, RATE, [kind, f"{truth} alarm"], offset=24, file=f"{name}.mat")


def test_alarms_are_judged_by_what_was_before_them(tmp_path: Path) -> None:
    going = steady(300)
    stopped = [beat for beat in going if beat < 294]
    alarm(tmp_path, "a1", "Asystole", "False", going)
    alarm(tmp_path, "a2", "Asystole", "True", stopped)
    alarm(tmp_path, "a3", "Asystole", "True", stopped + [300.5 + 0.8 * number for number in range(30)], behind=30)
    said = evaluate("alarms", "--records", str(tmp_path))
    assert [(one["record"], one["type"], one["truth"]) for one in said["records"]] == [
        ("a1", "asystole", False), ("a2", "asystole", True), ("a3", "asystole", True)]
    assert [one["verdict"] for one in said["records"]] == [False, True, True]
    assert all(one["reasons"] for one in said["records"])
    assert {key: said["total"][key] for key in ("tp", "fp", "fn", "tn", "score")} == {
        "tp": 2, "fp": 0, "fn": 0, "tn": 1, "score": 100}
    assert said["types"]["asystole"]["tp"] == 2 and said["types"]["ventricular-tachycardia"]["score"] is None


def test_the_list_of_alarms_beside_the_records_counts_more_than_their_headers(tmp_path: Path) -> None:
    alarm(tmp_path, "a1", "Asystole", "False", steady(300))
    alarm(tmp_path, "a2", "Asystole", "False", steady(300))
    (tmp_path / "ALARMS").write_text("a1,Asystole,1\n")
    assert [(one["record"], one["truth"]) for one in evaluate("alarms", "--records", str(tmp_path))["records"]] == [
        ("a1", True)]
    (tmp_path / "ALARMS").write_text("a1,Sneezing,1\n")
    done = homeward("evaluate", "alarms", "--records", str(tmp_path))
    assert done.returncode == 65 and "line 1" in done.stderr.decode()
