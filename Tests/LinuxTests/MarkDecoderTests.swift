import Testing

@testable import Linux

@Suite("Marks of damage in a byte stream")
struct MarkDecoderTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let name: String
        let input: [UInt8]
        let clean: [UInt8]
        let breaks: Int
        let damaged: Int
        var testDescription: String { name }
    }

    static let cases = [
        Case(name: "plain bytes", input: [0, 1, 0xFE, 0], clean: [0, 1, 0xFE, 0], breaks: 0, damaged: 0),
        Case(name: "a real FF", input: [1, 0xFF, 0xFF, 2], clean: [1, 0xFF, 2], breaks: 0, damaged: 0),
        Case(
            name: "two real FF", input: [0xFF, 0xFF, 0xFF, 0xFF], clean: [0xFF, 0xFF], breaks: 0, damaged: 0),
        Case(name: "a break", input: [1, 0xFF, 0, 0, 2], clean: [1, 2], breaks: 1, damaged: 0),
        Case(name: "a damaged byte", input: [1, 0xFF, 0, 0x41, 2], clean: [1, 2], breaks: 0, damaged: 1),
        Case(name: "a damaged FF", input: [0xFF, 0, 0xFF, 0xFF, 0xFF], clean: [0xFF], breaks: 0, damaged: 1),
        Case(
            name: "a break after a real FF", input: [0xFF, 0xFF, 0xFF, 0, 0, 0], clean: [0xFF, 0], breaks: 1,
            damaged: 0),
        Case(name: "what no kernel writes", input: [0xFF, 5, 6], clean: [0xFF, 5, 6], breaks: 0, damaged: 0),
    ]

    @Test("are taken out and counted wherever the stream is cut", arguments: cases)
    func allCuts(_ example: Case) {
        for first in 0 ... example.input.count {
            for second in first ... example.input.count {
                var decoder = MarkDecoder()
                let clean =
                    decoder.decode(Array(example.input[..<first]))
                    + decoder.decode(Array(example.input[first ..< second]))
                    + decoder.decode(Array(example.input[second...]))
                #expect(clean == example.clean)
                #expect(decoder.breaks == example.breaks)
                #expect(decoder.damaged == example.damaged)
            }
        }
    }

    @Test("leave every stream of bytes as it was when the kernel doubles FF")
    func roundTrip() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0 ..< 200 {
            let bytes = (0 ..< 100).map { _ in [0, 0xFF, 0x41].randomElement(using: &generator) ?? 0 } as [UInt8]
            var decoder = MarkDecoder()
            #expect(decoder.decode(bytes.flatMap { $0 == 0xFF ? [0xFF, 0xFF] : [$0] }) == bytes)
            #expect(decoder == MarkDecoder())
        }
    }
}
