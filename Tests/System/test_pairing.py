"""A technician pairs a device: questions, answers and what reaches the daemon, which a script plays."""

from __future__ import annotations

import json
from typing import Any

import pytest

from harness.fake_daemon import DONE, HEAR, HOLD
from harness.technician import AFTER, ASSIGNED, BEFORE, PAIRED, RING, Make, Sit, ask, error, question, step

#: The question, what the person sees, types, and what goes to the daemon.
QUESTIONS: dict[str, tuple[dict[str, Any], list[str], str, list[str]]] = {
    "passkey entry": (question("passkey-entry"), ["shows six digits"], "012 345\n", ["012345"]),
    "comparison": (question("comparison", "679058"), ["same six digits", "679 058", "██"], "yes\n", ["yes"]),
    "consent": (question("consent"), ["in your hands"], "Y\n", ["yes"]),
    "passkey display": (question("passkey-display", "012345"), ["on the device", "012 345", "██"], "", []),
}


@pytest.mark.parametrize("asked,seen,typed,answers", QUESTIONS.values(), ids=QUESTIONS.keys())
def test_a_device_is_paired_tried_and_assigned(
        serve: Make, sit: Sit, asked: dict[str, Any], seen: list[str], typed: str,
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
        serve: Make, sit: Sit, asked: dict[str, Any], typed: str, help: str, meant: str) -> None:
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


def test_a_name_of_a_person_is_no_patient_id(serve: Make, sit: Sit) -> None:
    daemon = serve({"pair": [*BEFORE, *AFTER], "assign": ASSIGNED})
    terminal = sit(daemon, "pair", RING)
    terminal.wait_for("Patient:")
    terminal.type("Anna M\n")
    terminal.wait_for("a-z, 0-9")
    terminal.type("p-17\n")
    assert terminal.end()[0] == 0
    assert daemon.requests[-1]["patient"] == "p-17"


def test_who_says_no_is_not_told_that_the_device_refused(serve: Make, sit: Sit) -> None:
    daemon = serve({"pair": [*BEFORE, question("comparison", "111222"), HEAR, error("pairing-refused", "it refused")]})
    terminal = sit(daemon, "pair", RING)
    terminal.wait_for("(yes/no)")
    terminal.type("no\n")
    code, screen = terminal.end()
    assert code == 1 and "you said no" in screen and "it refused" not in screen
    assert daemon.answers == [{"answer": "no"}]


def test_a_question_that_waits_too_long_ends_with_its_reason(serve: Make, sit: Sit) -> None:
    daemon = serve({"pair": [*BEFORE, question("consent"), error("pairing-refused", "nobody answered for 60 s")]})
    code, screen = sit(daemon, "pair", RING).end()
    assert code == 1 and "✗ Pairing" in screen and "nobody answered for 60 s" in screen


def test_ctrl_c_stops_a_pairing_and_leaves_the_terminal_as_it_was(serve: Make, sit: Sit) -> None:
    daemon = serve({"pair": [*BEFORE, question("consent"), HOLD]})
    terminal = sit(daemon, "pair", RING)
    terminal.wait_for("(yes/no)")
    terminal.type("\x03")
    code, screen = terminal.end()
    assert code == 1 and "Nothing was paired" in screen
    assert terminal.settings == terminal.before
    daemon.happening.wait(lambda: daemon.ended == 1, "the client ends its side")


def test_a_device_that_sends_no_value_is_paired_all_the_same(serve: Make, sit: Sit) -> None:
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
