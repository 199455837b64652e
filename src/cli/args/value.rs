//! What is typed behind options, read.

use std::path::PathBuf;

use super::{Output, PlatformChoice};
use crate::{
    inventory::pep508::environment::{Platform, PythonVersion},
    model::timestamp::{DAY, HOUR},
    report::{RENDERERS, renderer},
};

pub(super) fn python_version(text: &str) -> Result<PythonVersion, String> {
    PythonVersion::parse(text).ok_or_else(|| "write it as 3.11 or 3.11.4".to_owned())
}

pub(super) fn platform(text: &str) -> Result<PlatformChoice, String> {
    let parts: Vec<&str> = text.split('/').collect();
    let is_word = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if (2..=3).contains(&parts.len()) && parts.iter().all(is_word) {
        return Ok(PlatformChoice::Image(text.to_owned()));
    }
    let system = Platform::parse(text).map(PlatformChoice::System);
    system.ok_or_else(|| "the platforms are linux, macos and windows; those of images are written as linux/arm64".to_owned())
}

pub(super) fn format_name(text: &str) -> Result<String, String> {
    let names = || RENDERERS.iter().map(|renderer| renderer.name()).collect::<Vec<_>>().join(", ");
    renderer(text).map(|_| text.to_owned()).ok_or_else(|| format!("the formats are {}", names()))
}

pub(super) fn output(text: &str) -> Result<Output, String> {
    let (format, file) = text.split_once('=').ok_or("write it as FORMAT=FILE, as json=report.json")?;
    if file.is_empty() {
        return Err("the file is missing".to_owned());
    }
    Ok(Output { format: format_name(format)?, file: PathBuf::from(file) })
}

/// A length of time in seconds.
pub(super) fn duration(text: &str) -> Result<i64, String> {
    let wrong = || "write it as a number with h, d or w, as 30d".to_owned();
    let unit = match text.bytes().last() {
        Some(b'h') => HOUR,
        Some(b'd') => DAY,
        Some(b'w') => 7 * DAY,
        _ => return Err(wrong()),
    };
    let number: u32 = text[..text.len() - 1].parse().map_err(|_| wrong())?;
    Ok(i64::from(number) * unit)
}

#[cfg(test)]
mod tests {
    use super::duration;

    #[test]
    fn durations() {
        for (text, seconds) in [("30d", Ok(2_592_000)), ("12h", Ok(43_200)), ("2w", Ok(1_209_600)), ("0d", Ok(0))] {
            assert_eq!(duration(text), seconds);
        }
        for text in ["", "d", "30", "-1d", "1.5d", "30 d", "30é"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
