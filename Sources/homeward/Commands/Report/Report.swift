import Agent
import Linux
import Pictures
import Vitals

extension Command {
    static let report = Command(
        name: "report", synopsis: "report SESSION [--svg | --html] | report --list",
        summary: "Draws a session: the blows of a spirometry, a night, an ECG strip.",
        details: [
            "SESSION is a number of the list, a file with the payload of a session's message, or - for the input.",
            "  --list       the sessions that this box keeps, the newest last",
            "  --svg        a drawing in millimetres (usual)",
            "  --html       a page that prints on one sheet across",
            "  --data DIR   the data directory of the box, usually /var/lib/homeward", "",
            "  homeward report 7 --html > night.html",
        ],
        grammar: .init(options: ["--data"], flags: ["--svg", "--html", "--list"], operandsMax: 1)
    ) { arguments, _ in
        let archive = "\(arguments["--data"] ?? "/var/lib/homeward")/sessions"
        guard !arguments.has("--list") else { return try SessionList.show(archive) }
        guard let name = arguments.operands.first else {
            throw CommandError(.usage, "report: name a session: 'homeward report --list' shows those of this box")
        }
        guard !(arguments.has("--svg") && arguments.has("--html")) else {
            throw CommandError(.usage, "report: --svg or --html, not both")
        }
        let document = try SessionDocument(parsing: try SessionFile.read(name, archive), name: name)
        let (drawing, title) = try SessionPicture.drawing(of: document, name: name)
        let console = try Console()
        console.write(
            arguments.has("--html") ? PicturePage.html(drawing, title: title) : drawing.svg(title: title))
        console.flush()
        return .success
    }
}

/// Where a session is read from.
enum SessionFile {
    static func read(_ name: String, _ archive: String) throws(CommandError) -> [UInt8] {
        let path =
            if name == "-" { "/dev/stdin" } else if let number = Int(name) {
                "\(archive)/\(SessionLedger.Entry.name(of: number))"
            } else { name }
        do throws(SystemError) {
            return try File.read(path, bytesMax: SessionDocument.bytesMax)
        } catch {
            let remedy =
                Int(name) == nil
                ? "name a file with a session's message" : "'homeward report --list' shows the sessions of this box"
            throw CommandError(.noInput, "report: \(error): \(remedy)")
        }
    }
}

/// The sessions that the box keeps, as a table.
enum SessionList {
    static func show(_ archive: String) throws -> ExitCode {
        let text: String
        do throws(SystemError) {
            text = try File.readText("\(archive)/\(SessionArchive.listName)")
        } catch {
            throw CommandError(
                .noInput,
                "report: \(error): no session was kept yet, or you may not read them (use sudo, or --data DIR)")
        }
        let console = try Console()
        for entry in SessionLedger(parsing: text).entries {
            let bytes = try? File.read("\(archive)/\(entry.name)", bytesMax: SessionDocument.bytesMax)
            let document = bytes.flatMap { try? SessionDocument(parsing: $0, name: entry.name) }
            let what = document.map { "\($0.kind)  \($0.time)  \($0.device)  \($0.patient ?? "unassigned")" }
            console.line("\(entry.number)  \(what ?? "(its file is missing or damaged)")")
        }
        console.flush()
        return .success
    }
}
