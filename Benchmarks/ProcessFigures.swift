import Linux

/// What the kernel knows of another process.
struct ProcessFigures {
    var residentKibibytes = 0
    var proportionalKibibytes = 0
    var anonymousKibibytes = 0
    /// On a processor, all threads.
    var processorSeconds = 0.0
    /// Times that a thread went to sleep, and so had to be woken.
    var sleeps = 0
    var preemptions = 0

    init(of process: Int32) throws {
        let folder = "/proc/\(process)"
        residentKibibytes = Self.number("VmRSS:", in: try File.readText(folder + "/status"))
        let memory = try File.readText(folder + "/smaps_rollup")
        proportionalKibibytes = Self.number("Pss:", in: memory)
        anonymousKibibytes = Self.number("Anonymous:", in: memory)
        for thread in try File.names(in: folder + "/task") {
            let status = try File.readText("\(folder)/task/\(thread)/status")
            sleeps += Self.number("voluntary_ctxt_switches:", in: status)
            preemptions += Self.number("nonvoluntary_ctxt_switches:", in: status)
            let times = try File.readText("\(folder)/task/\(thread)/schedstat").split(separator: " ")
            processorSeconds += (times.first.flatMap { Double(String($0)) } ?? 0) / 1e9
        }
    }

    private static func number(_ name: String, in text: String) -> Int {
        for line in text.split(separator: "\n") where line.hasPrefix(name) {
            let words = line.split { $0 == " " || $0 == "\t" }
            return words.count > 1 ? Int(words[1]) ?? 0 : 0
        }
        return 0
    }
}
