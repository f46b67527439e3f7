import DriverKit

/// How the kernel answers a management command.
struct ManagementStatus: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    let rawValue: UInt8
    init(rawValue: UInt8) { self.rawValue = rawValue }
    private init(_ rawValue: UInt8) { self.rawValue = rawValue }

    static let success = Self(0x00)
    static let unknownCommand = Self(0x01)
    static let notConnected = Self(0x02)
    static let failed = Self(0x03)
    static let connectFailed = Self(0x04)
    static let authenticationFailed = Self(0x05)
    static let notPaired = Self(0x06)
    static let noResources = Self(0x07)
    static let timeout = Self(0x08)
    static let alreadyConnected = Self(0x09)
    static let busy = Self(0x0A)
    static let rejected = Self(0x0B)
    static let notSupported = Self(0x0C)
    static let invalidParameters = Self(0x0D)
    static let disconnected = Self(0x0E)
    static let notPowered = Self(0x0F)
    static let cancelled = Self(0x10)
    static let invalidController = Self(0x11)
    static let blocked = Self(0x12)
    static let alreadyPaired = Self(0x13)
    static let permissionDenied = Self(0x14)

    private static let names = [
        "success", "unknown command", "not connected", "failed", "connect failed", "authentication failed",
        "not paired", "no resources", "timeout", "already connected", "busy", "rejected", "not supported",
        "invalid parameters", "disconnected", "not powered", "cancelled", "invalid controller", "blocked by rfkill",
        "already paired", "permission denied",
    ]

    /// `authentication failed (0x05)`
    var description: String {
        let name = rawValue < Self.names.count ? Self.names[Int(rawValue)] : "unknown status"
        let number = String(rawValue, radix: 16)
        return "\(name) (0x\(number.count == 1 ? "0" : "")\(number))"
    }

    /// What it says of the adapter, not of a device; `nil`: nothing.
    var adapterProblem: BluetoothProblem? {
        switch self {
        case .blocked: .radioBlocked
        case .invalidController, .notPowered: .adapterMissing
        case .permissionDenied: .notPermitted
        default: nil
        }
    }
}

/// Why a connection ended, as the kernel tells it.
enum DisconnectReason: UInt8, Hashable, Sendable {
    case unknown = 0, timeout, here, there, authenticationFailure, hereForSuspend

    var text: String {
        switch self {
        case .unknown: "for no reason that the kernel knows"
        case .timeout: "nothing was heard of it any more"
        case .here: "ended here"
        case .there: "ended by the device"
        case .authenticationFailure: "the keys do not fit"
        case .hereForSuspend: "the box is put to sleep"
        }
    }
}

/// What a controller can do, or does now.
struct ControllerSettings: OptionSet, Hashable, Sendable {
    let rawValue: UInt32
    static let powered = Self(rawValue: 1 << 0)
    static let bondable = Self(rawValue: 1 << 4)
    static let classic = Self(rawValue: 1 << 7)
    static let lowEnergy = Self(rawValue: 1 << 9)
    static let secureConnections = Self(rawValue: 1 << 11)
}
