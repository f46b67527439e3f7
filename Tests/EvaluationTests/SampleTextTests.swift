import Evaluation
import Testing

@Suite struct `A recording as text` {
    @Test func `has one value a line`() throws {
        let text = "# flow, L/s\r\n  0.000\n-1.5\n\n+2e-1\t\n3"
        #expect(try SampleText.values(of: Array(text.utf8), magnitudeMax: 30) == [0, -1.5, 0.2, 3])
    }

    @Test(
        arguments: [
            ("0\nnan\n", .notANumber(line: 2, text: "nan")), ("0 1\n", .notANumber(line: 1, text: "0 1")),
            ("\n\n1,5", .notANumber(line: 3, text: "1,5")), ("0x1p3", .notANumber(line: 1, text: "0x1p3")),
            ("1\n-31", .impossible(line: 2, text: "-31", magnitudeMax: 30)),
            ("1e999", .impossible(line: 1, text: "1e999", magnitudeMax: 30)), ("# nothing\n\n", .empty),
            ("", .empty),
        ] as [(String, SampleText.Problem)])
    func `is refused with the line that is wrong`(_ text: String, _ problem: SampleText.Problem) {
        #expect(throws: problem) { try SampleText.values(of: Array(text.utf8), magnitudeMax: 30) }
        #expect(!problem.description.isEmpty)
    }

    @Test func `is refused when it never ends`() {
        let bytes = [UInt8](repeating: 0x31, count: 100) + [0x0A]
        #expect(throws: SampleText.Problem.self) { try SampleText.values(of: bytes, magnitudeMax: 30) }
        let many = Array(repeating: Array("1\n".utf8), count: SampleText.valuesMax + 1).flatMap(\.self)
        #expect(throws: SampleText.Problem.tooMany(line: SampleText.valuesMax + 1)) {
            try SampleText.values(of: many, magnitudeMax: 30)
        }
    }
}
