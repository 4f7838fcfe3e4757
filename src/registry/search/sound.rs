//! How a name sounds: its pinyin without tones, whole and as initials. A character with several readings is found by
//! each of them, since a surname is often read unlike the word.

use pinyin::ToPinyinMulti;

/// Ways to read one name that are kept: three characters with two readings each, and some room.
const READINGS_MAX: usize = 12;

/// `shenapo`, `sap`, and `apo` for 沈阿婆: the whole, the initials, and the whole without the surname.
pub(super) fn readings(name: &str) -> Vec<String> {
    let mut ways: Vec<Vec<String>> = vec![Vec::new()];
    for character in name.chars().filter(|it| !it.is_whitespace()) {
        let syllables = syllables(character);
        let room = READINGS_MAX / ways.len();
        let kept = &syllables[..syllables.len().min(room.max(1))];
        ways = ways
            .iter()
            .flat_map(|way| kept.iter().map(|it| [way.as_slice(), std::slice::from_ref(it)].concat()))
            .collect();
    }
    let mut found: Vec<String> = ways.iter().filter(|it| !it.is_empty()).flat_map(|it| spelled(it)).collect();
    found.sort();
    found.dedup();
    found
}

fn syllables(character: char) -> Vec<String> {
    let Some(multi) = character.to_pinyin_multi() else { return vec![character.to_lowercase().collect()] };
    let mut found: Vec<String> = Vec::new();
    for it in multi {
        // A keyboard has no ü; people write v for it.
        let plain = it.plain().replace('ü', "v");
        if !found.contains(&plain) {
            found.push(plain);
        }
    }
    found
}

fn spelled(way: &[String]) -> Vec<String> {
    let initials: String = way.iter().filter_map(|it| it.chars().next()).collect();
    let mut words = vec![way.concat(), initials];
    if way.len() > 2 {
        words.push(way[1..].concat());
    }
    words
}
