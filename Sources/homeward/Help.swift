/// What the program says of itself.
enum Help {
    static let pointer = "'homeward help' lists the commands"
    static let usage = "usage: homeward COMMAND [OPTION …]\n\(pointer)"

    static func text(_ commands: [Command]) -> String {
        let width = commands.map(\.name.count).max() ?? 0
        func rows(_ commands: [Command]) -> String {
            commands.map { command in
                "  \(command.name)\(String(repeating: " ", count: width - command.name.count))  \(command.summary)"
            }.flatMap(wrapped).joined(separator: "\n")
        }
        let asked = Set(CommandTable.technician.map(\.name))
        return """
            homeward turns a patient's home into a ward: it reads home-care devices, judges
            what they say on the box, and publishes readings and alerts over MQTT.

            usage: homeward COMMAND [OPTION …]

            \(rows(commands.filter { !asked.contains($0.name) }))

            These ask the running daemon, for the group 'homeward':

            \(rows(commands.filter { asked.contains($0.name) }))

            'homeward help COMMAND' says more of one.
            It does not replace an attended monitor: see "What it must not be relied on for"
            in the README.
            """
    }

    static func text(_ command: Command) -> String {
        var lines = ["usage: homeward \(command.synopsis)", "", command.summary]
        if !command.details.isEmpty { lines += [""] + paragraphs(command.details) }
        return lines.flatMap(wrapped).joined(separator: "\n")
    }

    /// Lines of prose that follow each other are one paragraph; an option is a line of its own.
    private static func paragraphs(_ lines: [String]) -> [String] {
        var paragraphs: [String] = []
        for line in lines {
            if let last = paragraphs.last, isProse(last), isProse(line) {
                paragraphs[paragraphs.count - 1] = "\(last) \(line)"
            } else {
                paragraphs.append(line)
            }
        }
        return paragraphs
    }

    private static func isProse(_ line: String) -> Bool { !line.isEmpty && !line.hasPrefix(" ") }

    /// Broken at 80 columns; the rest of an option's line stands below its description.
    private static func wrapped(_ line: String) -> [String] {
        guard line.count > columnsMax else { return [line] }
        let indent = line.hasPrefix("usage:") ? 7 : isProse(line) ? 0 : descriptionColumn(of: line)
        let margin = String(repeating: " ", count: indent)
        // The option itself, with its spaces, stays as it is.
        var row = String(line.prefix(indent))
        var rows: [String] = []
        var hasWords = false
        for word in line.dropFirst(indent).split(separator: " ") {
            if hasWords, row.count + word.count + 1 > columnsMax {
                rows.append(row)
                row = margin
                hasWords = false
            }
            row += (hasWords ? " " : "") + word
            hasWords = true
        }
        return rows + [row]
    }

    /// Behind the second run of two or more spaces.
    private static func descriptionColumn(of line: String) -> Int {
        let characters = Array(line)
        var column = 2
        while column + 1 < characters.count, !(characters[column] == " " && characters[column + 1] == " ") {
            column += 1
        }
        while column < characters.count, characters[column] == " " { column += 1 }
        return column < characters.count ? column : 2
    }

    private static let columnsMax = 80
}
