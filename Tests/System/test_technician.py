"""What a technician meets: commands that ask the running daemon, here played by a script."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from harness.daemon import binary, homeward
from harness.fake_daemon import DONE, HEAR, HOLD, Conversation, FakeDaemon
from harness.terminal import Terminal

Make = Callable[[dict[str, Conversation]], FakeDaemon]


@pytest.fixture
def serve(tmp_path: Path, stack: ExitStack) -> Make:
    def make(conversations: dict[str, Conversation]) -> FakeDaemon:
        daemon = FakeDaemon(tmp_path / "socket", conversations)
        stack.callback(daemon.close)
        return daemon
    return make


@pytest.fixture
def sit(stack: ExitStack) -> Callable[..., Terminal]:
    def make(daemon: FakeDaemon, *arguments: str, **more: Any) -> Terminal:
        terminal = Terminal(*arguments, "--socket", daemon.path, **more)
        stack.callback(terminal.close)
        return terminal
    return make


def ask(daemon: FakeDaemon, *arguments: str, given: str = "") -> tuple[int, str, str]:
    done = homeward(*arguments, "--socket", daemon.path, given=given.encode())
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def step(name: str, text: str = "") -> dict[str, Any]:
    return {"event": "step", "step": name, "text": text}


def question(kind: str, passkey: str | None = None) -> dict[str, Any]:
    return {"event": "question", "kind": kind, "passkey": passkey}


def reading(metric: str, value: float | None, unit: str, quality: str = "valid", *reasons: str, **more: Any) -> dict[str, Any]:
    return {"event": "reading", "metric": metric, "value": value, "unit": unit, "quality": quality,
            "reasons": list(reasons)} | more


def error(code: str, text: str = "it went wrong", remedy: str | None = "mend it") -> dict[str, Any]:
    return {"error": {"code": code, "text": text, "remedy": remedy}}


def sighting(address: str, **more: Any) -> dict[str, Any]:
    return {"address": address, "addressKind": "random", "name": None, "driver": None, "model": None, "rssiDBm": -60,
            "paired": False, "device": None, "lastHeardMilliseconds": 100, "isConnectable": True, "services": []} | more


RING = "C4:B5:00:11:22:33"
PAIRED = {"event": "paired", "device": "o2ring-2233", "driver": "viatom-o2ring", "model": "Viatom O2Ring",
          "address": RING, "bonded": True}
BEFORE = [step("searching"), step("connecting"), step("pairing")]
AFTER = [step("bonded"), step("discovering"), step("identified", "Viatom O2Ring"), step("testing"),
         reading("oxygen-saturation", 97, "%"), reading("pulse-rate", None, "/min", "invalid", "low-perfusion"), PAIRED, DONE]
ASSIGNED = [{"event": "assigned", "device": "o2ring-2233", "patient": "p-17", "from": "2026-11-21T12:20:00.000Z"}, DONE]


# Pairing

#: The question, what the person sees, types, and what goes to the daemon.
QUESTIONS: dict[str, tuple[dict[str, Any], list[str], str, list[str]]] = {
    "passkey entry": (question("passkey-entry"), ["shows six digits"], "012 345\n", ["012345"]),
    "comparison": (question("comparison", "679058"), ["same six digits", "679 058", "██"], "yes\n", ["yes"]),
    "consent": (question("consent"), ["in your hands"], "Y\n", ["yes"]),
    "passkey display": (question("passkey-display", "012345"), ["on the device", "012 345", "██"], "", []),
}


@pytest.mark.parametrize("asked,seen,typed,answers", QUESTIONS.values(), ids=QUESTIONS.keys())
def test_a_device_is_paired_tried_and_assigned(
        serve: Make, sit: Callable[..., Terminal], asked: dict[str, Any], seen: list[str], typed: str,
        answers: list[str]) -> None:
    wait = [HEAR] if answers else []
    daemon = serve({"pair": [*BEFORE, asked, *wait, *AFTER], "assign": ASSIGNED})
    terminal = sit(daemon, "pair", RING.lower())
    terminal.wait_for(*seen)
    terminal.type(typed)
    screen = terminal.wait_for("Patient:")
    for words in ("✓ Looking for the device", "✓ Connecting", "✓ Pairing", "✓ Keeping the keys", "Viatom O2Ring",
                  "Oxygen saturation", "97 %", "low perfusion", "o2ring-2233"):
        assert words in screen, screen
    terminal.type("p-17\n")
    code, screen = terminal.end()
    assert code == 0 and "o2ring-2233 belongs to p-17" in screen
    assert [answer["answer"] for answer in daemon.answers] == answers
    assert daemon.requests == [{"command": "pair", "address": RING},
                               {"command": "assign", "device": "o2ring-2233", "patient": "p-17"}]


#: The question, what is no answer to it, and the help.
UNCLEAR = {
    "five digits": (question("passkey-entry"), "12345", "Six digits", "654321"),
    "letters": (question("passkey-entry"), "yes", "Six digits", "654321"),
    "neither yes nor no": (question("comparison", "111222"), "maybe", "yes or no", "yes"),
    "nothing": (question("consent"), "", "yes or no", "yes"),
}


@pytest.mark.parametrize("asked,typed,help,meant", UNCLEAR.values(), ids=UNCLEAR.keys())
def test_an_unclear_answer_is_asked_again_and_not_sent(
        serve: Make, sit: Callable[..., Terminal], asked: dict[str, Any], typed: str, help: str, meant: str) -> None:
    daemon = serve({"pair": [*BEFORE, asked, HEAR, *AFTER]})
    terminal = sit(daemon, "pair", RING)
    terminal.wait_for("… Pairing")
    terminal.type(f"{typed}\n")
    terminal.wait_for(help)
    terminal.type(f"{meant}\n")
    terminal.wait_for("Patient:")
    terminal.type("\n")
    code, screen = terminal.end()
    assert code == 0 and "homeward assign o2ring-2233 PATIENT" in screen
    assert [answer["answer"] for answer in daemon.answers] == [meant]


def test_a_name_of_a_person_is_no_patient_id(serve: Make, sit: Callable[..., Terminal]) -> None:
    daemon = serve({"pair": [*BEFORE, *AFTER], "assign": ASSIGNED})
    terminal = sit(daemon, "pair", RING)
    terminal.wait_for("Patient:")
    terminal.type("Anna M\n")
    terminal.wait_for("a-z, 0-9")
    terminal.type("p-17\n")
    assert terminal.end()[0] == 0
    assert daemon.requests[-1]["patient"] == "p-17"


def test_who_says_no_is_not_told_that_the_device_refused(serve: Make, sit: Callable[..., Terminal]) -> None:
    daemon = serve({"pair": [*BEFORE, question("comparison", "111222"), HEAR, error("pairing-refused", "it refused")]})
    terminal = sit(daemon, "pair", RING)
    terminal.wait_for("(yes/no)")
    terminal.type("no\n")
    code, screen = terminal.end()
    assert code == 1 and "you said no" in screen and "it refused" not in screen
    assert daemon.answers == [{"answer": "no"}]


def test_a_question_that_waits_too_long_ends_with_its_reason(serve: Make, sit: Callable[..., Terminal]) -> None:
    daemon = serve({"pair": [*BEFORE, question("consent"), error("pairing-refused", "nobody answered for 60 s")]})
    code, screen = sit(daemon, "pair", RING).end()
    assert code == 1 and "✗ Pairing" in screen and "nobody answered for 60 s" in screen


def test_ctrl_c_stops_a_pairing_and_leaves_the_terminal_as_it_was(serve: Make, sit: Callable[..., Terminal]) -> None:
    daemon = serve({"pair": [*BEFORE, question("consent"), HOLD]})
    terminal = sit(daemon, "pair", RING)
    terminal.wait_for("(yes/no)")
    terminal.type("\x03")
    code, screen = terminal.end()
    assert code == 1 and "Nothing was paired" in screen
    assert terminal.settings == terminal.before
    daemon.happening.wait(lambda: daemon.ended == 1, "the client ends its side")


def test_a_device_that_sends_no_value_is_paired_all_the_same(serve: Make, sit: Callable[..., Terminal]) -> None:
    daemon = serve({"pair": [*BEFORE, step("testing"), step("testing", "no reading yet: it is silent"), PAIRED, DONE],
                    "assign": ASSIGNED})
    code, screen = sit(daemon, "pair", RING, "--patient", "p-17").end()
    assert code == 0 and "✓ Waiting for a test reading" not in screen
    assert "it is silent" in screen and "homeward watch o2ring-2233" in screen and "belongs to p-17" in screen


def test_options_of_a_pairing_reach_the_daemon(serve: Make) -> None:
    daemon = serve({"pair": [*BEFORE, *AFTER]})
    code, _, _ = ask(daemon, "pair", RING, "--driver", "viatom-o2ring", "--name", "ring-1")
    assert code == 0
    assert daemon.requests == [
        {"command": "pair", "address": RING, "driver": "viatom-o2ring", "device": "ring-1"}]


@pytest.mark.parametrize("kind", ["passkey-entry", "comparison", "consent"])
def test_without_a_person_a_question_fails_clearly(serve: Make, kind: str) -> None:
    daemon = serve({"pair": [*BEFORE, question(kind, "111222"), HEAR, *AFTER]})
    code, _, said = ask(daemon, "pair", RING)
    assert code == 69 and "a person" in said and "--json" in said
    daemon.happening.wait(lambda: daemon.ended == 1, "the client ends its side")


def test_without_a_person_consent_can_be_given_beforehand(serve: Make) -> None:
    daemon = serve({"pair": [*BEFORE, question("consent"), HEAR, *AFTER], "assign": ASSIGNED})
    code, said, _ = ask(daemon, "pair", RING, "--yes", "--patient", "p-17")
    assert code == 0 and "belongs to p-17" in said and "\x1b" not in said
    assert daemon.answers == [{"answer": "yes"}]


@pytest.mark.parametrize("given", ["123456\n", '{"answer":"123456"}\n', " 123456 "])
def test_a_program_sees_every_line_and_answers_by_standard_input(serve: Make, given: str) -> None:
    script = [*BEFORE, question("passkey-entry"), HEAR, *AFTER]
    daemon = serve({"pair": script, "assign": ASSIGNED})
    code, said, _ = ask(daemon, "pair", RING, "--json", "--patient", "p-17", given=given)
    assert code == 0
    assert [json.loads(line) for line in said.splitlines()] == [
        line for line in [*script, *ASSIGNED] if line is not HEAR]
    assert daemon.answers == [{"answer": "123456"}]


def test_a_program_without_an_answer_is_told_so(serve: Make) -> None:
    daemon = serve({"pair": [*BEFORE, question("comparison", "111222"), HOLD]})
    code, said, _ = ask(daemon, "pair", RING, "--json")
    assert code == 69
    assert "standard input" in json.loads(said.splitlines()[-1])["error"]["text"]


# Scanning

HEARD = {"event": "sightings", "radio": "ready", "sightings": [
    sighting("7A:11:22:33:44:55", name="Fridge \x1b[2J\u202e", rssiDBm=-40),
    sighting(RING, name="O2Ring 1234", driver="viatom-o2ring", model="Viatom O2Ring", rssiDBm=-52),
    sighting("A0:9E:1A:00:00:01", name="Polar H10 8C4CA425", driver="polar-h10", model="Polar H10", rssiDBm=-91,
             paired=True, lastHeardMilliseconds=12_000)]}


@pytest.mark.parametrize("environment", [{}, {"NO_COLOR": "1"}, {"LANG": "C"}], ids=["plain", "no colour", "ASCII"])
@pytest.mark.parametrize("columns", [80, 132, 60, 40])
def test_a_scan_is_redrawn_in_place_and_its_last_table_stays(
        serve: Make, sit: Callable[..., Terminal], environment: dict[str, str], columns: int) -> None:
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


def test_known_devices_stand_first_and_a_hostile_name_is_harmless(serve: Make, sit: Callable[..., Terminal]) -> None:
    daemon = serve({"scan": [HEARD, DONE]})
    code, screen = sit(daemon, "scan", "--all").end()
    assert code == 0
    assert screen.index("O2Ring") < screen.index("Polar") < screen.index("Fridge ?[2J?")


def test_a_low_window_shows_what_it_can(serve: Make, sit: Callable[..., Terminal]) -> None:
    many = [sighting(f"C4:00:00:00:00:{n:02X}", name=f"Ring {n}", driver="viatom-o2ring") for n in range(40)]
    daemon = serve({"scan": [{"event": "sightings", "radio": "ready", "sightings": many}, DONE]})
    code, screen = sit(daemon, "scan", rows=12).end()
    assert code == 0 and len(screen.splitlines()) <= 12 and "more" in screen


def test_a_wider_window_is_used_and_shows_no_remains(serve: Make, sit: Callable[..., Terminal]) -> None:
    daemon = serve({"scan": [HEARD, HOLD]})
    terminal = sit(daemon, "scan", columns=60)
    assert "PAIRED" not in terminal.wait_for("O2Ring 1234")
    terminal.resize(100)
    assert terminal.wait_for("PAIRED").count("ADDRESS ") == 1


def test_ctrl_c_ends_a_scan_and_keeps_the_table(serve: Make, sit: Callable[..., Terminal]) -> None:
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
        serve: Make, sit: Callable[..., Terminal], environment: dict[str, str]) -> None:
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


def test_a_daemon_that_stops_is_told_after_the_screen_was_put_back(serve: Make, sit: Callable[..., Terminal]) -> None:
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
        serve: Make, sit: Callable[..., Terminal], arguments: list[str], answer: dict[str, Any], words: list[str],
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


# What goes wrong

CODES = {
    "not-advertising": 69, "held-by-another-central": 69, "out-of-range": 69, "radio-blocked": 69, "adapter-missing": 69,
    "bluetoothd-in-the-way": 69, "unsupported-model": 69, "no-answer": 69, "link-lost": 69, "wrong-passkey": 1,
    "pairing-refused": 1, "bond-forgotten-by-device": 1, "bond-stale-here": 1, "already-assigned": 1, "not-assigned": 1,
    "not-permitted": 77, "not-permitted-user": 77, "bad-request": 64, "unknown-device": 64, "unknown-patient-id": 64,
    "unknown-command": 70, "busy": 75, "stopping": 75, "state-not-written": 74,
}


@pytest.mark.parametrize("code,status", CODES.items(), ids=CODES.keys())
def test_a_failure_names_cause_and_remedy_and_has_its_exit_status(serve: Make, code: str, status: int) -> None:
    text = "the device was not heard for a long time, although it was looked for as well as the radio can do it"
    daemon = serve({"pair": [*BEFORE, error(code, text, "switch it on, wake it, and hold it near the box")]})
    done, _, said = ask(daemon, "pair", RING)
    assert done == status
    assert " ".join(said.split()).startswith(f"homeward: pair: {text}") and "Switch it on" in said
    assert all(len(line) <= 80 for line in said.splitlines())


def test_a_failure_without_words_has_those_of_its_code(serve: Make) -> None:
    daemon = serve({"pair": [{"error": {"code": "held-by-another-central"}}]})
    _, _, said = ask(daemon, "pair", RING)
    assert "connected to something else" in said and "vendor's app" in said


#: What a faulty daemon sends.
FAULTY: dict[str, list[Any]] = {
    "closes": [], "closes within": [b'{"event":"dev'], "no JSON": [b"hello\n"], "a list": [b"[1]\n"],
    "wrong types": [{"event": "devices", "devices": 5}], "bytes": [b"\xff\xfe\x00\n"], "endless": [b"x" * 400_000],
}


@pytest.mark.parametrize("script", FAULTY.values(), ids=FAULTY.keys())
@pytest.mark.parametrize("flags", [[], ["--json"]])
def test_a_faulty_daemon_is_told_as_such(serve: Make, script: list[Any], flags: list[str]) -> None:
    code, _, said = ask(serve({"devices": script}), "devices", *flags)
    assert code in (69, 70) and "daemon" in said and "homeward" in said


@pytest.mark.parametrize("command", [["scan"], ["pair", RING], ["devices"], ["status"], ["watch"], ["unpair", "x"]])
def test_a_daemon_that_does_not_run_is_told_with_what_to_do(tmp_path: Path, command: list[str]) -> None:
    path = str(tmp_path / "nobody")
    done = homeward(*command, "--socket", path)
    assert done.returncode == 69
    said = done.stderr.decode()
    assert "not running" in said and "systemctl start homeward" in said
    program = homeward(*command, "--json", "--socket", path)
    assert json.loads(program.stdout)["error"]["code"] == "no-daemon"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_who_is_not_in_the_group_is_told_so(serve: Make, folder: Path) -> None:
    daemon = serve({"devices": [DONE]})
    os.chmod(daemon.path, 0o600)
    done = subprocess.run([binary(), "devices", "--socket", daemon.path], capture_output=True, timeout=30, user=65534)
    assert done.returncode == 77 and b"group" in done.stderr and b"usermod" in done.stderr


@pytest.mark.parametrize("arguments,hint", [
    (["pair"], "ADDRESS"), (["pair", "C4:B5"], "C4:B5:00:11:22:33"), (["pair", RING, "--name", "My Ring"], "--name"),
    (["pair", RING, "--patient", "Anna M"], "--patient"), (["assign"], "DEVICE"), (["assign", "ring"], "PATIENT"),
    (["assign", "ring", "Anna M"], "PATIENT"), (["assign", "ring", "p-1", "--missing-after", "4"], "--missing-after"), (["unpair", "Ring"], "DEVICE"), (["scan", "--seconds", "0"], "--seconds"),
    (["scan", "--al"], "--all"), (["wach"], "watch"), (["watch", "a", "b"], "'b'"),
])
def test_a_wrong_word_is_named_before_the_daemon_is_asked(arguments: list[str], hint: str) -> None:
    done = homeward(*arguments)
    said = done.stderr.decode()
    assert done.returncode == 64 and hint in said
    assert all(len(line) <= 80 for line in said.splitlines()), said


@pytest.mark.parametrize("command", ["scan", "pair", "unpair", "assign", "unassign", "devices", "status", "watch"])
def test_help_of_each_command_fits_80_columns(command: str) -> None:
    said = homeward("help", command).stdout.decode()
    assert "--json" in said and "--socket" in said and all(len(line) <= 80 for line in said.splitlines())
    listed = homeward("help").stdout.decode()
    assert f"  {command}" in listed and all(len(line) <= 80 for line in listed.splitlines())
