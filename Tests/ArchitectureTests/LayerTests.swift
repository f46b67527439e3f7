import Foundation
import Testing

/// Who may see whom: `Package.swift` says it, and the files keep to it.
@Suite struct `A layer` {
    /// What the toolchain brings and no layer of ours lists, and who may have it.
    static let tools: [String: (layers: Set<String>?, instead: String)] = [
        "Synchronization": (nil, ""),
        "Testing": (nil, ""),
        "Glibc": (
            ["Linux", "Delivery", "Loop", "Numbers"],
            "hand the outside in: a protocol in Loop or DriverKit, the code in Linux"
        ),
        "FoundationEssentials": (["homeward"], "the values in Vitals and JSONText in Delivery"),
        "Foundation": ([], "the values in Vitals; it costs 45 MB of binary and 9 MB of memory"),
        "Dispatch": ([], "EventLoop: an actor on a loop, `loop.wait`, `Bell`"),
    ]

    @Test func `imports only what its sees: names`() {
        let sees = Self.sees
        #expect(sees.count > 10, "Package.swift was not understood")
        for file in House.swift("Sources", "Drivers") {
            guard let allowed = sees[file.layer] else {
                Issue.record("\(file.path): Package.swift has no layer '\(file.layer)'")
                continue
            }
            for (number, module) in file.imports where !allowed.contains(module) {
                guard let tool = Self.tools[module] else {
                    Issue.record(
                        "\(file.path):\(number): \(file.layer) does not see \(module): must it? Package.swift"
                    )
                    continue
                }
                let isAllowed = tool.layers?.contains(file.layer) ?? true
                #expect(isAllowed, "\(file.path):\(number): no \(module) in \(file.layer): \(tool.instead)")
            }
        }
    }

    @Test func `touches the C library only for its one purpose in the loop`() {
        for file in House.swift("Sources/Loop") where file.imports.contains(where: { $0.module == "Glibc" }) {
            let text = file.code.map(\.text).joined(separator: "\n")
            #expect(text.contains("pthread_self()"), "\(file.path): imports Glibc and does not call pthread_self")
        }
        let users = House.swift("Sources/Loop").filter { $0.imports.contains { $0.module == "Glibc" } }
        #expect(users.count <= 1, "Loop needs Glibc for pthread_self only: \(users.map(\.path))")
    }

    @Test(arguments: [
        ("Vitals", ["Bytes", "Loop", "Delivery", "Linux"]), ("Bytes", ["Vitals"]),
        ("DriverKit", ["Loop", "Linux"]),
        ("Drivers", ["Loop", "Delivery", "Linux", "Agent"]),
        ("Alarms", ["Bytes", "DriverKit", "Loop", "Delivery"]),
        ("Timekeeping", ["Loop", "Linux", "Delivery"]), ("Loop", ["Delivery", "Linux", "DriverKit"]),
        ("Delivery", ["Linux", "Agent", "DriverKit"]), ("Agent", ["Linux", "CLinux", "CSQLite", "CMosquitto"]),
        ("Simulation", ["Linux", "CLinux", "CSQLite", "CMosquitto"]),
    ])
    func `never sees what would turn the house upside down`(_ layer: String, _ forbidden: [String]) throws {
        let sees = try #require(Self.sees[layer], "Package.swift has no layer '\(layer)'")
        #expect(
            sees.isDisjoint(with: forbidden), "Package.swift: \(layer) must not see \(sees.intersection(forbidden))"
        )
    }

    @Test func `of drivers leaves each family alone with its folder`() {
        let families = Set(House.folders(in: "Drivers"))
        for file in House.swift("Drivers") where file.path != "Drivers/Catalogue.swift" {
            let own = file.path.split(separator: "/").dropFirst().first.map(String.init) ?? ""
            for (number, text) in file.code {
                for other in families.subtracting([own])
                where text.contains("\(other).") || text.contains("\(other)(") {
                    Issue.record(
                        "\(file.path):\(number): uses \(other): what two families share belongs in DriverKit")
                }
            }
        }
    }

    /// Layers and executables of `Package.swift` with what they see.
    static var sees: [String: Set<String>] {
        let text = (House.text("Package.swift") ?? "").split(separator: "\n").filter { !$0.contains("///") }
            .joined(separator: " ")
        var sees: [String: Set<String>] = [:]
        for target in text.matches(of: /(layer|executableTarget)\(\s*(?:name:\s*)?"(\w+)"((?:[^()]|\([^()]*\))*)\)/)
        {
            let list = target.3.firstMatch(of: /(?:sees|dependencies):\s*\[([^\]]*)\]/)?.1 ?? ""
            sees[String(target.2)] = Set(list.matches(of: /"(\w+)"/).map { String($0.1) })
        }
        return sees
    }
}
