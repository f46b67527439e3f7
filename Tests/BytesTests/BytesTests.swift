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

    @Test(
        "a short medical float",
        arguments: [
            (0x0072, 114), (0xFF5E, -16.2), (0x2024, 3600), (0x0002, 2), (0xF014, 2), (0xE0C8, 2), (0xD7D0, 2),
        ] as [(UInt16, Double)])
    func sfloat(bits: UInt16, value: Double) { #expect(MedicalFloat(sfloat: bits).value == value) }

    @Test(
        "a short medical float that is no number, whatever its exponent",
        arguments: [
            (0x07FF, .notANumber), (0xF7FF, .notANumber), (0x0800, .notAtThisResolution),
            (0x07FE, .positiveInfinity), (0x0802, .negativeInfinity), (0x0801, .reserved),
        ] as [(UInt16, MedicalFloat)])
    func sfloatSpecial(bits: UInt16, meaning: MedicalFloat) {
        #expect(MedicalFloat(sfloat: bits) == meaning)
        #expect(MedicalFloat(sfloat: bits).value == nil)
    }

    @Test("a medical float of 32 bits keeps its precision")
    func float() throws {
        let bytes: [UInt8] = [0x72, 0x01, 0x00, 0xFF, 0x6C, 0x01, 0x00, 0xFF, 0xFF, 0xFF, 0x7F, 0x00]
        var reader = ByteReader(bytes.span)
        #expect(try reader.float().value == 37)
        #expect(try reader.float() == .number(mantissa: 364, exponent: -1))
        #expect(try reader.float() == .notANumber)
        #expect(MedicalFloat(float: 0x0080_0000) == .notAtThisResolution)
        #expect(MedicalFloat(float: 0x007F_FFFE) == .positiveInfinity)
        #expect(MedicalFloat(float: 0x0080_0002) == .negativeInfinity)
        #expect(MedicalFloat(float: 0x0080_0001) == .reserved)
        #expect(MedicalFloat(float: 0x80FF_FFFF) == .number(mantissa: -1, exponent: -128))
    }

    @Test("check bytes fit those of the vendors' own frames")
    func checksums() {
        let digits = Array("123456789".utf8)
        #expect(Checksum.crc8(digits.span) == 0xF4)
        #expect(Checksum.crc8Maxim(digits.span) == 0xA1)
        #expect(Checksum.crc16(digits.span) == 0x29B1)
        let viatom: [UInt8] = [0xAA, 0x17, 0xE8, 0, 0, 0, 0]
        #expect(Checksum.crc8(viatom.span) == 0x1B)
        let creative: [UInt8] = [0xAA, 0x55, 0x0F, 0x03, 0x84, 0x01]
        #expect(Checksum.crc8Maxim(creative.span) == 0xE0)
        let nonin: [UInt8] = [0x01, 0x98, 0x63, 0x00]
        #expect(Checksum.sum(nonin.span) == 0xFC)
    }
}
