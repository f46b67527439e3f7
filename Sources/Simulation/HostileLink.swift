public import DriverKit
public import Loop
public import Vitals

/// A link as bad cables and tired devices make it: it cuts, drops, doubles, flips and holds up bytes, the same
/// for the same seed.
public final class HostileLink: Link {
    /// Shares of chunks, 0–1, to which something happens.
    public struct Malice: Hashable, Sendable {
        /// Cut in two at any place; the rest comes with the next.
        public var cut: Double
        /// One byte is lost.
        public var drop: Double
        /// One byte comes twice.
        public var duplicate: Double
        /// One bit is turned.
        public var flip: Double
        /// Held up by up to ``delayMax``.
        public var delay: Double
        public var delayMax: Duration

        public init(
            cut: Double = 0.3, drop: Double = 0.01, duplicate: Double = 0.01, flip: Double = 0.01,
            delay: Double = 0.05, delayMax: Duration = .milliseconds(300)
        ) {
            self.cut = cut
            self.drop = drop
            self.duplicate = duplicate
            self.flip = flip
            self.delay = delay
            self.delayMax = delayMax
        }
    }

    private let link: any Link
    private let loop: EventLoop
    private let malice: Malice
    private var seed: Seed
    private var held: [Chunk] = []
    /// Not before then is the first of the held ones given.
    private var heldUntil = Instant.boot

    public init(_ link: any Link, on loop: EventLoop, seed: Seed, _ malice: Malice = Malice()) {
        self.link = link
        self.loop = loop
        self.seed = seed
        self.malice = malice
    }

    public var lineErrors: LineErrors { link.lineErrors }
    public func close() { link.close() }

    public func send(_ bytes: [UInt8], to channel: Channel) async throws(LinkError) {
        try await link.send(bytes, to: channel)
    }

    public func receive(before deadline: Instant) async throws(LinkError) -> Chunk? {
        while true {
            if !held.isEmpty, heldUntil <= loop.now { return stamped(held.removeFirst()) }
            let next = held.isEmpty ? deadline : min(deadline, heldUntil)
            // Also while something is held up, so that a close or a lost line is noticed.
            if let chunk = try await link.receive(before: next) {
                torment(chunk)
            } else if held.isEmpty || loop.now < heldUntil {
                return nil
            }
        }
    }

    private func stamped(_ chunk: Chunk) -> Chunk { Chunk(chunk.bytes, from: chunk.channel, at: loop.now) }

    private func torment(_ chunk: Chunk) {
        var bytes = chunk.bytes
        if seed.chance(malice.drop), let place = bytes.indices.randomElement(using: &seed) {
            bytes.remove(at: place)
        }
        if seed.chance(malice.duplicate), let place = bytes.indices.randomElement(using: &seed) {
            bytes.insert(bytes[place], at: place)
        }
        if seed.chance(malice.flip), let place = bytes.indices.randomElement(using: &seed) {
            bytes[place] ^= 1 << UInt8.random(in: 0 ..< 8, using: &seed)
        }
        if seed.chance(malice.delay) {
            heldUntil = max(heldUntil, loop.now + malice.delayMax * Double.random(in: 0 ... 1, using: &seed))
        }
        keep(bytes, of: chunk)
    }

    private func keep(_ bytes: [UInt8], of chunk: Chunk) {
        guard !bytes.isEmpty else { return }
        guard bytes.count > 1, seed.chance(malice.cut) else {
            return held.append(Chunk(bytes, from: chunk.channel, at: chunk.at))
        }
        let place = Int.random(in: 1 ..< bytes.count, using: &seed)
        held.append(Chunk(Array(bytes[..<place]), from: chunk.channel, at: chunk.at))
        held.append(Chunk(Array(bytes[place...]), from: chunk.channel, at: chunk.at))
    }
}
