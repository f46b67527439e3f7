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
    /// The band around ``peak``, and around what follows. Apart from the rest, which is remembered for longer.
    private var shapes: [Shape] = []
    /// The band around ``peak``.
    var shape: Shape { shapes.first ?? Shape() }
    /// And around what follows so closely that only one of both can be a beat; `nil` when that is much smaller.
    var follower: Shape? { shapes.count > 1 ? shapes[1] : nil }
    /// A smaller share of the energy is not worth looking at.
    static let followerShare: Float = 0.4

    /// What is measured lies within so many samples of ``index``; of the clean signal, of the peak.
    private static let reach = 100
    private static let cleanReach = 52

    init(_ index: Int, _ front: borrowing LeadFront) {
        self.index = index
        peak = index
        let frames = front.frames
        guard frames.holds(index - Self.reach ..< index + Self.reach + 1) else { return }
        let place = index - frames.origin - Self.reach ..< index - frames.origin + Self.reach + 1
        measureBand(frames.band.span.extracting(place))
        measureEnergy(frames.energy.span.extracting(place), frames.band.span.extracting(place))
        let low = frames.low.span.extracting(place).extracting(Self.reach - 40 ..< Self.reach + 11).extremes
        self.low = low.highest - low.lowest
        measureClean(front.clean)
    }

    /// Nobody will ask for the shapes any more.
    mutating func forgetShapes() { shapes = [] }

    private mutating func measureBand(_ band: borrowing Span<Float>) {
        let range = band.extracting(Self.reach - 28 ..< Self.reach + 5).extremes
        amplitude = range.highest - range.lowest
        slope = Self.greatestSlope(band, Self.reach - 28 ..< Self.reach + 5)
        let middle = Self.peak(of: Self.reach, band)
        peak = index + middle - Self.reach
        shapes = [Shape(band.extracting(middle - 26 ..< middle + 29))]
    }

    /// Per second, of at least eight samples. The last eight may be seen again in part.
    private static func greatestSlope(_ band: borrowing Span<Float>, _ range: Range<Int>) -> Float {
        var greatest = LeadFront.slopes(band, range.upperBound &- 8)
        var at = range.lowerBound
        while at < range.upperBound &- 8 {
            let slopes = LeadFront.slopes(band, at)
            greatest.replace(with: slopes, where: slopes .> greatest)
            at &+= 8
        }
        return greatest.max()
    }

    /// Where the band is greatest around a peak of energy.
    private static func peak(of middle: Int, _ band: borrowing Span<Float>) -> Int {
        let range = band.extracting(middle - 28 ..< middle + 5).extremes
        let most = max(-range.lowest, range.highest)
        var at = middle - 28
        while at < middle + 4, abs(band[at]) < most { at += 1 }
        return at
    }

    private mutating func measureEnergy(_ energies: borrowing Span<Float>, _ band: borrowing Span<Float>) {
        let middle = Self.reach
        energy = energies[middle]
        var sum: Float = 0
        for distance in 1 ... 90 { sum += energies[middle + distance] + energies[middle - distance] }
        around = (sum + energy) / 181
        floorAfter = min(energy, energies.extracting(middle + 1 ..< middle + 91).extremes.lowest)
        floorBefore = min(energy, energies.extracting(middle - 90 ..< middle).extremes.lowest)
        later = energies.extracting(middle + 30 ..< middle + 91).extremes.highest
        earlier = energies.extracting(middle - 90 ..< middle - 29).extremes.highest
        previous = energies.extracting(middle - 52 ..< middle - 23).extremes.highest
        next = energies.extracting(middle + 24 ..< middle + 53).extremes.highest
        if next > Self.followerShare * energy {
            var following = middle + 24
            while following < middle + 52, energies[following] < next { following += 1 }
            let peak = Self.peak(of: following, band)
            shapes.append(Shape(band.extracting(peak - 26 ..< peak + 29)))
        }
        var left = middle
        while left > middle - 60, energies[left] > 0.5 * energy { left -= 1 }
        var right = middle
        while right < middle + 60, energies[right] > 0.5 * energy { right += 1 }
        width = right - left
    }

    private mutating func measureClean(_ clean: borrowing SignalRing) {
        let middle = peak - LeadFront.bandDelaySamples
        let range = middle - Self.cleanReach ..< middle + Self.cleanReach
        guard clean.holds(range) else { return }
        let samples = clean.window(range)
        roughInside = Self.roughness(samples, Self.cleanReach - 10)
        roughBeside =
            (Self.roughness(samples, Self.cleanReach - 50) + Self.roughness(samples, Self.cleanReach + 30)) / 2
        let extremes = samples.extracting(Self.cleanReach - 10 ..< Self.cleanReach + 11).extremes
        height = extremes.highest - extremes.lowest
    }

    /// Of 100 ms.
    private static func roughness(_ samples: borrowing Span<Float>, _ start: Int) -> Float {
        var sum: Float = 0
        for at in stride(from: start, to: start + 20, by: 4) {
            let bends = samples.four(at: at + 2) - 2 * samples.four(at: at) + samples.four(at: at - 2)
            for lane in 0 ..< 4 { sum += abs(bends[lane]) }
        }
        return sum / 20
    }
}
