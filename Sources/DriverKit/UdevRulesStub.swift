public enum UdevRules { public static func text(for manifests: [Manifest]) -> String { "" } }
