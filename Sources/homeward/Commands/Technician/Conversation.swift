import Linux
import Loop
import Vitals

/// The connection to the daemon, the person's keyboard and Ctrl-C, as one row of things that happen.
actor Conversation: LoopActor {
    nonisolated let loop: EventLoop
    private let path: String
    private let signals: Signals
    private let input: LineInput
    private let arrived: Bell
    private let taken: Bell
    private var arrivals: [Arrival] = []
    private var line: (any CommandLineLink)?
    /// Conversations so far: what a former one still sends is not heard.
    private var number = 0
    private var isListening = false

    /// Lines that wait to be looked at; while there are so many, the socket is not read.
    static let arrivalsMax = 64

    enum Arrival {
        case line([UInt8])
        /// The daemon has closed.
        case closed
        /// A line of standard input, `nil` at its end.
        case typed(String?)
        /// Ctrl-C, or the terminal is gone.
        case interrupted
    }

    /// Call it on the loop's thread.
    init(path: String, on loop: EventLoop) throws(SystemError) {
        self.loop = loop
        self.path = path
        signals = try Signals(on: loop)
        input = try LineInput(on: loop)
        arrived = Bell(on: loop)
        taken = Bell(on: loop)
    }

    /// Connects anew and sends the request.
    func begin(_ request: [UInt8]) throws(LocalSocketError) {
        if number == 0 { Task(executorPreference: loop) { await self.hearSignals() } }
        end()
        let line = try LocalSocketClient.connect(path: path, on: loop)
        self.line = line
        _ = line.sendLine(request)
        let number = number
        Task(executorPreference: loop) { await self.hear(number) }
    }

    func send(_ bytes: [UInt8]) { _ = line?.sendLine(bytes) }

    /// Closes our side, which ends the command. May be called twice.
    func end() {
        number += 1
        line?.close()
        line = nil
        arrivals.removeAll {
            switch $0 {
            case .line, .closed: true
            case .typed, .interrupted: false
            }
        }
        taken.ring()
    }

    /// From now on one line of standard input is read, and arrives as ``Arrival/typed(_:)``.
    func listen() {
        guard !isListening else { return }
        isListening = true
        Task(executorPreference: loop) { await self.hearInput() }
    }

    /// `nil` when the deadline came first.
    func next(before deadline: Instant) async -> Arrival? {
        while arrivals.isEmpty {
            if await arrived.wait(before: deadline) == .deadline, arrivals.isEmpty { return nil }
        }
        taken.ring()
        return arrivals.removeFirst()
    }

    private func put(_ arrival: Arrival) {
        arrivals.append(arrival)
        arrived.ring()
    }

    private func hear(_ own: Int) async {
        while own == number, let line {
            guard arrivals.count < Self.arrivalsMax else {
                _ = await taken.wait()
                continue
            }
            let bytes = await line.receiveLine(before: .never)
            guard own == number else { return }
            guard let bytes else { return put(.closed) }
            put(.line(bytes))
        }
    }

    private func hearInput() async {
        let text = await input.next()
        isListening = false
        put(.typed(text))
    }

    private func hearSignals() async {
        while true {
            _ = await signals.next()
            put(.interrupted)
        }
    }
}
