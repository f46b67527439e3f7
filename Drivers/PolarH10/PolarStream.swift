import DriverKit
import Vitals

/// The samples of one stream, by channel, with account of what is missing.
struct PolarStream: Sendable {
    private let type: PolarType
    private var blocks: [SampleBlock]
    private var clock = PolarClock()
    private var factor: Double?

    private static let ratesHz: [PolarType: Int] = [.ecg: 130, .acceleration: 25]

    init(_ type: PolarType, _ metrics: [Metric], scale: Double, isOn: Bool) {
        self.type = type
        let rate = Self.ratesHz[type] ?? 1
        clock.samplesPerSecond = rate
        blocks = metrics.map { SampleBlock($0, samplesPerSecond: rate, scale: scale, isOn: isOn) }
    }

    /// Takes over how the stream was started; `nil`: it was not.
    mutating func prepare(_ settings: PolarSettings?, _ turn: inout Turn) {
        guard let settings else { return }
        factor = settings.factor
        guard let rate = settings.samplesPerSecond, rate > 0, rate != clock.samplesPerSecond else { return }
        clock = PolarClock()
        clock.samplesPerSecond = rate
        for index in blocks.indices { blocks[index].change(samplesPerSecond: rate, &turn) }
    }

    mutating func receive(
        _ frame: PolarFrame, _ bytes: Span<UInt8>, doubts: QualityReasons, _ turn: inout Turn
    ) {
        guard let samples = frame.samples(bytes, channels: blocks.count, factor: factor) else {
            turn.report(.malformed("\(type.name) frame"))
            return
        }
        switch clock.step(to: frame.nanoseconds, samples: samples.count / blocks.count, at: turn.now) {
        case .follows: break
        case .lost(let count): interrupt(lost: count, &turn)
        case .jumped:
            turn.report(.feature("device-clock", "jumped"))
            interrupt(lost: 0, &turn)
        }
        for (index, sample) in samples.enumerated() {
            blocks[index % blocks.count].append(sample, doubts: doubts, &turn)
        }
        guard let estimate = clock.estimate else { return }
        clock.estimate = nil
        guard type == .ecg else { return }
        turn.report(.feature("clock-drift-ppm", String(estimate.driftPartsPerMillion)))
        turn.report(.feature("ecg-rate-millihertz", String(estimate.rateMillihertz)))
    }

    mutating func end(_ turn: inout Turn) { for index in blocks.indices { blocks[index].flush(&turn) } }

    private mutating func interrupt(lost: Int, _ turn: inout Turn) {
        for index in blocks.indices { blocks[index].interrupt(lost: lost, &turn) }
    }
}
