import Bytes
import Testing

@Suite("Bytes")
struct BytesTests {
    @Test("a full buffer gives up its oldest byte")
    func frameBuffer() {
        var buffer = FrameBuffer<3>()
        #expect((1 ... 4).map { buffer.append($0) } == [true, true, true, false])
        #expect((0 ..< 3).map { buffer[$0] } == [2, 3, 4])
        #expect(buffer.sum(from: 1, length: 2) == 7)
        buffer.removeFirst(5)
        #expect(buffer.isEmpty)
    }

    @Test("a sum of bytes runs over at 256")
    func sumRunsOver() {
        var buffer = FrameBuffer<2>()
        buffer.append(0xFF)
        buffer.append(0x03)
        #expect(buffer.sum(from: 0, length: 2) == 2)
    }

    @Test(
        "decimal digits in half bytes",
        arguments: [(0x00, 0), (0x59, 59), (0x99, 99), (0x0A, nil), (0xA0, nil)] as [(UInt8, Int?)])
    func binaryCodedDecimal(byte: UInt8, value: Int?) { #expect(BinaryCodedDecimal.value(byte) == value) }

    @Test(
        "hexadecimal text is read as people write it",
        arguments: ["0A1BFF", "0a 1b ff", "0x0A, 0x1B, 0xFF", "0A:1B-FF"])
    func hexReads(text: String) throws { #expect(try Hex.bytes(text) == [0x0A, 0x1B, 0xFF]) }

    @Test("half a byte and other letters are errors", arguments: ["0", "0A 1", "0G", "A B"])
    func hexRefuses(text: String) { #expect(throws: HexError.self) { try Hex.bytes(text) } }

    @Test("hexadecimal text is written in pairs")
    func hexWrites() { #expect(Hex.text([0x0A, 0xFF]) == "0A FF") }

    @Test("numbers are read one after another, and what is missing throws")
    func reader() throws {
        let bytes: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8, 9]
        var reader = ByteReader(bytes.span)
        #expect(try reader.uint8() == 1)
        #expect(try reader.littleEndianUInt16() == 0x0302)
        #expect(try reader.bigEndianUInt16() == 0x0405)
        #expect(try reader.littleEndianUInt32() == 0x0908_0706)
        let remaining = reader.remaining
        #expect(remaining == 0)
        do {
            _ = try reader.uint8()
            Issue.record("it read a byte that is not there")
        } catch {
            #expect("\(error)" == "ends too early: 1 bytes needed at offset 9, 0 left")
        }
    }
}
