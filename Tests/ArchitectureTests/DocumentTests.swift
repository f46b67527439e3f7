import Foundation
import Testing

/// What is written about the code is true of the code.
@Suite struct `What is written` {
    static let pages = ["ARCHITECTURE.md", "README.md", "CONTRIBUTING.md", "STYLE.md"].filter(House.exists)

    @Test(arguments: pages) func `names only files that are there`(_ page: String) {
        let text = House.text(page) ?? ""
        let roots: Set = [
            "Sources", "Drivers", "Tests", "Benchmarks", "docs", "script", "Udev", "Packaging", "Demo",
        ]
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            for match in line.matches(of: /`([A-Za-z0-9_.\/-]+)`/) {
                let path = String(match.1)
                let first = String(path.prefix { $0 != "/" })
                guard path.contains("/"), roots.contains(first) else { continue }
                #expect(House.exists(path), "\(page):\(index + 1): there is no `\(path)`")
            }
        }
    }

    @Test func `of every schema is in docs/schemas`() {
        for file in House.swift("Sources") {
            for (index, line) in file.lines.enumerated() {
                for match in line.matches(of: /schema: "([a-z-]+)"/) {
                    let path = "docs/schemas/\(match.1).schema.json"
                    #expect(House.exists(path), "\(file.path):\(index + 1): there is no \(path) for that message")
                }
            }
        }
    }

    @Test func `as a schema is JSON`() {
        for path in House.paths(below: "docs/schemas", ending: [".json"]) {
            let object = try? JSONSerialization.jsonObject(with: Data((House.text(path) ?? "").utf8))
            #expect(object is [String: Any], "\(path): not a JSON object")
        }
    }

    @Test func `at the head of a public type says what it is`() {
        let type = #/^public (?:final )?(?:struct|class|enum|actor|protocol) /#
        for file in House.swift("Sources") {
            for (number, text) in file.code where text.contains(type) {
                let before = file.lines[..<(number - 1)].last { !$0.hasPrefix("@") } ?? ""
                #expect(
                    before.hasPrefix("///"), "\(file.path):\(number): a public type without a sentence about it")
            }
        }
    }
}
