import DriverKit
import Drivers
import Testing
import Vitals

/// The one test for every driver: it plays each capture under `Drivers/` and needs no change for a new one.
@Suite("Every capture")
struct CaptureTests {
    @Test("can be read, says where it comes from and has its readings beside it", arguments: Recording.paths)
    func isComplete(path: String) throws {
        let capture = try Recording(path: path).capture
        for key in ["device", "firmware", "driver", "made", "source", "licence"] {
            #expect(capture[key]?.isEmpty == false, "'# \(key):' is missing")
        }
        #expect(["recorded", "constructed"].contains(capture["made"]))
    }

    @Test("there is one for every driver", arguments: Recording.driverIDs)
    func exists(id: String) { #expect(Recording.all.contains { $0.driver.manifest.id == id }) }

    @Test("gives exactly its readings", arguments: Recording.all)
    func givesReadings(recording: Recording) {
        let told = Transcript(recording).events.filter(recording.compares)
        #expect(told == recording.readings)
    }

    @Test("makes the driver send what was recorded", arguments: Recording.all)
    func sendsRequests(recording: Recording) {
        let recorded = recording.capture.lines.filter { $0.direction == .toDevice }.map(\.text)
        if !recorded.isEmpty { #expect(Transcript(recording).requests == recorded) }
    }

    @Test("gives the same however its bytes are cut", arguments: Recording.all)
    func isIndependentOfCuts(recording: Recording) {
        let whole = Transcript(recording)
        for piece in [1, 2, 3, 4, 5, 6, 7, 8, 11, 16, 20, 37, 64, 125] {
            #expect(Transcript(recording, cutInto: piece) == whole, "cut into pieces of \(piece)")
        }
    }

    @Test("gives only metrics of the manifest, in their possible range", arguments: Recording.all)
    func keepsToManifest(recording: Recording) {
        let metrics = recording.driver.manifest.metrics
        for event in Transcript(recording).reported {
            switch event {
            case .reading(let reading):
                #expect(metrics.contains(reading.metric))
                #expect(isSound(reading), "\(reading)")
            case .waveform(let waveform):
                #expect(metrics.contains(waveform.metric))
                #expect((1 ... Waveform.samplesMax).contains(waveform.samples.count))
            default: break
            }
        }
    }

    @Test("does no harm when it ends early", arguments: Recording.all)
    func survivesEveryPrefix(recording: Recording) {
        let bytes = recording.capture.lines.reduce(0) { $0 + ($1.direction == .fromDevice ? $1.bytes.count : 0) }
        for count in stride(from: 0, to: bytes, by: max(1, bytes / 100)) {
            expectSound(recording.capture.prefix(bytes: count), recording)
        }
    }

    @Test("does no harm when its bytes are damaged", arguments: Recording.all)
    func survivesDamage(recording: Recording) {
        var random = SmallRandom(state: 1)
        for _ in 0 ..< 100 { expectSound(recording.capture.damaged(&random), recording) }
    }

    /// At most four events for each byte, two for each turn and a few of its own; nothing lost.
    private func expectSound(_ capture: Capture, _ recording: Recording) {
        let transcript = Transcript(recording.driver, capture, recording.settings)
        let bytes = capture.lines.reduce(0) { $0 + ($1.direction == .fromDevice ? $1.bytes.count : 0) }
        #expect(transcript.events.count <= 64 + 4 * bytes + 2 * transcript.turns)
        #expect(transcript.lost == 0)
        #expect(transcript.readings.allSatisfy(isSound))
    }

    /// A value in the possible range, or none and a reason.
    private func isSound(_ reading: Reading) -> Bool {
        guard let value = reading.value else {
            guard case .invalid(let reasons) = reading.quality else { return false }
            return !reasons.isEmpty
        }
        if case .invalid = reading.quality { return false }
        return reading.metric.definition.possible.contains(value)
    }
}

extension Capture {
    /// Only the first `count` bytes from the device.
    func prefix(bytes count: Int) -> Capture {
        var rest = count
        var capture = self
        capture.lines = lines.map { line in
            guard line.direction == .fromDevice else { return line }
            var line = line
            line.bytes = Array(line.bytes.prefix(rest))
            rest -= line.bytes.count
            return line
        }
        return capture
    }

    /// Some bytes flipped, dropped or doubled.
    func damaged(_ random: inout SmallRandom) -> Capture {
        var capture = self
        for index in capture.lines.indices where capture.lines[index].direction == .fromDevice {
            var bytes: [UInt8] = []
            for byte in capture.lines[index].bytes {
                switch random.below(40) {
                case 0: bytes.append(byte ^ 1 << UInt8(random.below(8)))
                case 1: break
                case 2: bytes += [byte, byte]
                default: bytes.append(byte)
                }
            }
            capture.lines[index].bytes = bytes
        }
        return capture
    }
}

/// Reproducible numbers (xorshift64).
struct SmallRandom {
    var state: UInt64

    mutating func below(_ limit: Int) -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Int(truncatingIfNeeded: state % UInt64(limit))
    }
}
