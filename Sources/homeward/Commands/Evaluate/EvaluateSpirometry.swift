import Evaluation
import Linux
import Spirometry

extension Command {
    static let evaluateSpirometry = Command(
        name: "spirometry", synopsis: "evaluate spirometry FILE…",
        summary: "Measures and grades forced expirations, each file one blow of a sitting.",
        details: [
            "  FILE                     one value a line, BTPS, out of the patient positive",
            "  --sample-interval-ms MS  2 to 40; 2 when left out",
            "  --kind K                 flow (L/s, when left out) or volume (L)",
            "  --age Y                  years; up to 6 the rules for young children hold",
            "  --json                   one object: files, session, results",
        ],
        grammar: .init(
            options: ["--sample-interval-ms", "--kind", "--age"], flags: ["--json"],
            operandsMax: SpirometryFiles.filesMax)
    ) { arguments, _ in
        let files = try SpirometryFiles(arguments)
        let console = try Console()
        if arguments.has("--json") {
            console.line(files.json)
        } else {
            for line in files.lines { console.line(line) }
        }
        console.flush()
        return .success
    }
}

/// Blows read from files.
struct SpirometryFiles {
    let kind: BlowSamples.Quantity
    let sampleIntervalMilliseconds: Double
    let blows: [(file: String, blow: Blow)]
    /// Of all files, in their order.
    let sitting: Sitting

    /// More than any sitting has.
    static let filesMax = Sitting.attemptsMax
    /// Two minutes at 500 Hz, with long lines.
    static let fileBytesMax = 4 << 20
    static let sampleIntervals = 2.0 ... 40.0

    init(_ arguments: Arguments) throws(CommandError) {
        let word = arguments["--kind"] ?? BlowSamples.Quantity.flow.rawValue
        guard let kind = BlowSamples.Quantity(rawValue: word) else {
            throw CommandError(.usage, "evaluate spirometry: --kind is '\(word)', allowed is: flow, volume")
        }
        guard !arguments.operands.isEmpty else {
            throw CommandError(.usage, "evaluate spirometry: name a file at least, one value a line")
        }
        let interval = try arguments.number("--sample-interval-ms", in: Self.sampleIntervals) ?? 2
        let age = try arguments.number("--age", in: 0 ... 150)
        var blows: [(file: String, blow: Blow)] = []
        for file in arguments.operands {
            blows.append((file, try Self.blow(file, kind, sampleRateHz: 1000 / interval)))
        }
        self.kind = kind
        self.blows = blows
        sampleIntervalMilliseconds = interval
        sitting = Sitting(
            blows.map(\.blow), isYoungChild: age.map { $0 <= BlowLimits.youngChildYearsMax } ?? false)
    }

    private static func blow(
        _ file: String, _ kind: BlowSamples.Quantity, sampleRateHz: Double
    ) throws(CommandError) -> Blow {
        let bytes: [UInt8]
        do throws(SystemError) { bytes = try File.read(file, bytesMax: fileBytesMax) } catch {
            throw CommandError(.noInput, "evaluate spirometry: \(error): name a file that can be read")
        }
        let values: [Double]
        do throws(SampleText.Problem) {
            values = try SampleText.values(of: bytes, magnitudeMax: BlowSamples.magnitudeMax(kind))
        } catch {
            throw CommandError(.dataError, "evaluate spirometry: \(file): \(error)")
        }
        do throws(BlowProblem) {
            return try Blow(BlowSamples(kind, sampleRateHz: sampleRateHz, values: values))
        } catch {
            throw CommandError(.dataError, "evaluate spirometry: \(file): \(error)")
        }
    }
}
