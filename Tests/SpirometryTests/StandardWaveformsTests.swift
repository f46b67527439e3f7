import Spirometry
import Testing

/// The flow-time waveforms of the American Thoracic Society with their official values (Standardization of
/// Spirometry, 1994 update, appendix D), as far as they are there.
@Suite struct `The standard waveforms` {
    struct Expected: Sendable {
        let number: Int
        let peak: Double
        let bev: Double
        let fev1: Double
        let flow: [Double]
    }

    /// Number, peak flow in L/s and L/min, rise time, two times to the peak, extrapolated volume, its share, FEV1.
    static let expected: [Expected] = DataFolder.lines("spirometry_ats26/expected.txt").compactMap { line in
        let words = line.split(separator: " ").map(String.init)
        guard words.count == 9, let number = Int(words[0]), let peak = Double(words[1]), let bev = Double(words[6]),
            let fev1 = Double(words[8])
        else { return nil }
        let flow = DataFolder.numbers("spirometry_ats26/\(number).txt")
        return flow.isEmpty ? nil : Expected(number: number, peak: peak, bev: bev, fev1: fev1, flow: flow)
    }

    /// One of so many samples is kept; what may be wrong then, in mL/s and mL.
    struct Step: Sendable {
        let keptOneOf: Int
        let quantity: BlowSamples.Quantity
        let peak: Double
        let bev: (mean: Double, max: Double)
        let fev1: (mean: Double, max: Double)

        static let all = [
            Step(keptOneOf: 1, quantity: .flow, peak: 1, bev: (1.5, 7.5), fev1: (2.5, 13)),
            Step(keptOneOf: 5, quantity: .flow, peak: 3, bev: (1.5, 7.5), fev1: (2.5, 13.5)),
            Step(keptOneOf: 10, quantity: .flow, peak: 25, bev: (1.6, 8), fev1: (2.6, 14)),
            Step(keptOneOf: 20, quantity: .flow, peak: 250, bev: (3, 18), fev1: (3, 16)),
            Step(keptOneOf: 1, quantity: .volume, peak: 2, bev: (1.5, 7.5), fev1: (2.5, 13)),
            Step(keptOneOf: 5, quantity: .volume, peak: 3, bev: (1.5, 7.5), fev1: (2.5, 13.5)),
            Step(keptOneOf: 10, quantity: .volume, peak: 40, bev: (1.6, 8), fev1: (2.6, 14)),
        ]
    }

    @Test(.enabled(if: !expected.isEmpty), arguments: Step.all)
    func `are measured as officially, with tolerances that grow with the step`(
        _ step: Step
    ) throws {
        var bev: [Double] = []
        var fev1: [Double] = []
        for expected in Self.expected {
            for first in stride(from: 0, to: step.keptOneOf, by: max(1, step.keptOneOf / 5)) {
                let all = step.quantity == .flow ? expected.flow : Self.volume(expected.flow)
                let values = stride(from: first, to: all.count, by: step.keptOneOf).map { all[$0] }
                let measures = try BlowMeasures(
                    BlowSamples(step.quantity, sampleRateHz: 500 / Double(step.keptOneOf), values: values))
                let peak = measures.peakFlowLitresPerSecond
                #expect(abs(peak - expected.peak) * 1000 <= step.peak + 1e-6, "waveform \(expected.number)")
                bev.append(abs(measures.extrapolatedVolumeLitres - expected.bev) * 1000)
                fev1.append(abs((measures.fev1Litres ?? 0) - expected.fev1) * 1000)
            }
        }
        #expect(bev.reduce(0, +) / Double(bev.count) <= step.bev.mean)
        #expect((bev.max() ?? 99) <= step.bev.max)
        #expect(fev1.reduce(0, +) / Double(fev1.count) <= step.fev1.mean)
        #expect((fev1.max() ?? 99) <= step.fev1.max)
    }

    private static func volume(_ flow: [Double]) -> [Double] {
        var volume = 0.0
        var last = flow.first ?? 0
        return flow.map { value in
            volume += (last + value) / 2 * 0.002
            last = value
            return volume
        }
    }
}
