"""What a technician sees: scans, live values and tables of the running daemon, which a script plays."""

from __future__ import annotations

import json
from typing import Any

import pytest

from harness.fake_daemon import DONE, HOLD
from harness.technician import ASSIGNED, RING, Make, Sit, ask, error, reading, sighting

# Scanning

HEARD = {"event": "sightings", "radio": "ready", "sightings": [
    sighting("7A:11:22:33:44:55", name="Fridge \x1b[2J\u202e", rssiDBm=-40),
    sighting(RING, name="O2Ring 1234", driver="viatom-o2ring", model="Viatom O2Ring", rssiDBm=-52),
    sighting("A0:9E:1A:00:00:01", name="Polar H10 8C4CA425", driver="polar-h10", model="Polar H10", rssiDBm=-91,
             paired=True, lastHeardMilliseconds=12_000)]}


@pytest.mark.parametrize("environment", [{}, {"NO_COLOR": "1"}, {"LANG": "C"}], ids=["plain", "no colour", "ASCII"])
@pytest.mark.parametrize("columns", [80, 132, 60, 40])
def test_a_scan_is_redrawn_in_place_and_its_last_table_stays(
        serve: Make, sit: Sit, environment: dict[str, str], columns: int) -> None:
    daemon = serve({"scan": [HEARD, 0.05, HEARD, 0.05, HEARD, DONE]})
    terminal = sit(daemon, "scan", "--seconds", "5", columns=columns, **environment)
    code, screen = terminal.end()
    assert code == 0 and daemon.requests == [{"command": "scan", "seconds": 5}]
    assert screen.count("ADDRESS ") == screen.count(RING) == 1
    assert "Fridge" not in screen and "--all" in screen and "homeward pair ADDRESS" in screen
    assert columns < 60 or ("▂▄▆█" in screen) == ("LANG" not in environment)
    assert (screen.isascii()) == ("LANG" in environment)
    assert (terminal.screen.styles == set()) == ("NO_COLOR" in environment)
    assert terminal.screen.has_cursor and terminal.settings == terminal.before


def test_known_devices_stand_first_and_a_hostile_name_is_harmless(serve: Make, sit: Sit) -> None:
    daemon = serve({"scan": [HEARD, DONE]})
    code, screen = sit(daemon, "scan", "--all").end()
    assert code == 0
    assert screen.index("O2Ring") < screen.index("Polar") < screen.index("Fridge ?[2J?")


def test_a_low_window_shows_what_it_can(serve: Make, sit: Sit) -> None:
    many = [sighting(f"C4:00:00:00:00:{n:02X}", name=f"Ring {n}", driver="viatom-o2ring") for n in range(40)]
    daemon = serve({"scan": [{"event": "sightings", "radio": "ready", "sightings": many}, DONE]})
    code, screen = sit(daemon, "scan", rows=12).end()
    assert code == 0 and len(screen.splitlines()) <= 12 and "more" in screen


def test_a_wider_window_is_used_and_shows_no_remains(serve: Make, sit: Sit) -> None:
    daemon = serve({"scan": [HEARD, HOLD]})
    terminal = sit(daemon, "scan", columns=60)
    assert "PAIRED" not in terminal.wait_for("O2Ring 1234")
    terminal.resize(100)
    assert terminal.wait_for("PAIRED").count("ADDRESS ") == 1


def test_ctrl_c_ends_a_scan_and_keeps_the_table(serve: Make, sit: Sit) -> None:
    daemon = serve({"scan": [HEARD, HOLD]})
    terminal = sit(daemon, "scan")
    terminal.wait_for("O2Ring 1234", "s left")
    terminal.type("\x03")
    code, screen = terminal.end()
    assert code == 0 and "O2Ring 1234" in screen and "s left" not in screen
    assert terminal.settings == terminal.before


@pytest.mark.parametrize("state,words", [("blocked", "rfkill unblock"), ("missing", "plug it in"), ("deaf", "hears nobody")])
def test_a_scan_says_what_is_wrong_with_the_radio(serve: Make, state: str, words: str) -> None:
    daemon = serve({"scan": [{"event": "sightings", "radio": state, "sightings": []}, DONE]})
    code, said, _ = ask(daemon, "scan")
    assert code == 0 and words in said and "Switch the device on" in said


def test_a_scan_into_a_file_is_one_plain_table(serve: Make) -> None:
    daemon = serve({"scan": [HEARD, HEARD, HEARD, DONE]})
    code, said, _ = ask(daemon, "scan")
    assert code == 0 and said.count(RING) == 1 and "\x1b" not in said and "\r" not in said


# Watching

LIVE = [
    {"event": "link", "device": "polar-a425", "link": "connected", "problem": None},
    {"event": "link", "device": "er1-7788", "link": "waiting", "problem": "not-advertising"},
    reading("heart-rate", 71, "/min", "questionable", "motion", device="polar-a425", time="2026-11-21T12:00:00.000Z"),
    reading("oxygen-saturation", 96, "%", device="o2ring-2233", time="2026-11-21T12:00:00.000Z"),
    {"event": "waveform", "device": "polar-a425", "metric": "ecg", "sampleRateHz": 130, "scale": 0.001, "unit": "mV",
     "samples": [1200 if n % 100 == 50 else n % 7 for n in range(520)]},
    {"event": "alert", "device": "o2ring-2233", "condition": "oxygen-saturation-low", "phase": "start",
     "priority": "high", "text": "84 % for 12 s"},
    {"event": "session", "device": "sp-1", "kind": "spirometry", "time": "2026-11-21T12:00:01.000Z", "source": "live",
     "quality": "questionable", "reasons": ["incomplete"], "manoeuvres": 3, "signals": 0, "deviceGrade": "B", "shown": 2,
     "results": [{"metric": "forced-vital-capacity", "value": 4.12, "unit": "L"},
                 {"metric": "peak-expiratory-flow", "value": 7.445, "unit": "L/s"}]},
    {"event": "dropped", "count": 7}]


@pytest.mark.parametrize("environment", [{}, {"NO_COLOR": "1"}, {"LANG": "C"}], ids=["plain", "no colour", "ASCII"])
def test_live_values_have_a_screen_of_their_own_which_ctrl_c_takes_away(
        serve: Make, sit: Sit, environment: dict[str, str]) -> None:
    daemon = serve({"watch": [*LIVE, HOLD]})
    terminal = sit(daemon, "watch", **environment)
    screen = terminal.wait_for("71 /min", "doubtful: motion", "96 %", "ECG, 0 to 1.2 mV", "was not heard", "84 % for 12 s",
                               "7 events were dropped", "Spirometry, 3 manoeuvres, grade B; number 2: forced vital")
    assert terminal.screen.is_own and not terminal.screen.has_cursor
    wave = screen.split("the last 4 s\n")[1].split("\n\n")[0]
    if "LANG" in environment:
        assert screen.isascii() and set(wave) <= set(" .':\n") and wave.count("\n") == 2
    else:
        assert all(sign in " \n" or "⠀" <= sign <= "⣿" for sign in wave) and wave.count("\n") == 1
    peaks = [column for column, sign in enumerate(wave.split("\n")[0]) if sign != " "]
    assert 5 <= len(peaks) <= 12, wave
    terminal.type("x\x03")
    code, screen = terminal.end()
    assert code == 0 and screen == "" and terminal.screen.has_cursor and not terminal.screen.is_own
    assert terminal.settings == terminal.before


def test_a_daemon_that_stops_is_told_after_the_screen_was_put_back(serve: Make, sit: Sit) -> None:
    daemon = serve({"watch": [*LIVE, error("stopping", "the daemon stops", "try again")]})
    terminal = sit(daemon, "watch", "polar-a425")
    code, screen = terminal.end()
    assert code == 75 and screen.startswith("homeward: watch: the daemon stops") and not terminal.screen.is_own
    assert daemon.requests == [{"command": "watch", "device": "polar-a425"}]


def test_live_values_into_a_pipe_are_lines(serve: Make) -> None:
    daemon = serve({"watch": [*LIVE, DONE]})
    code, said, _ = ask(daemon, "watch")
    assert code == 0 and "\x1b" not in said
    assert "2026-11-21T12:00:00.000Z polar-a425 heart-rate 71 /min (doubtful: motion)" in said.splitlines()
    assert ("2026-11-21T12:00:01.000Z sp-1 session: Spirometry, 3 manoeuvres, grade B; number 2: forced vital capacity "
            "4.12 L, peak expiratory flow 7.45 L/s; doubtful: incomplete") in said.splitlines()


def test_a_program_gets_the_lines_of_watch_as_they_are(serve: Make) -> None:
    daemon = serve({"watch": [*LIVE, {"event": "from-the-future", "x": [1]}, DONE]})
    code, said, _ = ask(daemon, "watch", "--json")
    assert code == 0
    assert [json.loads(line) for line in said.splitlines()] == [*LIVE, {"event": "from-the-future", "x": [1]}, DONE]


# Tables

DEVICES = [
    {"device": "o2ring-2233", "driver": "viatom-o2ring", "model": "Viatom O2Ring", "address": RING, "link": "connected",
     "problem": None, "paired": True, "patient": "p-17", "origin": "paired", "batteryPercent": 81,
     "lastHeardMilliseconds": 400, "assignments": [
         {"patient": "p-17", "from": "2026-11-20T08:15:00.000Z", "to": None, "by": "uid 1000 (technician)"}]},
    {"device": "polar-a425", "driver": "polar-h10", "model": "Polar H10", "address": "A0:9E:1A:00:00:01",
     "link": "waiting", "problem": "bond-forgotten-by-device", "paired": True, "patient": None, "origin": "paired",
     "batteryPercent": None, "lastHeardMilliseconds": 260_000, "assignments": []}]
STATUS = {"event": "status", "gateway": "box-1", "version": "0.1.0", "uptimeSeconds": 11533, "devices": DEVICES,
          "radio": {"state": "blocked", "problem": "radio-blocked", "adapter": "00:1A:7D:DA:71:13", "connectedCount": 1,
                    "heardLastMilliseconds": 120_000, "scannerRestarts": 1, "powerCycles": 0, "usbResets": 0,
                    "adapterLosses": 2, "bluetoothd": True},
          "alarms": [{"device": "o2ring-2233", "condition": "oxygen-saturation-low", "priority": "high", "state": "active"}]}

#: What is asked, what the daemon answers, and what the person reads.
TABLES: dict[str, tuple[list[str], dict[str, Any], list[str]]] = {
    "devices": (["devices"], {"event": "devices", "devices": DEVICES}, [
        "o2ring-2233", "Viatom O2Ring", "p-17", "81 %", "uid 1000 (technician)", "2026-11-20 08:15 UTC", "nobody", "4 min",
        "has forgotten that it was paired", "homeward pair ADDRESS"]),
    "no devices": (["devices"], {"event": "devices", "devices": []}, ["homeward scan"]),
    "status": (["status"], STATUS, [
        "box-1", "3 h 12 min", "switched off", "disable --now bluetooth", "1 scanner restart", "2 losses",
        "1 of 2 devices", "high priority: oxygen saturation low", "polar-a425"]),
    "status of nothing": (["status"], {"event": "status"}, ["none"]),
    "assign": (["assign", "o2ring-2233", "p-17"], ASSIGNED[0], ["o2ring-2233 belongs to p-17"]),
    "assign for good": (["assign", "o2ring-2233", "p-17", "--missing-after", "120"], ASSIGNED[0], ["belongs to p-17"]),
    "unassign": (["unassign", "ring"], {"event": "unassigned", "device": "ring"}, ["ring belongs to nobody"]),
    "unpair": (["unpair", "ring"], {"event": "unpaired", "device": "ring"}, ["ring is forgotten"]),
}


@pytest.mark.parametrize("environment", [{}, {"NO_COLOR": "1"}, {"LANG": "C"}], ids=["plain", "no colour", "ASCII"])
@pytest.mark.parametrize("arguments,answer,words", TABLES.values(), ids=TABLES.keys())
def test_an_answer_fits_80_columns(
        serve: Make, sit: Sit, arguments: list[str], answer: dict[str, Any], words: list[str],
        environment: dict[str, str]) -> None:
    daemon = serve({arguments[0]: [answer, DONE]})
    terminal = sit(daemon, *arguments, **environment)
    code, screen = terminal.end()
    assert code == 0
    flat = " ".join(screen.split())
    assert all(word in flat for word in words), screen
    assert "NO_COLOR" not in environment or not terminal.screen.styles
    assert "LANG" not in environment or screen.isascii()
    assert ask(daemon, *arguments, "--json")[1].splitlines() == [json.dumps(answer), json.dumps(DONE)]


def test_devices_that_come_in_several_lines_are_one_table(serve: Make) -> None:
    daemon = serve({"devices": [{"event": "devices", "devices": [device]} for device in DEVICES] + [DONE]})
    code, said, _ = ask(daemon, "devices")
    assert code == 0 and said.count("BATTERY") == 1 and "o2ring-2233" in said and "polar-a425" in said
