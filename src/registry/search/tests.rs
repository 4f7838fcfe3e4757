use super::{Matched, Search, SearchIndex};
use crate::dispatch::Facts;
use crate::registry::World;
use crate::registry::tests::{BY, fresh};

const WORLD: &str = include_str!("../world/tests/right.toml");

/// One search a line, and who is found below it.
#[test]
fn people_are_found_by_what_somebody_knows_of_them() {
    check(
        "沈阿婆",
        &[
            "沈阿婆 S-1 Name",
            "阿婆 S-1 Name",
            "sap S-1 Pinyin",
            "shenapo S-1 Pinyin",
            "apo S-1 Pinyin",
            "SHEN S-1 Pinyin",
        ],
    );
    check("单雄信", &["shanxiongxin S-1 Pinyin", "dxx S-1 Pinyin", "sxx S-1 Pinyin"]);
    check("吕布", &["lvbu S-1 Pinyin", "lb S-1 Pinyin"]);
    check("Anna Li", &["anna S-1 Name", "annali S-1 Pinyin"]);
    check(
        "沈阿婆",
        &["0001 S-1 Phone", "573-8700 0001 S-1 Phone", "001", "7000", "road S-1 Address", "s-1 S-1 Id", "x", ""],
    );
}

#[test]
fn the_surest_match_comes_first_and_no_more_than_are_wanted() {
    let facts = facts(&["road", "Carer Road", "Else"]);
    let index = SearchIndex::of(&facts);
    let found = index.subjects("road", 9, |_| true);
    let shown: Vec<(String, Matched)> = found.into_iter().map(|(id, by)| (id.to_string(), by)).collect();
    let expected = [("S-1", Matched::Name), ("S-2", Matched::Name), ("S-3", Matched::Address)];
    assert_eq!(shown, expected.map(|(id, by)| (id.to_owned(), by)));
    assert_eq!(index.subjects("road", 2, |_| true).len(), 2);
    assert_eq!(index.subjects("road", 9, |id| id.as_str() == "S-3").len(), 1);
}

#[test]
fn an_index_is_of_one_version() {
    let (mut facts, search) = (facts(&["one"]), Search::default());
    let first = search.of(&facts);
    assert!(std::sync::Arc::ptr_eq(&first, &search.of(&facts)));
    facts.version += 1;
    assert!(!std::sync::Arc::ptr_eq(&first, &search.of(&facts)));
}

#[test]
fn responders_are_found_too() {
    let (_dir, mut registry) = fresh();
    registry.import(&[World::read("right.toml", WORLD, &|it| it)], BY).unwrap();
    let index = SearchIndex::of(&registry.load().unwrap());
    let found = index.responders("zhly", 5, |_| true);
    assert_eq!(found.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>(), ["R-001"]);
}

fn check(name: &str, lines: &[&str]) {
    let index = SearchIndex::of(&facts(&[name]));
    for line in lines {
        let (text, expected) = line.split_once(" S-1").map_or((*line, ""), |(text, by)| (text, by.trim()));
        let found = index.subjects(text, 5, |_| true);
        let shown = found.iter().map(|(_, by)| format!("{by:?}")).collect::<Vec<_>>().join(" ");
        assert_eq!(shown, expected, "{name} by `{text}`");
    }
}

/// A person of each name, at 1 Made Up Road, 2 Made Up Road, ….
fn facts(names: &[&str]) -> Facts {
    let mut text = String::from("[[district]]\ncode = \"330481\"\nname = \"made up\"\nhotline = \"967890\"\n");
    for (index, name) in names.iter().enumerate() {
        let n = index + 1;
        text += &format!(
            "[[premises]]\nid = \"P-{n}\"\ndistrict = \"330481\"\nclass = \"urban\"\naddress = \"{n} Made Up Road\"\n\
             lat = 30.5\nlon = 120.6\n[[subject]]\nid = \"S-{n}\"\npremises = \"P-{n}\"\nname = \"{name}\"\n\
             phones = [\"+865738700000{n}\"]\n"
        );
    }
    let (_dir, mut registry) = fresh();
    registry.import(&[World::read("world.toml", &text, &|it| it)], BY).unwrap();
    registry.load().unwrap()
}
