public import Vitals

/// A driver together with its simulated time: plays a capture through it, or any bytes.
///
/// The one way in which tests, `homeward replay` and the fuzzers run a driver without a device.
public struct Playback {
    public private(set) var driver: any Driver
    public private(set) var now = Instant.boot
    private var wakeAt = Instant.never
    private let localTimeAtStart: CivilTime?
    private let channels: [Channel]
    private let handle: (Instant, Turn) -> Void

    /// Wakes in a row without bytes between them; a driver that asks for more is stuck.
    public static let wakesMax = 10_000

    public init(
        _ driver: any Driver, localTimeAtStart: CivilTime? = nil, channels: [Channel]? = nil,
        handle: @escaping (Instant, Turn) -> Void
    ) {
        self.driver = driver
        self.localTimeAtStart = localTimeAtStart
        self.channels = channels ?? type(of: driver).manifest.channels
        self.handle = handle
    }

    public mutating func begin() { run { driver, turn in driver.begin(&turn) } }

    /// Lets time pass until `at`, then gives the bytes.
    public mutating func receive(_ bytes: Span<UInt8>, from channel: Channel = .serial, at: Instant) {
        advance(to: at)
        guard !bytes.isEmpty else { return }
        var turn = makeTurn()
        driver.receive(bytes, from: channel, &turn)
        finish(turn)
    }

    /// Lets time pass, waking the driver when it asked for it.
    public mutating func advance(to end: Instant) {
        for _ in 0 ..< Self.wakesMax where wakeAt <= end {
            now = max(now, wakeAt)
            wakeAt = .never
            run { driver, turn in driver.wake(&turn) }
        }
        now = max(now, end)
    }

    public mutating func end() { run { driver, turn in driver.end(&turn) } }

    private mutating func run(_ step: (inout any Driver, inout Turn) -> Void) {
        var turn = makeTurn()
        step(&driver, &turn)
        finish(turn)
    }

    private func makeTurn() -> Turn {
        Turn(
            now: now, localTime: localTimeAtStart?.adding(seconds: now.nanoseconds / 1_000_000_000),
            channels: channels)
    }

    private mutating func finish(_ turn: Turn) {
        if let asked = turn.wakeAt { wakeAt = asked }
        handle(now, turn)
    }
}

extension Playback {
    /// Plays every line from the device, in pieces of at most `piece` bytes, then ends. A message stays whole.
    public mutating func play(_ capture: Capture, cutInto piece: Int = .max) {
        let manifest = type(of: driver).manifest
        begin()
        for line in capture.lines {
            let piece = manifest.framing(of: line.channel) == .stream ? piece : .max
            guard line.direction == .fromDevice, !line.bytes.isEmpty else {
                advance(to: line.at)
                continue
            }
            var start = 0
            while start < line.bytes.count {
                let stop = piece < line.bytes.count - start ? start + piece : line.bytes.count
                receive(line.bytes.span.extracting(start ..< stop), from: line.channel, at: line.at)
                start = stop
            }
        }
        end()
    }
}
