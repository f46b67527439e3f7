/// What the program says of itself.
enum Help {
    static let pointer = "'homeward help' lists the commands"
    static let usage = "usage: homeward COMMAND [OPTION …]\n\(pointer)"

    static func text(_ commands: [Command]) -> String {
        let width = commands.map(\.name.count).max() ?? 0
        let rows = commands.map { command in
            "  \(command.name)\(String(repeating: " ", count: width - command.name.count))  \(command.summary)"
        }
        return """
            homeward turns a patient's home into a ward: it reads home-care devices, judges what they say on the
            box, and publishes readings and alerts over MQTT.

            usage: homeward COMMAND [OPTION …]

            \(rows.joined(separator: "\n"))

            'homeward help COMMAND' says more of one.
            It does not replace an attended monitor: see "What it must not be relied on for" in the README.
            """
    }

    static func text(_ command: Command) -> String {
        var lines = ["usage: homeward \(command.synopsis)", "", command.summary]
        if !command.details.isEmpty { lines += [""] + command.details }
        return lines.joined(separator: "\n")
    }
}
