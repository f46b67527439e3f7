extension FibrillationFeature {
    /// How like itself the signal is a while later.
    static func repetition(_ fine: [Float], _ coarse: [Float], into features: inout [Float]) {
        set(.leakage, leakage(fine.span), &features)
        set(.crossings, crossings(fine.span), &features)
        set(.phaseFill, phaseFill(fine), &features)
        let rate = Float(FibrillationWindow.coarseRateHz)
        let near = Int(0.10 * rate)
        let far = Int(0.45 * rate)
        let end = Int(1.20 * rate)
        var greatest: (near: Float, far: Float) = (-1, -1)
        correlations(coarse, near ..< end) { lag, value in
            if lag < far {
                greatest.near = max(greatest.near, value)
            } else {
                greatest.far = max(greatest.far, value)
            }
        }
        set(.nearCorrelation, greatest.near, &features)
        set(.farCorrelation, greatest.far, &features)
    }

    /// With the signal itself, at each lag. Eight lags are summed side by side, each in the order of time; what
    /// lies before the signal counts as zero.
    private static func correlations(_ signal: [Float], _ lags: Range<Int>, _ tell: (Int, Float) -> Void) {
        var mean: Float = 0
        for value in signal { mean += value }
        mean /= Float(signal.count)
        let centred = signal.map { $0 - mean }
        var energy: Float = 0
        for value in centred { energy += value * value }
        // Each sample with the three before it, behind a room of zeros.
        let room = 4
        var groups = [SIMD4<Float>](repeating: .zero, count: room + centred.count)
        var group = SIMD4<Float>.zero
        for index in centred.indices {
            group = SIMD4(centred[index], group.x, group.y, group.z)
            groups[room + index] = group
        }
        var first = lags.lowerBound
        while first < lags.upperBound, first < centred.count {
            let count = centred.count - first
            let now = centred.span.extracting(first ..< first + count)
            let before = groups.span.extracting(room ..< room + count)
            let longBefore = groups.span.extracting(room - 4 ..< room - 4 + count)
            var sums = SIMD4<Float>.zero
            var laterSums = SIMD4<Float>.zero
            for index in 0 ..< count {
                sums += before[index] * now[index]
                laterSums += longBefore[index] * now[index]
            }
            for lane in 0 ..< 8 where first + lane < lags.upperBound {
                tell(first + lane, (lane < 4 ? sums[lane] : laterSums[lane - 4]) / max(energy, 1e-9))
            }
            first += 8
        }
    }

    /// What a narrow filter around the mean frequency lets through in the wrong phase: small for a sine.
    private static func leakage(_ signal: borrowing Span<Float>) -> Float {
        var size: Float = 0
        var slope: Float = 1e-9
        for index in 1 ..< signal.count {
            size += abs(signal[index])
            slope += abs(signal[index] - signal[index - 1])
        }
        let half = Int(exactly: min(max(Float.pi * size / slope, 1), Float(signal.count / 2)).rounded()) ?? 1
        var through: Float = 0
        var all: Float = 1e-9
        let late = signal.extracting(half...)
        for index in late.indices {
            through += abs(late[index] + signal[index])
            all += abs(late[index]) + abs(signal[index])
        }
        return through / all
    }

    /// The share of samples beyond a fifth of the greatest, in tapered windows of three seconds.
    private static func crossings(_ signal: borrowing Span<Float>) -> Float {
        let width = tapers.count
        let tapers = tapers.span
        var tapered = [Float](repeating: 0, count: width)
        var beyond = 0
        var windows = 0
        var start = 0
        while start + width <= signal.count {
            let window = signal.extracting(start ..< start + width)
            var values = tapered.mutableSpan
            var greatest: Float = 0
            for index in 0 ..< width {
                let value = abs(window[index]) * tapers[index]
                values[index] = value
                greatest = max(greatest, value)
            }
            let least = 0.2 * greatest
            for index in 0 ..< width { beyond &+= values[index] > least ? 1 : 0 }
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
    private static func phaseFill(_ signal: [Float]) -> Float {
        let cells = 40
        let delay = FibrillationWindow.fineRateHz / 2
        var least = Float.infinity
        var greatest = -Float.infinity
        for value in signal {
            least = min(least, value)
            greatest = max(greatest, value)
        }
        let scale = Float(cells - 1) / max(greatest - least, 1e-6)
        let places = signal.map { UInt8(truncatingIfNeeded: min(max(Int(($0 - least) * scale), 0), cells - 1)) }
        var rows = [UInt64](repeating: 0, count: cells)
        for index in delay ..< places.count {
            rows[Int(places[index])] |= 1 << UInt64(places[index - delay])
        }
        var filled = 0
        for row in rows { filled += row.nonzeroBitCount }
        return Float(filled) / Float(cells * cells)
    }
}
