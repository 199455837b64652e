//! Which columns a width has room for. Pure arithmetic over cells; knows nothing of findings.

use comfy_table::{Cell, ColumnConstraint, ContentArrangement, Table, Width, presets::NOTHING};
use unicode_width::UnicodeWidthStr;

/// Blanks between two columns.
const GAP: usize = 2;

/// A column.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// How far it may be shortened; `None`: not at all.
    pub shortest: Option<usize>,
    /// Whether it may be left out.
    pub optional: bool,
    /// Whether its end says more than its beginning, as of a path.
    pub keeps_its_end: bool,
}

/// Column that is neither shortened nor left out.
pub const FIXED: Column = Column { shortest: None, optional: false, keeps_its_end: false };

/// Columns of chosen widths; a width of 0 leaves a column out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    widths: Vec<usize>,
    keep_end: Vec<bool>,
}

impl Layout {
    /// Fits columns into a width (`None`: as wide as they are).
    ///
    /// Columns are given in the order of their worth. As many are kept, from the first, as have room at their
    /// shortest; what room is left lengthens them in the same order.
    #[must_use]
    pub fn fit(columns: &[Column], rows: &[Vec<String>], width: Option<u16>) -> Self {
        let natural: Vec<usize> = (0..columns.len()).map(|at| rows.iter().map(|row| row[at].width()).max().unwrap_or(0)).collect();
        let keep_end = columns.iter().map(|column| column.keeps_its_end).collect();
        let Some(width) = width.map(usize::from) else { return Self { widths: natural, keep_end } };
        let mut widths: Vec<usize> =
            columns.iter().zip(&natural).map(|(c, natural)| c.shortest.unwrap_or(*natural).min(*natural)).collect();
        for at in (0..columns.len()).rev() {
            if total(&widths) > width && columns[at].optional {
                widths[at] = 0;
            }
        }
        for (at, natural) in natural.into_iter().enumerate().filter(|(_, natural)| *natural > 0) {
            if widths[at] > 0 {
                widths[at] = natural.min(widths[at] + width.saturating_sub(total(&widths)));
            }
        }
        Self { widths, keep_end }
    }

    /// Where a column begins, counted from 0; `None` where it is left out.
    #[must_use]
    pub fn start(&self, column: usize) -> Option<usize> {
        let before = self.widths[..column].iter().filter(|w| **w > 0).map(|w| w + GAP).sum();
        (self.widths[column] > 0).then_some(before)
    }

    /// The rows as lines, without blanks at their ends.
    #[must_use]
    pub fn lines(&self, rows: &[Vec<String>]) -> Vec<String> {
        let mut table = Table::new();
        table.load_style(NOTHING).set_content_arrangement(ContentArrangement::Disabled);
        let kept: Vec<usize> = (0..self.widths.len()).filter(|at| self.widths[*at] > 0).collect();
        for row in rows {
            table.add_row(kept.iter().map(|at| Cell::new(shorten(&row[*at], self.widths[*at], self.keep_end[*at]))));
        }
        for (column, at) in table.column_iter_mut().zip(&kept) {
            column.set_padding((0, 0));
            let width = u16::try_from(self.widths[*at] + GAP).unwrap_or(u16::MAX);
            column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(width)));
        }
        table.lines().map(|line| line.trim_end().to_owned()).collect()
    }
}

fn total(widths: &[usize]) -> usize {
    let kept = widths.iter().filter(|w| **w > 0);
    (kept.clone().sum::<usize>() + GAP * kept.count()).saturating_sub(GAP)
}

/// The text in at most `width` columns, with `…` where something was cut off: its end, or its beginning.
#[must_use]
pub fn shorten(text: &str, width: usize, keep_end: bool) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut kept: Vec<char> = Vec::new();
    let mut room = width.saturating_sub(1);
    let characters: Box<dyn Iterator<Item = char>> = if keep_end { Box::new(text.chars().rev()) } else { Box::new(text.chars()) };
    for c in characters {
        let wide = c.to_string().width();
        if wide > room {
            break;
        }
        room -= wide;
        kept.push(c);
    }
    if keep_end {
        format!("…{}", kept.into_iter().rev().collect::<String>())
    } else {
        format!("{}…", kept.into_iter().collect::<String>())
    }
}

/// Text after a label, broken between words so that it fits; the label's width is twelve columns.
#[must_use]
pub fn labelled(label: &str, text: &str, width: Option<u16>) -> String {
    const INDENT: usize = 12;
    let room = width.map_or(usize::MAX, |w| usize::from(w).saturating_sub(INDENT).max(20));
    let mut out = format!("{label:<INDENT$}");
    let mut column = 0;
    for word in text.split_whitespace() {
        if column > 0 && column + 1 + word.width() > room {
            out.push('\n');
            out.push_str(&" ".repeat(INDENT));
            column = 0;
        } else if column > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += word.width();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{Column, FIXED, Layout, labelled, shorten};

    const COLUMNS: [Column; 3] = [FIXED, Column { shortest: Some(4), optional: true, ..FIXED }, Column { optional: true, ..FIXED }];

    #[test]
    fn the_least_worthy_column_goes_first() {
        let rows = vec![vec!["tier".to_owned(), "headline".to_owned(), "path".to_owned()]];
        for (width, expected) in [
            (None, "tier  headline  path"),
            (Some(20), "tier  headline  path"),
            (Some(19), "tier  headli…  path"),
            (Some(12), "tier  headl…"),
            (Some(9), "tier"),
            (Some(2), "tier"),
        ] {
            assert_eq!(Layout::fit(&COLUMNS, &rows, width).lines(&rows), [expected], "{width:?}");
        }
    }

    #[test]
    fn wide_characters_count_twice() {
        assert_eq!(shorten("漢字漢字", 5, false), "漢字…");
        assert_eq!(shorten("abc", 3, false), "abc");
        assert_eq!(shorten("a/long/Cargo.lock:12", 14, true), "…Cargo.lock:12");
    }

    #[test]
    fn long_text_goes_on_below_itself() {
        assert_eq!(labelled("policy", "one two three four five", Some(32)), "policy      one two three four\n            five");
    }
}
