import Foundation

/// Computes the features that weights are learnt from, with the program's own code.
///
/// Reads jobs from standard input, one a line, so that one start serves many recordings.
@main
struct Train {
    static func main() throws {
        guard let subject = CommandLine.arguments.dropFirst().first else {
            throw Complaint("Train qrs|beats|fibrillation < JOBS")
        }
        while let line = readLine() {
            let words = line.split(separator: " ").map(String.init)
            switch subject {
            case "qrs": try QRSJob(words).run()
            case "beats": try BeatJob(words).run()
            case "fibrillation": try FibrillationJob(words).run()
            default: throw Complaint("there is no '\(subject)': qrs, beats, fibrillation")
            }
        }
    }
}

/// Says why it cannot go on.
struct Complaint: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// Files of plain little-endian numbers.
enum NumberFile {
    static func floats(_ path: String) throws -> [Float] {
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        return stride(from: 0, to: bytes.count - 3, by: 4).map { at in
            var bits: UInt32 = 0
            for part in 0 ..< 4 { bits |= UInt32(bytes[at + part]) << UInt32(8 * part) }
            return Float(bitPattern: bits)
        }
    }

    static func bytes(_ path: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    static func text(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
    }

    static func write(_ values: [Float], _ path: String) throws {
        var data = Data(capacity: values.count * 4)
        for value in values {
            for part in 0 ..< 4 { data.append(UInt8(truncatingIfNeeded: value.bitPattern >> UInt32(8 * part))) }
        }
        try data.write(to: URL(fileURLWithPath: path))
    }
}
