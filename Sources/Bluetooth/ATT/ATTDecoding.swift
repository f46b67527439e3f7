import DriverKit

extension ATTPDU {
    /// `nil`: an opcode that is not known, or not the length that this PDU must have.
    public init?(_ bytes: [UInt8]) {
        guard let first = bytes.first, let opcode = ATTOpcode(rawValue: first) else { return nil }
        let found = Self.request(opcode, bytes) ?? Self.response(opcode, bytes) ?? Self.oneWay(opcode, bytes)
        guard let found else { return nil }
        self = found
    }

    private static func request(_ opcode: ATTOpcode, _ bytes: [UInt8]) -> ATTPDU? {
        let count = bytes.count
        switch opcode {
        case .exchangeMTURequest where count == 3: return .exchangeMTURequest(bytes.number(at: 1))
        case .findInformationRequest where count == 5: return .findInformationRequest(bytes.range(at: 1))
        case .findByTypeValueRequest where count >= 7:
            return .findByTypeValueRequest(
                bytes.range(at: 1), type: bytes.number(at: 5), value: bytes.rest(from: 7))
        case .readByTypeRequest where count == 7 || count == 21:
            return BluetoothUUID(littleEndian: bytes[5...]).map { .readByTypeRequest(bytes.range(at: 1), type: $0) }
        case .readByGroupTypeRequest where count == 7 || count == 21:
            return BluetoothUUID(littleEndian: bytes[5...]).map {
                .readByGroupTypeRequest(bytes.range(at: 1), type: $0)
            }
        case .readRequest where count == 3: return .readRequest(bytes.number(at: 1))
        case .readBlobRequest where count == 5:
            return .readBlobRequest(bytes.number(at: 1), offset: bytes.number(at: 3))
        case .readMultipleRequest where count >= 5 && count % 2 == 1: return .readMultipleRequest(bytes.numbers)
        case .readMultipleVariableRequest where count >= 5 && count % 2 == 1:
            return .readMultipleVariableRequest(bytes.numbers)
        case .writeRequest where count >= 3: return .writeRequest(bytes.value(at: 1))
        case .prepareWriteRequest where count >= 5:
            return .prepareWriteRequest(
                ATTValue(bytes.number(at: 1), bytes.rest(from: 5)), offset: bytes.number(at: 3))
        case .executeWriteRequest where count == 2 && bytes[1] <= 1: return .executeWriteRequest(bytes[1] == 1)
        default: return nil
        }
    }

    private static func response(_ opcode: ATTOpcode, _ bytes: [UInt8]) -> ATTPDU? {
        let count = bytes.count
        switch opcode {
        case .errorResponse where count == 5:
            return .errorResponse(request: bytes[1], handle: bytes.number(at: 2), ATTErrorCode(rawValue: bytes[4]))
        case .exchangeMTUResponse where count == 3: return .exchangeMTUResponse(bytes.number(at: 1))
        case .findInformationResponse: return information(bytes)
        case .findByTypeValueResponse where count >= 5 && count % 4 == 1:
            return .findByTypeValueResponse(stride(from: 1, to: count, by: 4).map { bytes.range(at: $0) })
        case .readByTypeResponse: return values(bytes)
        case .readResponse: return .readResponse(bytes.rest(from: 1))
        case .readBlobResponse: return .readBlobResponse(bytes.rest(from: 1))
        case .readMultipleResponse: return .readMultipleResponse(bytes.rest(from: 1))
        case .readByGroupTypeResponse: return groups(bytes)
        case .writeResponse where count == 1: return .writeResponse
        case .prepareWriteResponse where count >= 5:
            return .prepareWriteResponse(
                ATTValue(bytes.number(at: 1), bytes.rest(from: 5)), offset: bytes.number(at: 3))
        case .executeWriteResponse where count == 1: return .executeWriteResponse
        case .readMultipleVariableResponse: return .readMultipleVariableResponse(variable(bytes))
        default: return nil
        }
    }

    private static func oneWay(_ opcode: ATTOpcode, _ bytes: [UInt8]) -> ATTPDU? {
        let count = bytes.count
        switch opcode {
        case .notification where count >= 3: return .notification(bytes.value(at: 1))
        case .indication where count >= 3: return .indication(bytes.value(at: 1))
        case .confirmation where count == 1: return .confirmation
        case .multipleNotification: return multiple(bytes)
        case .writeCommand where count >= 3: return .writeCommand(bytes.value(at: 1))
        case .signedWriteCommand where count >= 3 + signatureBytes:
            let end = count - signatureBytes
            return .signedWriteCommand(
                ATTValue(bytes.number(at: 1), Array(bytes[3 ..< end])), signature: bytes.rest(from: end))
        default: return nil
        }
    }

    // MARK: Lists

    private static func information(_ bytes: [UInt8]) -> ATTPDU? {
        guard bytes.count > 2, bytes[1] == 1 || bytes[1] == 2 else { return nil }
        let length = bytes[1] == 1 ? 4 : 18
        guard let starts = bytes.records(of: length) else { return nil }
        let found = starts.compactMap { start in
            BluetoothUUID(littleEndian: bytes[(start + 2) ..< (start + length)]).map {
                ATTInformation(bytes.number(at: start), $0)
            }
        }
        return .findInformationResponse(found)
    }

    private static func values(_ bytes: [UInt8]) -> ATTPDU? {
        guard bytes.count > 2, bytes[1] >= 2, let starts = bytes.records(of: Int(bytes[1])) else { return nil }
        let length = Int(bytes[1])
        return .readByTypeResponse(
            starts.map { ATTValue(bytes.number(at: $0), Array(bytes[($0 + 2) ..< ($0 + length)])) })
    }

    private static func groups(_ bytes: [UInt8]) -> ATTPDU? {
        guard bytes.count > 2, bytes[1] >= 4, let starts = bytes.records(of: Int(bytes[1])) else { return nil }
        let length = Int(bytes[1])
        return .readByGroupTypeResponse(
            starts.map { ATTGroup(bytes.range(at: $0), Array(bytes[($0 + 4) ..< ($0 + length)])) })
    }

    private static func variable(_ bytes: [UInt8]) -> [[UInt8]] {
        var values: [[UInt8]] = []
        var start = 1
        while start + 2 <= bytes.count {
            let end = min(bytes.count, start + 2 + Int(bytes.number(at: start)))
            values.append(Array(bytes[(start + 2) ..< end]))
            start = end
        }
        return values
    }

    /// Handle, length, value, again and again (Vol 3, Part F, 3.4.7.4).
    private static func multiple(_ bytes: [UInt8]) -> ATTPDU? {
        var values: [ATTValue] = []
        var start = 1
        while start < bytes.count {
            guard start + 4 <= bytes.count else { return nil }
            let end = start + 4 + Int(bytes.number(at: start + 2))
            guard end <= bytes.count else { return nil }
            values.append(ATTValue(bytes.number(at: start), Array(bytes[(start + 4) ..< end])))
            start = end
        }
        return values.isEmpty ? nil : .multipleNotification(values)
    }
}

extension [UInt8] {
    /// Two bytes, least significant first; 0 where there are none.
    func number(at index: Int) -> UInt16 {
        guard index >= 0, index + 1 < count else { return 0 }
        return UInt16(self[index]) | UInt16(self[index + 1]) << 8
    }

    /// What comes from there on; nothing behind the end.
    func rest(from index: Int) -> [UInt8] { Array(dropFirst(index)) }

    fileprivate func range(at index: Int) -> ATTRange { ATTRange(number(at: index), number(at: index + 2)) }
    fileprivate func value(at index: Int) -> ATTValue { ATTValue(number(at: index), rest(from: index + 2)) }
    fileprivate var numbers: [UInt16] { stride(from: 1, to: count - 1, by: 2).map { number(at: $0) } }

    /// Where each record of that length begins, behind two bytes of head; `nil` when they do not fill the rest.
    fileprivate func records(of length: Int) -> StrideTo<Int>? {
        guard length > 0, count > 2, (count - 2) % length == 0 else { return nil }
        return stride(from: 2, to: count, by: length)
    }
}
