import DriverKit
import Drivers
import Testing
import Vitals

@Suite struct `An open ECG board` {
    /// The example of docs/open-ecg.md.
    static let header: [UInt8] = [
        0xEC, 0x47, 0x48, 0x11, 0x01, 0x02, 0xFA, 0x00, 0xF4, 0x01, 0x00, 0x00, 0x58, 0x01, 0x02, 0x02, 0x4D, 0x31,
        0x00, 0x01, 0x32, 0xC4, 0x63,
    ]
    static let samples: [UInt8] = [
        0xEC, 0x47, 0x53, 0x12, 0x05, 0x00, 0x00, 0x00, 0x02, 0x00, 0x01, 0x00, 0x00, 0xFE, 0xFF, 0xFF, 0xE8, 0x03,
        0x00, 0x18, 0xFC, 0xFF, 0x26, 0x8B,
    ]

    static func waveforms(_ told: Transcript) -> [Waveform] {
        told.reported.compactMap { if case .waveform(let waveform) = $0 { waveform } else { nil } }
    }

    @Test func `gives the document's example in millivolts, each lead by its name`() {
        let waves = Self.waveforms(Transcript(OpenECG.self, [Self.header, Self.samples]))
        #expect(waves.map(\.metric) == [.ecgLeadI, .ecgLeadII])
        #expect(waves.map(\.samples) == [[1, 1000], [-2, -1000]])
        #expect(waves.allSatisfy { $0.scale == 0.0005 && $0.offset == 0 && $0.sampleRateHz == 250 })
        #expect(waves.map(\.quality) == [.valid, .questionable(.leadOff)])
    }

    @Test func `is known by its first packet, whichever that is`() {
        for packet in [Self.header, Self.samples] {
            var judge = ProbeJudge(OpenECG.self)
            judge.receive(Array(packet.dropFirst(7)) + packet, at: .boot)
            #expect(judge.verdict(at: .boot) == .likely)
        }
    }

    @Test func `is asked nothing, and believes no packet with a wrong bit`() {
        for bit in 0 ..< Self.samples.count * 8 {
            var damaged = Self.samples
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            let told = Transcript(OpenECG.self, [Self.header, damaged])
            #expect(Self.waveforms(told).isEmpty, "bit \(bit)")
            #expect(told.requests.isEmpty)
        }
    }

    @Test func `gives no waveform that was not wanted, and the battery all the same`() {
        let told = Transcript(
            OpenECG.self, [Self.header, Self.samples], DriverSettings(reportsWaveforms: false))
        #expect(Self.waveforms(told).isEmpty)
        #expect(told.reported.contains(.reading(Reading(.batteryLevel, 88))))
    }
}
