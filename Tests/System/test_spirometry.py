"""A session at a spirometer, from the port to MQTT: one message, all blows, every sample."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from harness.broker import Broker
from harness.daemon import ROOT, Daemon, binary
from harness.spirometer import Blow, Spirometer, ats_blows, small_blow
from harness.subscriber import Message, Subscriber

MakeDaemon = Callable[..., Daemon]
#: The waveforms of the American Thoracic Society, one a file; without them the test plays its own.
ATS = Path(os.environ.get("HOMEWARD_WAVEFORMS") or ROOT.parent / "shared" / "data" / "spirometry_ats26")


@pytest.fixture
def spirometer(folder: Path, stack: ExitStack) -> Spirometer:
    device = Spirometer(folder)
    stack.callback(device.close)
    return device


def listens(daemon: Daemon) -> None:
    daemon.wait_for_line("spirometer: connected")


def is_session(message: Message) -> bool:
    return message.topic == "patient/p-1/session/spirometry"


def flows(manoeuvre: dict[str, Any]) -> list[float]:
    return [sample * track["scale"] for curve in manoeuvre["curves"] for track in curve["tracks"]
            for sample in track["samples"]]


def blows_to_play() -> list[Blow]:
    if (ATS / "expected.txt").exists():
        found = ats_blows(ATS)
        return [found[number] for number in sorted(found)[:8]]
    return [small_blow(peak=4 + n / 2) for n in range(8)]


def test_a_session_arrives_as_one_message_with_all_blows_and_curves(
        broker: Broker, witness: Subscriber, spirometer: Spirometer, make_daemon: MakeDaemon) -> None:
    listens(make_daemon(broker.port, devices=[spirometer.entry(patient="p-1")]).start())
    blows = blows_to_play()
    spirometer.play(blows, best=1, grade="B")
    body = witness.wait_for(is_session, "the session").body
    assert (body["kind"], body["lane"], body["source"], body["origin"]) == (
        "spirometry", "session", "live", "measured")
    assert (body["deviceGrade"], body["deviceBest"], body["quality"]) == ("B", 1, "valid")
    assert body["deviceTime"] == "2026-01-15T09:30:00"
    assert body["time"] <= body["end"]["time"]
    assert [manoeuvre["number"] for manoeuvre in body["manoeuvres"]] == list(range(1, len(blows) + 1))
    for manoeuvre, blow in zip(body["manoeuvres"], blows):
        assert manoeuvre["quality"] == "valid"
        (curve,) = manoeuvre["curves"]
        assert (curve["kind"], curve["sampleRateHz"], curve["firstSample"]) == ("flow-time", 500, 0)
        (track,) = curve["tracks"]
        assert (track["quantity"], track["unit"], track["scale"]) == ("flow", "L/s", 0.001)
        assert track["samples"] == list(blow.samples)
        results = {result["metric"]: (result["value"], result["unit"]) for result in manoeuvre["results"]}
        assert results["peak-expiratory-flow"] == (blow.results["pef"], "L/s")
        assert max(flows(manoeuvre)) == pytest.approx(blow.results["pef"], abs=0.01)
    assert len(witness.unique("patient/+/session/+")) == 1
    assert not spirometer.heard, "the format needs no command"
    witness.check()


def test_a_session_broken_off_by_the_cable_tells_what_was_complete(
        broker: Broker, witness: Subscriber, spirometer: Spirometer, make_daemon: MakeDaemon) -> None:
    daemon = make_daemon(broker.port, devices=[spirometer.entry(patient="p-1")]).start()
    listens(daemon)
    spirometer.play([small_blow(), small_blow(5, 2.5)], ends=False, damage=[3])
    # The last line that is heard before the cable goes.
    spirometer.rename(firmware="2.0")
    witness.wait_for(
        lambda m: m.topic == "device/spirometer" and m.body.get("firmware") == "2.0", "all that was said is heard")
    spirometer.pull()
    body = witness.wait_for(is_session, "the session").body
    assert (body["quality"], body["reasons"]) == ("questionable", ["incomplete"])
    first, second = body["manoeuvres"]
    assert first["reasons"] == ["incomplete"]
    assert [curve["firstSample"] for curve in first["curves"]] == [0, 80]
    assert sum(len(curve["tracks"][0]["samples"]) for curve in first["curves"]) == 2000 - 20
    assert (second["number"], second["reasons"]) == (2, ["incomplete"])
    witness.check()


def test_results_without_a_curve_say_so_and_belong_to_nobody_without_a_patient(
        broker: Broker, witness: Subscriber, spirometer: Spirometer, make_daemon: MakeDaemon) -> None:
    listens(make_daemon(broker.port, devices=[spirometer.entry()]).start())
    spirometer.play([Blow((), {"pef": 7.1, "fev1": 3.2}, verdict="bad")])
    message = witness.wait_for(lambda m: m.topic == "unassigned/session/spirometry", "the session")
    (manoeuvre,) = message.body["manoeuvres"]
    assert message.body["patient"] is None
    assert manoeuvre["reasons"] == ["results-only", "device-rejected"]
    assert manoeuvre["curves"] == []
    witness.check()


def test_a_session_carries_our_own_numbers_grades_and_a_hint(
        broker: Broker, witness: Subscriber, spirometer: Spirometer, make_daemon: MakeDaemon) -> None:
    listens(make_daemon(broker.port, devices=[spirometer.entry(patient="p-1")]).start())
    blows = blows_to_play()
    spirometer.play(blows)
    body = witness.wait_for(is_session, "the session").body
    subjects = {grading["subject"]: grading for grading in body["analysis"]["gradings"]}
    assert subjects["fev1-session"]["rule"] == "ATS/ERS 2019, table 10"
    assert subjects["fev1-session"]["grade"] in "ABCDEUF"
    assert body["analysis"]["hint"]
    for manoeuvre, blow in zip(body["manoeuvres"], blows):
        ours = {result["name"]: result["value"] for result in manoeuvre["analysis"]["results"]}
        assert ours["peak-expiratory-flow"] == pytest.approx(blow.results["pef"], abs=0.002)
        if "fev1" in blow.results:
            assert ours["forced-expiratory-volume-1s"] == pytest.approx(blow.results["fev1"], abs=0.014)
        kinds = [mark["kind"] for mark in manoeuvre["analysis"]["annotations"]]
        assert kinds[:2] == ["start-of-test", "peak-flow"]
    reading = witness.wait_for(
        lambda m: m.topic == "patient/p-1/reading/peak-expiratory-flow", "the best peak flow").body
    (only,) = reading["readings"]
    assert reading["origin"] == "derived"
    best = {result["name"]: result["value"] for result in body["analysis"]["results"]}["peak-expiratory-flow"]
    assert only["value"] == pytest.approx(best * 60, abs=0.6)
    witness.check()


def test_a_session_has_the_zone_of_the_personal_best(
        broker: Broker, witness: Subscriber, spirometer: Spirometer, make_daemon: MakeDaemon) -> None:
    patients = {"p-1": {"trends": {"personalBestPeakFlow": 400},
                        "reference": {"sex": "female", "ageYears": 52, "heightCentimetres": 165, "bronchodilatorTests": True}}}
    listens(make_daemon(broker.port, devices=[spirometer.entry(patient="p-1")], patients=patients).start())
    # 4.1 L/s are 246 L/min.
    spirometer.play([Blow((), {"pef": 4.1, "fev1": 2.2})])
    analysis = witness.wait_for(is_session, "the session").body["analysis"]
    zone = next(each for each in analysis["gradings"] if each["subject"] == "peak-flow-zone")
    assert zone["grade"] == "yellow" and zone["rule"]
    results = {each["name"]: each["value"] for each in analysis["results"]}
    assert results["peak-flow-of-personal-best"] == pytest.approx(61.5, abs=0.1)
    assert "fev1-bronchodilator-change" not in results
    witness.check()


def test_a_session_is_one_line_for_a_technician_who_watches(
        broker: Broker, spirometer: Spirometer, make_daemon: MakeDaemon, folder: Path) -> None:
    socket = folder / "socket"
    listens(make_daemon(broker.port, devices=[spirometer.entry()], socket={"path": str(socket)}).start())
    watching = subprocess.Popen([binary(), "watch", "--socket", str(socket)], stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, text=True)
    try:
        assert watching.stdout
        # How the links are now: from here on everything is shown.
        assert watching.stdout.readline() == "spirometer is connected\n"
        spirometer.play([small_blow(), small_blow(5, 2.5)], best=2, grade="C")
        line = watching.stdout.readline()
    finally:
        watching.kill()
        watching.wait(timeout=10)
    assert line.endswith("spirometer session: Spirometry, 2 manoeuvres, grade C; number 2: forced vital capacity 2.5 L, "
                         "peak expiratory flow 5 L/s\n"), line
