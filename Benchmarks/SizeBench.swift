import Glibc
import Linux

/// How large the program is.
struct SizeBench {
    private let options: Options
    private static let budgetMegabytes = 16.0

    init(_ options: Options) { self.options = options }

    func run(_ report: inout Report) throws {
        let stripped = options.folder + "/homeward.stripped"
        let strip = try ChildProcess("strip", ["-s", "-o", stripped, options.program])
        guard strip.waitForEnding(atMost: .seconds(60)) == .status(0) else { throw BenchError("strip failed") }
        report.title("Size of the program (budget: \(figure(Self.budgetMegabytes)) MB, stripped)")
        report.table(
            ["", "MB"],
            [
                ["as built", figure(Self.megabytes(options.program))],
                ["stripped", figure(Self.megabytes(stripped))],
            ])
    }

    private static func megabytes(_ path: String) -> Double {
        var status = stat()
        return unsafe stat(path, &status) == 0 ? Double(status.st_size) / 1e6 : .nan
    }
}
