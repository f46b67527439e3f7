/// Says when something repeated in every frame is worth telling: the first time, when it changes, and once
/// per second of frames. It counts frames and never looks at a clock, so the answer does not depend on how
/// the bytes were cut.
public struct Cadence: Hashable, Sendable {
    @usableFromInline var last: UInt64 = .max
    @usableFromInline var framesSince = 0
    /// How many frames the device sends in a second; at least 1.
    public var framesPerSecond: Int

    public init(framesPerSecond: Int) { self.framesPerSecond = max(1, framesPerSecond) }

    /// Call it once per frame. Any key but `UInt64.max`, which stands for "nothing told yet".
    @inlinable @inline(__always)
    public mutating func isDue(_ key: UInt64) -> Bool {
        framesSince &+= 1
        guard key != last || framesSince >= framesPerSecond else { return false }
        last = key
        framesSince = 0
        return true
    }

    /// The next frame counts as the first.
    public mutating func restart() { last = .max }
}
