import Linux

/// A real person's numbers, one row a second.
struct DemoRecording {
    struct Second {
        var oxygenSaturation: UInt8
        var pulseRate: UInt8
        var perfusionIndexHundredths: UInt16
    }

    var seconds: [Second]

    /// Beside the source tree, or where a package puts it.
    static let places = ["Demo/desaturation.csv", "/usr/share/homeward/desaturation.csv"]
    static let bytesMax = 1 << 20

    init(file: String?) throws(CommandError) {
        let path = file ?? Self.places.first(where: File.exists) ?? Self.places[0]
        let text: String
        do throws(SystemError) {
            text = try File.readText(path, bytesMax: Self.bytesMax)
        } catch {
            throw CommandError(
                .noInput, "demo: \(error): run it in the source tree, or name a file with --recording")
        }
        seconds = []
        for row in text.split(separator: "\n") where !row.hasPrefix("#") {
            let cells = row.split(separator: ",")
            guard cells.count == 3, let saturation = UInt8(cells[0]), let pulse = UInt8(cells[1]),
                let index = Double(cells[2]), (0 ... 22).contains(index)
            else {
                throw CommandError(.dataError, "demo: \(path): '\(row)' is not saturation, pulse, perfusion index")
            }
            seconds.append(
                Second(
                    oxygenSaturation: saturation, pulseRate: pulse,
                    perfusionIndexHundredths: UInt16((index * 100).rounded())))
        }
        guard !seconds.isEmpty else { throw CommandError(.dataError, "demo: \(path) has no rows") }
    }
}

/// How fast the recording is played: slow where something happens, fast where little does.
struct DemoPace {
    /// Up to that second of the recording, that many seconds of it in one.
    static let stages: [(upTo: Int, speed: Double)] = [(285, 45), (330, 4.5), (640, 26), (.max, 10)]
    /// The daemon is killed when the recording has come this far.
    static let killAt = 470

    static func speed(at second: Int) -> Double { stages.first { second < $0.upTo }?.speed ?? 1 }
}
