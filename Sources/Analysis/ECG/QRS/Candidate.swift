import Numbers

/// What is measured of a peak of energy that may be a QRS, without regard to what came before it.
struct Candidate: Sendable {
    /// Signal that must follow a candidate before it is measured: 450 ms, and the delay of the clean signal.
    static let lookahead = 100

    /// Of the peak of energy.
    var index: Int
    /// Of the greatest deflection in the band.
    var peak = 0
    var energy: Float = 0
    var slope: Float = 0
    /// Peak to peak in the band.
    var amplitude: Float = 0
    /// The most energy 150…450 ms later and earlier.
    var later: Float = 0
    var earlier: Float = 0
    /// The most energy 120…260 ms later and earlier: no two beats are so close.
    var next: Float = 0
    var previous: Float = 0
    /// Mean energy of the 900 ms around.
    var around: Float = 0
    /// Least energy in the 450 ms before and after.
    var floorBefore: Float = 0
    var floorAfter: Float = 0
    /// Peak to peak below 4 Hz.
    var low: Float = 0
    /// Samples with at least half the energy.
    var width = 0
    /// Mean absolute second difference of the clean signal: in the QRS, and beside it.
    var roughInside: Float = 0
    var roughBeside: Float = 0
    /// Peak to peak of the clean signal around the peak.
    var height: Float = 0
    /// The band around ``peak``.
    var shape = Shape()
    /// And around what follows so closely that only one of both can be a beat; `nil` when that is much smaller.
    var follower: Shape?
    /// A smaller share of the energy is not worth looking at.
    static let followerShare: Float = 0.4

    init(_ index: Int, _ front: borrowing LeadFront) {
        self.index = index
        energy = front[index].energy
        measureBand(front)
        measureSurroundings(front)
        measureClean(front)
    }

    private mutating func measureBand(_ front: borrowing LeadFront) {
        var highest = -Float.infinity
        var lowest = Float.infinity
        peak = Self.peak(of: index, front)
        for at in index - 28 ... index + 4 {
            let frame = front[at]
            highest = max(highest, frame.band)
            lowest = min(lowest, frame.band)
            slope = max(slope, frame.slope)
        }
        amplitude = highest - lowest
        shape = Shape(around: peak, front)
    }

    /// Where the band is greatest around a peak of energy.
    private static func peak(of index: Int, _ front: borrowing LeadFront) -> Int {
        var most: Float = -1
        var peak = index
        for at in index - 28 ... index + 4 where abs(front[at].band) > most {
            most = abs(front[at].band)
            peak = at
        }
        return peak
    }

    private mutating func measureSurroundings(_ front: borrowing LeadFront) {
        var sum: Float = 0
        var following = index
        floorBefore = energy
        floorAfter = energy
        for distance in 1 ... 90 {
            let after = front[index + distance].energy
            let before = front[index - distance].energy
            sum += after + before
            floorAfter = min(floorAfter, after)
            floorBefore = min(floorBefore, before)
            if distance >= 30 {
                later = max(later, after)
                earlier = max(earlier, before)
            }
            if distance >= 24, distance <= 52 {
                previous = max(previous, before)
                if after > next {
                    next = after
                    following = index + distance
                }
            }
        }
        around = (sum + energy) / 181
        if next > Self.followerShare * energy {
            follower = Shape(around: Self.peak(of: following, front), front)
        }
        var lowest = Float.infinity
        var highest = -Float.infinity
        for at in index - 40 ... index + 10 {
            lowest = min(lowest, front[at].low)
            highest = max(highest, front[at].low)
        }
        low = highest - lowest
        var left = index
        while left > index - 60, front[left].energy > 0.5 * energy { left -= 1 }
        var right = index
        while right < index + 60, front[right].energy > 0.5 * energy { right += 1 }
        width = right - left
    }

    private mutating func measureClean(_ front: borrowing LeadFront) {
        let middle = peak - LeadFront.bandDelaySamples
        roughInside = Self.roughness(front.clean, middle - 10 ..< middle + 10)
        roughBeside =
            (Self.roughness(front.clean, middle - 50 ..< middle - 30)
                + Self.roughness(front.clean, middle + 30 ..< middle + 50)) / 2
        var lowest = Float.infinity
        var highest = -Float.infinity
        for at in middle - 10 ... middle + 10 {
            lowest = min(lowest, front.clean[at])
            highest = max(highest, front.clean[at])
        }
        height = highest - lowest
    }

    private static func roughness(_ clean: borrowing SignalRing, _ range: Range<Int>) -> Float {
        var sum: Float = 0
        for at in range { sum += abs(clean[at + 2] - 2 * clean[at] + clean[at - 2]) }
        return sum / Float(range.count)
    }
}
