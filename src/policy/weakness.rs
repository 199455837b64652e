//! Classes of weaknesses: what policies call them, and which of RustSec's advisory categories and of the weaknesses of CWE
//! (MITRE, version 4.14: its research view and its alternate terms) are of them. A weakness is of a class only if everybody
//! would call it that; numbers that CWE has retired mean what they meant. Not how a text is read: that is `example`.

/// A class of weaknesses, by the words of policies, by RustSec's categories and by the numbers of CWE.
#[derive(Debug, PartialEq, Eq)]
pub struct Class {
    name: &'static str,
    /// Phrases, separated by commas. `weak/broken cipher` are two; `^` before one: no other word may stand before it.
    phrases: &'static str,
    categories: &'static [&'static str],
    weaknesses: &'static [u16],
    /// Names of classes that are all of this one.
    parts: &'static [&'static str],
}

impl Class {
    const fn named(name: &'static str, phrases: &'static str) -> Self {
        Self { name, phrases, categories: &[], weaknesses: &[], parts: &[] }
    }

    const fn category(mut self, categories: &'static [&'static str]) -> Self {
        self.categories = categories;
        self
    }

    const fn cwe(mut self, weaknesses: &'static [u16]) -> Self {
        self.weaknesses = weaknesses;
        self
    }

    const fn parts(mut self, parts: &'static [&'static str]) -> Self {
        self.parts = parts;
        self
    }

    /// How texts name it: phrases of words with their alternatives, and whether one must begin what it stands in.
    pub(crate) fn phrases(&self) -> impl Iterator<Item = &'static str> {
        self.phrases.split(", ")
    }

    /// What it is called.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Whether an advisory of these RustSec categories and these weaknesses (`CWE-787`) is of this class.
    #[must_use]
    pub fn holds(&self, categories: &[String], cwes: &[String]) -> bool {
        let is_number = |cwe: &String| number(cwe).is_some_and(|number| self.weaknesses.contains(&number));
        categories.iter().any(|category| self.categories.contains(&category.as_str()))
            || cwes.iter().any(is_number)
            || CLASSES.iter().any(|class| self.parts.contains(&class.name) && class.holds(categories, cwes))
    }
}

/// The number of `CWE-787`.
fn number(cwe: &str) -> Option<u16> {
    let (letters, digits) = cwe.trim().split_once('-')?;
    letters.eq_ignore_ascii_case("cwe").then(|| digits.parse().ok()).flatten()
}

/// All classes. A part stands before what it is a part of.
pub const CLASSES: &[Class] = &[
    Class::named("command injection", "command/shell injection, command line injection").cwe(&[77, 78]),
    Class::named("argument injection", "argument injection").cwe(&[88]),
    Class::named("code injection", "code/eval injection, malicious code injection").cwe(&[94, 95, 96, 97]),
    Class::named("code execution", "code execution, command execution, arbitrary code, malicious code execution, rce, ^run/running code")
        .category(&["code-execution"])
        .parts(&["command injection", "code injection"]),
    Class::named("template injection", "template injection, ssti").cwe(&[1336]),
    Class::named("expression injection", "expression/el injection, expression language injection").cwe(&[917]),
    Class::named("SQL injection", "sql injection, sqli").cwe(&[89, 564]),
    Class::named("NoSQL injection", "nosql injection").cwe(&[943]),
    Class::named("LDAP injection", "ldap injection").cwe(&[90]),
    Class::named("XPath injection", "xpath injection").cwe(&[643]),
    Class::named("XML injection", "xml injection").cwe(&[91]),
    Class::named("header injection", "header injection, response splitting").cwe(&[113]),
    Class::named("CRLF injection", "crlf, crlf injection").cwe(&[93]).parts(&["header injection"]),
    Class::named("formula injection", "csv/formula injection").cwe(&[1236]),
    Class::named("log injection", "log injection/forgery/forging").cwe(&[117]),
    Class::named("injection", "^injection").category(&["format-injection"]).cwe(&[74, 75, 76]).parts(&[
        "command injection", "argument injection", "code injection", "template injection", "expression injection", "SQL injection",
        "NoSQL injection", "LDAP injection", "XPath injection", "XML injection", "CRLF injection", "formula injection",
    ]),
    Class::named("cross-site scripting", "cross site scripting, xss").cwe(&[79, 80, 81, 82, 83, 84, 85, 86, 87, 692]),
    Class::named("cross-site request forgery", "cross site request forgery, csrf, xsrf").cwe(&[352]),
    Class::named("server-side request forgery", "server side request forgery, ssrf").cwe(&[918]),
    Class::named("XML external entity", "xml external entity, external entity, external entity injection, xxe").cwe(&[611]),
    Class::named("open redirect", "open/unvalidated redirect").cwe(&[601]),
    Class::named("clickjacking", "clickjacking, click jacking, ui redressing").cwe(&[1021]),
    Class::named("request smuggling", "request/response smuggling").cwe(&[444]),
    Class::named("permissive CORS", "permissive/insecure cors, cors misconfiguration/bypass").cwe(&[942]),
    Class::named("origin validation", "missing/improper/insufficient origin validation/check").cwe(&[346, 1385]),
    Class::named("path traversal", "path/directory traversal")
        .category(&["file-disclosure"])
        .cwe(&[22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40]),
    Class::named("file disclosure", "file disclosure, arbitrary/local file read/disclosure").category(&["file-disclosure"]).cwe(&[552]),
    Class::named("file inclusion", "local/remote file inclusion, lfi, rfi").cwe(&[98]),
    Class::named(
        "file upload",
        "unrestricted/arbitrary/dangerous/malicious/insecure/unsafe file upload, file upload vulnerability/bypass/attack/flaw, \
         ^file upload",
    )
    .cwe(&[434]),
    Class::named("link following", "symlink/link following, symlink attack/traversal/race, symbolic link attack/following, ^symlink")
        .cwe(&[59, 61, 363]),
    Class::named("temporary files", "insecure/predictable temporary/temp file").cwe(&[377, 378, 379]),
    Class::named("search path", "untrusted/uncontrolled search path, dll hijack").cwe(&[426, 427]),
    Class::named(
        "deserialization",
        "insecure/unsafe/untrusted deserialization, deserialization of untrusted, deserialization vulnerability/attack/flaw, \
         ^deserialization",
    )
    .cwe(&[502]),
    Class::named("prototype pollution", "prototype pollution").cwe(&[1321]),
    Class::named("mass assignment", "mass assignment").cwe(&[915]),
    Class::named("use after free", "use after free, uaf, dangling pointer").cwe(&[416]),
    Class::named("double free", "double free").cwe(&[415]),
    Class::named("buffer overflow", "buffer overflow/overrun, heap overflow, heap/stack based overflow").cwe(&[120, 121, 122, 680]),
    Class::named("out-of-bounds write", "out of bounds write, oob write").cwe(&[121, 122, 123, 124, 787]),
    Class::named("out-of-bounds read", "out of bounds read, oob read, buffer overread, buffer over read").cwe(&[125, 126, 127]),
    Class::named("out-of-bounds access", "out of bounds access, oob access")
        .cwe(&[119, 786, 788])
        .parts(&["out-of-bounds write", "out-of-bounds read"]),
    Class::named("memory corruption", "memory corruption")
        .category(&["memory-corruption"])
        .cwe(&[119, 590, 761, 762, 763])
        .parts(&["use after free", "double free", "buffer overflow", "out-of-bounds write"]),
    Class::named("memory exposure", "memory exposure/disclosure").category(&["memory-exposure"]),
    Class::named("memory safety", "memory safety/unsafety")
        .cwe(&[466, 805, 806, 822, 823, 824, 825])
        .parts(&["memory corruption", "memory exposure", "out-of-bounds access"]),
    Class::named("uninitialized memory", "uninitialized/uninitialised memory").cwe(&[457, 824, 908]),
    Class::named("type confusion", "type confusion").cwe(&[843]),
    Class::named("format string", "format string").cwe(&[134]),
    Class::named("integer overflow", "integer overflow").cwe(&[128, 190, 680]),
    Class::named("integer underflow", "integer underflow").cwe(&[191]),
    Class::named("null dereference", "null/nil dereference, null/nil pointer dereference").cwe(&[476, 690]),
    Class::named("division by zero", "divide/division by zero").cwe(&[369]),
    Class::named("uncontrolled recursion", "uncontrolled/infinite/unbounded recursion, stack exhaustion").cwe(&[674]),
    Class::named("infinite loop", "infinite/endless loop").cwe(&[835]),
    Class::named("regular expressions", "redos, regex dos, regex/expression denial of service, catastrophic backtracking").cwe(&[1333]),
    Class::named("algorithmic complexity", "algorithmic complexity").cwe(&[407]).parts(&["regular expressions"]),
    Class::named("compression bomb", "zip/gzip/decompression/compression bomb").cwe(&[409]),
    Class::named("entity expansion", "xml bomb, entity expansion, billion laughs").cwe(&[776]),
    Class::named("memory leak", "memory leak").cwe(&[401]),
    // RustSec's category is of crashes and of consumption; it names panics.
    Class::named("crash", "crash, panic")
        .category(&["denial-of-service"])
        .cwe(&[248, 600, 617])
        .parts(&["null dereference", "division by zero", "uncontrolled recursion"]),
    Class::named(
        "resource exhaustion",
        "resource/memory/cpu/disk exhaustion/consumption, excessive memory/cpu, unbounded memory, unbounded memory allocation",
    )
    .cwe(&[400, 405, 770, 772, 774, 775, 789])
    .parts(&["uncontrolled recursion", "algorithmic complexity", "compression bomb", "entity expansion", "memory leak"]),
    Class::named("denial of service", "denial of service, dos, ddos")
        .category(&["denial-of-service"])
        .cwe(&[404, 834])
        .parts(&["crash", "resource exhaustion", "infinite loop"]),
    Class::named("deadlock", "deadlock").cwe(&[833]),
    Class::named("check and use", "toctou, toctou race, toctou race condition, time of check").cwe(&[363, 367]),
    Class::named("race condition", "race condition, data race, thread safety/unsafety, concurrency bug/issue/vulnerability")
        .category(&["thread-safety"])
        .cwe(&[362, 364, 366, 368, 421, 689])
        .parts(&["check and use"]),
    Class::named("secrets in logs", "data/information/secret/credential/password in log").cwe(&[532]),
    Class::named("error messages", "verbose/detailed error, stack trace exposure/leak/disclosure").cwe(&[209, 210, 211, 550]),
    Class::named("directory listing", "directory listing").cwe(&[548]),
    Class::named("user enumeration", "user/username/account enumeration").cwe(&[204]),
    Class::named("information disclosure", "information/info/data/pii disclosure/exposure/leak/leakage, data/information breach")
        .cwe(&[200, 201, 202, 213, 214, 215, 359, 497, 531, 535, 536, 537, 538, 540, 541, 612, 615, 651, 1230])
        .parts(&["memory exposure", "secrets in logs", "error messages", "directory listing"]),
    Class::named(
        "credential exposure",
        "credential/password/token/secret exposure/leak/leakage/disclosure, \
         api key exposure/leak/disclosure",
    )
    .cwe(&[522, 523]),
    Class::named("hard-coded credentials", "hardcoded credential/password/secret/key, hard coded credential/password/secret/key")
        .cwe(&[259, 321, 798]),
    Class::named("default credentials", "default credential/password").cwe(&[1392, 1393]),
    Class::named("weak passwords", "weak password requirement/policy").cwe(&[521]),
    Class::named("brute force", "brute force/forcing").cwe(&[307]),
    Class::named("missing rate limit", "missing rate limit, missing rate limiting, lack of rate limiting").cwe(&[799]),
    Class::named("cleartext transmission", "cleartext/plaintext/unencrypted transmission, clear text transmission").cwe(&[5, 319, 523]),
    Class::named("cleartext storage", "cleartext/plaintext/unencrypted storage, clear text storage")
        .cwe(&[256, 312, 313, 314, 315, 316, 317, 318, 526]),
    Class::named("missing encryption", "missing encryption, lack of encryption")
        .cwe(&[311])
        .parts(&["cleartext transmission", "cleartext storage"]),
    Class::named("replay", "replay attack, capture replay").cwe(&[294]),
    Class::named(
        "authentication bypass",
        "authentication/auth/login bypass, broken/missing/improper authentication, lack of authentication, \
         authentication flaw/failure/issue/vulnerability, unauthenticated access",
    )
    .cwe(&[287, 288, 289, 290, 291, 293, 302, 303, 304, 305, 306, 592, 593, 603, 836])
    .parts(&["replay"]),
    Class::named("object references", "idor, bola, insecure direct object reference, object level authorization").cwe(&[566, 639]),
    Class::named(
        "authorization bypass",
        "authorization/permission bypass, broken/missing/improper/incorrect authorization, lack of authorization, \
         authorization flaw/failure/issue/vulnerability, unauthorized access, unauthorized data access, forced browsing",
    )
    .cwe(&[285, 424, 425, 551, 638, 647, 862, 863])
    .parts(&["object references"]),
    Class::named(
        "broken access control",
        "broken/missing/improper access control, access control bypass/flaw/failure/issue/vulnerability, lack of access control",
    )
    .cwe(&[284])
    .parts(&["authorization bypass"]),
    Class::named("privilege escalation", "privilege escalation/elevation, elevation of privilege, privesc, lpe, eop")
        .category(&["privilege-escalation"])
        .cwe(&[266, 268, 269, 270]),
    Class::named(
        "insecure permissions",
        "insecure/incorrect/wrong/improper/excessive/weak permission, permission issue/error/misconfiguration",
    )
    .cwe(&[276, 277, 278, 279, 281, 732]),
    Class::named("session fixation", "session fixation, session hijack").cwe(&[384]),
    Class::named("session expiration", "session expiration/expiry").cwe(&[613]),
    Class::named(
        "signature verification",
        "signature verification/validation/check bypass, signature bypass/forgery, \
         missing/improper/incorrect/broken signature verification/validation/check",
    )
    .cwe(&[347]),
    Class::named(
        "cryptography",
        "weak/broken/insecure/flawed/risky cryptography/crypto/encryption/cipher/hash, \
         cryptography/crypto weakness/failure/flaw/issue/vulnerability/bug/error, weak/broken/insecure cryptographic algorithm",
    )
    .category(&["crypto-failure"])
    .cwe(&[310, 323, 325, 326, 327, 328, 329, 759, 760, 780, 916, 1204, 1240])
    .parts(&["signature verification"]),
    Class::named("weak randomness", "weak/insecure/predictable randomness/random/rng/prng, insufficient entropy")
        .cwe(&[330, 331, 332, 334, 335, 336, 337, 338, 339, 340, 341, 342, 343, 1241]),
    Class::named(
        "certificate validation",
        "certificate validation/verification/check bypass/failure/flaw/issue, \
         missing/improper/incorrect/broken certificate validation/verification/check",
    )
    .cwe(&[295, 296, 297, 298, 299, 370, 599]),
    Class::named("man in the middle", "man/machine/person in the middle, mitm").cwe(&[300]).parts(&["certificate validation"]),
    Class::named("timing", "timing attack/leak/oracle, timing side channel").cwe(&[208, 385, 1254]),
    Class::named("side channel", "side channel").cwe(&[1255, 1300]).parts(&["timing"]),
    Class::named("malicious code", "supply chain attack/compromise, malicious code/package/dependency/crate, malware, backdoor, trojan")
        .category(&["malicious"])
        .cwe(&[506, 507, 508, 509, 510, 511]),
    Class::named("insecure defaults", "insecure default").cwe(&[1188]),
    Class::named("input validation", "missing/improper/insufficient input validation, lack of input validation").cwe(&[20]),
];

#[cfg(test)]
mod tests {
    use super::CLASSES;

    fn strings(text: &str) -> Vec<String> {
        vec![text.to_owned()]
    }

    #[test]
    fn parts_are_classes_and_stand_before_their_whole() {
        for (at, class) in CLASSES.iter().enumerate() {
            assert!(!CLASSES[..at].iter().any(|other| other.name == class.name), "{} twice", class.name);
            for part in class.parts {
                assert!(CLASSES[..at].iter().any(|other| other.name == *part), "{part} of {}", class.name);
            }
        }
    }

    #[test]
    fn every_class_holds_something() {
        for class in CLASSES {
            assert!(!class.categories.is_empty() || !class.weaknesses.is_empty() || !class.parts.is_empty(), "{}", class.name);
        }
    }

    #[test]
    fn weaknesses_and_categories_are_of_their_classes() {
        let table = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/policy/tier_examples/weaknesses.tsv"));
        let rows: Vec<(&str, &str)> =
            table.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('\t')).collect();
        assert!(rows.len() >= 40);
        for (fact, expected) in rows {
            let is_cwe = fact.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("cwe-"));
            let (categories, cwes) = if is_cwe { (Vec::new(), strings(fact)) } else { (strings(fact), Vec::new()) };
            let mut names: Vec<&str> = CLASSES.iter().filter(|class| class.holds(&categories, &cwes)).map(super::Class::name).collect();
            let mut expected: Vec<&str> = expected.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
            names.sort_unstable();
            expected.sort_unstable();
            assert_eq!(names, expected, "{fact}");
        }
    }

    #[test]
    fn what_is_no_weakness_is_of_no_class() {
        for text in ["", "CWE", "CWE-", "CWE-x", "79", "CWE-99999999", "NVD-CWE-noinfo", "code execution"] {
            assert!(!CLASSES.iter().any(|class| class.holds(&strings(text), &strings(text))), "{text}");
        }
    }
}
