public import DriverKit
public import Loop
public import Vitals

/// Ports that are plugged in and pulled out as a test says, on the loop's time.
public final class ScriptedPorts: PortMonitor {
    private let loop: EventLoop
    private let bell: Bell
    private var upcoming: [(at: Instant, event: PortEvent)] = []
    private var links: [String: String] = [:]

    public init(on loop: EventLoop) {
        self.loop = loop
        bell = Bell(on: loop)
    }

    public func plug(_ port: PortIdentity, at: Instant = .boot) { add(.appeared(port), at) }

    public func unplug(_ path: String, at: Instant) { add(.disappeared(path: path), at) }

    /// A link below `/dev`.
    public func link(_ name: String, to path: String) { links[name] = path }

    public func resolve(_ path: String) -> String { links[path] ?? path }

    public func next(before deadline: Instant) async -> PortEvent? {
        while true {
            if let first = upcoming.first, first.at <= loop.now { return upcoming.removeFirst().event }
            if deadline <= loop.now { return nil }
            _ = await bell.wait(before: min(deadline, upcoming.first?.at ?? .never))
        }
    }

    private func add(_ event: PortEvent, _ at: Instant) {
        let index = upcoming.firstIndex { $0.at > at } ?? upcoming.endIndex
        upcoming.insert((at, event), at: index)
        bell.ring()
    }
}
