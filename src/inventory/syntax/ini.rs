//! Sections and options as Python's [`configparser`](https://docs.python.org/3/library/configparser.html) reads them, with
//! the line of each part of a value. `%` has no meaning here.

use crate::inventory::lines::{Fault, shorten};

/// A section.
pub(crate) struct Section<'a> {
    pub(crate) name: &'a str,
    pub(crate) options: Vec<IniOption<'a>>,
}

/// An option.
pub(crate) struct IniOption<'a> {
    pub(crate) key: &'a str,
    /// Its value, line by line: the line, and what stands there without the blanks around it. The first is that of the
    /// key; empty lines and comments are left out.
    pub(crate) value: Vec<(u32, &'a str)>,
    /// Whether more lines follow the key's.
    pub(crate) is_long: bool,
}

/// Reads a file.
pub(crate) fn parse(text: &str) -> Result<Vec<Section<'_>>, Fault> {
    let mut sections: Vec<Section<'_>> = Vec::new();
    // How far the option or header was indented that came last: what is further in goes on with it.
    let mut indent = 0;
    for (at, line) in text.lines().enumerate() {
        let number = u32::try_from(at + 1).unwrap_or(u32::MAX);
        let content = line.trim();
        if content.is_empty() || content.starts_with(['#', ';']) {
            continue;
        }
        let depth = line.len() - line.trim_start().len();
        let open = sections.last_mut().and_then(|section| section.options.last_mut());
        if let Some(option) = open.filter(|_| depth > indent) {
            option.value.push((number, content));
            option.is_long = true;
            continue;
        }
        indent = depth;
        let header = content.strip_prefix('[').and_then(|rest| rest.rsplit_once(']')).map(|(name, _)| name);
        if let Some(name) = header.filter(|name| !name.is_empty()) {
            sections.push(Section { name, options: Vec::new() });
            continue;
        }
        let Some(section) = sections.last_mut() else {
            return Err((Some(number), format!("`{}` stands before the first section, as [metadata]", shorten(content))));
        };
        match content.split_once(['=', ':']).map(|(key, value)| (key.trim(), value.trim())) {
            Some((key, value)) if !key.is_empty() => {
                let value = if value.is_empty() { Vec::new() } else { vec![(number, value)] };
                section.options.push(IniOption { key, value, is_long: false });
            }
            _ => {
                return Err((Some(number), format!("`{}` is neither a section nor an option; what goes on is indented", shorten(content))));
            }
        }
    }
    Ok(sections)
}

#[cfg(test)]
mod tests {
    use super::parse;

    fn flat(text: &str) -> Vec<String> {
        let sections = parse(text).expect("sections");
        let options = sections.iter().flat_map(|section| section.options.iter().map(move |option| (section.name, option)));
        options.map(|(section, option)| format!("{section}.{} {:?} {}", option.key, option.value, option.is_long)).collect()
    }

    #[test]
    fn values_go_on_where_they_are_indented() {
        let text = "# c\n[a]\nx = 1 # no comment\n; c\ny:\n  one\n\n  # c\n    two=2\nz =\n  [b]\n[c] rest\n  k=v\n  l=w\n   more\n";
        assert_eq!(
            flat(text),
            [
                "a.x [(3, \"1 # no comment\")] false",
                "a.y [(6, \"one\"), (9, \"two=2\")] true",
                "a.z [(11, \"[b]\")] true",
                "c.k [(13, \"v\")] false",
                "c.l [(14, \"w\"), (15, \"more\")] true",
            ]
        );
    }

    #[test]
    fn what_is_neither_section_nor_option_has_a_line() {
        for (text, line) in [("a = 1\n", 1), ("[a]\nb\n", 2), ("[a]\nb = 1\nc\n", 3), ("[a]\n= 1\n", 2)] {
            assert_eq!(parse(text).err().and_then(|fault| fault.0), Some(line), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "[\\[\\]=:#; \\t\\na-zé]{0,60}") {
            for section in parse(&text).unwrap_or_default() {
                for (line, value) in section.options.iter().flat_map(|option| &option.value) {
                    proptest::prop_assert!(*line > 0 && !value.is_empty());
                }
            }
        }
    }
}
