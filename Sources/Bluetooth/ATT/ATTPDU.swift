public import DriverKit

/// Everything that two ends of an attribute bearer say to each other (Core Specification 5.4, Vol 3, Part F, 3.4).
public enum ATTPDU: Hashable, Sendable {
    case errorResponse(request: UInt8, handle: UInt16, ATTErrorCode)
    case exchangeMTURequest(UInt16)
    case exchangeMTUResponse(UInt16)
    case findInformationRequest(ATTRange)
    /// All of them short, or all of them long.
    case findInformationResponse([ATTInformation])
    case findByTypeValueRequest(ATTRange, type: UInt16, value: [UInt8])
    case findByTypeValueResponse([ATTRange])
    case readByTypeRequest(ATTRange, type: BluetoothUUID)
    /// Values of the same length.
    case readByTypeResponse([ATTValue])
    case readRequest(UInt16)
    case readResponse([UInt8])
    case readBlobRequest(UInt16, offset: UInt16)
    case readBlobResponse([UInt8])
    /// Two handles at least.
    case readMultipleRequest([UInt16])
    case readMultipleResponse([UInt8])
    case readByGroupTypeRequest(ATTRange, type: BluetoothUUID)
    /// Values of the same length.
    case readByGroupTypeResponse([ATTGroup])
    case writeRequest(ATTValue)
    case writeResponse
    case prepareWriteRequest(ATTValue, offset: UInt16)
    case prepareWriteResponse(ATTValue, offset: UInt16)
    /// `true`: write what was prepared; `false`: drop it.
    case executeWriteRequest(Bool)
    case executeWriteResponse
    case notification(ATTValue)
    case indication(ATTValue)
    case confirmation
    /// Two handles at least.
    case readMultipleVariableRequest([UInt16])
    /// The last may be cut.
    case readMultipleVariableResponse([[UInt8]])
    /// Two values at least.
    case multipleNotification([ATTValue])
    case writeCommand(ATTValue)
    case signedWriteCommand(ATTValue, signature: [UInt8])

    /// What every bearer can carry.
    public static let mtuDefault = 23
    /// A whole value of 512 bytes with the longest head; more we do not ask for.
    public static let mtuMax = 517
    /// No value is longer (3.2.9).
    public static let valueBytesMax = 512
    /// Of a signed command (Vol 3, Part H, 2.4.5).
    static let signatureBytes = 12

    /// The attribute that it is about, `nil` when it is about none or about several.
    public var handle: UInt16? {
        switch self {
        case .errorResponse(_, let handle, _), .readRequest(let handle), .readBlobRequest(let handle, _): handle
        case .writeRequest(let value), .prepareWriteRequest(let value, _), .prepareWriteResponse(let value, _),
            .notification(let value), .indication(let value), .writeCommand(let value),
            .signedWriteCommand(let value, _):
            value.handle
        case .findInformationRequest(let range), .findByTypeValueRequest(let range, _, _),
            .readByTypeRequest(let range, _), .readByGroupTypeRequest(let range, _):
            range.first
        default: nil
        }
    }
}

/// Handles from the first to the last, both included. As sent: it may be empty or begin with the invalid 0.
public struct ATTRange: Hashable, Sendable {
    public var first: UInt16
    public var last: UInt16

    public init(_ first: UInt16, _ last: UInt16) {
        self.first = first
        self.last = last
    }

    public static let all = ATTRange(0x0001, 0xFFFF)
    public var isValid: Bool { first != 0 && first <= last }
    public func contains(_ handle: UInt16) -> Bool { first <= handle && handle <= last }
}

/// An attribute and its type.
public struct ATTInformation: Hashable, Sendable {
    public var handle: UInt16
    public var type: BluetoothUUID

    public init(_ handle: UInt16, _ type: BluetoothUUID) {
        self.handle = handle
        self.type = type
    }
}

/// An attribute and its value, or a part of it.
public struct ATTValue: Hashable, Sendable {
    public var handle: UInt16
    public var bytes: [UInt8]

    public init(_ handle: UInt16, _ bytes: [UInt8]) {
        self.handle = handle
        self.bytes = bytes
    }
}

/// A group of attributes, a service for example, and the value of the first.
public struct ATTGroup: Hashable, Sendable {
    public var range: ATTRange
    public var bytes: [UInt8]

    public init(_ range: ATTRange, _ bytes: [UInt8]) {
        self.range = range
        self.bytes = bytes
    }
}
