/// The words of a command line behind the subcommand, sorted into options and operands.
struct Arguments {
    /// What a subcommand accepts: options with a value, and flags without one.
    struct Grammar {
        var options: Set<String> = []
        var flags: Set<String> = []
        /// The most operands it takes.
        var operandsMax = 0
    }

    private(set) var operands: [String] = []
    private var values: [String: String] = [:]
    private var flags: Set<String> = []

    /// - Throws: a usage error that names the word.
    init(_ words: some Sequence<String>, grammar: Grammar) throws(CommandError) {
        var words = Array(words)[...]
        var onlyOperands = false
        while let word = words.popFirst() {
            if onlyOperands || !word.hasPrefix("-") || word == "-" {
                operands.append(word)
            } else if word == "--" {
                onlyOperands = true
            } else {
                try option(word, &words, grammar)
            }
        }
        guard operands.count <= grammar.operandsMax else {
            throw CommandError(.usage, "'\(operands[grammar.operandsMax])' is one word too many")
        }
    }

    private mutating func option(
        _ word: String, _ rest: inout ArraySlice<String>, _ grammar: Grammar
    ) throws(CommandError) {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let name = parts[0]
        if grammar.flags.contains(name) {
            guard parts.count == 1 else { throw CommandError(.usage, "\(name) takes no value") }
            flags.insert(name)
        } else if grammar.options.contains(name) {
            guard let value = parts.count > 1 ? parts[1] : rest.popFirst() else {
                throw CommandError(.usage, "\(name) needs a value")
            }
            guard values.updateValue(value, forKey: name) == nil else {
                throw CommandError(.usage, "\(name) is given twice")
            }
        } else {
            let known = grammar.flags.union(grammar.options).sorted()
            let hint = Similar.closest(to: name, in: known).map { ": did you mean \($0)?" } ?? ""
            throw CommandError(.usage, "there is no option \(name)\(hint)")
        }
    }

    subscript(option: String) -> String? { values[option] }
    func has(_ flag: String) -> Bool { flags.contains(flag) }

    /// A whole number within a range.
    func integer(_ option: String, in range: ClosedRange<Int>) throws(CommandError) -> Int? {
        guard let text = values[option] else { return nil }
        guard let value = Int(text), range.contains(value) else {
            throw CommandError(
                .usage,
                "\(option) is '\(text)': a whole number from \(range.lowerBound) to \(range.upperBound) is needed")
        }
        return value
    }
}

/// Finds what somebody may have meant.
enum Similar {
    /// The candidate with the fewest edits, when a third of the word at most would have to change.
    static func closest(to word: String, in candidates: some Sequence<String>) -> String? {
        let best = candidates.map { ($0, distance(Array(word.utf8), Array($0.utf8))) }.min { $0.1 < $1.1 }
        guard let (candidate, distance) = best, distance <= max(1, word.utf8.count / 3) else { return nil }
        return candidate
    }

    private static func distance(_ one: [UInt8], _ other: [UInt8]) -> Int {
        var row = Array(0 ... other.count)
        for (index, unit) in one.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for (column, counterpart) in other.enumerated() {
                let replaced = diagonal + (unit == counterpart ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(replaced, min(diagonal, row[column]) + 1)
            }
        }
        return row[other.count]
    }
}
