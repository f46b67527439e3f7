import Testing
import WFDB

@Suite("An annotation file")
struct AnnotationTests {
    /// Written by PyPI wfdb 4.3.1 (MIT licence), which reads these annotations in it.
    static let written = """
        005817fc23232074696d65207265736f6c7574696f6e3a203336300000ecffffffff010003040f7005fc2841464942\
        0000ec0000be07001401f401f8015802f0fff405fc68656c6c6f0000ec0f006f3a008000f83c8400f00000
        """
    static let annotations = [
        Annotation(sample: 3, code: .normal),
        Annotation(sample: 18, code: .rhythm, text: "(AFIB"),
        Annotation(sample: 2000, code: .init(rawValue: 5), subtype: 1, channel: 1),
        Annotation(sample: 2001, code: .note, subtype: -1, channel: 1, number: 2, text: "hello"),
        Annotation(sample: 1_000_000, code: .fibrillationBegin, number: 2),
        Annotation(sample: 1_000_060, code: .fibrillationEnd),
    ]

    @Test("is read as wfdb reads it")
    func reading() throws {
        let file = try AnnotationFile(parsing: [UInt8](hex: Self.written), file: "a.atr")
        #expect(file.ticksPerSecond == 360)
        #expect(file.annotations == Self.annotations)
    }

    @Test("is read again as it was written")
    func roundTrip() throws {
        let file = AnnotationFile(annotations: Self.annotations, ticksPerSecond: 128.5)
        #expect(try AnnotationFile(parsing: file.bytes, file: "a") == file)
        let far = AnnotationFile(annotations: [
            Annotation(sample: -5, code: .normal), Annotation(sample: 1023, code: .normal),
            Annotation(sample: 2047, code: .normal), Annotation(sample: 5_000_000_000, code: .normal),
        ])
        #expect(try AnnotationFile(parsing: far.bytes, file: "a") == far)
        #expect(try AnnotationFile(parsing: AnnotationFile(annotations: []).bytes, file: "a").annotations.isEmpty)
    }

    @Test("leaves out what the tools write for themselves")
    func notes() throws {
        let file = AnnotationFile(annotations: [
            Annotation(sample: 0, code: .note, text: "## time resolution: 1000"),
            Annotation(sample: 0, code: .note, text: "## annotation type definitions"),
            Annotation(sample: 0, code: .note, text: "42 x a letter"),
            Annotation(sample: 0, code: .note, text: "## end of definitions"),
            Annotation(sample: 0, code: .note, text: "a note of a person"),
            Annotation(sample: 9, code: .normal),
        ])
        let read = try AnnotationFile(parsing: file.bytes, file: "a")
        #expect(read.ticksPerSecond == 1000)
        #expect(read.annotations.map(\.text) == ["a note of a person", ""])
    }

    @Test(
        "that is cut says where",
        arguments: [("01", "byte 0"), ("0504 05", "byte 2"), ("00ec 0000", "byte 2"), ("0504 05fc 4142", "byte 4")])
    func cut(hex: String, place: String) {
        let error = #expect(throws: WFDBError.self) {
            try AnnotationFile(parsing: [UInt8](hex: hex), file: "x.atr")
        }
        #expect(error?.description.contains("x.atr: \(place): it ends within") == true)
    }

    @Test("may lack the mark of its end")
    func endless() throws {
        #expect(try AnnotationFile(parsing: [UInt8](hex: "0504"), file: "x").annotations.map(\.sample) == [5])
    }

    @Test("never stops the program, whatever the bytes")
    func anyBytes() {
        var dice = Dice(state: 3)
        var read = 0
        for _ in 0 ..< 20_000 {
            let bytes = (0 ..< Int.random(in: 0 ... 64, using: &dice)).map { _ in
                UInt8.random(in: 0 ... 255, using: &dice)
            }
            guard let file = try? AnnotationFile(parsing: bytes, file: "x") else { continue }
            read += 1
            _ = file.bytes
        }
        #expect(read > 1000)
    }

    @Test("has WFDB's letters")
    func letters() {
        let letters: [(Character, UInt8, Bool)] = [
            ("N", 1, true), ("L", 2, true), ("V", 5, true), ("S", 9, true), ("/", 12, true), ("Q", 13, true),
            ("~", 14, false), ("\"", 22, false), ("B", 25, true), ("+", 28, false), ("?", 30, true),
            ("!", 31, false),
            ("[", 32, false), ("]", 33, false), ("e", 34, true), ("n", 35, true), ("x", 37, false), ("f", 38, true),
            ("r", 41, true),
        ]
        for (letter, code, isBeat) in letters {
            #expect(AnnotationCode(symbol: letter)?.rawValue == code)
            #expect(AnnotationCode(rawValue: code).symbol == letter)
            #expect(AnnotationCode(rawValue: code).isBeat == isBeat)
        }
        #expect(AnnotationCode(symbol: " ") == nil)
        #expect(AnnotationCode(rawValue: 0).symbol == nil)
        #expect(AnnotationCode(rawValue: 50).symbol == nil)
    }
}
