/// Bytes collected until they make a frame: a queue with a fixed room, dropped from the front.
public struct FrameBuffer<let capacity: Int>: Sendable {
    private var storage: [capacity of UInt8] = .init(repeating: 0)
    private var head = 0
    public private(set) var count = 0

    public init() {}

    public var isEmpty: Bool { count == 0 }
    public var isFull: Bool { count == capacity }

    /// The byte `index` places behind the front. `index` is below ``count``.
    @inline(__always)
    public subscript(index: Int) -> UInt8 {
        precondition(index >= 0 && index < count, "a byte beyond those collected")
        return storage[wrap(head + index)]
    }

    /// When full, the oldest byte makes room; `false` says so.
    @inline(__always) @discardableResult
    public mutating func append(_ byte: UInt8) -> Bool {
        let hadRoom = count < capacity
        if !hadRoom { removeFirst() }
        storage[wrap(head + count)] = byte
        count += 1
        return hadRoom
    }

    /// Drops up to `number` bytes from the front.
    @inline(__always)
    public mutating func removeFirst(_ number: Int = 1) {
        let dropped = min(max(0, number), count)
        head = wrap(head + dropped)
        count -= dropped
    }

    public mutating func removeAll() {
        head = 0
        count = 0
    }

    /// The sum of the `length` bytes from `start` on, modulo 256. Both lie within ``count``.
    public func sum(from start: Int, length: Int) -> UInt8 {
        var sum: UInt8 = 0
        for index in start ..< start + length { sum &+= self[index] }
        return sum
    }

    @inline(__always)
    private func wrap(_ index: Int) -> Int { index >= capacity ? index - capacity : index }
}
