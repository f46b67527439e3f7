public import Loop
import Synchronization
public import Vitals

/// A technician's socket without a socket: clients come as a test says.
public final class SimulatedDoor: CommandListener, Sendable {
    private struct State {
        var waiting: [SimulatedClient] = []
        var isClosed = false
    }

    private let loop: EventLoop
    private let state = Mutex(State())

    /// How long a simulated step takes, where something real would ring.
    static let step: Duration = .milliseconds(20)

    public init(on loop: EventLoop) { self.loop = loop }

    /// A client that sends these lines at once.
    public func connect(
        _ lines: [String], peer: String = "uid 1000 (technician)", linesTakenMax: Int = .max
    ) -> SimulatedClient {
        let client = SimulatedClient(lines, peer: peer, linesTakenMax: linesTakenMax, on: loop)
        state.withLock { $0.waiting.append(client) }
        return client
    }

    public func accept() async -> (any CommandLineLink)? {
        while true {
            let (client, isClosed) = state.withLock { state in
                (state.waiting.isEmpty ? nil : state.waiting.removeFirst(), state.isClosed)
            }
            if let client { return client }
            if isClosed { return nil }
            await loop.sleep(until: loop.now + Self.step)
        }
    }

    public func close() { state.withLock { $0.isClosed = true } }
}

/// A technician's end of a conversation, and the agent's: what is said on one side is heard on the other.
public final class SimulatedClient: CommandLineLink, Sendable {
    private struct State {
        var said: [[UInt8]]
        var heard: [String] = []
        var linesTakenMax: Int
        var hasLeft = false
        var isClosed = false
    }

    public let peer: String
    private let loop: EventLoop
    private let state: Mutex<State>

    fileprivate init(_ lines: [String], peer: String, linesTakenMax: Int, on loop: EventLoop) {
        self.peer = peer
        self.loop = loop
        state = Mutex(State(said: lines.map { Array($0.utf8) }, linesTakenMax: linesTakenMax))
    }

    // MARK: The technician's side

    public func say(_ line: String) { state.withLock { $0.said.append(Array(line.utf8)) } }
    public func leave() { state.withLock { $0.hasLeft = true } }
    /// It takes so many lines in all, and then no more.
    public func take(linesMax: Int) { state.withLock { $0.linesTakenMax = linesMax } }
    /// Everything heard so far.
    public var heard: [String] { state.withLock(\.heard) }
    public var isFinished: Bool { state.withLock(\.isClosed) }

    /// What was heard when the conversation was over, or when `limit` had passed.
    public func end(within limit: Duration = .seconds(120)) async -> [String] {
        let deadline = loop.now + limit
        while !isFinished, loop.now < deadline { await loop.sleep(until: loop.now + SimulatedDoor.step) }
        return heard
    }

    /// Waits until a line that contains `text` was heard.
    public func hears(_ text: String, within limit: Duration = .seconds(120)) async -> Bool {
        let deadline = loop.now + limit
        while loop.now < deadline {
            if heard.contains(where: { $0.contains(text) }) { return true }
            await loop.sleep(until: loop.now + SimulatedDoor.step)
        }
        return false
    }

    // MARK: CommandLineLink

    public func receiveLine(before deadline: Instant) async -> [UInt8]? {
        while true {
            let line = state.withLock { $0.said.isEmpty ? nil : $0.said.removeFirst() }
            if let line { return line }
            guard isOpen, loop.now < deadline else { return nil }
            await loop.sleep(until: min(deadline, loop.now + SimulatedDoor.step))
        }
    }

    public var isOpen: Bool { state.withLock { !$0.hasLeft && !$0.isClosed } }

    public func sendLine(_ line: [UInt8]) -> Bool {
        state.withLock { state in
            guard !state.isClosed, !state.hasLeft, state.heard.count < state.linesTakenMax else { return false }
            state.heard.append(String(decoding: line, as: UTF8.self))
            return true
        }
    }

    public func close() { state.withLock { $0.isClosed = true } }
}
