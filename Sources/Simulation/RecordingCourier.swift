public import Delivery
public import Loop
import Synchronization
public import Vitals

/// A courier that writes down what it is given, and can be as slow as a worn card.
public final class RecordingCourier: Courier {
    /// What came in one call, in the order in which it was committed.
    public enum Entry: Hashable, Sendable {
        case accepted([Draft], keeping: [Keepsake], at: Instant)
        case state(topic: String, schema: String, body: [UInt8], at: Instant)

        public var at: Instant {
            switch self {
            case .accepted(_, _, let at), .state(_, _, _, let at): at
            }
        }
    }

    private struct Book {
        var entries: [Entry] = []
        var kept: [String: [UInt8]]
    }

    private let loop: EventLoop
    private let slow: Range<Instant>
    private let book: Mutex<Book>

    /// - Parameters:
    ///   - keepsakes: what was kept before this start.
    ///   - slow: while it lasts nothing is committed, and everybody who asks waits.
    public init(on loop: EventLoop, remembering keepsakes: [Keepsake] = [], slow: Range<Instant> = .boot ..< .boot)
    {
        self.loop = loop
        self.slow = slow
        let kept = keepsakes.compactMap { keepsake in keepsake.value.map { (keepsake.key, $0) } }
        book = Mutex(Book(kept: Dictionary(kept) { _, last in last }))
    }

    public func accept(_ drafts: [Draft], keeping keepsakes: [Keepsake]) async {
        await hurry()
        let now = loop.now
        book.withLock { book in
            book.entries.append(.accepted(drafts, keeping: keepsakes, at: now))
            for keepsake in keepsakes { book.kept[keepsake.key] = keepsake.value }
        }
    }

    public func publish(state topic: String, schema: String, body: [UInt8]) async {
        await hurry()
        let now = loop.now
        book.withLock { $0.entries.append(.state(topic: topic, schema: schema, body: body, at: now)) }
    }

    public func keepsakes(withPrefix prefix: String) async -> [Keepsake] {
        kept.filter { $0.key.hasPrefix(prefix) }
    }

    private func hurry() async {
        if slow.contains(loop.now) { await loop.sleep(until: slow.upperBound) }
    }

    public var entries: [Entry] { book.withLock(\.entries) }

    /// What would be there after a restart, sorted by key.
    public var kept: [Keepsake] {
        book.withLock(\.kept).sorted { $0.key < $1.key }.map { Keepsake($0.key, $0.value) }
    }
}
