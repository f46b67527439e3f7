import Testing

/// What is not written here, and what is written instead.
@Suite struct Banned {
    struct Rule: Sendable, CustomTestStringConvertible {
        let word: String
        let instead: String
        var folders = ["Sources", "Drivers"]
        var except: Set<String> = []

        var testDescription: String { word }

        init(
            _ word: String, _ instead: String, in folders: [String] = ["Sources", "Drivers"],
            except: Set<String> = []
        ) {
            self.word = word
            self.instead = instead
            self.folders = folders
            self.except = except
        }
    }

    static let everywhere = ["Sources", "Drivers", "Tests", "Benchmarks"]
    static let rules = [
        Rule("Task.sleep", "`loop.sleep(until:)`: simulated time knows nothing of it", in: everywhere),
        Rule("Date()", "`loop.now` for intervals, a `WallClock` that is handed in for UTC"),
        Rule("ContinuousClock", "`loop.now`"),
        Rule("SuspendingClock", "`loop.now`"),
        Rule("DispatchQueue", "an actor on an `EventLoop`", in: everywhere),
        Rule("DispatchSource", "`loop.waiter.watch`", in: everywhere),
        Rule("Task.detached", "`Task(executorPreference: loop)`", in: everywhere),
        Rule("AsyncStream", "straight-line code: the task that needs the next thing awaits it", in: everywhere),
        Rule("print(", "`log` of the Surroundings; text for people is written by homeward", except: ["homeward"]),
        Rule("try!", "`try`, and a case that says what the caller does", in: everywhere),
        Rule(" as!", "`as?` and the other case", in: everywhere),
        Rule(
            "fatalError", "`precondition` with a sentence for our own fault, an error for anybody else's",
            in: everywhere),
        Rule("unowned(unsafe)", "a strong or weak reference", in: everywhere),
        Rule("@unchecked Sendable", "an actor, a value or a Mutex", except: ["Loop", "Linux", "Delivery"]),
        Rule("DateFormatter", "`rfc3339(utcNanoseconds:)`, `CivilTime`", in: everywhere),
        Rule("SystemRandomNumberGenerator", "a generator that is handed in", except: ["Delivery", "homeward"]),
    ]

    @Test(arguments: rules) func `is not in the code`(_ rule: Rule) {
        for file in rule.folders.flatMap({ House.swift($0) }) where !rule.except.contains(file.layer) {
            for (number, text) in file.code where text.holds(rule.word) {
                Issue.record("\(file.path):\(number): no `\(rule.word)`: \(rule.instead)")
            }
        }
    }

    @Test func `is every random number without a seed`() {
        // The program itself throws the dice that everything below it is handed.
        for file in House.swift("Sources", "Drivers") where file.layer != "homeward" {
            for (number, text) in file.code where text.contains(/\.(random|randomElement|shuffled|shuffle)\(/) {
                #expect(
                    text.contains("using:"),
                    "\(file.path):\(number): a random number without `using:` cannot be repeated")
            }
        }
    }

    @Test func `is unsafe code outside Linux, Delivery and Loop`() {
        let allowed: Set = ["Linux", "Delivery", "Loop"]
        // Loads and stores of several numbers at once, with their bounds checked: Swift has no safe word for them.
        let neighbours = "Sources/Analysis/Numbers/Neighbours.swift"
        let files = House.swift("Sources", "Drivers").filter { $0.path != neighbours }
        for file in files where !allowed.contains(file.layer) {
            for (number, text) in file.code where text.contains(/\bunsafe\b/) {
                Issue.record(
                    "\(file.path):\(number): `unsafe`: take a `Span`, or move it to Linux, Delivery or Loop")
            }
        }
    }

    @Test func `is a note to do it later`() {
        let words = ["TO" + "DO", "FIX" + "ME", "XX" + "X:", "HA" + "CK"]
        for file in House.everything {
            for (index, line) in file.lines.enumerated() {
                for word in words where line.contains(word) {
                    Issue.record(
                        "\(file.path):\(index + 1): \(word): do it now, or say in the README what is missing"
                    )
                }
            }
        }
    }

    /// Each word is written with a dot in it, so that this file keeps the rule that it checks.
    static let machines = [
        "chat·bot", "co·pilot", "language mo·del", "L·LM", "G·PT", "open·ai", "anth·ropic", "cla·ude",
        "ai-gene·rated",
        "as an A·I", "coding ag·ent", "context win·dow", "sub·agent", "prom·pted by",
    ].map { $0.replacing("·", with: "") }

    @Test func `is any word of machines that write`() {
        let endings = [
            ".swift", ".md", ".json", ".json5", ".sh", ".yml", ".service", ".rules", ".capture", ".readings",
        ]
        let folders = ["Sources", "Drivers", "Tests", "Benchmarks", "docs", "script", "Packaging", "Udev", "Demo"]
        let texts =
            folders.flatMap { House.paths(below: $0, ending: endings) }
            + [
                "README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "STYLE.md", "CHANGELOG.md", "SECURITY.md",
                "Package.swift",
            ]
        for path in texts {
            guard let text = House.text(path) else { continue }
            for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
                for word in Self.machines where line.lowercased().holds(word.lowercased()) {
                    Issue.record(
                        "\(path):\(index + 1): '\(word)': the text is ours, and speaks of devices and people")
                }
            }
        }
    }
}

extension StringProtocol {
    /// Contains the word, not as a part of another: `try!` is not in `entry!`, nor `print(` in `fingerprint(`.
    func holds(_ word: String) -> Bool {
        let isWord: (Character) -> Bool = { $0.isLetter || $0.isNumber || $0 == "_" }
        return ranges(of: word).contains { range in
            let isWholeAhead =
                range.lowerBound == startIndex || word.first.map(isWord) != true
                || !isWord(self[index(before: range.lowerBound)])
            let isWholeBehind =
                range.upperBound == endIndex || word.last.map(isWord) != true || !isWord(self[range.upperBound])
            return isWholeAhead && isWholeBehind
        }
    }
}
