//! An invented world on the real names of Haining's towns and villages. The same villages and seed give the same
//! bytes: whole numbers only, one chance, one order. Invents every person, phone and position; reads no clock.

mod chance;
mod homes;
mod people;
mod responders;
mod towns;

use chance::Chance;

pub const DISTRICT: &str = "330481";

/// The world file for the villages in `towns_csv`.
///
/// # Errors
/// Where a line of `towns_csv` is not a village of a town whose centre is known.
pub fn generate(towns_csv: &str, seed: u64) -> Result<String, towns::BadTowns> {
    let mut chance = Chance::new(seed);
    let villages = towns::read(towns_csv, &mut chance)?;
    let mut file = head(seed);
    homes::write(&mut file, &villages, &mut chance);
    responders::write(&mut file, &villages, &mut chance);
    Ok(file)
}

fn head(seed: u64) -> String {
    format!(
        r#"# The demo world of Haining. ALL PEOPLE, PHONES, ADDRESSES AND POSITIONS IN THIS FILE ARE INVENTED; only the names
# and codes of towns and villages are real, and even their places are guesses around the centre of the town.
# Made, with seed {seed}, by:
#   cargo run --example generate_world -- --towns ../shared/haining/towns_villages.csv --seed {seed} > scenarios/worlds/haining.toml

[[district]]
code = "{DISTRICT}"
name = "海宁市"
hotline = "967890"
"#
    )
}

/// A TOML basic string. The words here are our own lists and the names of villages.
fn quoted(text: &str) -> String {
    assert!(
        !text.chars().any(|c| c.is_control() || c == '"' || c == '\\'),
        "{text:?} needs escaping, expected plain words"
    );
    format!("\"{text}\"")
}

fn quoted_list<T: AsRef<str>>(words: &[T]) -> String {
    format!("[{}]", words.iter().map(|word| quoted(word.as_ref())).collect::<Vec<_>>().join(", "))
}
