//! The core and the engine in a simulated world, seed after seed: `make sim SEEDS=20000`, or one: `SIM_SEED=4711 make sim`.
//! Every seed that ever failed is kept in `tests/vectors/seeds.txt` and runs first.

use std::any::Any;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use tidewatch::simulate::{self, Outcome};

const DEFAULT_SEEDS: u64 = 500;

/// Seeds between two words to whoever waits for a long run.
const TOLD_EVERY: usize = 1_000;

/// As many as the smallest machine has that builds this.
const THREADS: usize = 2;

#[test]
fn nobody_is_forgotten_whatever_goes_wrong() {
    if let Some(seed) = number("SIM_SEED") {
        report(&[(seed, one(seed, true))]);
        return;
    }
    let mut seeds = known_bad();
    seeds.extend(1..=number("SIM_SEEDS").unwrap_or(DEFAULT_SEEDS));
    report(&all(&seeds));
}

fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok().filter(|text| !text.is_empty())?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is `{text}`, expected a number")))
}

fn known_bad() -> Vec<u64> {
    let lines = include_str!("vectors/seeds.txt").lines();
    let words = lines.filter_map(|line| line.split('#').next()?.split_whitespace().next());
    words.map(|word| word.parse().expect("a seed is a number")).collect()
}

fn all(seeds: &[u64]) -> Vec<(u64, Outcome)> {
    let (next, outcomes) = (AtomicU64::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed) as usize;
                    let Some(seed) = seeds.get(number) else { break };
                    if number > 0 && number.is_multiple_of(TOLD_EVERY) {
                        tell(&format!("simulation: {number} of {} seeds", seeds.len()));
                    }
                    let outcome = one(*seed, false);
                    outcomes.lock().expect("nothing panics with it").push((*seed, outcome));
                }
            });
        }
    });
    let mut outcomes = outcomes.into_inner().expect("nothing panics with it");
    outcomes.sort_by_key(|(seed, _)| *seed);
    outcomes
}

/// A panic of the code under test is a failure like any other.
fn one(seed: u64, is_verbose: bool) -> Outcome {
    catch_unwind(AssertUnwindSafe(|| simulate::run(seed, is_verbose))).unwrap_or_else(|panic| Outcome {
        complaint: Some(format!("panicked: {}", words(&*panic))),
        ..Outcome::default()
    })
}

fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "without words".to_owned())
}

fn report(outcomes: &[(u64, Outcome)]) {
    let sum = |of: fn(&Outcome) -> u64| outcomes.iter().map(|(_, it)| of(it)).sum::<u64>();
    let failed: Vec<_> = outcomes.iter().filter_map(|(seed, it)| Some((seed, it.complaint.as_ref()?))).collect();
    tell(&format!(
        "simulation: {} seeds, {} failed, {} events, {} crashes, {} commits, {} of unknown outcome",
        outcomes.len(),
        failed.len(),
        sum(|it| it.events),
        sum(|it| it.crashes),
        sum(|it| it.commits),
        sum(|it| it.unknown)
    ));
    for (seed, why) in failed.iter().take(10) {
        tell(&format!("seed {seed}: {why}"));
    }
    if let Some((seed, _)) = failed.first() {
        tell(&format!("SIM_SEED={seed} make sim"));
        std::process::exit(1);
    }
    assert!(sum(|it| it.events) > 0, "nothing happened");
    assert!(outcomes.len() < 100 || sum(|it| it.unknown) > 0, "no line was ever lost in a commit");
}

/// Past the capture of the test harness: whoever waits for the figures wants them of a run that went well too.
fn tell(line: &str) {
    writeln!(std::io::stdout(), "{line}").expect("stdout takes a line");
}
