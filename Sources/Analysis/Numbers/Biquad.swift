/// A recursive filter of second order (transposed direct form II), one sample at a time.
public struct Biquad: Sendable {
    @usableFromInline let b0: Float
    @usableFromInline let b1: Float
    @usableFromInline let b2: Float
    @usableFromInline let a1: Float
    @usableFromInline let a2: Float
    @usableFromInline var first: Float = 0
    @usableFromInline var second: Float = 0

    /// Butterworth, by the bilinear transform.
    public static func lowPass(hertz: Double, sampleRateHz: Double) -> Biquad {
        Biquad(hertz: hertz, sampleRateHz: sampleRateHz, isHighPass: false)
    }

    /// Butterworth, by the bilinear transform.
    public static func highPass(hertz: Double, sampleRateHz: Double) -> Biquad {
        Biquad(hertz: hertz, sampleRateHz: sampleRateHz, isHighPass: true)
    }

    private init(hertz: Double, sampleRateHz: Double, isHighPass: Bool) {
        let k = Mathematics.tan(Double.pi * hertz / sampleRateHz)
        let norm = 1 + 2.squareRoot() * k + k * k
        let b = (isHighPass ? 1 : k * k) / norm
        b0 = Float(b)
        b1 = Float(isHighPass ? -2 * b : 2 * b)
        b2 = Float(b)
        a1 = Float(2 * (k * k - 1) / norm)
        a2 = Float((1 - 2.squareRoot() * k + k * k) / norm)
    }

    @inlinable
    public mutating func filter(_ input: Float) -> Float {
        let output = b0 * input + first
        first = b1 * input - a1 * output + second
        second = b2 * input - a2 * output
        return output
    }

    /// A state too small to matter becomes zero: numbers below the normal range are slow on some machines.
    @inlinable
    public mutating func forgetTraces() {
        if abs(first) < 1e-15 { first = 0 }
        if abs(second) < 1e-15 { second = 0 }
    }

    public mutating func reset() {
        first = 0
        second = 0
    }
}
