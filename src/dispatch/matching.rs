//! Matching: rows that want one column each, all of them together at the least sum of costs. Sparse Jonker-Volgenant:
//! each row names the few columns it could have, and shortest augmenting paths are found over prices that stay true.
//! Whole numbers, and the same answer for the same rows in the same order. Knows nothing of incidents and people.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// The largest cost: no price is farther from 0, and no way longer than three of them, which 64 bits hold.
pub const COST_MOST: i64 = 1 << 60;

/// What one row could have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Columns with what they cost, 0 to `COST_MOST`, each named once.
    pub edges: Vec<(u32, i64)>,
    /// What it costs to get none, 0 to `COST_MOST`.
    pub without: i64,
}

/// The column of each row, in their order; `None` where it is better, or the only way, that this row gets none.
pub fn least_cost(rows: &[Row], columns: usize) -> Vec<Option<u32>> {
    let mut matching = Matching::new(rows, columns);
    let mut left: Vec<u32> =
        (0_u32..).zip(rows).filter(|(row, it)| !matching.take_cheapest(*row, it)).map(|it| it.0).collect();
    for _ in 0..ROUNDS_OF_OUTBIDDING {
        left = matching.outbid(left);
    }
    left.into_iter().for_each(|row| matching.augment(row));
    matching.column_of
}

/// Two rounds leave few rows for the search of paths, and a third hardly fewer (as Jonker and Volgenant found).
const ROUNDS_OF_OUTBIDDING: usize = 2;

/// Steps of a round for each of its rows: two rows that outbid each other by little leave the rest to the paths.
const STEPS_PER_ROW: usize = 8;

struct Matching<'a> {
    rows: &'a [Row],
    /// Never more than what a row costs at any column, less that column's price.
    row_price: Vec<i64>,
    /// Never above 0, and 0 while nobody has the column.
    column_price: Vec<i64>,
    column_of: Vec<Option<u32>>,
    row_of: Vec<Option<u32>>,
    /// Of the present search: how far each column is, over which row, and whether that is final.
    far: Vec<i64>,
    over: Vec<u32>,
    is_final: Vec<bool>,
}

/// Where a path may end: at a column that nobody has, or at a row that goes without.
enum End {
    Column(u32),
    Row(u32),
}

/// What a search went through.
struct Path {
    end: End,
    length: i64,
    /// Rows with how far they are.
    rows: Vec<(u32, i64)>,
    /// Columns whose distance was written down.
    touched: Vec<u32>,
}

impl<'a> Matching<'a> {
    fn new(rows: &'a [Row], columns: usize) -> Self {
        Self {
            rows,
            row_price: vec![0; rows.len()],
            column_price: vec![0; columns],
            column_of: vec![None; rows.len()],
            row_of: vec![None; columns],
            far: vec![i64::MAX; columns],
            over: vec![0; columns],
            is_final: vec![false; columns],
        }
    }

    /// A row whose cheapest column is not taken has it, which settles most of them. True if it has.
    fn take_cheapest(&mut self, row: u32, it: &Row) -> bool {
        let cheapest = it.edges.iter().copied().map(|(column, cost)| (cost, column)).min();
        debug_assert!(it.edges.iter().all(|(_, cost)| (0..=COST_MOST).contains(cost)));
        self.row_price[row as usize] = cheapest.map_or(it.without, |(cost, _)| cost.min(it.without));
        let taken = cheapest.filter(|(cost, column)| *cost <= it.without && self.row_of[*column as usize].is_none());
        if let Some((_, column)) = taken {
            self.give(row, column);
        }
        taken.is_some()
    }

    /// Each row takes its cheapest column from whoever has it, at a price at which its second choice is as good; whoever lost
    /// it does the same. Those who are left without.
    fn outbid(&mut self, rows: Vec<u32>) -> Vec<u32> {
        let mut steps = rows.len() * STEPS_PER_ROW;
        let mut left = Vec::new();
        for row in rows {
            let mut next = Some(row);
            while let Some(row) = next.filter(|_| steps > 0) {
                steps -= 1;
                let (first, second, column) = self.two_cheapest(row);
                self.row_price[row as usize] = second;
                let Some(column) = column else { break };
                self.column_price[column as usize] -= second - first;
                next = self.row_of[column as usize];
                next.into_iter().for_each(|loser| self.column_of[loser as usize] = None);
                self.give(row, column);
                if first == second {
                    break;
                }
            }
            left.extend(next);
        }
        left
    }

    /// The two least of what `row` would cost at the present prices, and the column of the first; going without is one too.
    fn two_cheapest(&self, row: u32) -> (i64, i64, Option<u32>) {
        let it = &self.rows[row as usize];
        let (mut first, mut second, mut cheapest) = (it.without, it.without, None);
        for (column, cost) in &it.edges {
            let cost = cost - self.column_price[*column as usize];
            if cost < first || cost == first && cheapest.is_none() {
                (second, first, cheapest) = (first, cost, Some(*column));
            } else if cost < second {
                second = cost;
            }
        }
        (first, second, cheapest)
    }

    fn give(&mut self, row: u32, column: u32) {
        self.column_of[row as usize] = Some(column);
        self.row_of[column as usize] = Some(row);
    }

    /// Along the shortest path from `from`, each row takes the next column and leaves its own to the row before it.
    fn augment(&mut self, from: u32) {
        let path = self.search(from);
        self.reprice(&path);
        let mut vacant = match path.end {
            End::Column(column) => Some(column),
            End::Row(row) => self.column_of[row as usize].take(),
        };
        while let Some(column) = vacant {
            let row = self.over[column as usize];
            vacant = self.column_of[row as usize];
            self.give(row, column);
        }
        for column in path.touched {
            (self.far[column as usize], self.is_final[column as usize]) = (i64::MAX, false);
        }
    }

    fn search(&mut self, from: u32) -> Path {
        let (mut rows, mut touched, mut next) = (Vec::new(), Vec::new(), BinaryHeap::new());
        let (mut row, mut length) = (from, 0);
        let mut best = (self.without(from, 0), from);
        loop {
            rows.push((row, length));
            self.look_from(row, length, &mut touched, &mut next);
            let Some((far, column)) = self.nearest(&mut next).filter(|(far, _)| *far <= best.0) else {
                return Path { end: End::Row(best.1), length: best.0, rows, touched };
            };
            self.is_final[column as usize] = true;
            let Some(owner) = self.row_of[column as usize] else {
                return Path { end: End::Column(column), length: far, rows, touched };
            };
            (row, length) = (owner, far);
            best = best.min((self.without(row, far), row));
        }
    }

    /// How far it is to the end at which `row` goes without.
    fn without(&self, row: u32, length: i64) -> i64 {
        length + self.rows[row as usize].without - self.row_price[row as usize]
    }

    fn look_from(&mut self, row: u32, length: i64, touched: &mut Vec<u32>, next: &mut Next) {
        for (column, cost) in &self.rows[row as usize].edges {
            let at = *column as usize;
            let far = length + cost - self.row_price[row as usize] - self.column_price[at];
            if far < self.far[at] && !self.is_final[at] {
                if self.far[at] == i64::MAX {
                    touched.push(*column);
                }
                (self.far[at], self.over[at]) = (far, row);
                next.push(Reverse((far, *column)));
            }
        }
    }

    /// The nearest column that is not final; of two, the first.
    fn nearest(&self, next: &mut Next) -> Option<(i64, u32)> {
        std::iter::from_fn(|| next.pop())
            .map(|Reverse(it)| it)
            .find(|(far, column)| !self.is_final[*column as usize] && *far == self.far[*column as usize])
    }

    /// What was passed becomes dearer by what was left of the way, so that every price stays true.
    fn reprice(&mut self, path: &Path) {
        for (row, far) in &path.rows {
            self.row_price[*row as usize] += path.length - far;
        }
        for column in path.touched.iter().map(|it| *it as usize).filter(|it| self.is_final[*it]) {
            self.column_price[column] -= path.length - self.far[column];
        }
    }
}

type Next = BinaryHeap<Reverse<(i64, u32)>>;

#[cfg(test)]
mod tests {
    use pathfinding::prelude::{Matrix, kuhn_munkres_min};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_dearer_row_gets_the_column_that_both_want() {
        let rows = [row(&[(0, 1), (1, 2)], 100), row(&[(0, 1), (1, 50)], 100)];
        assert_eq!(least_cost(&rows, 2), [Some(1), Some(0)]);
    }

    #[test]
    fn of_equal_columns_the_first_is_taken() {
        assert_eq!(least_cost(&[row(&[(2, 5), (1, 5), (3, 5)], 9)], 4), [Some(1)]);
        assert_eq!(least_cost(&[row(&[], 9)], 4), [None]);
        assert_eq!(least_cost(&[], 0), []);
    }

    #[test]
    fn with_too_few_columns_the_row_that_suffers_least_goes_without() {
        let rows = [row(&[(0, 1)], 10), row(&[(0, 1)], 30), row(&[(0, 1)], 20)];
        assert_eq!(least_cost(&rows, 1), [None, Some(0), None]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        #[test]
        fn no_sum_is_less_than_the_oracles(table in prop::collection::vec(
            (prop::collection::btree_map(0_u32..12, 0_i64..40, 0..8), 0_i64..80), 1..12)) {
            let rows: Vec<Row> = table.iter()
                .map(|(edges, without)| Row { edges: edges.iter().map(|(a, b)| (*a, *b)).collect(), without: *without })
                .collect();
            let found = least_cost(&rows, 12);
            let mut taken: Vec<u32> = found.iter().flatten().copied().collect();
            taken.sort_unstable();
            prop_assert!(taken.windows(2).all(|it| it[0] < it[1]), "a column was given twice: {:?}", found);
            prop_assert_eq!(sum(&rows, &found), oracle(&rows, 12));
            prop_assert_eq!(&least_cost(&rows, 12), &found);
        }
    }

    fn row(edges: &[(u32, i64)], without: i64) -> Row {
        Row { edges: edges.to_vec(), without }
    }

    fn sum(rows: &[Row], found: &[Option<u32>]) -> i64 {
        let cost = |(row, column): (&Row, &Option<u32>)| match column {
            Some(column) => row.edges.iter().find(|(it, _)| it == column).expect("a column that the row named").1,
            None => row.without,
        };
        rows.iter().zip(found).map(cost).sum()
    }

    /// The dense method of another hand, with a column of its own for each row that goes without.
    fn oracle(rows: &[Row], columns: usize) -> i64 {
        const NEVER: i64 = 1_000_000;
        let mut costs = Matrix::new(rows.len(), columns + rows.len(), NEVER);
        for (number, row) in rows.iter().enumerate() {
            row.edges.iter().for_each(|(column, cost)| costs[(number, *column as usize)] = *cost);
            costs[(number, columns + number)] = row.without;
        }
        kuhn_munkres_min(&costs).0
    }
}
