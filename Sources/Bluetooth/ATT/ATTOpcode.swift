/// The first byte of a PDU: what it is (Core Specification 5.4, Vol 3, Part F, 3.4.8).
public enum ATTOpcode: UInt8, Hashable, Sendable, CaseIterable {
    case errorResponse = 0x01
    case exchangeMTURequest = 0x02
    case exchangeMTUResponse = 0x03
    case findInformationRequest = 0x04
    case findInformationResponse = 0x05
    case findByTypeValueRequest = 0x06
    case findByTypeValueResponse = 0x07
    case readByTypeRequest = 0x08
    case readByTypeResponse = 0x09
    case readRequest = 0x0A
    case readResponse = 0x0B
    case readBlobRequest = 0x0C
    case readBlobResponse = 0x0D
    case readMultipleRequest = 0x0E
    case readMultipleResponse = 0x0F
    case readByGroupTypeRequest = 0x10
    case readByGroupTypeResponse = 0x11
    case writeRequest = 0x12
    case writeResponse = 0x13
    case prepareWriteRequest = 0x16
    case prepareWriteResponse = 0x17
    case executeWriteRequest = 0x18
    case executeWriteResponse = 0x19
    case notification = 0x1B
    case indication = 0x1D
    case confirmation = 0x1E
    case readMultipleVariableRequest = 0x20
    case readMultipleVariableResponse = 0x21
    case multipleNotification = 0x23
    case writeCommand = 0x52
    case signedWriteCommand = 0xD2

    /// As people call it.
    public var name: String {
        switch self {
        case .errorResponse: "error response"
        case .exchangeMTURequest, .exchangeMTUResponse: "exchange of the MTU"
        case .findInformationRequest, .findInformationResponse: "find information"
        case .findByTypeValueRequest, .findByTypeValueResponse: "find by type value"
        case .readByTypeRequest, .readByTypeResponse: "read by type"
        case .readRequest, .readResponse: "read"
        case .readBlobRequest, .readBlobResponse: "read blob"
        case .readMultipleRequest, .readMultipleResponse: "read multiple"
        case .readByGroupTypeRequest, .readByGroupTypeResponse: "read by group type"
        case .writeRequest, .writeResponse: "write"
        case .prepareWriteRequest, .prepareWriteResponse: "prepare write"
        case .executeWriteRequest, .executeWriteResponse: "execute write"
        case .notification: "notification"
        case .indication: "indication"
        case .confirmation: "confirmation"
        case .readMultipleVariableRequest, .readMultipleVariableResponse: "read multiple variable"
        case .multipleNotification: "multiple notification"
        case .writeCommand: "write without response"
        case .signedWriteCommand: "signed write"
        }
    }

    /// What answers it; `nil` when it is no request.
    public var response: ATTOpcode? {
        switch self {
        case .exchangeMTURequest, .findInformationRequest, .findByTypeValueRequest, .readByTypeRequest,
            .readRequest, .readBlobRequest, .readMultipleRequest, .readByGroupTypeRequest, .writeRequest,
            .prepareWriteRequest, .executeWriteRequest, .readMultipleVariableRequest:
            ATTOpcode(rawValue: rawValue + 1)
        default: nil
        }
    }

    /// Answers a request of ours.
    public var isResponse: Bool {
        self == .errorResponse || Self.allCases.contains { $0.response == self }
    }

    /// Set in the opcode of everything that is not answered; such a PDU that is not known is passed over.
    static let commandFlag: UInt8 = 0x40
}
