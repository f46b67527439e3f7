/// Text as it stands on a terminal: made harmless, measured in columns, cut, filled and broken.
///
/// Names come by radio from strangers: whatever could move the cursor or turn the direction of writing is
/// replaced.
struct TerminalText {
    let hasUnicode: Bool

    /// Longer texts of the daemon are cut.
    static let charactersMax = 2000

    func clean(_ text: String) -> String {
        var clean = String.UnicodeScalarView()
        for scalar in text.unicodeScalars.prefix(Self.charactersMax) { clean.append(shown(scalar)) }
        return String(clean)
    }

    private func shown(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        if (0x20 ... 0x7E).contains(scalar.value) { return scalar }
        guard hasUnicode else { return "?" }
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator:
            return "?"
        default: return scalar
        }
    }

    /// Columns that it takes: East Asian letters and pictures take two, marks above a letter none.
    static func width(_ text: String) -> Int { text.reduce(0) { $0 + width($1) } }

    private static func width(_ character: Character) -> Int {
        guard let first = character.unicodeScalars.first else { return 0 }
        switch first.properties.generalCategory {
        case .nonspacingMark, .enclosingMark: return 0
        default: return isWide(first.value) || first.properties.isEmojiPresentation ? 2 : 1
        }
    }

    /// UAX #11, class W, in whole blocks.
    private static func isWide(_ value: UInt32) -> Bool {
        switch value {
        case 0x1100 ... 0x115F, 0x2E80 ... 0x303E, 0x3041 ... 0xA4CF, 0xA960 ... 0xA97F, 0xAC00 ... 0xD7A3,
            0xF900 ... 0xFAFF, 0xFE30 ... 0xFE6F, 0xFF00 ... 0xFF60, 0xFFE0 ... 0xFFE6, 0x1F300 ... 0x1FAFF,
            0x20000 ... 0x3FFFD:
            true
        default: false
        }
    }

    /// At most so many columns; what was cut is shown by a sign.
    func cut(_ text: String, _ columns: Int) -> String {
        guard Self.width(text) > columns else { return text }
        let mark = hasUnicode ? "…" : "~"
        var cut = ""
        var used = 1
        for character in text {
            used += Self.width(character)
            guard used <= columns else { break }
            cut.append(character)
        }
        return columns > 0 ? cut + mark : ""
    }

    /// At most so many columns of text that has styles, which take none.
    static func cropped(_ styled: String, _ columns: Int) -> String {
        var cropped = ""
        var used = 0
        var isInStyle = false
        for character in styled {
            if character == "\u{1B}" { isInStyle = true }
            if isInStyle {
                cropped.append(character)
                if character == "m" { isInStyle = false }
                continue
            }
            used += width(character)
            if used <= columns { cropped.append(character) }
        }
        return cropped
    }

    /// Exactly so many columns.
    func filled(_ text: String, _ columns: Int) -> String {
        let cut = cut(text, columns)
        return cut + Self.spaces(columns - Self.width(cut))
    }

    static func spaces(_ count: Int) -> String { String(repeating: " ", count: max(0, count)) }

    /// Broken between words. A word that is longer than a row stands alone; a command in quotes stays whole.
    static func wrapped(_ text: String, columns: Int, indent: Int = 0, hanging: Int? = nil) -> [String] {
        var rows: [String] = []
        var row = spaces(indent)
        var hasWords = false
        for word in unbreakable(text) {
            if hasWords, width(row) + 1 + width(word) > columns {
                rows.append(row)
                row = spaces(hanging ?? indent)
                hasWords = false
            }
            row += (hasWords ? " " : "") + word
            hasWords = true
        }
        return rows + [row]
    }

    /// The words, with what stands in quotes as one word.
    private static func unbreakable(_ text: String) -> [String] {
        var words: [String] = []
        var rest = text.split(separator: " ").map(String.init)[...]
        while let word = rest.popFirst() {
            let isEnd = { (word: String) in word.last == "'" || word.dropLast().last == "'" }
            guard word.hasPrefix("'"), !isEnd(word), let end = rest.prefix(quotedWordsMax).firstIndex(where: isEnd)
            else {
                words.append(word)
                continue
            }
            words.append(([word] + rest[...end]).joined(separator: " "))
            rest = rest[(end + 1)...]
        }
        return words
    }

    private static let quotedWordsMax = 5
}
