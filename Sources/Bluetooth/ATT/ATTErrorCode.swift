/// Why a request was refused (Core Specification 5.4, Vol 3, Part F, 3.4.1.1; Supplement, Part B, 1.2).
public struct ATTErrorCode: RawRepresentable, Error, Hashable, Sendable, CustomStringConvertible {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    private init(_ rawValue: UInt8) { self.rawValue = rawValue }

    public static let invalidHandle = ATTErrorCode(0x01)
    public static let readNotPermitted = ATTErrorCode(0x02)
    public static let writeNotPermitted = ATTErrorCode(0x03)
    public static let invalidPDU = ATTErrorCode(0x04)
    public static let insufficientAuthentication = ATTErrorCode(0x05)
    public static let requestNotSupported = ATTErrorCode(0x06)
    public static let invalidOffset = ATTErrorCode(0x07)
    public static let insufficientAuthorization = ATTErrorCode(0x08)
    public static let prepareQueueFull = ATTErrorCode(0x09)
    public static let attributeNotFound = ATTErrorCode(0x0A)
    public static let attributeNotLong = ATTErrorCode(0x0B)
    public static let encryptionKeySizeTooShort = ATTErrorCode(0x0C)
    public static let invalidAttributeValueLength = ATTErrorCode(0x0D)
    public static let unlikelyError = ATTErrorCode(0x0E)
    public static let insufficientEncryption = ATTErrorCode(0x0F)
    public static let unsupportedGroupType = ATTErrorCode(0x10)
    public static let insufficientResources = ATTErrorCode(0x11)
    public static let databaseOutOfSync = ATTErrorCode(0x12)
    public static let valueNotAllowed = ATTErrorCode(0x13)
    /// The first of those that each service defines for itself, 0x80–0x9F.
    public static let application = ATTErrorCode(0x80)
    public static let writeRequestRejected = ATTErrorCode(0xFC)
    public static let configurationImproper = ATTErrorCode(0xFD)
    public static let procedureInProgress = ATTErrorCode(0xFE)
    public static let outOfRange = ATTErrorCode(0xFF)

    /// A bond, or a better one, would help.
    public var asksForPairing: Bool {
        switch self {
        case .insufficientAuthentication, .insufficientAuthorization, .encryptionKeySizeTooShort,
            .insufficientEncryption:
            true
        default: false
        }
    }

    /// The handles that we hold are not those of the device any more.
    public var tellsOfOtherHandles: Bool { self == .invalidHandle || self == .databaseOutOfSync }

    public var name: String {
        switch self {
        case .invalidHandle: "Invalid Handle"
        case .readNotPermitted: "Read Not Permitted"
        case .writeNotPermitted: "Write Not Permitted"
        case .invalidPDU: "Invalid PDU"
        case .insufficientAuthentication: "Insufficient Authentication"
        case .requestNotSupported: "Request Not Supported"
        case .invalidOffset: "Invalid Offset"
        case .insufficientAuthorization: "Insufficient Authorization"
        case .prepareQueueFull: "Prepare Queue Full"
        case .attributeNotFound: "Attribute Not Found"
        case .attributeNotLong: "Attribute Not Long"
        case .encryptionKeySizeTooShort: "Encryption Key Size Too Short"
        case .invalidAttributeValueLength: "Invalid Attribute Value Length"
        case .unlikelyError: "Unlikely Error"
        case .insufficientEncryption: "Insufficient Encryption"
        case .unsupportedGroupType: "Unsupported Group Type"
        case .insufficientResources: "Insufficient Resources"
        case .databaseOutOfSync: "Database Out Of Sync"
        case .valueNotAllowed: "Value Not Allowed"
        case .writeRequestRejected: "Write Request Rejected"
        case .configurationImproper: "Client Characteristic Configuration Descriptor Improperly Configured"
        case .procedureInProgress: "Procedure Already in Progress"
        case .outOfRange: "Out of Range"
        default:
            switch rawValue {
            case 0x80 ... 0x9F: "error of the device's own service"
            case 0xE0 ... 0xFB: "reserved error of common services"
            default: "reserved error"
            }
        }
    }

    /// What to do.
    public var remedy: String {
        switch self {
        case .insufficientAuthentication, .insufficientEncryption: "pair the device"
        case .encryptionKeySizeTooShort: "pair the device anew: its key is too short"
        case .insufficientAuthorization: "allow it on the device, then pair it anew"
        case .invalidHandle, .databaseOutOfSync:
            "connect again: its services may have changed, and are looked for anew"
        case .readNotPermitted, .writeNotPermitted, .requestNotSupported, .attributeNotLong,
            .unsupportedGroupType, .attributeNotFound:
            "the device cannot do that: check that it is of a model that the driver knows"
        case .prepareQueueFull, .insufficientResources, .procedureInProgress:
            "wait, and try again; if it stays so, switch the device off and on"
        case .configurationImproper: "notifications must be on before this is asked: connect again"
        case .invalidPDU, .invalidOffset, .invalidAttributeValueLength, .valueNotAllowed, .outOfRange:
            "report it with the model: the device wants another value than the driver gives"
        case .writeRequestRejected, .unlikelyError: "switch the device off and on"
        default: "look the code up in the documents of the device"
        }
    }

    /// `0x05 Insufficient Authentication`
    public var description: String { "\(ATTText.byte(rawValue)) \(name)" }
}

/// Numbers of the protocol as people write them.
enum ATTText {
    /// `0x05`
    static func byte(_ number: UInt8) -> String { "0x" + digits(UInt16(number), 2) }
    /// `0x002A`
    static func handle(_ number: UInt16) -> String { "0x" + digits(number, 4) }

    private static func digits(_ number: UInt16, _ count: Int) -> String {
        let text = String(number, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, count - text.count)) + text
    }
}
