import Numbers

/// The filters of a lead that remember: the clean signal's high-pass, the band of a QRS, and what is slower. All in
/// one pass, in which one waits for the other least.
struct LeadFilters: Sendable {
    static let bandHz = (low: 5.0, high: 20.0)
    static let wanderHz = 0.5
    static let lowHz = (low: 0.7, high: 4.0)
    /// After so many samples what is left of a signal long gone is forgotten; a power of two.
    static let forgetEvery = 64

    /// Of a new sample, in the two means between which ``FrameRows/low`` lies.
    private static let lowShares = (
        smooth: Float(2 * Double.pi * lowHz.high / 200), wander: Float(2 * Double.pi * lowHz.low / 200)
    )

    private var wander = Biquad.highPass(hertz: wanderHz, sampleRateHz: 200)
    private var bandHigh = Biquad.highPass(hertz: bandHz.low, sampleRateHz: 200)
    private var bandLow = Biquad.lowPass(hertz: bandHz.high, sampleRateHz: 200)
    private var lowSmooth: Float = 0
    private var lowWander: Float = 0

    /// From `plain` samples, the first of which has `index`, and what the low-pass made of them: the clean signal,
    /// and the rows of frames from `place` on.
    mutating func run(
        _ plain: borrowing Span<Float>, _ smooth: borrowing Span<Float>, from index: Int, clean: inout [Float],
        band: inout [Float], low: inout [Float], at place: Int
    ) {
        var filters = self
        var cleans = clean.mutableSpan
        var bands = band.mutableSpan
        var lows = low.mutableSpan
        var step = 0
        while step < plain.count {
            let end = min(plain.count, step + Self.forgetEvery - (index + step) & (Self.forgetEvery - 1))
            while step &+ 4 <= end {
                let plains = plain.four(at: step)
                let smooths = smooth.four(at: step)
                var (clean, band, low) = (SIMD4<Float>.zero, SIMD4<Float>.zero, SIMD4<Float>.zero)
                for lane in 0 ..< 4 {
                    (clean[lane], band[lane], low[lane]) = filters.step(plains[lane], smooths[lane])
                }
                cleans.put(clean, at: step)
                bands.put(band, at: place &+ step)
                lows.put(low, at: place &+ step)
                step &+= 4
            }
            while step < end {
                (cleans[step], bands[place &+ step], lows[place &+ step]) = filters.step(plain[step], smooth[step])
                step &+= 1
            }
            if (index + step) & (Self.forgetEvery - 1) == 0 { filters.forgetTraces() }
        }
        self = filters
    }

    @inline(__always)
    private mutating func step(_ plain: Float, _ smooth: Float) -> (clean: Float, band: Float, low: Float) {
        let clean = wander.filter(smooth)
        let band = bandLow.filter(bandHigh.filter(plain))
        lowSmooth += Self.lowShares.smooth * (plain - lowSmooth)
        lowWander += Self.lowShares.wander * (lowSmooth - lowWander)
        return (clean, band, lowSmooth - lowWander)
    }

    private mutating func forgetTraces() {
        wander.forgetTraces()
        bandHigh.forgetTraces()
        bandLow.forgetTraces()
        if abs(lowSmooth) < 1e-15 { lowSmooth = 0 }
        if abs(lowWander) < 1e-15 { lowWander = 0 }
    }

    mutating func reset() {
        lowSmooth = 0
        lowWander = 0
        wander.reset()
        bandHigh.reset()
        bandLow.reset()
    }
}
