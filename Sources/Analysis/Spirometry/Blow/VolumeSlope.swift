import Numbers

/// Flow from volume: the slope, over as few samples as the noise of the volume allows.
///
/// ATS 1994 took the slope over 80 ms; that flattens the peak of a fine signal and makes back-extrapolation
/// worse. Here 80 ms is the most that is ever taken.
enum VolumeSlope {
    /// Of the flow, one standard deviation, L/s: less than the 0.3 % of a usual peak flow that wider windows
    /// flatten off.
    static let noiseMax = 0.02
    /// Half of the 80 ms.
    static let halfWindowSecondsMax = 0.040

    /// Of so many third differences the median is taken: enough, and quickly sorted.
    static let thirdsMax = 250

    /// L/s at each sample, and whether that took more samples than a spline does.
    static func flow(of volume: [Double], interval: Double) -> (flow: [Double], isSmoothed: Bool) {
        let noise = noise(of: volume)
        // The slope of a spline through independent errors has about 1.2 times their size.
        if 1.2 * noise / interval <= noiseMax {
            return (CubicSpline.slopes(of: volume).map { $0 / interval }, false)
        }
        let limit = max(1, Int(halfWindowSecondsMax / interval))
        var half = 1
        while half < limit, noise / (interval * norm(half).squareRoot()) > noiseMax { half += 1 }
        return (lines(through: volume, half: half).map { $0 / interval }, true)
    }

    /// Litres, one standard deviation: of rounding (the smallest step that is seen) or of measuring (the median
    /// of the third differences, which a smooth blow hardly has), whichever is greater.
    static func noise(of volume: [Double]) -> Double {
        guard volume.count > 8 else { return 0 }
        var step = Double.infinity
        var thirds: [Double] = []
        thirds.reserveCapacity(volume.count)
        let every = max(1, volume.count / thirdsMax)
        for index in 3 ..< volume.count {
            let change = abs(volume[index] - volume[index - 1])
            if change > 1e-9 { step = min(step, change) }
            guard index % every == 0 else { continue }
            let third = volume[index] - 3 * volume[index - 1] + 3 * volume[index - 2] - volume[index - 3]
            if abs(third) > 1e-9 { thirds.append(abs(third)) }
        }
        let rounding = step.isFinite ? step / 12.0.squareRoot() : 0
        // Median of a normal's magnitude: 0.6745 SD; the coefficients 1, 3, 3, 1 make sqrt(20) of it.
        let measuring = (median(thirds) ?? 0) / (0.6745 * 20.0.squareRoot())
        return max(rounding, measuring)
    }

    /// The sum of the squares of -half ... half.
    private static func norm(_ half: Int) -> Double {
        let half = Double(half)
        return half * (half + 1) * (2 * half + 1) / 3
    }

    /// The slope of the straight line through `half` neighbours on each side, fewer at the ends.
    private static func lines(through values: [Double], half: Int) -> [Double] {
        guard values.count > 2 else { return [Double](repeating: 0, count: values.count) }
        return values.indices.map { index in
            let reach = max(1, min(half, min(index, values.count - 1 - index)))
            var sum = 0.0
            for distance in 1 ... reach {
                let after = values[min(index + distance, values.count - 1)]
                sum += Double(distance) * (after - values[max(index - distance, 0)])
            }
            return sum / norm(reach)
        }
    }
}
