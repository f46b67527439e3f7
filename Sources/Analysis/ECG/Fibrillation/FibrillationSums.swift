import Numbers

/// The sums over a window that are taken in the order of time. Many are taken side by side: one alone would spend
/// its time waiting for itself.
struct FibrillationSums {
    /// Of the fine signal: squares and fourth powers without the mean, over the window and over its later half.
    struct Moments {
        private(set) var square: Float = 0
        private(set) var fourth: Float = 0

        @inline(__always)
        fileprivate mutating func add(_ value: Float) {
            let two = value * value
            square += two
            fourth += two * two
        }

        /// The mean square, and the fourth moment beside its own square.
        func normalized(count: Int) -> (square: Float, kurtosis: Float) {
            let two = square / Float(max(1, count))
            return (two, fourth / Float(max(1, count)) / max(two * two, 1e-12))
        }
    }

    private(set) var mean: Float = 0
    private(set) var all = Moments()
    private(set) var late = Moments()
    /// Of the steps from sample to sample.
    private(set) var slope: Float = 0
    private(set) var slopeSquare: Float = 0
    private(set) var slopeFourth: Float = 0
    /// Of the coarse signal, the second without the mean.
    private(set) var coarseMean: Float = 0
    private(set) var coarseEnergy: Float = 0
    /// What a narrow filter around the mean frequency lets through in the wrong phase (Kuo and Dillman 1978).
    private(set) var leakage: Float = 0

    /// Of the fine signal, its absolute steps (one fewer), and the coarse signal, half as long or shorter.
    init(_ fine: borrowing Span<Float>, steps: borrowing Span<Float>, coarse: borrowing Span<Float>) {
        let half = sumPlain(fine, steps, coarse)
        sumCentred(fine, coarse, fine.extracting(half...))
    }

    /// What needs no mean. Gives half the mean period, in samples.
    private mutating func sumPlain(
        _ fine: borrowing Span<Float>, _ steps: borrowing Span<Float>, _ coarse: borrowing Span<Float>
    ) -> Int {
        var sum = fine[0]
        var coarseSum = coarse[0]
        var size: Float = 0
        var sizeOfSteps: Float = 1e-9
        var (one, two, four): (Float, Float, Float) = (0, 0, 0)
        @inline(__always)
        func add(_ value: Float, _ step: Float) {
            sum += value
            size += abs(value)
            sizeOfSteps += step
            one += step
            two += step * step
            four += step * step * step * step
        }
        for index in 1 ..< coarse.count {
            add(fine[index], steps[index &- 1])
            coarseSum += coarse[index]
        }
        for index in coarse.count ..< fine.count { add(fine[index], steps[index &- 1]) }
        mean = sum / Float(fine.count)
        coarseMean = coarseSum / Float(coarse.count)
        (slope, slopeSquare, slopeFourth) = (one, two, four)
        let half = min(max(Float.pi * size / sizeOfSteps, 1), Float(fine.count / 2)).rounded()
        return Int(exactly: half) ?? 1
    }

    /// What needs the means, and the signal against itself half a period `later`.
    private mutating func sumCentred(
        _ fine: borrowing Span<Float>, _ coarse: borrowing Span<Float>, _ later: borrowing Span<Float>
    ) {
        var (all, late) = (all, late)
        let (mean, coarseMean) = (mean, coarseMean)
        var energy: Float = 0
        var through: Float = 0
        var whole: Float = 1e-9
        @inline(__always)
        func leak(_ value: Float, _ later: Float) {
            through += abs(later + value)
            whole += abs(later) + abs(value)
        }
        let middle = coarse.count
        for index in 0 ..< middle {
            all.add(fine[index] - mean)
            let centred = coarse[index] - coarseMean
            energy += centred * centred
            leak(fine[index], later[index])
        }
        for index in middle ..< later.count {
            all.add(fine[index] - mean)
            late.add(fine[index] - mean)
            leak(fine[index], later[index])
        }
        for index in later.count ..< fine.count {
            all.add(fine[index] - mean)
            late.add(fine[index] - mean)
        }
        (self.all, self.late) = (all, late)
        coarseEnergy = energy
        leakage = through / whole
    }
}
