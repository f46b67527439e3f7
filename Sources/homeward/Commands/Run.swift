extension Command {
    static let run = Command(
        name: "run", synopsis: "run --config FILE", summary: "Runs the daemon.", details: [],
        grammar: .init(options: ["--config"])
    ) { _, _ in .software }
}
