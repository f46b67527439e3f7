import Bluetooth
import Bytes
import DriverKit
import Simulation
import Testing

@Suite struct `A PDU` {
    static let heart = BluetoothUUID(0x180D)
    static let ours = BluetoothUUID("6e400001-b5a3-f393-e0a9-e50e24dcca9e") ?? heart

    /// Each as the specification draws it (Core 5.4, Vol 3, Part F, 3.4).
    static let table: [(String, ATTPDU)] = [
        ("01 0A 03 00 0A", .errorResponse(request: 0x0A, handle: 3, .attributeNotFound)),
        ("02 05 02", .exchangeMTURequest(517)),
        ("03 F7 00", .exchangeMTUResponse(247)),
        ("04 01 00 FF FF", .findInformationRequest(.all)),
        (
            "05 01 01 00 00 28 02 00 03 28",
            .findInformationResponse([
                ATTInformation(1, GATTType.primaryService), ATTInformation(2, GATTType.characteristic),
            ])
        ),
        (
            "05 02 10 00 9E CA DC 24 0E E5 A9 E0 93 F3 A3 B5 01 00 40 6E",
            .findInformationResponse([ATTInformation(16, ours)])
        ),
        (
            "06 01 00 FF FF 00 28 0D 18",
            .findByTypeValueRequest(.all, type: 0x2800, value: [0x0D, 0x18])
        ),
        ("07 10 00 15 00 20 00 FF FF", .findByTypeValueResponse([ATTRange(0x10, 0x15), ATTRange(0x20, 0xFFFF)])),
        ("08 10 00 15 00 03 28", .readByTypeRequest(ATTRange(0x10, 0x15), type: GATTType.characteristic)),
        (
            "08 01 00 FF FF 9E CA DC 24 0E E5 A9 E0 93 F3 A3 B5 01 00 40 6E",
            .readByTypeRequest(.all, type: ours)
        ),
        (
            "09 04 01 00 AA BB 02 00 CC DD",
            .readByTypeResponse([ATTValue(1, [0xAA, 0xBB]), ATTValue(2, [0xCC, 0xDD])])
        ),
        ("0A 2A 00", .readRequest(0x2A)),
        ("0B 61", .readResponse([0x61])),
        ("0B", .readResponse([])),
        ("0C 2A 00 16 00", .readBlobRequest(0x2A, offset: 22)),
        ("0D 01 02", .readBlobResponse([1, 2])),
        ("0E 01 00 02 00 03 00", .readMultipleRequest([1, 2, 3])),
        ("0F 01 02 03", .readMultipleResponse([1, 2, 3])),
        ("10 01 00 FF FF 00 28", .readByGroupTypeRequest(.all, type: GATTType.primaryService)),
        (
            "11 06 01 00 07 00 00 18 08 00 FF FF 0D 18",
            .readByGroupTypeResponse([
                ATTGroup(ATTRange(1, 7), [0x00, 0x18]), ATTGroup(ATTRange(8, 0xFFFF), [0x0D, 0x18]),
            ])
        ),
        ("12 0E 00 01 00", .writeRequest(ATTValue(14, [1, 0]))),
        ("13", .writeResponse),
        ("16 0E 00 12 00 AB", .prepareWriteRequest(ATTValue(14, [0xAB]), offset: 18)),
        ("17 0E 00 12 00 AB", .prepareWriteResponse(ATTValue(14, [0xAB]), offset: 18)),
        ("18 01", .executeWriteRequest(true)),
        ("18 00", .executeWriteRequest(false)),
        ("19", .executeWriteResponse),
        ("1B 12 00 06 48", .notification(ATTValue(18, [6, 0x48]))),
        ("1D 12 00", .indication(ATTValue(18, []))),
        ("1E", .confirmation),
        ("20 01 00 02 00", .readMultipleVariableRequest([1, 2])),
        ("21 01 00 AA 02 00 BB", .readMultipleVariableResponse([[0xAA], [0xBB]])),
        (
            "23 12 00 01 00 AA 14 00 02 00 BB CC",
            .multipleNotification([ATTValue(18, [0xAA]), ATTValue(20, [0xBB, 0xCC])])
        ),
        ("52 0E 00 AB", .writeCommand(ATTValue(14, [0xAB]))),
        (
            "D2 0E 00 AB 00 01 02 03 04 05 06 07 08 09 0A 0B",
            .signedWriteCommand(ATTValue(14, [0xAB]), signature: Array(0 ..< 12))
        ),
    ]

    @Test(arguments: table) func `is read as the specification draws it`(_ text: String, _ pdu: ATTPDU) throws {
        #expect(ATTPDU(try Hex.bytes(text)) == pdu)
    }

    @Test(arguments: table) func `is written so`(_ text: String, _ pdu: ATTPDU) throws {
        // The one that was cut is written with the length that it has.
        guard text != "21 01 00 AA 02 00 BB" else { return }
        #expect(Hex.text(pdu.bytes) == text)
    }

    @Test func `is in the table whatever its opcode`() {
        #expect(Set(Self.table.map(\.1.opcode)) == Set(ATTOpcode.allCases))
    }

    static let wrong = [
        "", "01", "01 0A 03 00", "01 0A 03 00 0A 00", "02 05", "02 05 02 00", "03", "04 01 00 FF", "05", "05 01",
        "05 01 01 00 00", "05 03 01 00 00 28", "05 02 01 00 00 28", "06 01 00 FF FF 00", "07", "07 10 00 15",
        "08 10 00 15 00 03", "08 10 00 15 00 03 28 00", "09", "09 00", "09 00 01", "09 01 01", "09 04 01 00 AA",
        "0A 2A", "0A 2A 00 00", "0C 2A 00 16", "0E 01 00", "0E 01 00 02", "10 01 00 FF FF 00", "11",
        "11 03 01 00 07",
        "11 06 01 00 07 00 00", "12 0E", "13 00", "16 0E 00 12", "17 0E 00 12", "18", "18 02", "19 00", "1B",
        "1B 12",
        "1D 12", "1E 00", "20 01 00", "23", "23 12 00 01", "23 12 00 02 00 AA", "52 0E", "D2 0E 00 AB", "00",
        "FF FF",
        "14", "15", "1A 00 00",
    ]

    @Test(arguments: wrong) func `is none when its length or opcode is another`(_ text: String) throws {
        #expect(ATTPDU(try Hex.bytes(text)) == nil)
    }

    @Test func `of any bytes is read without harm, and is the same again when it is written`() {
        var seed = Seed(7)
        let opcodes = ATTOpcode.allCases.map(\.rawValue)
        var readable = 0
        for _ in 0 ..< 20_000 {
            let length = Int.random(in: 0 ..< 30, using: &seed)
            var bytes = (0 ..< length).map { _ in UInt8.random(in: 0 ... 255, using: &seed) }
            if length > 0, let opcode = opcodes.randomElement(using: &seed) { bytes[0] = opcode }
            if length > 1, seed.chance(0.5) { bytes[1] = UInt8.random(in: 0 ..< 12, using: &seed) }
            guard let pdu = ATTPDU(bytes) else { continue }
            readable += 1
            #expect(ATTPDU(pdu.bytes) == pdu)
        }
        #expect(readable > 5_000)
    }
}

@Suite struct `The text of a refusal` {
    @Test(arguments: [
        (0x05, "write of handle 0x000E refused with 0x05 Insufficient Authentication: pair the device"),
        (
            0x0E,
            "write of handle 0x000E refused with 0x0E Unlikely Error: switch the device off and on"
        ),
        (
            0x80,
            "write of handle 0x000E refused with 0x80 error of the device's own service: "
                + "look the code up in the documents of the device"
        ),
        (
            0xFD,
            "write of handle 0x000E refused with 0xFD Client Characteristic Configuration Descriptor Improperly "
                + "Configured: notifications must be on before this is asked: connect again"
        ),
    ])
    func `has the request, the handle, the code, its name and what to do`(_ code: UInt8, _ text: String) {
        #expect(ATTRefusal(.writeRequest, 14, ATTErrorCode(rawValue: code)).description == text)
    }

    @Test func `is there for every code`() {
        for code in UInt8.min ... UInt8.max {
            let code = ATTErrorCode(rawValue: code)
            #expect(!code.name.isEmpty && !code.remedy.isEmpty)
        }
        let named =
            (0x01 ... 0x13).map { ATTErrorCode(rawValue: $0) }
            + (0xFC ... 0xFF).map {
                ATTErrorCode(rawValue: $0)
            }
        #expect(Set(named.map(\.name)).count == named.count)
        #expect(named.allSatisfy { !$0.name.contains("reserved") })
    }

    @Test func `asks for pairing when that would help, and only then`() {
        let codes = (UInt8.min ... UInt8.max).filter { ATTErrorCode(rawValue: $0).asksForPairing }
        #expect(codes == [0x05, 0x08, 0x0C, 0x0F])
        for code in UInt8.min ... UInt8.max {
            let refusal = ATTRefusal(.readRequest, 3, ATTErrorCode(rawValue: code))
            let problem: BluetoothProblem = codes.contains(code) ? .notPaired : .protocolError
            #expect(refusal.linkError == .bluetooth(problem, refusal.description))
        }
    }
}
