public import Vitals

/// Bytes that came together, stamped once, where they left the kernel.
public struct Chunk: Hashable, Sendable {
    public var bytes: [UInt8]
    public var channel: Channel
    public var at: Instant

    public init(_ bytes: [UInt8], from channel: Channel = .serial, at: Instant) {
        self.bytes = bytes
        self.channel = channel
        self.at = at
    }
}

/// An open connection to one device. Not `Sendable`: it stays with the one task that reads it.
public protocol Link: AnyObject {
    /// The next bytes, or `nil` when `deadline` came first.
    func receive(before deadline: Instant) async throws(LinkError) -> Chunk?
    func send(_ bytes: [UInt8], to channel: Channel) async throws(LinkError)
    /// Ends a waiting ``receive(before:)`` with ``LinkError/closed``. May be called twice.
    func close()
    /// What the line itself has had to complain about since it was opened.
    var lineErrors: LineErrors { get }
    /// The pipes that it has.
    var channels: [Channel] { get }
}

extension Link {
    public var lineErrors: LineErrors { LineErrors() }
    public var channels: [Channel] { [.serial] }
}

/// Errors of a serial line, counted by the kernel's driver or seen in the bytes.
public struct LineErrors: Hashable, Sendable {
    public var breaks: Int
    public var framing: Int
    public var parity: Int
    public var overruns: Int

    public init(breaks: Int = 0, framing: Int = 0, parity: Int = 0, overruns: Int = 0) {
        self.breaks = breaks
        self.framing = framing
        self.parity = parity
        self.overruns = overruns
    }
}

/// Opens links. The only way from the agent to the outside.
public protocol Connector: AnyObject {
    func connect(to address: Address) async throws(LinkError) -> any Link
}

/// Where a device is.
public enum Address: Hashable, Sendable, CustomStringConvertible {
    case serial(path: String, SerialSettings)
    case bluetooth(BluetoothAddress, BluetoothProfile)

    public var description: String {
        switch self {
        case .serial(let path, _): path
        case .bluetooth(let address, _): address.description
        }
    }
}

/// Why there is no link, or no longer one. Each case asks for a different next step.
public enum LinkError: Error, Hashable, Sendable, CustomStringConvertible {
    /// We closed it.
    case closed
    /// The port or the device is gone: unplugged, out of reach. Wait for it to come back.
    case gone(String)
    /// Another program holds it. Tell the user which port.
    case busy(String)
    /// We may not open it. Tell the user which group is missing.
    case denied(String)
    /// The operating system failed. Try again, more and more slowly.
    case system(call: String, errno: Int32, String)
    /// The radio or the device on it; the text says what was seen.
    case bluetooth(BluetoothProblem, String)

    public var description: String {
        switch self {
        case .closed: "closed here"
        case .gone(let what): "\(what) is not there: plug the device in, or correct 'port' in the configuration"
        case .busy(let what): "\(what) is held by another program: stop it ('fuser \(what)' names it)"
        case .denied(let what): "no permission for \(what): add the user of homeward to the group of that file"
        case .system(let call, let errno, let what): "\(call) on \(what) failed with errno \(errno)"
        case .bluetooth(let problem, let what):
            Self.text(problem, what, problem.remedy)
        }
    }

    /// With the address in it where it is to be typed.
    public func description(of address: Address) -> String {
        guard case .bluetooth(let problem, let what) = self, case .bluetooth(let device, _) = address else {
            return description
        }
        return Self.text(problem, what, problem.remedy(for: device))
    }

    private static func text(_ problem: BluetoothProblem, _ what: String, _ remedy: String) -> String {
        "\(problem.cause)\(what.isEmpty ? "" : " (\(what))"): \(remedy)"
    }
}
