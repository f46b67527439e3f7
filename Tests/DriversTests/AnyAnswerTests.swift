import DriverKit
import Drivers
import Testing
import Vitals

/// Packets whose form and check are good, and whose content is anything: random bytes hardly ever get so far.
@Suite struct `Answers with any content` {
    static let settings = DriverSettings(fetchesStored: true, setsClock: true)

    private static func payload(_ random: inout SmallRandom) -> [UInt8] {
        let lengths = [0, 1, 4, 12, 13, 20, 22, 38, 60, 100, 300]
        var bytes = (0 ..< lengths[random.below(lengths.count)]).map { _ in UInt8(random.below(256)) }
        switch random.below(6) {
        // The size of a file that may be held.
        case 0 where bytes.count == 4: bytes[2 ... 3] = [UInt8(random.below(4)), 0]
        // The head of a stored file.
        case 1 where bytes.count >= 40: bytes[0] = random.below(2) == 0 ? 3 : 5
        case 2: bytes = Array("{\"FileList\":\"20240102030405,b\",\"CurTIME\":\"2024-01-02,03:04:05\"}".utf8)
        // So many samples as there is room for.
        case 3 where bytes.count >= 22: bytes.replaceSubrange(20 ... 21, with: [UInt8((bytes.count - 22) / 2), 0])
        case 4 where bytes.count >= 12:
            bytes.replaceSubrange(10 ... 11, with: [UInt8((bytes.count - 12) & 0xFF), 0])
        default: break
        }
        return bytes
    }

    private static func play(
        _ driver: any Driver.Type, on channel: String, seed: UInt64,
        _ answer: (inout SmallRandom, [UInt8]) -> [UInt8]
    ) -> Transcript {
        var random = SmallRandom(state: seed)
        var capture = Capture(provenance: [.init(key: "local-time", value: "2026-02-28T23:59:00")])
        var milliseconds: Int64 = 0
        for _ in 0 ..< 60 {
            milliseconds += random.below(10) == 0 ? 2100 : Int64(random.below(1200))
            let bytes = answer(&random, payload(&random))
            capture.lines.append(
                .init(
                    at: Instant(nanoseconds: milliseconds * 1_000_000), direction: .fromDevice,
                    channel: Channel(channel), bytes: bytes))
        }
        return Transcript(driver, capture, settings)
    }

    private static func expectSound(_ told: Transcript, seed: UInt64) {
        #expect(told.lost == 0, "seed \(seed)")
        for reading in told.readings {
            guard let value = reading.value else {
                #expect(!reading.quality.reasons.isEmpty, "seed \(seed): \(reading)")
                continue
            }
            #expect(reading.metric.definition.possible.contains(value), "seed \(seed): \(reading)")
        }
    }

    @Test func `do no harm to the Oxy driver, and make it send nothing but its requests`() {
        var stored = 0
        for seed in 1 ... 300 as ClosedRange<UInt64> {
            let told = Self.play(ViatomOxy.self, on: "oxy-reply", seed: seed) { random, payload in
                `The Oxy protocol`.reply(payload, status: random.below(12) == 0 ? 9 : 0)
            }
            Self.expectSound(told, seed: seed)
            stored += told.readings.filter { $0.source == .stored }.count
            let codes = Set(told.requests.compactMap { $0.split(separator: " ").dropFirst(3).first })
            #expect(codes.isSubset(of: ["03", "04", "05", "14", "16", "17", "1B"]), "seed \(seed)")
        }
        #expect(stored > 0)
    }

    @Test func `do no harm to the ER1 driver, and make it send nothing but its requests`() {
        var live = 0
        for seed in 1 ... 300 as ClosedRange<UInt64> {
            let told = Self.play(ViatomER1.self, on: "er1-reply", seed: seed) { random, payload in
                let commands: [UInt8] = [0x03, 0xE1, 0xEC, 0xF1]
                return `The ER1 family`.reply(
                    commands[random.below(commands.count)], payload, result: random.below(12) == 0 ? 0xFB : 1)
            }
            Self.expectSound(told, seed: seed)
            live += told.readings.count
            let codes = Set(told.requests.compactMap { $0.split(separator: " ").dropFirst(3).first })
            #expect(codes.isSubset(of: ["03", "E1", "EC", "F1"]), "seed \(seed)")
        }
        #expect(live > 0)
    }
}
