/// A tape archive in memory: the `ustar` format of POSIX.1-1988 (pax(1)), files only.
struct Archive {
    private(set) var bytes: [UInt8] = []
    private static let block = 512
    /// Two blocks of zeros end it.
    private static let endBytes = 1024

    /// - Parameters:
    ///   - name: at most 99 bytes, further ones are cut.
    ///   - time: seconds since 1970, as the file's age.
    mutating func add(_ name: String, _ content: [UInt8], time: Int64) {
        var head: [UInt8] = []
        func put(_ field: [UInt8], _ width: Int) {
            head += field.prefix(width) + [UInt8](repeating: 0, count: max(0, width - field.count))
        }
        func number(_ value: Int64, _ width: Int) {
            let digits = String(max(0, value), radix: 8)
            put(Array((String(repeating: "0", count: max(0, width - 1 - digits.count)) + digits).utf8), width)
        }
        put(Array(name.utf8.prefix(99)), 100)
        number(0o600, 8)
        number(0, 8)
        number(0, 8)
        number(Int64(content.count), 12)
        number(time, 12)
        put(Array("        ".utf8), 8)
        put([0x30], 1)
        put([], 100)
        put(Array("ustar\0".utf8) + Array("00".utf8), 8)
        put([], 32)
        put([], 32)
        put([], 8)
        put([], 8)
        put([], 167)
        // The sum of all bytes, with spaces in its own place.
        let sum = head.reduce(into: 0) { $0 += Int($1) }
        let digits = String(sum, radix: 8)
        let check = Array((String(repeating: "0", count: max(0, 6 - digits.count)) + digits).utf8) + [0, 0x20]
        head.replaceSubrange(148 ..< 156, with: check)
        bytes += head + content
        bytes += [UInt8](repeating: 0, count: (Self.block - content.count % Self.block) % Self.block)
    }

    /// The whole archive.
    func finished() -> [UInt8] { bytes + [UInt8](repeating: 0, count: Self.endBytes) }
}
