import Numbers

/// The power spectrum of at most 256 samples under Hann's window; tables are made once.
struct SmallSpectrum: Sendable {
    static let length = 256
    private static let levels = 8

    private let cosines: [Float]
    private let sines: [Float]
    private let reversed: [Int]
    private var real = [Float](repeating: 0, count: length)
    private var imaginary = [Float](repeating: 0, count: length)

    init() {
        var cosines: [Float] = []
        var sines: [Float] = []
        for index in 0 ..< (Self.length / 2) {
            let angle = -2 * Double.pi * Double(index) / Double(Self.length)
            cosines.append(Float(Mathematics.cos(angle)))
            sines.append(Float(Mathematics.sin(angle)))
        }
        self.cosines = cosines
        self.sines = sines
        reversed = (0 ..< Self.length).map { index in
            var bits = 0
            for level in 0 ..< Self.levels where index >> level & 1 == 1 { bits |= 1 << (Self.levels - 1 - level) }
            return bits
        }
    }

    /// Bins 0 to 127; the mean is taken off first.
    mutating func powers(of samples: [Float]) -> [Float] {
        let count = min(samples.count, Self.length)
        guard count > 1 else { return [Float](repeating: 0, count: Self.length / 2) }
        var mean: Float = 0
        for index in 0 ..< count { mean += samples[index] }
        mean /= Float(count)
        for index in 0 ..< Self.length {
            let place = reversed[index]
            imaginary[place] = 0
            guard index < count else {
                real[place] = 0
                continue
            }
            // Hann's window over the samples, out of the table of cosines.
            let phase = index * Self.length / count
            let cosine = phase < Self.length / 2 ? cosines[phase] : -cosines[phase - Self.length / 2]
            real[place] = (samples[index] - mean) * 0.5 * (1 - cosine)
        }
        transform()
        return (0 ..< (Self.length / 2)).map { real[$0] * real[$0] + imaginary[$0] * imaginary[$0] }
    }

    /// Radix two, in place, from the reversed order.
    private mutating func transform() {
        var half = 1
        while half < Self.length {
            let stride = Self.length / 2 / half
            var start = 0
            while start < Self.length {
                for index in 0 ..< half {
                    let one = start + index
                    let two = one + half
                    let cosine = cosines[index * stride]
                    let sine = sines[index * stride]
                    let re = real[two] * cosine - imaginary[two] * sine
                    let im = real[two] * sine + imaginary[two] * cosine
                    real[two] = real[one] - re
                    imaginary[two] = imaginary[one] - im
                    real[one] += re
                    imaginary[one] += im
                }
                start += 2 * half
            }
            half *= 2
        }
    }
}
