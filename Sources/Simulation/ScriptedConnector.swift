public import DriverKit
public import Loop
public import Vitals

/// Ports that are there or not, as a test says, on the loop's time.
public final class ScriptedConnector: Connector {
    /// What opening a port finds.
    public enum State: Hashable, Sendable { case present, gone, busy, denied, failing(errno: Int32) }

    private struct Port {
        var states: [(from: Instant, State)] = []
        var make: () -> any Link
    }

    private let loop: EventLoop
    private var ports: [String: Port] = [:]
    /// Every attempt, in order.
    public private(set) var attempts: [(address: Address, at: Instant)] = []

    public init(on loop: EventLoop) { self.loop = loop }

    /// A port at `path`, opened by calling `make`, each time anew.
    public func add(_ path: String, _ make: @escaping () -> any Link) { ports[path] = Port(make: make) }

    /// A port whose device sends the script. Opened again, it goes on with what is due then.
    public func add(_ path: String, script: [(at: Instant, bytes: [UInt8])]) {
        add(path) { [loop] in ScriptedLink(path: path, on: loop, script: script) }
    }

    /// From then on, opening finds that. Until the first such change a port is present.
    public func set(_ path: String, to state: State, from start: Instant = .boot) {
        ports[path]?.states.append((start, state))
        ports[path]?.states.sort { $0.from < $1.from }
    }

    public func connect(to address: Address) async throws(LinkError) -> any Link {
        attempts.append((address, loop.now))
        let path = address.description
        guard let port = ports[path] else { throw .gone(path) }
        switch port.states.last(where: { $0.from <= loop.now })?.1 ?? .present {
        case .present: return port.make()
        case .gone: throw .gone(path)
        case .busy: throw .busy(path)
        case .denied: throw .denied(path)
        case .failing(let errno): throw .system(call: "open", errno: errno, path)
        }
    }
}
