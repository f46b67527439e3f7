import Foundation

/// The files of this repository, as the rules see them.
enum House {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    /// Swift files below those folders.
    static func swift(_ folders: String...) -> [SourceFile] {
        folders.flatMap { paths(below: $0, ending: [".swift"]) }.map(SourceFile.init)
    }

    /// Every Swift file of the program, its drivers and its tests.
    static var everything: [SourceFile] {
        swift("Sources", "Drivers", "Tests", "Benchmarks") + [SourceFile("Package.swift")]
    }

    /// Relative paths below a folder, in a fixed order; none when there is no such folder.
    static func paths(below folder: String, ending: [String]) -> [String] {
        let found = FileManager.default.enumerator(atPath: "\(root)/\(folder)")?.compactMap { $0 as? String } ?? []
        return found.filter { path in ending.contains { path.hasSuffix($0) } }.sorted().map { "\(folder)/\($0)" }
    }

    static func text(_ path: String) -> String? { try? String(contentsOfFile: "\(root)/\(path)", encoding: .utf8) }

    static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: "\(root)/\(path)") }

    static func folders(in folder: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(root)/\(folder)")) ?? []
        return names.sorted().filter { name in
            let values = try? URL(filePath: "\(root)/\(folder)/\(name)").resourceValues(forKeys: [.isDirectoryKey])
            return values?.isDirectory ?? false
        }
    }
}

/// A Swift file as lines.
struct SourceFile {
    /// From the root of the repository.
    let path: String
    let lines: [String]

    init(_ path: String) {
        self.path = path
        lines = (House.text(path) ?? "").components(separatedBy: "\n")
    }

    /// The name of the folder below `Sources` or `Tests`, or `Drivers`.
    var layer: String {
        let parts = path.split(separator: "/").map(String.init)
        guard parts.count > 2, parts[0] == "Sources" || parts[0] == "Tests" else { return parts[0] }
        // The analyzers are a layer each.
        return parts[1] == "Analysis" && parts.count > 3 ? parts[2] : parts[1]
    }

    /// The lines with what the compiler sees of them: without comments and without the content of strings.
    var code: [(number: Int, text: String)] {
        var isInLongString = false
        return lines.enumerated().map { index, line in
            let marks = line.components(separatedBy: "\"\"\"").count - 1
            defer { if marks % 2 == 1 { isInLongString.toggle() } }
            return (index + 1, isInLongString || marks > 0 ? "" : Self.code(of: line))
        }
    }

    private static func code(of line: String) -> String {
        var code = ""
        var isInString = false
        var isEscaped = false
        var last: Character = " "
        for character in line {
            if isInString {
                if character == "\"", !isEscaped { isInString = false }
                isEscaped = character == "\\" && !isEscaped
            } else if character == "/", last == "/" {
                return String(code.dropLast())
            } else {
                isInString = character == "\""
                isEscaped = false
            }
            if !isInString { code.append(character) }
            last = character
        }
        return code
    }

    /// The modules it imports, with the lines.
    var imports: [(number: Int, module: String)] {
        code.compactMap { number, text -> (number: Int, module: String)? in
            let words = text.split(separator: " ").map(String.init)
            guard let index = words.firstIndex(of: "import"), index < words.count - 1,
                words[..<index].allSatisfy({ $0.first == "@" || Self.accessLevels.contains($0) })
            else { return nil }
            let name = words.dropFirst(index + 1).first { !Self.kinds.contains($0) } ?? ""
            return (number, String(name.prefix { $0 != "." }))
        }
    }

    private static let kinds = ["struct", "class", "enum", "protocol", "func", "let", "var", "typealias"]
    private static let accessLevels = ["public", "package", "internal", "fileprivate", "private"]
}
