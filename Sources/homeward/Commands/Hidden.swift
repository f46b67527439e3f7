import Linux
import Loop
import Vitals

/// What the package and its services call.
extension Command {
    static let clockState = Command(
        name: "clock-state", synopsis: "clock-state [--file FILE] [--once]",
        summary: "Writes every few seconds what the kernel says of the clock, for the daemon, which may not ask.",
        details: [
            "  --file FILE   \(ClockState.path) unless told",
            "  --once        writes it once, and ends",
        ],
        grammar: .init(options: ["--file"], flags: ["--once"])
    ) { arguments, loop in
        let path = arguments["--file"] ?? ClockState.path
        let clock = try SystemClock()
        while true {
            guard let state = clock.state() else {
                throw CommandError(
                    .noPermission, "clock-state: the kernel does not let this process ask (adjtimex)")
            }
            do throws(SystemError) { try File.write(state.text, to: path, mode: 0o644) } catch {
                throw CommandError(.cannotCreate, "clock-state: \(error)")
            }
            if arguments.has("--once") { return .success }
            await loop.sleep(until: loop.now + clockStateInterval)
        }
    }

    private static let clockStateInterval: Duration = .seconds(5)

    static let completion = Command(
        name: "completion", synopsis: "completion bash",
        summary: "Prints what completes its command line in a shell.",
        details: [], grammar: .init(operandsMax: 1)
    ) { arguments, _ in
        guard arguments.operands == ["bash"] else {
            throw CommandError(.usage, "completion: only bash is known: 'homeward completion bash'")
        }
        let console = try Console()
        console.line(BashCompletion.text(CommandTable.commands))
        console.flush()
        return .success
    }

    static let manual = Command(
        name: "manual", synopsis: "manual DATE", summary: "Prints homeward(1) as roff.", details: [],
        grammar: .init(operandsMax: 1)
    ) { arguments, _ in
        let console = try Console()
        console.line(ManualPage.text(CommandTable.commands, date: arguments.operands.first ?? ""))
        console.flush()
        return .success
    }
}

/// The words that may come next, for bash.
enum BashCompletion {
    static func text(_ commands: [Command]) -> String {
        let cases = commands.map { command in
            let words = (command.grammar.options.union(command.grammar.flags)).sorted()
            let names = command.subcommands.map(\.name)
            return "    \(command.name)) words=\"\((names + words).joined(separator: " ")) --help\" ;;"
        }
        let names = (commands.map(\.name) + ["help"]).joined(separator: " ")
        return """
            # Completes homeward in bash. Printed by 'homeward completion bash'.
            _homeward() {
                local current=${COMP_WORDS[COMP_CWORD]} words
                if [ "$COMP_CWORD" -eq 1 ] || { [ "$COMP_CWORD" -eq 2 ] && [ "${COMP_WORDS[1]}" = help ]; }; then
                    words="\(names)"
                else
                    case ${COMP_WORDS[1]} in
            \(cases.map { "    \($0)" }.joined(separator: "\n"))
                    *) words= ;;
                    esac
                fi
                COMPREPLY=($(compgen -W "$words" -- "$current"))
                # What is no word of homeward's is a file.
                if [ ${#COMPREPLY[@]} -eq 0 ] && [ "$COMP_CWORD" -gt 1 ]; then
                    COMPREPLY=($(compgen -f -- "$current"))
                fi
            }
            complete -F _homeward homeward
            """
    }
}

/// homeward(1), made of what the program says of itself.
enum ManualPage {
    static func text(_ commands: [Command], date: String) -> String {
        let head = """
            .TH HOMEWARD 1 "\(date)" "homeward \(Version.text)" "User commands"
            .SH NAME
            homeward \\- home medical devices to MQTT
            .SH SYNOPSIS
            .B homeward
            .I COMMAND
            .RI [ OPTION \\ ...]
            .SH DESCRIPTION
            homeward reads home\\-care devices, judges what they say on the box, and publishes readings and
            alerts over MQTT. It does not replace an attended monitor.
            .SH COMMANDS
            """
        let tail = """
            .SH EXIT STATUS
            0 on success; else as in sysexits.h: 64 the command line, 65 data, 66 a missing file, 69 a broker or
            device that is not there, 77 permission, 78 the configuration.
            .B homeward doctor
            ends with 0, 1 or 2: see there.
            .SH FILES
            .TP
            .I /etc/homeward/homeward.json5
            the settings: see
            .BR homeward.json5 (5)
            .TP
            .I /var/lib/homeward
            what waits for the broker, and what was paired and assigned
            .TP
            .I /run/homeward/homeward.sock
            where persons of the group homeward give commands
            .SH SEE ALSO
            .BR homeward.json5 (5),
            .BR journalctl (1),
            .BR systemctl (1)
            """
        return ([head] + commands.flatMap { [$0] + $0.subcommands }.map(section) + [tail]).joined(separator: "\n")
    }

    private static func section(_ command: Command) -> String {
        var lines = [".TP", "\\fBhomeward \(escaped(command.synopsis))\\fR", escaped(command.summary)]
        for line in command.details {
            if line.isEmpty {
                lines.append(".sp")
            } else if line.hasPrefix(" ") {
                lines += [".br", escaped(line)]
            } else {
                lines.append(escaped(line))
            }
        }
        return lines.joined(separator: "\n")
    }

    /// A hyphen is a minus here, to be copied; a dot or an apostrophe in front is text.
    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for character in text {
            switch character {
            case "\\": escaped += "\\e"
            case "-": escaped += "\\-"
            case "…": escaped += "..."
            case "×": escaped += "x"
            default: escaped.append(character)
            }
        }
        return escaped.hasPrefix(".") || escaped.hasPrefix("'") ? "\\&" + escaped : escaped
    }
}
