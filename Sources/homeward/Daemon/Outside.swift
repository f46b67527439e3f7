import Agent
import Bluetooth
import DriverKit
import Linux
import Loop
import Vitals

/// The outside world as the daemon hands it to the agent: ports, radio, socket and the folder of what persons have
/// decided. The one place where they are made.
struct Outside: Sendable {
    let configuration: Configuration
    let loop: EventLoop
    let journal: Journal
    /// What persons have decided, and the keys of bonds.
    let state: any StateFolder
    let seed: UInt64
    /// The box's clock on the wall, `nil` while it is not trusted.
    let localTime: @Sendable () -> CivilTime?

    /// What persons have decided is kept below the data directory.
    ///
    /// - Parameter loop: may block.
    static func state(_ configuration: Configuration, on loop: EventLoop) throws(CommandError) -> any StateFolder {
        do throws(StateError) {
            return try FileStateFolder("\(configuration.dataDirectory)/state", on: loop)
        } catch {
            throw CommandError(.cannotCreate, "dataDirectory: \(error)")
        }
    }

    /// Where the last sessions stay.
    ///
    /// - Parameter loop: may block.
    static func archive(_ configuration: Configuration, on loop: EventLoop) throws(CommandError) -> SessionArchive {
        do throws(StateError) {
            return SessionArchive(
                in: try FileStateFolder("\(configuration.dataDirectory)/sessions", on: loop), on: loop)
        } catch {
            throw CommandError(.cannotCreate, "dataDirectory: \(error)")
        }
    }

    /// Where recordings go, `nil` when nothing is recorded: a folder of its own, on a thread of its own, so that a
    /// slow disk holds up nothing else.
    static func recordings(_ configuration: Configuration) throws -> (Recordings, LoopThread)? {
        guard let settings = configuration.recorder else { return nil }
        let thread = try LoopThread(name: "recordings")
        do throws(StateError) {
            let folder = try FileStateFolder("\(configuration.dataDirectory)/recordings", on: thread.loop)
            return (Recordings(settings, in: folder, on: thread.loop), thread)
        } catch {
            throw CommandError(.cannotCreate, "dataDirectory: \(error)")
        }
    }

    /// Called on the device loop; what it makes stays there.
    func connections() -> Connections {
        let radio = configuration.isBluetoothEnabled ? makeRadio() : nil
        return Connections(
            connector: PlaceConnector(
                serial: SerialConnector(on: loop), radio: radio.map { makeConnector($0) }),
            radio: radio, ports: configuration.isHotplugEnabled ? makePorts() : nil, listener: makeListener())
    }

    /// Without udev the ports of the configuration still work.
    private func makePorts() -> (any PortMonitor)? {
        do throws(SystemError) { return try UdevPorts(on: loop) } catch {
            journal.warning("what is plugged in is not noticed, only ports of the configuration are used: \(error)")
            return nil
        }
    }

    private func makeRadio() -> Radio {
        Radio(kernel: LinuxBluetooth(on: loop), state: state, on: loop, seed: seed) { [journal] level, text in
            journal.write(level.journal, text)
        }
    }

    private func makeConnector(_ radio: Radio) -> BluetoothConnector {
        BluetoothConnector(radio: radio, cache: state, localTime: localTime, on: loop) { [journal] text in
            journal.info(text)
        }
    }

    /// Without a socket the box works on; only technicians are told, by the command that finds none.
    private func makeListener() -> (any CommandListener)? {
        do throws(LocalSocketError) {
            return try LocalSocketListener(path: configuration.socketPath, on: loop)
        } catch {
            journal.warning("no commands on this box: \(error)")
            return nil
        }
    }
}

extension RadioLog {
    fileprivate var journal: Journal.Level {
        switch self {
        case .debug: .debug
        case .info: .info
        case .notice: .notice
        case .warning: .warning
        case .error: .error
        }
    }
}

/// Each device by the way that leads to it.
final class PlaceConnector: Connector {
    private let serial: any Connector
    private let radio: (any Connector)?

    init(serial: any Connector, radio: (any Connector)?) {
        self.serial = serial
        self.radio = radio
    }

    func connect(to address: Address) async throws(LinkError) -> any Link {
        switch address {
        case .serial: return try await serial.connect(to: address)
        case .bluetooth:
            guard let radio else {
                throw .bluetooth(.adapterMissing, "Bluetooth is switched off in the configuration")
            }
            return try await radio.connect(to: address)
        }
    }
}
