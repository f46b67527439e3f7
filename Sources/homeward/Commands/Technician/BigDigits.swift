/// Six digits so big that they can be read from across the bed.
enum BigDigits {
    /// Five rows of three dots for each digit, the topmost row first, the left dot in the highest bit.
    private static let shapes: [Character: [UInt8]] = [
        "0": [0b111, 0b101, 0b101, 0b101, 0b111], "1": [0b010, 0b110, 0b010, 0b010, 0b111],
        "2": [0b111, 0b001, 0b111, 0b100, 0b111], "3": [0b111, 0b001, 0b111, 0b001, 0b111],
        "4": [0b101, 0b101, 0b111, 0b001, 0b001], "5": [0b111, 0b100, 0b111, 0b001, 0b111],
        "6": [0b111, 0b100, 0b111, 0b101, 0b111], "7": [0b111, 0b001, 0b010, 0b010, 0b010],
        "8": [0b111, 0b101, 0b111, 0b101, 0b111], "9": [0b111, 0b101, 0b111, 0b001, 0b111],
    ]

    /// Five rows, 54 columns for six digits; a gap parts them in the middle.
    static func rows(_ digits: String, hasUnicode: Bool) -> [String] {
        let dot = hasUnicode ? "██" : "##"
        return (0 ..< 5).map { row in
            var text = ""
            for (index, digit) in digits.enumerated() {
                guard let shape = shapes[digit] else { continue }
                if index > 0 { text += index == digits.count / 2 ? "      " : "  " }
                for bit in [4, 2, 1] as [UInt8] { text += shape[row] & bit != 0 ? dot : "  " }
            }
            return text
        }
    }

    /// `012345` → `012 345`
    static func grouped(_ digits: String) -> String {
        digits.count == 6 ? "\(digits.prefix(3)) \(digits.suffix(3))" : digits
    }
}
