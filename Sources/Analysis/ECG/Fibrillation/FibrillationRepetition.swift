import Numbers

extension FibrillationFeature {
    /// How like itself the signal is a while later.
    static func repetition(
        _ fine: borrowing Span<Float>, _ extremes: (lowest: Float, highest: Float), _ coarse: borrowing Span<Float>,
        _ sums: FibrillationSums, into features: inout [Float]
    ) {
        set(.leakage, sums.leakage, &features)
        set(.crossings, crossings(fine), &features)
        set(.phaseFill, phaseFill(fine, extremes), &features)
        let rate = Float(FibrillationWindow.coarseRateHz)
        let near = Int(0.10 * rate)
        let far = Int(0.45 * rate)
        let end = Int(1.20 * rate)
        var greatest: (near: Float, far: Float) = (-1, -1)
        correlations(coarse, sums, near ..< end) { lag, value in
            if lag < far {
                greatest.near = max(greatest.near, value)
            } else {
                greatest.far = max(greatest.far, value)
            }
        }
        set(.nearCorrelation, greatest.near, &features)
        set(.farCorrelation, greatest.far, &features)
    }

    /// With the signal itself, at each lag. Sixteen lags are summed side by side, each in the order of time; what
    /// lies before the signal counts as zero.
    private static func correlations(
        _ signal: borrowing Span<Float>, _ sums: FibrillationSums, _ lags: Range<Int>, _ tell: (Int, Float) -> Void
    ) {
        // Each sample with the three before it, behind a room of zeros.
        let room = 12
        var groups = InlineArray<262, SIMD4<Float>>(repeating: .zero)
        let length = min(signal.count, groups.count - room)
        var group = SIMD4<Float>.zero
        for index in 0 ..< length {
            group = SIMD4(signal[index] - sums.coarseMean, group.x, group.y, group.z)
            groups[room + index] = group
        }
        let energy = max(sums.coarseEnergy, 1e-9)
        var first = lags.lowerBound
        while first < lags.upperBound, first < length {
            let count = length - first
            let now = groups.span.extracting(room + first ..< room + length)
            let before = groups.span.extracting(room ..< room + count)
            let before4 = groups.span.extracting(room - 4 ..< room - 4 + count)
            let before8 = groups.span.extracting(room - 8 ..< room - 8 + count)
            let before12 = groups.span.extracting(room - 12 ..< room - 12 + count)
            var products: (SIMD4<Float>, SIMD4<Float>, SIMD4<Float>, SIMD4<Float>) = (.zero, .zero, .zero, .zero)
            for index in 0 ..< count {
                let value = now[index].x
                products.0 += before[index] * value
                products.1 += before4[index] * value
                products.2 += before8[index] * value
                products.3 += before12[index] * value
            }
            let all = SIMD16(
                lowHalf: SIMD8(lowHalf: products.0, highHalf: products.1),
                highHalf: SIMD8(lowHalf: products.2, highHalf: products.3))
            for lane in 0 ..< 16 where first + lane < lags.upperBound { tell(first + lane, all[lane] / energy) }
            first += 16
        }
    }

    /// The share of samples beyond a fifth of the greatest, in tapered windows of three seconds.
    private static func crossings(_ signal: borrowing Span<Float>) -> Float {
        let tapers = tapers.span
        var room = InlineArray<300, Float>(repeating: 0)
        let width = min(tapers.count, room.count)
        var beyond = 0
        var windows = 0
        var start = 0
        while start + width <= signal.count {
            var values = room.mutableSpan
            var at = 0
            while at &+ 4 <= width {
                let value = signal.four(at: start &+ at) * tapers.four(at: at)
                values.put(value.replacing(with: -value, where: value .< 0), at: at)
                at &+= 4
            }
            let tapered = room.span
            let least = 0.2 * max(0, tapered.extremes.highest)
            beyond += tapered.count { $0 .> least }
            windows += width
            start += FibrillationWindow.fineRateHz
        }
        return Float(beyond) / Float(max(1, windows))
    }

    /// Of a trapezium of three seconds: near enough to the published cosine, and cheap.
    private static let tapers: [Float] = {
        let width = 3 * FibrillationWindow.fineRateHz
        let taper = Float(FibrillationWindow.fineRateHz / 4)
        return (0 ..< width).map { min(1, Float(min($0, width - 1 - $0)) / taper) }
    }()

    /// The share of 40 x 40 cells that the signal against itself half a second earlier passes through.
    private static func phaseFill(
        _ signal: borrowing Span<Float>, _ extremes: (lowest: Float, highest: Float)
    ) -> Float {
        let cells = 40
        let delay = FibrillationWindow.fineRateHz / 2
        let scale = Float(cells - 1) / max(extremes.highest - extremes.lowest, 1e-6)
        // Above 2²³ the last bits of a number are its whole part: there each sample's cell is.
        let lift: Float = 8_388_608
        var room = InlineArray<500, Float>(repeating: 0)
        var places = room.mutableSpan
        var at = 0
        while at &+ 4 <= min(signal.count, places.count) {
            var exact = (signal.four(at: at) - extremes.lowest) * scale
            exact.replace(with: Float(cells - 1), where: exact .> Float(cells - 1))
            let near = exact + lift
            // Rounded down, not to the nearest.
            places.put(near.replacing(with: near - 1, where: near - lift .> exact), at: at)
            at &+= 4
        }
        var rows = InlineArray<64, UInt64>(repeating: 0)
        let cell = room.span
        for index in delay ..< at {
            rows[Int(cell[index].bitPattern & 63)] |= 1 << UInt64(cell[index &- delay].bitPattern & 63)
        }
        var filled = 0
        for row in 0 ..< cells { filled += rows[row].nonzeroBitCount }
        return Float(filled) / Float(cells * cells)
    }
}
