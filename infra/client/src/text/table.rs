//! Tables that fit the width: what is too wide is cut where that loses least, and never without a width.

use anstyle::Style;
use unicode_width::UnicodeWidthStr;

use crate::terminal::{DIM, Look};

/// What may be done to a column that is too wide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Column {
    /// Nothing.
    Whole,
    /// The id of an execution: its beginning says as much.
    Id,
    /// Text that may be cut, but not below so many columns.
    Text(usize),
}

/// So much of an id is enough to name it.
const ID_LENGTH: usize = 8;
/// Columns between two columns.
const GAP: usize = 2;

#[derive(Debug, Clone, Default)]
pub(crate) struct Cell {
    text: String,
    style: Style,
}

impl Cell {
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), style: Style::new() }
    }

    pub fn styled(text: impl Into<String>, style: Style) -> Self {
        Self { text: text.into(), style }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Table {
    columns: Vec<(&'static str, Column)>,
    rows: Vec<Vec<Cell>>,
}

impl Table {
    pub fn new(columns: &[(&'static str, Column)]) -> Self {
        Self { columns: columns.to_vec(), rows: Vec::new() }
    }

    pub fn row(&mut self, cells: Vec<Cell>) {
        debug_assert_eq!(cells.len(), self.columns.len());
        self.rows.push(cells);
    }

    pub fn render(&self, look: Look) -> String {
        let widths = self.widths(look.width);
        let headings = self.columns.iter().map(|(heading, _)| Cell::styled(*heading, DIM)).collect();
        let mut text = String::new();
        for row in std::iter::once(&headings).chain(&self.rows) {
            text.push_str(self.line(row, &widths, look).trim_end());
            text.push('\n');
        }
        text
    }

    /// `widths` has none for a column that is left out.
    fn line(&self, row: &[Cell], widths: &[Option<usize>], look: Look) -> String {
        let mut line = String::new();
        let mut missing = 0;
        for ((cell, width), (_, column)) in row.iter().zip(widths).zip(&self.columns) {
            let Some(width) = *width else { continue };
            let shown = cut(&cell.text, width, *column);
            line.push_str(&" ".repeat(missing));
            missing = width.saturating_sub(shown.width()) + GAP;
            line.push_str(&look.paint(cell.style, &shown));
        }
        line
    }

    /// How wide each column is: as its longest cell, if there is room. Else ids become short, then texts, the
    /// widest first; then texts are left out, the last first.
    fn widths(&self, limit: Option<usize>) -> Vec<Option<usize>> {
        let natural = self.columns.iter().enumerate().map(|(index, (heading, _))| {
            let cells = self.rows.iter().filter_map(|row| row.get(index));
            cells.map(|cell| cell.text.width()).chain([heading.width()]).max()
        });
        let mut widths: Vec<_> = natural.collect();
        let Some(limit) = limit else { return widths };
        let is_too_wide = |widths: &[Option<usize>]| {
            let shown: Vec<_> = widths.iter().flatten().collect();
            shown.iter().copied().sum::<usize>() + GAP * shown.len().saturating_sub(1) > limit
        };
        if is_too_wide(&widths) {
            for (width, (heading, column)) in widths.iter_mut().zip(&self.columns) {
                if *column == Column::Id {
                    *width = width.map(|width| width.min(ID_LENGTH.max(heading.width())));
                }
            }
        }
        while is_too_wide(&widths) {
            let texts = self.columns.iter().enumerate().filter_map(|(index, (_, column))| match *column {
                Column::Text(minimum) => Some((index, widths[index]?, minimum)),
                Column::Whole | Column::Id => None,
            });
            let texts: Vec<_> = texts.collect();
            let widest =
                texts.iter().filter(|(_, width, minimum)| width > minimum).max_by_key(|(_, width, _)| *width);
            match (widest, texts.last()) {
                (Some((index, width, _)), _) => widths[*index] = Some(width - 1),
                (None, Some((index, _, _))) if texts.len() > 1 => widths[*index] = None,
                _ => break,
            }
        }
        widths
    }
}

/// `text` in at most `width` columns.
fn cut(text: &str, width: usize, column: Column) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let room = if column == Column::Id { ID_LENGTH } else { width.saturating_sub(1) };
    let mut shown = String::new();
    let mut taken = 0;
    for character in text.chars() {
        taken += character.to_string().width();
        if taken > room {
            break;
        }
        shown.push(character);
    }
    if column != Column::Id {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;
    use crate::terminal::GREEN;

    fn table() -> Table {
        let mut table = Table::new(&[
            ("STATUS", Column::Whole),
            ("EXECUTION", Column::Id),
            ("REVISION", Column::Text(10)),
            ("BY", Column::Text(4)),
        ]);
        for (status, id, revision) in [
            (
                "✔ succeeded",
                "470c9a1e-5a52-4d0c-8a4e-0a8d1a2b3c4d",
                "4f2a91c Mend the build of the 漢字 release",
            ),
            ("● in progress", "5d21aaaa-0000-4000-8000-000000000000", "77"),
        ] {
            table.row(vec![
                Cell::styled(status, GREEN),
                Cell::new(id),
                Cell::new(revision),
                Cell::new("anna"),
            ]);
        }
        table
    }

    fn look(width: Option<usize>, colour: bool) -> Look {
        Look { colour, width }
    }

    #[test]
    fn a_table_fits_the_width_and_is_whole_without_one() {
        let cases: [(Option<usize>, Expect); 4] = [
            (
                None,
                expect![[r#"
                    STATUS         EXECUTION                             REVISION                                    BY
                    ✔ succeeded    470c9a1e-5a52-4d0c-8a4e-0a8d1a2b3c4d  4f2a91c Mend the build of the 漢字 release  anna
                    ● in progress  5d21aaaa-0000-4000-8000-000000000000  77                                          anna
                "#]],
            ),
            (
                Some(80),
                expect![[r#"
                    STATUS         EXECUTION  REVISION                                    BY
                    ✔ succeeded    470c9a1e   4f2a91c Mend the build of the 漢字 release  anna
                    ● in progress  5d21aaaa   77                                          anna
                "#]],
            ),
            (
                Some(60),
                expect![[r#"
                    STATUS         EXECUTION  REVISION                      BY
                    ✔ succeeded    470c9a1e   4f2a91c Mend the build of t…  anna
                    ● in progress  5d21aaaa   77                            anna
                "#]],
            ),
            (
                Some(20),
                expect![[r#"
                    STATUS         EXECUTION  REVISION
                    ✔ succeeded    470c9a1e   4f2a91c M…
                    ● in progress  5d21aaaa   77
                "#]],
            ),
        ];
        for (width, expected) in cases {
            expected.assert_eq(&table().render(look(width, false)));
        }
    }

    #[test]
    fn colours_do_not_move_columns() {
        let coloured = table().render(look(Some(80), true));
        let plain =
            crate::text::harmless(&coloured.replace('\n', "\u{2028}"), false).replace('\u{2028}', "\n");
        assert_ne!(coloured, plain);
        assert_eq!(plain, table().render(look(Some(80), false)));
    }
}
