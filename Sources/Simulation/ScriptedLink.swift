public import DriverKit
public import Loop
public import Vitals

/// What happens next on a scripted line.
public enum ScriptedEvent: Hashable, Sendable {
    case bytes([UInt8], at: Instant)
    /// The line goes away.
    case gone(at: Instant)
    /// The kernel counts damage on the line.
    case damage(LineErrors, at: Instant)

    public var at: Instant {
        switch self {
        case .bytes(_, let at), .gone(let at), .damage(_, let at): at
        }
    }
}

/// A link whose bytes come from a script or from a function, on the loop's time.
///
/// When nothing is left to happen it is silent for ever. What was due before the link was opened was sent to
/// nobody, and is dropped.
public final class ScriptedLink: Link {
    private let loop: EventLoop
    private let path: String
    private let next: () -> ScriptedEvent?
    private let answer: ([UInt8], Instant) -> [ScriptedEvent]
    private var upcoming: ScriptedEvent?
    private var answers: [ScriptedEvent] = []
    private let bell: Bell
    private var isClosed = false
    private var isGone = false
    private let openedAt: Instant

    /// Everything that was sent, with its time.
    public private(set) var sent: [(bytes: [UInt8], at: Instant)] = []
    public private(set) var lineErrors = LineErrors()

    /// `next` gives the events one after the other, their times not falling. `answer` is called for each send and
    /// gives what the device says to it.
    public init(
        path: String = "/dev/simulated", on loop: EventLoop, next: @escaping () -> ScriptedEvent?,
        answer: @escaping ([UInt8], Instant) -> [ScriptedEvent] = { _, _ in [] }
    ) {
        self.loop = loop
        self.path = path
        self.next = next
        self.answer = answer
        bell = Bell(on: loop)
        openedAt = loop.now
    }

    public convenience init(
        path: String = "/dev/simulated", on loop: EventLoop, script: [(at: Instant, bytes: [UInt8])]
    ) {
        var rest = script[...]
        self.init(path: path, on: loop, next: { rest.popFirst().map { .bytes($0.bytes, at: $0.at) } })
    }

    public func receive(before deadline: Instant) async throws(LinkError) -> Chunk? {
        while true {
            if isClosed { throw .closed }
            if isGone { throw .gone(path) }
            let event = peek()
            if let event, event.at <= loop.now {
                if let chunk = try take(event) { return chunk }
                continue
            }
            if deadline <= loop.now { return nil }
            _ = await bell.wait(before: min(deadline, event?.at ?? .never))
        }
    }

    public func send(_ bytes: [UInt8], to channel: Channel) async throws(LinkError) {
        if isClosed { throw .closed }
        if isGone { throw .gone(path) }
        sent.append((bytes, loop.now))
        let told = answer(bytes, loop.now)
        guard !told.isEmpty else { return }
        for event in told {
            let index = answers.firstIndex { $0.at > event.at } ?? answers.endIndex
            answers.insert(event, at: index)
        }
        bell.ring()
    }

    public func close() {
        isClosed = true
        bell.ring()
    }

    /// Pulls the plug now, from the test.
    public func hangUp() {
        isGone = true
        bell.ring()
    }

    /// The first of the script and the answers.
    private func peek() -> ScriptedEvent? {
        while upcoming == nil, let event = next() {
            let isMissed = if case .bytes(_, let at) = event { at < openedAt } else { false }
            if !isMissed { upcoming = event }
        }
        guard let upcoming else { return answers.first }
        guard let answer = answers.first, answer.at < upcoming.at else { return upcoming }
        return answer
    }

    private func take(_ event: ScriptedEvent) throws(LinkError) -> Chunk? {
        if event == upcoming { upcoming = nil } else { answers.removeFirst() }
        switch event {
        case .bytes(let bytes, _): return bytes.isEmpty ? nil : Chunk(bytes, at: loop.now)
        case .damage(let more, _):
            lineErrors.breaks += more.breaks
            lineErrors.framing += more.framing
            lineErrors.parity += more.parity
            lineErrors.overruns += more.overruns
            return nil
        case .gone:
            isGone = true
            throw .gone(path)
        }
    }
}
