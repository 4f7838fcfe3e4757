//! Policies compared on the same chance: for each seed the difference to the first policy, and over the seeds its mean
//! with a confidence interval by Student's t. What the seeds have in common cancels out.

use serde::Serialize;

/// A policy's difference to the first one, by one measure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Paired {
    pub policy: String,
    pub against: String,
    pub measure: &'static str,
    pub seeds: u64,
    pub mean: f64,
    /// Half the width of the interval that holds the true mean in 95 of 100 such comparisons. `None`: one seed alone.
    pub half_width_95: Option<f64>,
}

/// 97.5 % quantiles of Student's t for 1 to 30 degrees of freedom (Student's table).
const T_975: [f64; 30] = [
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120,
    2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
];

/// Beyond the table, each from so many degrees on: never too narrow.
const T_975_FROM: [(usize, f64); 3] = [(31, 2.042), (41, 2.021), (61, 2.000)];
const T_975_FROM_121: f64 = 1.980;

/// Mean and half width of the differences `theirs[i] - firsts[i]`.
pub fn paired(theirs: &[f64], firsts: &[f64]) -> (f64, Option<f64>) {
    let differences: Vec<f64> = theirs.iter().zip(firsts).map(|(it, first)| it - first).collect();
    interval(&differences)
}

/// Mean, and half of its 95 % interval.
pub fn interval(values: &[f64]) -> (f64, Option<f64>) {
    let n = values.len() as f64;
    let mean = if values.is_empty() { 0.0 } else { values.iter().sum::<f64>() / n };
    if values.len() < 2 {
        return (mean, None);
    }
    let variance = values.iter().map(|it| (it - mean) * (it - mean)).sum::<f64>() / (n - 1.0);
    (mean, Some(t_975(values.len() - 1) * (variance / n).sqrt()))
}

fn t_975(degrees: usize) -> f64 {
    if let Some(t) = T_975.get(degrees - 1) {
        return *t;
    }
    if degrees >= 121 {
        return T_975_FROM_121;
    }
    T_975_FROM.into_iter().rev().find_map(|(from, t)| (degrees >= from).then_some(t)).expect("31 is the least beyond")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: differences 1, 2, 3; mean 2, deviation 1, t(2) = 4.303.
    #[test]
    fn an_interval_is_what_the_table_says() {
        let (mean, half) = paired(&[2.0, 4.0, 6.0], &[1.0, 2.0, 3.0]);
        assert!((mean - 2.0).abs() < 1e-12);
        assert!((half.unwrap() - 4.303 / 3.0_f64.sqrt()).abs() < 1e-9, "{half:?}");
        assert_eq!(paired(&[2.0], &[1.0]), (1.0, None));
        assert_eq!([30, 31, 40, 41, 61, 121, 5_000].map(t_975), [2.042, 2.042, 2.042, 2.021, 2.0, 1.98, 1.98]);
    }

    /// What the seeds have in common cancels out, however wide they lie apart.
    #[test]
    fn common_chance_cancels_out() {
        let firsts: Vec<f64> = (0..20).map(|n| f64::from(n * n)).collect();
        let theirs: Vec<f64> = firsts.iter().map(|it| it + 0.5).collect();
        assert_eq!(paired(&theirs, &firsts), (0.5, Some(0.0)));
    }
}
