import Delivery
import Loop
import Vitals

/// One technician's connection from its request to its last line. Stays on the device loop.
///
/// A task of its own reads, so that the end of the client is noticed by the one who works for it.
final class Conversation {
    let number: Int
    private let link: any CommandLineLink
    private let news: Bell
    private var lines: [[UInt8]] = []
    private var isFinished = false
    private var isClientGone = false

    /// Lines read and not yet taken; a client that talks on without being asked is sent away.
    static let linesMax = 8
    /// How long a request may take to come.
    static let requestMax: Duration = .seconds(10)

    init(_ number: Int, _ link: any CommandLineLink, on loop: EventLoop) {
        self.number = number
        self.link = link
        news = Bell(on: loop)
    }

    /// `uid 1000 (technician)`
    var peer: String { link.peer }

    /// `uid 1000`: what may be kept and told of them. A user's name may be a person's.
    var by: String { String(peer.prefix { $0 != "(" }.reversed().drop { $0 == " " }.reversed()) }

    /// Nobody listens any more.
    var isEnded: Bool { isFinished || isClientGone || !link.isOpen }

    // MARK: Reading

    /// Reads until the client is gone.
    func read() async {
        while !isFinished, let line = await link.receiveLine(before: .never) {
            lines.append(line)
            news.ring()
            guard lines.count <= Self.linesMax else {
                finish(CommandFailure(.badRequest, "more than \(Self.linesMax) lines that nobody asked for"))
                return
            }
        }
        isClientGone = true
        news.ring()
    }

    /// The next line; `nil`: the client is gone, or `deadline` came first.
    func nextLine(before deadline: Instant, on loop: EventLoop) async -> [UInt8]? {
        while true {
            if !lines.isEmpty { return lines.removeFirst() }
            if isEnded || loop.now >= deadline { return nil }
            _ = await news.wait(before: deadline)
        }
    }

    /// Returns at `deadline`, or sooner when something has happened: a line, an event, the end.
    func rest(before deadline: Instant) async {
        if !isEnded { _ = await news.wait(before: deadline) }
    }

    /// Something has happened that the one who works for it should look at.
    func ring() { news.ring() }

    // MARK: Writing

    /// `false`: the client does not take it. One that has only ended its own side still does.
    @discardableResult
    func send(_ line: [UInt8]) -> Bool { isFinished ? false : link.sendLine(line) }

    @discardableResult
    func send(event: String, _ write: (inout JSONText) -> Void) -> Bool { send(Self.line(event, write)) }

    static func line(_ event: String, _ write: (inout JSONText) -> Void) -> [UInt8] {
        JSONText.object { json in
            json.member("event", event)
            write(&json)
        }
    }

    /// The last line, and the end.
    func finish(_ failure: CommandFailure?) {
        guard !isFinished else { return }
        send(failure?.line ?? JSONText.object { $0.member("done", true) })
        isFinished = true
        link.close()
        news.ring()
    }
}
