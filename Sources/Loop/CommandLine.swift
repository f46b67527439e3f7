public import Vitals

/// One technician's connection: whole lines in, whole lines out. Stays on the loop of its listener.
public protocol CommandLineLink: AnyObject {
    /// Who asks, for the audit: `uid 1000 (technician)`.
    var peer: String { get }
    /// The next line, without its line feed. `nil`: the client is gone, or `deadline` came first (then ``isOpen``
    /// is still true).
    func receiveLine(before deadline: Instant) async -> [UInt8]?
    var isOpen: Bool { get }
    /// Adds the line feed. `false`: the client does not take it (gone, or its buffer of `unsentBytesMax` is full).
    func sendLine(_ line: [UInt8]) -> Bool
    /// What was sent before still goes out. May be called twice.
    func close()
}

/// The door for technicians: opened by the one who owns the socket; the agent serves what it accepts.
public protocol CommandListener: AnyObject {
    /// `nil`: closed.
    func accept() async -> (any CommandLineLink)?
    func close()
}
