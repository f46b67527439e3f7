"""Each test gets a folder, a broker on a free port, a witness, and makers of devices and daemons.

Whatever was started is ended, whatever happens.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from harness.broker import Broker
from harness.daemon import Daemon, ServiceManager, binary
from harness.fake_broker import Behaviour, FakeBroker
from harness.fake_daemon import Conversation, FakeDaemon
from harness.kit import Kit
from harness.subscriber import Subscriber
from harness.surgery import Surgery
from harness.technician import Make, Sit
from harness.terminal import Terminal


def pytest_configure() -> None:
    if not os.access(binary(), os.X_OK):
        pytest.exit(f"there is no program at {binary()}: swift build -c release --product homeward", returncode=4)


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    # mosquitto gives up root and has to pass through.
    for parent in (tmp_path, tmp_path.parent, tmp_path.parent.parent):
        parent.chmod(parent.stat().st_mode | 0o011)
    return tmp_path


@pytest.fixture
def make_broker(stack: ExitStack, folder: Path) -> Callable[..., Broker]:
    def make(**settings: Any) -> Broker:
        broker = Broker(folder / "broker", **settings)
        stack.callback(broker.stop)
        return broker.start()
    return make


@pytest.fixture
def broker(make_broker: Callable[..., Broker]) -> Broker:
    return make_broker()


@pytest.fixture
def witness(broker: Broker, stack: ExitStack) -> Subscriber:
    subscriber = Subscriber(broker.port)
    stack.callback(subscriber.close)
    return subscriber


@pytest.fixture
def make_fake_broker(stack: ExitStack) -> Callable[..., FakeBroker]:
    def make(**behaviour: Any) -> FakeBroker:
        fake = FakeBroker(Behaviour(**behaviour))
        stack.callback(fake.close)
        return fake
    return make


@pytest.fixture
def make_kit(stack: ExitStack, folder: Path) -> Callable[..., Kit]:
    def make(name: str = "oximeter", driver: str = "contec-cms50-v7") -> Kit:
        kit = Kit(folder, name, driver)
        stack.callback(kit.close)
        return kit
    return make


@pytest.fixture
def make_daemon(stack: ExitStack, folder: Path) -> Callable[..., Daemon]:
    def make(port: int, *kits: Kit, **more: Any) -> Daemon:
        daemon = Daemon(folder, port, kits, **more)
        stack.callback(daemon.close)
        return daemon
    return make


@pytest.fixture
def service_manager(stack: ExitStack, folder: Path) -> ServiceManager:
    manager = ServiceManager(folder)
    stack.callback(manager.close)
    return manager


@pytest.fixture
def box(folder: Path) -> Surgery:
    return Surgery(folder)


@pytest.fixture
def serve(tmp_path: Path, stack: ExitStack) -> Make:
    def make(conversations: dict[str, Conversation]) -> FakeDaemon:
        daemon = FakeDaemon(tmp_path / "socket", conversations)
        stack.callback(daemon.close)
        return daemon
    return make


@pytest.fixture
def sit(stack: ExitStack) -> Sit:
    def make(daemon: FakeDaemon, *arguments: str, **more: Any) -> Terminal:
        terminal = Terminal(*arguments, "--socket", daemon.path, **more)
        stack.callback(terminal.close)
        return terminal
    return make
