import WFDB

/// Files in memory.
struct Files {
    var bytes: [String: [UInt8]]

    init(_ files: [String: [UInt8]]) { bytes = files }

    struct Gone: Error {}

    func read(_ name: String) throws -> [UInt8] {
        guard let found = bytes[name] else { throw Gone() }
        return found
    }
}

extension [UInt8] {
    /// Pairs of hexadecimal digits.
    init(hex: String) {
        let digits = Array<Character>(hex).filter { !$0.isWhitespace }
        self = stride(from: 0, to: digits.count - 1, by: 2).compactMap {
            UInt8(String(digits[$0 ... $0 + 1]), radix: 16)
        }
    }
}

extension String {
    var bytes: [UInt8] { [UInt8](utf8) }
}

/// SplitMix64: the same numbers from the same seed, everywhere.
struct Dice: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
