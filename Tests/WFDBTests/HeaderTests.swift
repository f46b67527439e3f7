import Testing
import WFDB

@Suite("A record's header")
struct HeaderTests {
    static func header(_ text: String) throws -> RecordHeader {
        try RecordHeader(parsing: text.bytes, file: "r.hea")
    }

    @Test("says rate, length, signals and comments")
    func whole() throws {
        let header = try Self.header(
            """
            # before
            a 2 360/1800(12.5) 650000 10:20:30.5 01/02/1999
            a.dat 212x4:3+24 200.5(-7)/uV 11 1024 955 -29832 5 a  lead with blanks
            b.dat 61
            # 75 F\r
            #x1

            """)
        #expect(header.name == "a")
        #expect(header.sampleRateHz == 360)
        #expect(header.counterFrequencyHz == 1800)
        #expect(header.baseCounter == 12.5)
        #expect(header.frameCount == 650_000)
        #expect(header.baseTime == "10:20:30.5")
        #expect(header.baseDate == "01/02/1999")
        #expect(header.comments == ["before", "75 F", "x1"])
        let signal = header.signals[0]
        #expect(signal.format == .packed12)
        #expect(signal.samplesPerFrame == 4)
        #expect(signal.skewFrames == 3)
        #expect(signal.byteOffset == 24)
        #expect(signal.gain == 200.5)
        #expect(signal.baseline == -7)
        #expect(signal.unit == "uV")
        #expect(signal.resolutionBits == 11)
        #expect(signal.converterZero == 1024)
        #expect(signal.initialValue == 955)
        #expect(signal.checksum == -29832)
        #expect(signal.blockSize == 5)
        #expect(signal.description == "a  lead with blanks")
    }

    @Test("takes what WFDB takes for what it does not say")
    func defaults() throws {
        let header = try Self.header("a 1\na.dat 16")
        #expect(header.sampleRateHz == 250)
        #expect(header.frameCount == nil)
        let signal = header.signals[0]
        #expect(signal.gain == 200)
        #expect(signal.baseline == 0)
        #expect(signal.unit == "mV")
        #expect(signal.checksum == nil)
        let uncalibrated = try Self.header("a 1 360 0\na.dat 212 0 12 1024").signals[0]
        #expect(uncalibrated.gain == 200)
        #expect(!uncalibrated.isCalibrated)
        #expect(uncalibrated.baseline == 1024)
    }

    @Test(
        "is refused with the line and what to do",
        arguments: [
            ("", "line 1", "no record line"),
            ("# only this\n", "line 2", "no record line"),
            ("a", "line 1", "number of signals"),
            ("a x", "line 1", "number of signals"),
            ("a -1", "line 1", "number of signals"),
            ("a 99999999", "line 1", "number of signals"),
            ("a/3 2 360 100", "line 1", "several segments"),
            ("a 1 0", "line 1", "sample rate"),
            ("a 1 nan", "line 1", "sample rate"),
            ("a 1 360/(", "line 1", "closing bracket"),
            ("a 1 360 -5", "line 1", "number of samples"),
            ("a 1 360 99999999999999999999", "line 1", "number of samples"),
            ("a 2 360 5\na.dat 16", "line 2", "2 signals are promised and 1 described"),
            ("a 1 360 5\na.dat", "line 2", "a file and a format"),
            ("a 1 360 5\n/etc/passwd 16", "line 2", "not in the folder"),
            ("a 1 360 5\n../a.dat 16", "line 2", "not in the folder"),
            ("a 1 360 5\na.dat 24", "line 2", "format 24 is not read, but 16, 61, 80, 212 are"),
            ("a 1 360 5\na.dat 16x0", "line 2", "samples a frame"),
            ("a 1 360 5\na.dat 16+", "line 2", "byte offset"),
            ("a 1 360 5\na.dat 16 1e999", "line 2", "gain"),
            ("a 1 360 5\na.dat 16 200(x)", "line 2", "baseline"),
        ])
    func refusals(text: String, line: String, problem: String) throws {
        let error = #expect(throws: WFDBError.self) { try Self.header(text) }
        #expect(error?.file == "r.hea")
        #expect(error?.problem.contains(line) == true, "\(error?.problem ?? "")")
        #expect(error?.problem.contains(problem) == true, "\(error?.problem ?? "")")
    }

    @Test("is read again as it was written")
    func roundTrip() throws {
        var signal = SignalSpecification(file: "x.dat", format: .bigEndian16)
        signal.samplesPerFrame = 2
        signal.byteOffset = 24
        signal.gain = 1000.25
        signal.baseline = -3
        signal.checksum = -1
        signal.description = "II"
        var header = RecordHeader(
            name: "x", sampleRateHz: 128.5, frameCount: 9, signals: [signal], comments: ["one"])
        header.counterFrequencyHz = 32
        header.baseCounter = 4
        header.baseTime = "01:02:03"
        #expect(try RecordHeader(parsing: header.text.bytes, file: "x.hea") == header)
    }
}
