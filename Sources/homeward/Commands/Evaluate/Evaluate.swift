import Evaluation
import Linux
import WFDB

extension Command {
    /// How the analysis does on recordings of others. Each kind of recording is a subcommand, in a file of its own.
    static let evaluate = Command(
        name: "evaluate", summary: "Runs the analysis over recordings, and scores it against their references.",
        subcommands: [
            .evaluateECG, .evaluateAlarms,
            .evaluateGLI,
            .evaluateOximetry,
            .evaluateSpirometry,
        ])
}

/// A folder on the disk.
struct DiskFolder: RecordFolder {
    let path: String

    /// A day of three leads at 1000 Hz in 16 bits.
    static let fileBytesMax = 1 << 29

    /// - Throws: a complaint with what to do, when it is not there.
    init(_ path: String?, of command: String, option: String = "--records") throws(CommandError) {
        guard let path else { throw CommandError(.usage, "evaluate \(command): \(option) DIR is needed") }
        self.path = path
        do throws(SystemError) { _ = try File.names(in: path) } catch {
            throw CommandError(.noInput, "evaluate \(command): \(error): name a folder that can be read")
        }
    }

    func names() throws -> [String] { try File.names(in: path) }

    func bytes(of name: String) throws -> [UInt8] {
        try File.read("\(path)/\(name)", bytesMax: Self.fileBytesMax)
    }
}

extension RecordFolder {
    /// The records in it: its header files, without their ending.
    func records() throws -> [String] {
        try names().filter { $0.hasSuffix(".hea") }.map { String($0.dropLast(4)) }
    }
}
