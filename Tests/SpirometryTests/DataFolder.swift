import Foundation

/// Recordings that are not in the project: in the folder that `HOMEWARD_DATA` names, or in `shared/data` beside
/// the project.
enum DataFolder {
    private static let path =
        ProcessInfo.processInfo.environment["HOMEWARD_DATA"]
        ?? URL(filePath: #filePath).appending(path: "../../../../shared/data").standardized.path

    /// None when the file is not there.
    static func lines(_ name: String) -> [String] {
        guard let text = try? String(contentsOfFile: "\(path)/\(name)", encoding: .utf8) else { return [] }
        return text.split(whereSeparator: \.isNewline).map(String.init)
    }

    static func numbers(_ name: String) -> [Double] {
        lines(name).compactMap { Double($0.filter { !$0.isWhitespace }) }
    }
}
