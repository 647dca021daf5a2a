//! "Did you mean": the known word nearest to an unknown one.

/// Bounds on the work for one suggestion: a document may come from anybody.
const MAXIMUM_CANDIDATES: usize = 200;
const MAXIMUM_LETTERS: usize = 50;

/// The candidate nearest to `word`, if it is near enough to be a slip of the pen: a third of its letters
/// may differ, letter case does not count.
pub fn closest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = word.to_lowercase();
    candidates
        .into_iter()
        .take(MAXIMUM_CANDIDATES)
        .map(|candidate| (distance(&wanted, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= candidate.chars().count() / 3)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Levenshtein's distance, where swapping two neighbours counts as one change.
fn distance(left: &str, right: &str) -> usize {
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    // Long words are no slips of the pen, and the table below is quadratic.
    if left.len() > MAXIMUM_LETTERS || right.len() > MAXIMUM_LETTERS {
        return usize::MAX;
    }
    let mut rows = vec![(0..=right.len()).collect::<Vec<usize>>()];
    for i in 1..=left.len() {
        let mut row = vec![i];
        for j in 1..=right.len() {
            let replaced = rows[i - 1][j - 1] + usize::from(left[i - 1] != right[j - 1]);
            let mut best = replaced.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[left.len()][right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_pen_is_recognised_and_another_word_is_not() {
        let words = ["ProjectName", "PrimarySource", "S3"];
        for (given, meant) in [
            ("ProjctName", Some("ProjectName")),
            ("projectname", Some("ProjectName")),
            ("PorjectName", Some("ProjectName")),
            ("primary_source", Some("PrimarySource")),
            ("s3", Some("S3")),
            ("S4", None),
            ("Timeout", None),
        ] {
            assert_eq!(closest(given, words), meant, "{given}");
        }
    }
}
