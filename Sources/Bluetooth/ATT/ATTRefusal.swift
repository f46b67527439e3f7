public import DriverKit

/// What came back for a request.
enum ATTAnswer {
    case response(ATTPDU)
    case refused(ATTRefusal)
}

/// A request that the device did not grant.
public struct ATTRefusal: Hashable, Sendable, CustomStringConvertible {
    public var request: ATTOpcode
    public var handle: UInt16
    public var code: ATTErrorCode

    public init(_ request: ATTOpcode, _ handle: UInt16, _ code: ATTErrorCode) {
        self.request = request
        self.handle = handle
        self.code = code
    }

    /// `write of handle 0x000E refused with 0x05 Insufficient Authentication: pair the device`
    public var description: String {
        "\(request.name) of handle \(ATTText.handle(handle)) refused with \(code): \(code.remedy)"
    }

    /// What it means when nothing can go on without that request.
    public var linkError: LinkError {
        .bluetooth(code.asksForPairing ? .notPaired : .protocolError, description)
    }
}

/// Lines for the log, of which a device that misbehaves can cause only so many.
final class BoundedLog {
    static let linesMax = 20
    private var left = linesMax
    private let log: @Sendable (String) -> Void

    init(_ log: @escaping @Sendable (String) -> Void) { self.log = log }

    func callAsFunction(_ line: @autoclosure () -> String) {
        guard left > 0 else { return }
        left -= 1
        log(line())
        if left == 0 { log("more of this connection is not told") }
    }
}
