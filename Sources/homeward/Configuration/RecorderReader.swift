import Agent

/// Reads the section `recorder`.
enum RecorderReader {
    /// A file of the recorder stays below what the folder takes, with its head.
    static let bytesMaxPerDevice = 16_384 ... 1_000_000
    static let filesMaxPerDevice = 1 ... 100
    static let bytesMax = 1 << 20 ... 1 << 32

    /// `nil`: it is not switched on.
    static func settings(_ root: inout ConfigurationSection) -> RecorderSettings? {
        guard var section = root.section("recorder") else { return nil }
        defer { section.finish() }
        let isEnabled = section.boolean("enabled", or: false)
        let usual = RecorderSettings()
        let settings = RecorderSettings(
            bytesMaxPerDevice: section.integer("bytesMaxPerDevice", in: bytesMaxPerDevice, unit: "bytes")
                ?? usual.bytesMaxPerDevice,
            filesMaxPerDevice: section.integer("filesMaxPerDevice", in: filesMaxPerDevice)
                ?? usual.filesMaxPerDevice,
            bytesMax: section.integer("bytesMax", in: bytesMax, unit: "bytes") ?? usual.bytesMax)
        return isEnabled ? settings : nil
    }
}
