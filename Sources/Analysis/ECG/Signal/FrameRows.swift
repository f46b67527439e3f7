import Numbers

/// What the detector looks at, for each working sample that can be looked back at: every kind in a row of its
/// own, so that a stretch of it can be read at once.
struct FrameRows: Sendable {
    /// Samples that can be looked back at, 1.68 s: a block, and all that a candidate is measured by. A multiple of
    /// 24, which are moved at once.
    static let reach = 336
    /// More than that, so that the rows are not moved for each block.
    static let capacity = 608
    /// Behind the rows, for those who write eight at a time.
    private static let room = 8

    /// 5…20 Hz, where a QRS stands out; behind the signal by ``LeadFront/bandDelaySamples``.
    var band = [Float](repeating: 0, count: capacity + room)
    /// The mean of the band's absolute slope (per second) over the last 100 ms.
    var energy = [Float](repeating: 0, count: capacity + room)
    /// 0.7…4 Hz: T waves and wander.
    var low = [Float](repeating: 0, count: capacity + room)
    /// The index of what stands first in the rows. What is before the start is zero.
    private(set) var origin = -reach
    /// Behind the newest sample.
    private(set) var endIndex = 0

    /// Whether all of `range` can be read.
    func holds(_ range: Range<Int>) -> Bool {
        range.lowerBound >= max(origin, endIndex - Self.reach) && range.upperBound <= endIndex
    }

    /// Zero where nothing can be read.
    func energy(at index: Int) -> Float { holds(index ..< index + 1) ? energy[index - origin] : 0 }

    /// Room for `count` samples (at most ``reach``): gives where in the rows they are to be put.
    mutating func extend(by count: Int) -> Range<Int> {
        if endIndex - origin + count > Self.capacity { slide() }
        let place = endIndex - origin
        endIndex += count
        return place ..< place + count
    }

    /// Time goes on to `index` without samples, and what was before is forgotten.
    mutating func skip(to index: Int) {
        endIndex = index
        origin = index - Self.reach
        for place in 0 ..< Self.capacity {
            band[place] = 0
            energy[place] = 0
            low[place] = 0
        }
    }

    private mutating func slide() {
        let start = endIndex - origin - Self.reach
        Self.slide(&band, start)
        Self.slide(&energy, start)
        Self.slide(&low, start)
        origin += start
    }

    private static func slide(_ row: inout [Float], _ start: Int) {
        var row = row.mutableSpan
        for place in stride(from: 0, to: reach, by: 24) {
            let (first, second, third) = twentyFour(row.span, start + place)
            row.put(first, at: place)
            row.put(second, at: place &+ 8)
            row.put(third, at: place &+ 16)
        }
    }

    @inline(__always)
    private static func twentyFour(
        _ row: borrowing Span<Float>, _ start: Int
    ) -> (SIMD8<Float>, SIMD8<Float>, SIMD8<Float>) {
        let part = row.extracting(start ..< start + 24)
        return (part.eight(at: 0), part.eight(at: 8), part.eight(at: 16))
    }
}
