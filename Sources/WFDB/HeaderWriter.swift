extension RecordHeader {
    /// The text of the header file, as WFDB's own tools read it.
    public var text: String {
        var lines = [recordLine]
        lines += signals.map(\.line)
        lines += comments.map { "# \($0)" }
        return lines.joined(separator: "\n") + "\n"
    }

    private var recordLine: String {
        var rate = Self.plain(sampleRateHz)
        if counterFrequencyHz != sampleRateHz || baseCounter != 0 {
            rate += "/\(Self.plain(counterFrequencyHz))"
            if baseCounter != 0 { rate += "(\(Self.plain(baseCounter)))" }
        }
        var words = [name, "\(signals.count)", rate, "\(frameCount ?? 0)"]
        if let baseTime {
            words.append(baseTime)
            if let baseDate { words.append(baseDate) }
        }
        return words.joined(separator: " ")
    }

    /// Whole numbers without a point.
    static func plain(_ number: Double) -> String {
        Int(exactly: number).map { "\($0)" } ?? "\(number)"
    }
}

extension SignalSpecification {
    var line: String {
        var format = "\(self.format.rawValue)"
        if samplesPerFrame != 1 { format += "x\(samplesPerFrame)" }
        if skewFrames != 0 { format += ":\(skewFrames)" }
        if byteOffset != 0 { format += "+\(byteOffset)" }
        let gain = isCalibrated ? RecordHeader.plain(self.gain) : "0"
        let words = [
            file, format, "\(gain)(\(baseline))/\(unit)", "\(resolutionBits)", "\(converterZero)",
            "\(initialValue)",
            "\(checksum ?? 0)", "\(blockSize)", description,
        ]
        return words.joined(separator: " ").trimmed
    }
}
