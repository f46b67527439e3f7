/// Takes out of a byte stream what the kernel put in for damage on the line (`PARMRK`, termios(3)):
/// `FF 00 00` a break, `FF 00 xx` a damaged byte `xx`, `FF FF` a real FF.
///
/// A mark may be cut anywhere. A damaged byte is left out: the driver's checksum would have to find it.
struct MarkDecoder: Hashable, Sendable {
    private(set) var breaks = 0
    /// Framing and parity errors: the mark does not tell which.
    private(set) var damaged = 0

    private enum State: Hashable { case plain, escaped, marked }
    private var state = State.plain

    init() {}

    mutating func decode(_ bytes: [UInt8]) -> [UInt8] {
        if state == .plain, !bytes.contains(0xFF) { return bytes }
        var clean: [UInt8] = []
        clean.reserveCapacity(bytes.count)
        for byte in bytes { take(byte, into: &clean) }
        return clean
    }

    private mutating func take(_ byte: UInt8, into clean: inout [UInt8]) {
        switch (state, byte) {
        case (.plain, 0xFF): state = .escaped
        case (.plain, _): clean.append(byte)
        case (.escaped, 0x00): state = .marked
        case (.escaped, 0xFF):
            clean.append(0xFF)
            state = .plain
        case (.escaped, _):
            // No kernel writes this; nothing is lost if one does.
            clean.append(0xFF)
            clean.append(byte)
            state = .plain
        case (.marked, 0x00):
            breaks += 1
            state = .plain
        case (.marked, _):
            damaged += 1
            state = .plain
        }
    }
}
