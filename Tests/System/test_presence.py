"""Whether the box and its devices are there: status, will, twins, and the service manager."""

from __future__ import annotations

import json
from collections.abc import Callable

from harness.broker import Broker
from harness.daemon import Daemon, ServiceManager
from harness.kit import Kit
from harness.subscriber import Message, Subscriber, retained

MakeKit = Callable[..., Kit]
MakeDaemon = Callable[..., Daemon]


def status(state: str) -> Callable[[Message], bool]:
    return lambda m: m.topic == "status" and m.body.get("state") == state


def twin(link: str) -> Callable[[Message], bool]:
    return lambda m: m.topic == "device/oximeter" and m.body["link"] == link


def test_the_will_of_a_killed_daemon_names_the_connection_that_died(
        broker: Broker, witness: Subscriber, make_daemon: MakeDaemon) -> None:
    daemon = make_daemon(broker.port).start()
    online = witness.wait_for(status("online"), "online")
    daemon.kill()
    offline = witness.wait_for(status("offline"), "the will")
    assert offline.body["connection"] == online.body["connection"]
    witness.check()


def test_a_daemon_that_stops_says_goodbye_itself(
        broker: Broker, witness: Subscriber, make_daemon: MakeDaemon) -> None:
    daemon = make_daemon(broker.port).start()
    online = witness.wait_for(status("online"), "online")
    assert daemon.stop() == 0
    offline = witness.wait_for(status("offline"), "offline")
    assert offline.body["connection"] == online.body["connection"]
    assert json.loads(retained(broker.port, "status") or b"{}")["state"] == "offline"
    witness.check()


def test_each_start_is_a_connection_of_its_own(
        broker: Broker, witness: Subscriber, make_daemon: MakeDaemon) -> None:
    daemon = make_daemon(broker.port).start()
    first = witness.wait_for(status("online"), "online")
    daemon.kill()
    daemon.start()
    witness.wait_for(
        lambda m: status("online")(m) and m.body["connection"] != first.body["connection"], "online again")
    witness.wait_for(
        lambda m: status("offline")(m) and m.body["connection"] == first.body["connection"], "the first one's will")
    witness.check()


def test_a_broker_that_comes_back_is_told_the_state_again(
        broker: Broker, witness: Subscriber, make_kit: MakeKit, make_daemon: MakeDaemon) -> None:
    make_daemon(broker.port, make_kit()).start()
    witness.wait_for(twin("connected"), "connected")
    broker.stop()
    for file in broker.folder.glob("mosquitto.db*"):
        file.unlink()
    broker.start()
    heard = len(witness.messages)
    for wanted, what in ((status("online"), "online"), (twin("connected"), "the twin")):
        witness.wait_for(wanted, f"{what}, again", since=heard)
    witness.check()


def test_a_pulled_port_is_gone_and_connected_again_when_it_is_back(
        broker: Broker, witness: Subscriber, make_kit: MakeKit, make_daemon: MakeDaemon) -> None:
    kit = make_kit()
    make_daemon(broker.port, kit).start()
    witness.wait_for(twin("connected"), "connected")
    witness.wait_for(lambda m: m.topic.endswith("/reading/pulse-rate"), "a reading")
    kit.pull()
    gone = witness.wait_for(twin("gone"), "gone")
    assert kit.path in gone.body["problem"]
    heard = len(witness.messages)
    kit.show(saturation=93)
    kit.plug()
    witness.wait_for(twin("connected"), "connected again", since=heard)
    witness.wait_for(lambda m: m.topic.endswith("/oxygen-saturation") and any(
        reading["value"] == 93 for reading in m.body["readings"]), "measuring again", since=heard)
    witness.check()


def test_a_port_that_is_not_there_yet_is_waited_for(
        broker: Broker, witness: Subscriber, make_kit: MakeKit, make_daemon: MakeDaemon) -> None:
    kit = make_kit()
    kit.pull()
    make_daemon(broker.port, kit).start()
    witness.wait_for(twin("gone"), "gone")
    kit.plug()
    witness.wait_for(twin("connected"), "connected")


def test_a_device_that_says_nothing_is_silent_and_says_what_to_do(
        broker: Broker, witness: Subscriber, make_kit: MakeKit, make_daemon: MakeDaemon) -> None:
    kit = make_kit("oximeter", "berrymed-bci")
    make_daemon(broker.port, kit).start()
    witness.wait_for(lambda m: m.topic.endswith("/reading/pulse-rate"), "a reading")
    kit.is_mute = True
    silent = witness.wait_for(twin("silent"), "silent")
    assert silent.body["problem"]
    heard = len(witness.messages)
    kit.is_mute = False
    witness.wait_for(twin("connected"), "heard again", since=heard)
    witness.check()


def test_a_device_that_sends_nonsense_disturbs_no_other(
        broker: Broker, witness: Subscriber, make_kit: MakeKit, make_daemon: MakeDaemon) -> None:
    mad, sane = make_kit("mad", "berrymed-bci"), make_kit("oximeter")
    mad.is_mute = True
    mad.script = [bytes((7 * index + n) % 256 for index in range(3000)) for n in range(60)]
    daemon = make_daemon(broker.port, mad, sane).start()
    witness.wait_for(lambda m: m.topic == "device/mad", "the twin of the other")
    witness.wait_for(lambda m: m.topic == "patient/p-1/reading/oxygen-saturation"
                     and m.body["device"] == "oximeter" and m.body["seq"] > 20, "the sane one measures")
    mad.script.clear()
    mad.is_mute = False
    mad.show(saturation=77, pulse=144)
    witness.wait_for(lambda m: m.body.get("device") == "mad" and any(
        reading["value"] == 144 for reading in m.body.get("readings", [])), "the mad one came to its senses")
    assert daemon.process.poll() is None
    witness.check()


def test_the_service_manager_hears_ready_watchdog_and_stopping(
        broker: Broker, make_kit: MakeKit, make_daemon: MakeDaemon, service_manager: ServiceManager) -> None:
    daemon = make_daemon(broker.port, make_kit())
    daemon.environment = {"NOTIFY_SOCKET": service_manager.path, "WATCHDOG_USEC": "2000000"}
    daemon.start()
    service_manager.wait_for("READY=1")
    service_manager.wait_for("WATCHDOG=1", count=3)
    assert daemon.stop(within=8) == 0
    service_manager.wait_for("STOPPING=1")


def test_a_stop_delivers_what_was_measured(
        broker: Broker, witness: Subscriber, make_kit: MakeKit, make_daemon: MakeDaemon) -> None:
    kits = [make_kit("one"), make_kit("two", "berrymed-bci")]
    for kit in kits:
        kit.is_busy = True
    daemon = make_daemon(broker.port, *kits).start()
    daemon.wait_for_commits("reading", 100)
    assert daemon.stop(within=8) == 0
    witness.wait_for_all(dict(daemon.committed), within=15)
    witness.check()


def test_a_stop_does_not_wait_for_a_broker_that_is_away(
        broker: Broker, witness: Subscriber, make_kit: MakeKit, make_daemon: MakeDaemon) -> None:
    daemon = make_daemon(broker.port, make_kit()).start()
    daemon.wait_for_commits("reading", 10)
    broker.stop()
    assert daemon.stop(within=8) == 0
    broker.start()
    daemon.start()
    witness.wait_for_all(dict(daemon.committed))
    witness.check()


def test_a_stop_right_after_the_start_is_remembered(
        broker: Broker, make_daemon: MakeDaemon, service_manager: ServiceManager) -> None:
    daemon = make_daemon(broker.port)
    daemon.environment = {"NOTIFY_SOCKET": service_manager.path}
    daemon.start()
    service_manager.wait_for("READY=1")
    assert daemon.stop(within=8) == 0


def test_the_devices_hear_a_farewell(
        broker: Broker, make_kit: MakeKit, make_daemon: MakeDaemon) -> None:
    kit = make_kit()
    daemon = make_daemon(broker.port, kit).start()
    daemon.wait_for_commits("reading", 5)
    before = len(kit.heard)
    assert daemon.stop(within=8) == 0
    # Stop real-time data: 7D, the seventh bits, A2 with bit 7 set anyway.
    kit.happening.wait(
        lambda: bytes.fromhex("7D81A2") in bytes(kit.heard[before:]), "the device is told to stop", within=10)
