//! How a split is divided, with a pencil and a ruler.

/// What everybody gets: one unit after the other to whoever is furthest below its exact share.
pub(super) fn divided(whole: i128, gets: &[Result<i128, i128>]) -> Option<Vec<i128>> {
    let stated: i128 = gets.iter().filter_map(|get| get.ok()).sum();
    let parts: i128 = gets.iter().filter_map(|get| get.err()).sum();
    let rest = whole - stated;
    if rest < 0 || rest > 0 && parts == 0 {
        return None;
    }
    // Whole shares first, for there may be many units.
    let mut got: Vec<i128> = gets
        .iter()
        .map(|get| get.unwrap_or_else(|own| rest * own / parts))
        .collect();
    while got.iter().sum::<i128>() < whole {
        // Below the exact share by so many parts of a unit.
        let below = |n: &usize| gets[*n].err().map(|own| rest * own - got[*n] * parts);
        let mut best = None;
        for n in 0..got.len() {
            if below(&n) > best.and_then(|best| below(&best)) {
                best = Some(n);
            }
        }
        got[best?] += 1;
    }
    Some(got)
}

/// Who pays whom: both lists side by side on one ruler.
pub(super) fn overlaps(
    payers: &[&String],
    paid: &[i128],
    payees: &[&String],
    got: &[i128],
) -> Vec<(String, String, i128)> {
    let marks = |lengths: &[i128]| {
        let mut end = 0;
        let mark = |length: &i128| {
            end += length;
            (end - length, end)
        };
        lengths.iter().map(mark).collect::<Vec<_>>()
    };
    let (paid, got) = (marks(paid), marks(got));
    let mut found = Vec::new();
    for (from, (begin, end)) in payers.iter().zip(&paid) {
        for (to, (first, last)) in payees.iter().zip(&got) {
            let units = end.min(last) - begin.max(first);
            if units > 0 {
                found.push(((*from).clone(), (*to).clone(), units));
            }
        }
    }
    found
}
