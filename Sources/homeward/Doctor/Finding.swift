/// One thing that was looked at, and what came of it.
struct Finding {
    /// How grave it is; the gravest decides about the exit status.
    enum Grade: String, CaseIterable {
        case fine
        /// It could not be looked at, mostly for want of permission.
        case unseen
        /// It works, and may not for long or not for everything.
        case warning
        /// Something is not measured, not judged or not delivered.
        case fault
    }

    var grade: Grade
    /// The part that was looked at: `broker`, `ports`.
    var part: String
    /// For programs: `broker-name-unknown`. It stays the same from version to version.
    var code: String
    /// What is so, and for what that is a cause.
    var cause: String
    /// What was seen.
    var proof: String?
    /// What to do.
    var remedy: String?

    static func fine(_ part: String, _ code: String, _ cause: String) -> Finding {
        Finding(grade: .fine, part: part, code: code, cause: cause)
    }

    static func unseen(_ part: String, _ code: String, _ cause: String, proof: String?, remedy: String) -> Finding {
        Finding(grade: .unseen, part: part, code: code, cause: cause, proof: proof, remedy: remedy)
    }

    static func warning(_ part: String, _ code: String, _ cause: String, proof: String?, remedy: String) -> Finding
    {
        Finding(grade: .warning, part: part, code: code, cause: cause, proof: proof, remedy: remedy)
    }

    static func fault(_ part: String, _ code: String, _ cause: String, proof: String?, remedy: String) -> Finding {
        Finding(grade: .fault, part: part, code: code, cause: cause, proof: proof, remedy: remedy)
    }
}
