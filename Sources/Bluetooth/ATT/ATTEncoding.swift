import DriverKit

extension ATTPDU {
    public var opcode: ATTOpcode {
        switch self {
        case .errorResponse: .errorResponse
        case .exchangeMTURequest: .exchangeMTURequest
        case .exchangeMTUResponse: .exchangeMTUResponse
        case .findInformationRequest: .findInformationRequest
        case .findInformationResponse: .findInformationResponse
        case .findByTypeValueRequest: .findByTypeValueRequest
        case .findByTypeValueResponse: .findByTypeValueResponse
        case .readByTypeRequest: .readByTypeRequest
        case .readByTypeResponse: .readByTypeResponse
        case .readRequest: .readRequest
        case .readResponse: .readResponse
        case .readBlobRequest: .readBlobRequest
        case .readBlobResponse: .readBlobResponse
        case .readMultipleRequest: .readMultipleRequest
        case .readMultipleResponse: .readMultipleResponse
        case .readByGroupTypeRequest: .readByGroupTypeRequest
        case .readByGroupTypeResponse: .readByGroupTypeResponse
        case .writeRequest: .writeRequest
        case .writeResponse: .writeResponse
        case .prepareWriteRequest: .prepareWriteRequest
        case .prepareWriteResponse: .prepareWriteResponse
        case .executeWriteRequest: .executeWriteRequest
        case .executeWriteResponse: .executeWriteResponse
        case .notification: .notification
        case .indication: .indication
        case .confirmation: .confirmation
        case .readMultipleVariableRequest: .readMultipleVariableRequest
        case .readMultipleVariableResponse: .readMultipleVariableResponse
        case .multipleNotification: .multipleNotification
        case .writeCommand: .writeCommand
        case .signedWriteCommand: .signedWriteCommand
        }
    }

    /// As it is sent. Its length is not held against an MTU.
    public var bytes: [UInt8] {
        var bytes = [opcode.rawValue]
        switch self {
        case .errorResponse(let request, let handle, let code):
            bytes.append(request)
            bytes.append(handle)
            bytes.append(code.rawValue)
        case .exchangeMTURequest(let mtu), .exchangeMTUResponse(let mtu): bytes.append(mtu)
        case .findInformationRequest(let range): bytes.append(range)
        case .findInformationResponse(let found): bytes.append(found)
        case .findByTypeValueRequest(let range, let type, let value):
            bytes.append(range)
            bytes.append(type)
            bytes += value
        case .findByTypeValueResponse(let ranges): for range in ranges { bytes.append(range) }
        case .readByTypeRequest(let range, let type), .readByGroupTypeRequest(let range, let type):
            bytes.append(range)
            bytes += type.littleEndian
        case .readByTypeResponse(let values):
            bytes.append(UInt8(truncatingIfNeeded: (values.first?.bytes.count ?? 0) + 2))
            for value in values { bytes.append(value) }
        case .readRequest(let handle): bytes.append(handle)
        case .readResponse(let value), .readBlobResponse(let value), .readMultipleResponse(let value):
            bytes += value
        case .readBlobRequest(let handle, let offset):
            bytes.append(handle)
            bytes.append(offset)
        case .readMultipleRequest(let handles), .readMultipleVariableRequest(let handles):
            for handle in handles { bytes.append(handle) }
        case .readByGroupTypeResponse(let groups):
            bytes.append(UInt8(truncatingIfNeeded: (groups.first?.bytes.count ?? 0) + 4))
            for group in groups {
                bytes.append(group.range)
                bytes += group.bytes
            }
        case .writeRequest(let value), .notification(let value), .indication(let value), .writeCommand(let value):
            bytes.append(value)
        case .prepareWriteRequest(let value, let offset), .prepareWriteResponse(let value, let offset):
            bytes.append(value.handle)
            bytes.append(offset)
            bytes += value.bytes
        case .executeWriteRequest(let isWritten): bytes.append(UInt8(isWritten ? 1 : 0))
        case .readMultipleVariableResponse(let values): for value in values { bytes.append(counted: value) }
        case .multipleNotification(let values):
            for value in values {
                bytes.append(value.handle)
                bytes.append(counted: value.bytes)
            }
        case .signedWriteCommand(let value, let signature):
            bytes.append(value)
            bytes += signature
        case .writeResponse, .executeWriteResponse, .confirmation: break
        }
        return bytes
    }
}

extension [UInt8] {
    /// Least significant byte first, as all numbers here.
    mutating func append(_ number: UInt16) {
        append(UInt8(truncatingIfNeeded: number))
        append(UInt8(truncatingIfNeeded: number >> 8))
    }

    fileprivate mutating func append(_ range: ATTRange) {
        append(range.first)
        append(range.last)
    }

    fileprivate mutating func append(_ value: ATTValue) {
        append(value.handle)
        self += value.bytes
    }

    fileprivate mutating func append(counted value: [UInt8]) {
        append(UInt16(truncatingIfNeeded: value.count))
        self += value
    }

    /// Format 1 for short types, 2 for long ones (Vol 3, Part F, 3.4.3.2).
    fileprivate mutating func append(_ found: [ATTInformation]) {
        let isShort = found.allSatisfy { $0.type.short != nil }
        append(isShort ? UInt8(1) : UInt8(2))
        for information in found {
            append(information.handle)
            self += isShort ? information.type.littleEndian : information.type.littleEndianLong
        }
    }
}

extension BluetoothUUID {
    /// 16 bytes, also when there is a short form; least significant first.
    var littleEndianLong: [UInt8] {
        [low, high].flatMap { half in (0 ..< 8).map { UInt8(truncatingIfNeeded: half >> ($0 * 8)) } }
    }
}
