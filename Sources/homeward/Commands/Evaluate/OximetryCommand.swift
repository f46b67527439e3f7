import Evaluation
import Linux
import Oximetry

extension Command {
    static let evaluateOximetry = Command(
        name: "oximetry", synopsis: "evaluate oximetry FILE… [--sample-interval-ms N] [--json]",
        summary: "Desaturations, ODI and time below 90 % of recorded oximetry, by both definitions.",
        details: [
            "  FILE                      text with columns: 'Time' or 'seconds', 'SpO2' or 'Oxygen', perhaps",
            "                            'Pulse' and 'PI'; or one saturation a line. Several are compared.",
            "  --sample-interval-ms N    between rows that tell no time (default 1000)",
            "  --json                    one object, for programs",
        ],
        grammar: .init(
            options: ["--sample-interval-ms"], flags: ["--json"], operandsMax: OximetryCommand.filesMax)
    ) { arguments, _ in
        guard !arguments.operands.isEmpty else {
            throw CommandError(.usage, "evaluate oximetry: name a file with recorded oximetry")
        }
        let interval = try arguments.integer("--sample-interval-ms", in: 1 ... 60_000).map { Int64($0) }
        let evaluations = try arguments.operands.map { ($0, try OximetryCommand.evaluate($0, interval)) }
        let console = try Console()
        if arguments.has("--json") {
            console.line(OximetryReport.json(evaluations))
        } else {
            for (file, evaluation) in evaluations {
                for line in OximetryReport.lines(file, evaluation) { console.line(line) }
            }
        }
        console.flush()
        return .success
    }
}

enum OximetryCommand {
    static let filesMax = 1000
    /// A week at one value a second, with twenty columns.
    static let fileBytesMax = 1 << 28

    static func evaluate(_ file: String, _ interval: Int64?) throws(CommandError) -> OximetryEvaluation {
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try File.read(file, bytesMax: fileBytesMax)
        } catch {
            throw CommandError(.noInput, "evaluate oximetry: \(error): name a readable file")
        }
        do throws(OximetryTableError) {
            let table = try OximetryTable(parsing: bytes, intervalMilliseconds: interval)
            return OximetryEvaluation(table, intervalMilliseconds: interval)
        } catch {
            throw CommandError(.dataError, "evaluate oximetry: \(file): \(error)")
        }
    }
}
