import Testing
import WFDB

/// The signal files of formats 16 and 80 were written, and those of 212 and 61 read, by PyPI wfdb 4.3.1 (MIT
/// licence), which gives these values for them.
@Suite("A record's signals")
struct RecordTests {
    static let texts = [
        "16": "0000 ff7f 0100 0180 ffff 0500 ff7f 0080 0080 0700 0300 fdff 6400 9cff",
        "80": "80ff 8101 7f85 ff00 0087 837d e41c",
        "212": "0070ff 018001 ff0f05 ff8700 000807 03f0fd 64f09c",
        "61": "0000 7fff 0001 8001 ffff 0005 7fff 8000 8000 0007 0003 fffd 0064 ff9c",
    ]
    static let limits: [String: Int32] = ["16": 32767, "80": 127, "212": 2047, "61": 32767]

    static func record(_ format: String, length: Int = 7, more: String = "") throws -> Record {
        let header = """
            r 2 360 \(length)
            r.dat \(format) 200.0(10)/mV 12 0 0 0 0 MLII
            r.dat \(format) 100.0(-5)/uV 12 0 0 0 0 a name
            """
        let bytes = [UInt8](hex: (texts[format] ?? "") + more)
        return try Record(named: "r", read: Files(["r.hea": header.bytes, "r.dat": bytes]).read)
    }

    @Test("are read in each format, and what was not measured is no value", arguments: texts.keys.sorted())
    func formats(_ format: String) throws {
        // Format 61 was made by hand from the same values as 16.
        let most = try #require(Self.limits[format])
        let record = try Self.record(format)
        let missing = SignalFormat.missing
        #expect(record.samples(of: 0, frames: 0 ..< 7) == [0, 1, -1, most, missing, 3, 100])
        let second = record.samples(of: 1, frames: 0 ..< 7)
        #expect(second == [most, format == "61" ? -32767 : -most, 5, missing, 7, -3, -100])
        let physical = record.physical(of: 0, frames: 0 ..< 7)
        #expect(physical[0] == -0.05)
        #expect(physical[4].isNaN)
        #expect(abs(physical[3] - Float(most - 10) / 200) < 1e-4)
        #expect(record.physical(of: 1, frames: 6 ..< 7) == [-0.95])
    }

    @Test("are the same in any pieces, and nothing beyond the end")
    func pieces() throws {
        let record = try Self.record("212")
        for signal in 0 ..< 2 {
            let whole = record.samples(of: signal, frames: -5 ..< 100)
            #expect(whole.count == 7)
            for cut in 0 ... 7 {
                let parts =
                    record.samples(of: signal, frames: 0 ..< cut) + record.samples(of: signal, frames: cut ..< 7)
                #expect(parts == whole)
            }
        }
        #expect(record.samples(of: 2, frames: 0 ..< 7).isEmpty)
    }

    @Test("may lie behind an offset, in several files, several to a frame, and late")
    func layouts() throws {
        let header = """
            r 3 100 3
            a.dat 16+4 1(0)/mV 12 0 0
            b.dat 80x2:1 1(0)/mV
            b.dat 80 1(0)/mV
            """
        let files = Files([
            "r.hea": header.bytes, "a.dat": [UInt8](hex: "dead beef 0100 0200 0300"),
            "b.dat": [UInt8](hex: "8182 90 8384 91 8586 92"),
        ])
        let record = try Record(named: "r", read: files.read)
        #expect(record.samples(of: 0, frames: 0 ..< 3) == [1, 2, 3])
        #expect(record.samples(of: 1, frames: 0 ..< 3) == [3, 4, 5, 6, SignalFormat.missing, SignalFormat.missing])
        #expect(record.samples(of: 2, frames: 0 ..< 3) == [16, 17, 18])
        #expect(record.sampleRateHz(of: 1) == 200)
    }

    @Test("must be as many as the header promises; without a promise the file says")
    func length() throws {
        #expect(try Self.record("16", length: 0).frameCount == 7)
        #expect(try Self.record("16", length: 5).frameCount == 5)
        let error = #expect(throws: WFDBError.self) { try Self.record("16", length: 8) }
        #expect(error?.file == "r.dat")
        #expect(error?.problem.contains("ends at byte 28 with 7 samples") == true)
        let gone = #expect(throws: WFDBError.self) { try Record(named: "r", read: Files([:]).read) }
        #expect(gone?.file == "r.hea")
        let header = "r 1 360 5\nr.dat 16"
        let lost = #expect(throws: WFDBError.self) {
            try Record(named: "r", read: Files(["r.hea": header.bytes]).read)
        }
        #expect(lost?.file == "r.dat")
    }

    @Test("are added up to the header's checksum")
    func checksum() throws {
        let header = "r 2 360 7\nr.dat 16 200 12 0 0 102 0 a\nr.dat 16 200 12 0 0 32677 0 b"
        var files = Files(["r.hea": header.bytes, "r.dat": [UInt8](hex: Self.texts["16"] ?? "")])
        #expect(try Record(named: "r", read: files.read).signalsWithWrongChecksum.isEmpty)
        files.bytes["r.dat"]?[2] ^= 1
        #expect(try Record(named: "r", read: files.read).signalsWithWrongChecksum == [1])
    }

    @Test("are read again as they were written", arguments: SignalFormat.allCases, [1, 2, 7, 100])
    func roundTrip(format: SignalFormat, count: Int) throws {
        var dice = Dice(state: UInt64(count))
        let signals = ["one", "two"].map { name in
            var signal = SignalSpecification(file: "w.dat", format: format)
            signal.description = name
            return signal
        }
        let samples = signals.map { _ in
            (0 ..< count).map { _ in
                Bool.random(using: &dice) ? Int32.random(in: format.values, using: &dice) : SignalFormat.missing
            }
        }
        let files = try RecordWriter.write(
            RecordHeader(name: "w", sampleRateHz: 250, signals: signals), samples: samples)
        let all = [("w.hea", files.headerText.bytes)] + files.signals.map { ($0.name, $0.bytes) }
        let record = try Record(named: "w", read: Files(Dictionary(uniqueKeysWithValues: all)).read)
        #expect(record.frameCount == count)
        #expect(record.signalsWithWrongChecksum.isEmpty)
        for signal in samples.indices {
            #expect(record.samples(of: signal, frames: 0 ..< count) == samples[signal])
            let first =
                samples[signal][0] == SignalFormat.missing ? format.values.lowerBound - 1 : samples[signal][0]
            #expect(record.header.signals[signal].initialValue == Int(first))
        }
    }

    @Test("never stop the program, whatever the bytes")
    func anyBytes() throws {
        var dice = Dice(state: 7)
        let seed = "r 2 360 40\nr.dat 212x2:1+3 200(10)/mV 12 0 0 0 0 a\nr.dat 212 200 12 0 0 0 0 b\n# c\n".bytes
        var read = 0
        for _ in 0 ..< 5_000 {
            var header = seed
            for _ in 0 ... Int.random(in: 0 ... 1, using: &dice) {
                header[Int.random(in: header.indices, using: &dice)] = UInt8.random(in: 9 ... 255, using: &dice)
            }
            let data = (0 ..< Int.random(in: 0 ... 300, using: &dice)).map { _ in
                UInt8.random(in: 0 ... 255, using: &dice)
            }
            guard let record = try? Record(named: "r", read: { $0 == "r.hea" ? header : data }) else { continue }
            read += 1
            for signal in record.header.signals.indices {
                let frames = min(record.frameCount, 200)
                let rate = record.header.signals[signal].samplesPerFrame
                #expect(record.samples(of: signal, frames: 0 ..< frames).count == frames * rate)
                _ = record.physical(of: signal, frames: 0 ..< frames)
                _ = record.checksum(of: signal)
            }
        }
        #expect(read > 100)
    }
}
