import Evaluation
import Linux
import WFDB

extension Command {
    static let evaluateECG = Command(
        name: "ecg", synopsis: "evaluate ecg --records DIR",
        summary: "Reads the WFDB records of a folder.",
        details: ["  --records DIR   header, signal and annotation files"],
        grammar: .init(options: ["--records"])
    ) { arguments, _ in
        let folder = try DiskFolder(arguments["--records"], of: "ecg")
        let console = try Console()
        for name in try folder.records() {
            let record = try Record(named: name) { try folder.bytes(of: $0) }
            let header = record.header
            console.line("\(name) \(header.sampleRateHz) Hz, \(header.signals.count) signals, \(record.frameCount)")
        }
        console.flush()
        return .success
    }
}
