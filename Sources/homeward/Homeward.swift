import Linux

/// The program. Everything it does is below, off the main actor: see `CommandTable`.
@main
struct Homeward {
    static func main() { CommandTable.run(Array(CommandLine.arguments.dropFirst())) }
}
