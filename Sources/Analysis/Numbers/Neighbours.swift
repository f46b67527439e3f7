/// Numbers that stand side by side, taken at once. Every place is checked.
extension Span where Element == Float {
    /// Those from `index` to `index + 7`.
    @inlinable @inline(__always)
    public func eight(at index: Int) -> SIMD8<Float> {
        // The bounds are checked there; whatever the bits, they are numbers.
        unsafe bytes.unsafeLoadUnaligned(fromByteOffset: index &* 4, as: SIMD8<Float>.self)
    }

    /// Those from `index` to `index + 3`.
    @inlinable @inline(__always)
    public func four(at index: Int) -> SIMD4<Float> {
        unsafe bytes.unsafeLoadUnaligned(fromByteOffset: index &* 4, as: SIMD4<Float>.self)
    }

    /// How many of them a condition holds for; it is asked of eight at once.
    @inlinable @inline(__always)
    public func count(where isCounted: (SIMD8<Float>) -> SIMDMask<SIMD8<Int32>>) -> Int {
        var counts = SIMD8<Int32>.zero
        var at = 0
        while at &+ 8 <= count {
            counts.replace(with: counts &+ 1, where: isCounted(eight(at: at)))
            at &+= 8
        }
        var sum = Int(counts.wrappedSum())
        while at < count {
            if isCounted(SIMD8(repeating: self[at]))[0] { sum &+= 1 }
            at &+= 1
        }
        return sum
    }

    /// The least and the greatest, neither of which may be missing a value; of nothing, infinities.
    @inlinable
    public var extremes: (lowest: Float, highest: Float) {
        var lowest = Float.infinity
        var highest = -Float.infinity
        if count >= 8 {
            // The last eight may be seen again in part.
            var low = eight(at: count &- 8)
            var high = low
            var at = 0
            while at < count &- 8 {
                let values = eight(at: at)
                low.replace(with: values, where: values .< low)
                high.replace(with: values, where: values .> high)
                at &+= 8
            }
            for lane in 0 ..< 8 {
                lowest = low[lane] < lowest ? low[lane] : lowest
                highest = high[lane] > highest ? high[lane] : highest
            }
        } else {
            for at in indices {
                lowest = self[at] < lowest ? self[at] : lowest
                highest = self[at] > highest ? self[at] : highest
            }
        }
        return (lowest, highest)
    }
}

extension MutableSpan where Element == Float {
    /// Takes the places from `index` to `index + 7`.
    @inlinable @inline(__always)
    public mutating func put(_ values: SIMD8<Float>, at index: Int) {
        // Any numbers may stand there.
        var raw = unsafe mutableBytes
        raw.storeBytes(of: values, toByteOffset: index &* 4, as: SIMD8<Float>.self)
    }

    /// Takes the places from `index` to `index + 3`.
    @inlinable @inline(__always)
    public mutating func put(_ values: SIMD4<Float>, at index: Int) {
        var raw = unsafe mutableBytes
        raw.storeBytes(of: values, toByteOffset: index &* 4, as: SIMD4<Float>.self)
    }
}
